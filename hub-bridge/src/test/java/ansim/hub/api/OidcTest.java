package ansim.hub.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.trust.Authority;
import ansim.trust.Certificates;
import ansim.trust.TlsKey;
import ansim.wire.RideChange;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.jose4j.jwk.EcJwkGenerator;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.OctJwkGenerator;
import org.jose4j.jwk.OkpJwkGenerator;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jose4j.keys.EllipticCurves;
import org.jose4j.keys.HmacKey;
import org.jose4j.lang.JoseException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tokens of a city's identity provider at the API: which hold, what they give, and what becomes of them while the provider is away. */
@Timeout(120)
final class OidcTest {
    private static final String GANGNAM = "11680";
    private static final SecureRandom RANDOM = new SecureRandom();

    @TempDir
    private Path folder;

    private TestIssuer issuer;
    private PublicJsonWebKey rsa;
    private PublicJsonWebKey curve;
    private PublicJsonWebKey edwards;
    private ApiHub hub;

    @BeforeEach
    void start() throws Exception {
        issuer = new TestIssuer();
        rsa = TestIssuer.named(RsaJwkGenerator.generateJwk(2048), "rsa-1");
        curve = TestIssuer.named(EcJwkGenerator.generateJwk(EllipticCurves.P256), "ec-1");
        edwards = TestIssuer.named(OkpJwkGenerator.generateJwk("Ed25519"), "ed-1");
        for (PublicJsonWebKey each : List.of(rsa, curve, edwards)) {
            issuer.publish(each);
        }
        hub = new ApiHub(folder, true, Optional.of(issuer.settings()));
        awaitReadings(1);
    }

    @AfterEach
    void stop() throws Exception {
        hub.close();
        issuer.close();
    }

    private void another(Optional<OidcSettings> settings) throws Exception {
        hub.close();
        hub = new ApiHub(Files.createDirectory(folder.resolve("another")), true, settings);
    }

    /** So many have ended. */
    private void awaitReadings(long most) {
        while (count("api-oidc-readings") < most || isReading()) {
            Thread.onSpinWait();
        }
    }

    private boolean isReading() {
        return count("api-oidc-readings") > count("api-oidc-failures") + count("api-oidc-successes");
    }

    private long count(String name) {
        return hub.api.counts().getOrDefault(name, 0L);
    }

    private JwtClaims operator() {
        return issuer.claims(hub.now, "kim", "operator");
    }

    private ApiHub.Said account(String token) throws Exception {
        return hub.get("/v1/account", token);
    }

    private static String because(int status, ApiHub.Said said) {
        assertEquals(status, said.status(), String.valueOf(said.body()));
        assertEquals("application/problem+json", said.type());
        return said.body().path("detail").asText();
    }

    private static void assertBecause(int status, String part, ApiHub.Said said) {
        String detail = because(status, said);
        assertTrue(detail.contains(part), detail);
    }

    @Test
    void eachOfTheThreeAlgorithmsIsTaken() throws Exception {
        for (PublicJsonWebKey key : List.of(rsa, curve, edwards)) {
            ApiHub.Said said = account(TestIssuer.signed(operator(), key));
            assertEquals(200, said.status(), key.getKeyId() + " " + said.body());
            assertEquals("oidc:kim", said.body().path("name").asText());
            assertEquals("operator", said.body().path("role").asText());
        }
    }

    @Test
    void theHubsOwnAccountsWorkBesideIt() throws Exception {
        hub.account("kim", Role.AUDITOR, "");
        String own = hub.signIn("kim", ApiHub.PASSWORD).body().path("token").asText();
        assertEquals("kim", account(own).body().path("name").asText());
    }

    @Test
    void aRoleIsBoundToItsDistrictOrCompany() throws Exception {
        ApiHub.Said centre = account(TestIssuer.signed(issuer.claims(hub.now, "lee", "x", "centre:" + GANGNAM), rsa));
        assertEquals(GANGNAM, centre.body().path("district").asText(), String.valueOf(centre.body()));
        ApiHub.Said fleet = account(TestIssuer.signed(issuer.claims(hub.now, "park", "fleet 한빛운수"), rsa));
        assertEquals("한빛운수", fleet.body().path("company").asText(), String.valueOf(fleet.body()));
        assertEquals(
                403,
                hub.get("/v1/ledger", TestIssuer.signed(issuer.claims(hub.now, "lee", "centre:" + GANGNAM), rsa))
                        .status());
    }

    @Test
    void whatTheProviderCallsOtherwiseIsMappedAndFoundWhereItSays() throws Exception {
        another(Optional.of(new OidcSettings(
                issuer.url(),
                TestIssuer.AUDIENCE,
                "/realm_access/roles",
                "ansim-",
                Map.of("8f14e45f", "centre " + GANGNAM),
                Optional.empty(),
                Duration.ofHours(1))));
        awaitReadings(1);
        for (Map.Entry<String, String> each :
                Map.of("8f14e45f", "centre", "ansim-auditor", "auditor").entrySet()) {
            JwtClaims claims = operator();
            claims.setClaim("realm_access", Map.of("roles", List.of("offline", each.getKey())));
            assertEquals(
                    each.getValue(),
                    account(TestIssuer.signed(claims, rsa)).body().path("role").asText());
        }
        assertBecause(403, "/realm_access/roles gives no role", account(TestIssuer.signed(operator(), rsa)));
        JwtClaims bare = operator();
        bare.setClaim("realm_access", Map.of("roles", List.of("operator")));
        assertBecause(403, "gives no role", account(TestIssuer.signed(bare, rsa)));
    }

    @Test
    void whoHasNoRoleOfOursOrTwoDoesNothingAndHearsWhy() throws Exception {
        for (String role : List.of("admin", "", "operator:", "operator x", "centre", "centre:", "fleet", "OPERATOR")) {
            assertBecause(
                    403,
                    "claim roles gives no role of this hub",
                    account(TestIssuer.signed(issuer.claims(hub.now, "kim", role), rsa)));
        }
        JwtClaims without = operator();
        without.unsetClaim("roles");
        assertBecause(403, "gives no role", account(TestIssuer.signed(without, rsa)));
        JwtClaims number = operator();
        number.setClaim("roles", 7);
        assertBecause(403, "gives no role", account(TestIssuer.signed(number, rsa)));
        assertBecause(
                403,
                "more than one role of this hub: [operator, centre 11680]",
                account(TestIssuer.signed(issuer.claims(hub.now, "kim", "operator", "centre:11680"), rsa)));
        JwtClaims text = operator();
        text.setClaim("roles", "auditor");
        assertEquals(
                "auditor",
                account(TestIssuer.signed(text, rsa)).body().path("role").asText());
    }

    private static NumericDate at(Instant when) {
        return NumericDate.fromMilliseconds(when.toEpochMilli());
    }

    @Test
    void timesHoldWithAMinuteAndNoMore() throws Exception {
        Instant now = Instant.ofEpochSecond(hub.now.getEpochSecond());
        hub.now = now;
        JwtClaims ending = operator();
        ending.setIssuedAt(at(now.minusSeconds(300)));
        ending.setNotBefore(at(now.minusSeconds(300)));
        ending.setExpirationTime(at(now.minusSeconds(59)));
        assertEquals(200, account(TestIssuer.signed(ending, rsa)).status());
        ending.setExpirationTime(at(now.minusSeconds(61)));
        assertBecause(401, "expired", account(TestIssuer.signed(ending, rsa)));
        JwtClaims coming = operator();
        coming.setNotBefore(at(now.plusSeconds(59)));
        assertEquals(200, account(TestIssuer.signed(coming, rsa)).status());
        coming.setNotBefore(at(now.plusSeconds(61)));
        assertBecause(401, "its time has not come", account(TestIssuer.signed(coming, rsa)));
        JwtClaims endless = operator();
        endless.unsetClaim("exp");
        assertBecause(401, "no end", account(TestIssuer.signed(endless, rsa)));
        String token = TestIssuer.signed(operator(), rsa);
        assertEquals(200, account(token).status());
        hub.now = now.plusSeconds(361);
        assertBecause(401, "expired", account(token));
    }

    @Test
    void aTokenForSomebodyElseOrFromSomebodyElseIsNotTaken() throws Exception {
        JwtClaims other = operator();
        other.setAudience("another-hub");
        assertBecause(401, "not for ansim-hub", account(TestIssuer.signed(other, rsa)));
        JwtClaims without = operator();
        without.unsetClaim("aud");
        assertBecause(401, "not for ansim-hub", account(TestIssuer.signed(without, rsa)));
        JwtClaims from = operator();
        from.setIssuer(issuer.url() + "/");
        assertBecause(401, "not from", account(TestIssuer.signed(from, rsa)));
        from.unsetClaim("iss");
        assertBecause(401, "not from", account(TestIssuer.signed(from, rsa)));
        JwtClaims nobody = operator();
        nobody.unsetClaim("sub");
        assertBecause(401, "no subject", account(TestIssuer.signed(nobody, rsa)));
        JwtClaims blank = operator();
        blank.setSubject("kim lee");
        assertBecause(401, "its sub must have", account(TestIssuer.signed(blank, rsa)));
    }

    private static String unsigned(String header, String claims) {
        Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
        return base64.encodeToString(header.getBytes(StandardCharsets.UTF_8)) + "."
                + base64.encodeToString(claims.getBytes(StandardCharsets.UTF_8)) + ".";
    }

    @Test
    void noneAndSharedSecretsAndOtherAlgorithmsAreNotTaken() throws Exception {
        String claims = operator().toJson();
        assertBecause(
                401,
                "must be signed by RS256, ES256 or EdDSA",
                account(unsigned("{\"alg\":\"none\",\"kid\":\"rsa-1\"}", claims)));
        assertEquals(
                401,
                account(unsigned("{\"alg\":\"RS256\",\"kid\":\"rsa-1\"}", claims))
                        .status());
        JsonWebSignature secret = new JsonWebSignature();
        secret.setPayload(claims);
        secret.setKey(new HmacKey(rsa.getPublicKey().getEncoded()));
        secret.setKeyIdHeaderValue("rsa-1");
        secret.setAlgorithmHeaderValue(AlgorithmIdentifiers.HMAC_SHA256);
        assertBecause(401, "must be signed by", account(secret.getCompactSerialization()));
        assertBecause(
                401,
                "must be signed by",
                account(TestIssuer.sign(operator(), rsa, AlgorithmIdentifiers.RSA_PSS_USING_SHA256)));
    }

    @Test
    void aChangedTokenOneOfAnotherKeyAndWhatIsNoTokenAreNotTaken() throws Exception {
        String[] parts = TestIssuer.signed(issuer.claims(hub.now, "kim", "centre:11680"), rsa)
                .split("\\.", -1);
        String[] better = TestIssuer.signed(operator(), rsa).split("\\.", -1);
        assertBecause(401, "signature is wrong", account(parts[0] + "." + better[1] + "." + parts[2]));
        PublicJsonWebKey forged = TestIssuer.named(RsaJwkGenerator.generateJwk(2048), "rsa-1");
        assertBecause(401, "signature is wrong", account(TestIssuer.signed(operator(), forged)));
        PublicJsonWebKey otherKind = TestIssuer.named(EcJwkGenerator.generateJwk(EllipticCurves.P256), "rsa-1");
        assertEquals(401, settled(TestIssuer.signed(operator(), otherKind)).status());
        PublicJsonWebKey nameless = RsaJwkGenerator.generateJwk(2048);
        assertBecause(401, "does not name its key", account(TestIssuer.signed(operator(), nameless)));
        for (String nonsense : List.of(".", "..", "a.b", "a.b.c", "a.b.c.d.e", "eyJ9.x.y", parts[0] + "..")) {
            assertEquals(401, account(nonsense).status(), nonsense);
        }
    }

    /** Asks again while the provider is being asked. */
    private ApiHub.Said settled(String token) throws Exception {
        ApiHub.Said said = account(token);
        while (said.status() == 503) {
            assertEquals("2", said.raw().headers().firstValue("Retry-After").orElse(""));
            said = account(token);
        }
        return said;
    }

    @Test
    void anotherKeyOfTheProviderIsTakenOnceItIsPublishedAndAnOldOneGoesWithIt() throws Exception {
        PublicJsonWebKey next = TestIssuer.named(EcJwkGenerator.generateJwk(EllipticCurves.P256), "ec-2");
        issuer.publish(next);
        issuer.withdraw(rsa);
        String old = TestIssuer.signed(operator(), rsa);
        assertEquals(200, account(old).status(), "the keys are kept");
        hub.now = hub.now.plus(ProviderKeys.AGAIN);
        assertEquals(200, settled(TestIssuer.signed(operator(), next)).status());
        assertEquals(2, issuer.keysAsked.get());
        assertBecause(401, "is none of the identity provider's", account(old));
    }

    @Test
    void keysAreReadAgainAfterAWhileWithoutAnybodyAsking() throws Exception {
        issuer.withdraw(rsa);
        hub.now = hub.now.plus(ProviderKeys.EVERY);
        awaitReadings(2);
        assertEquals(401, settled(TestIssuer.signed(operator(), rsa)).status());
    }

    @Test
    void aFloodOfUnknownKeysAsksTheProviderOnceAMinuteAndHoldsUpNobody() throws Exception {
        String good = TestIssuer.signed(operator(), rsa);
        for (int minute = 0; minute < 3; minute++) {
            for (int i = 0; i < 50; i++) {
                PublicJsonWebKey invented = TestIssuer.named(copy(curve), "invented-" + minute + "-" + i);
                assertEquals(
                        401, settled(TestIssuer.signed(operator(), invented)).status());
                assertEquals(200, account(good).status());
            }
            assertEquals(1 + minute, issuer.keysAsked.get(), "in minute " + minute);
            hub.now = hub.now.plus(ProviderKeys.AGAIN);
            good = TestIssuer.signed(operator(), rsa);
        }
    }

    private static PublicJsonWebKey copy(PublicJsonWebKey key) throws JoseException {
        return PublicJsonWebKey.Factory.newPublicJwk(key.toParams(JsonWebKey.OutputControlLevel.INCLUDE_PRIVATE));
    }

    @Test
    void whileTheProviderIsDownItsTokensHoldUntilItsKeysAreTooOld() throws Exception {
        issuer.down();
        Instant known = hub.now;
        hub.now = known.plus(Duration.ofHours(24));
        awaitReadings(2);
        assertEquals(200, account(TestIssuer.signed(operator(), rsa)).status());
        hub.now = known.plus(Duration.ofHours(24)).plusMillis(1);
        ApiHub.Said refused = account(TestIssuer.signed(operator(), rsa));
        assertBecause(503, "the keys of the identity provider are not known since", refused);
        assertEquals("60", refused.raw().headers().firstValue("Retry-After").orElse(""));
        assertEquals(200, account(hub.token(Role.OPERATOR, "")).status());
        issuer.up();
        hub.now = hub.now.plus(ProviderKeys.AGAIN);
        awaitReadings(3);
        assertEquals(200, account(TestIssuer.signed(operator(), rsa)).status());
        assertEquals(1, count("api-oidc-failures"));
    }

    @Test
    void aProviderThatIsDownKeepsTheHubFromNothingElse() throws Exception {
        issuer.down();
        another(Optional.of(issuer.settings()));
        assertBecause(503, "are not known", account(TestIssuer.signed(operator(), rsa)));
        assertEquals(200, account(hub.token(Role.OPERATOR, "")).status());
        awaitReadings(1);
        issuer.up();
        hub.now = hub.now.plus(ProviderKeys.AGAIN);
        awaitReadings(2);
        assertEquals(200, account(TestIssuer.signed(operator(), rsa)).status());
    }

    @Test
    void aProviderThatSaysItIsAnotherIsNotBelieved() throws Exception {
        issuer.calledOtherwise("https://elsewhere.example");
        another(Optional.of(issuer.settings()));
        awaitReadings(1);
        assertEquals(1, count("api-oidc-failures"));
        assertEquals(1, issuer.keysAsked.get(), "before");
        assertEquals(503, account(TestIssuer.signed(operator(), rsa)).status());
    }

    @Test
    void documentsThatAreTooLongOrHoldTooManyKeysOrNoneAreNotTaken() throws Exception {
        StringBuilder many = new StringBuilder("{\"keys\":[");
        for (int i = 0; i <= ProviderDocuments.MAX_KEYS; i++) {
            many.append(i == 0 ? "" : ",")
                    .append(TestIssuer.named(copy(curve), "k" + i).toJson());
        }
        String secret = "{\"keys\":["
                + OctJwkGenerator.generateJwk(256).toJson(JsonWebKey.OutputControlLevel.INCLUDE_SYMMETRIC) + "]}";
        List<byte[]> documents = List.of(
                new byte[ProviderDocuments.MAX_BYTES + 1],
                (many + "]}").getBytes(StandardCharsets.UTF_8),
                secret.getBytes(StandardCharsets.UTF_8),
                "{}".getBytes(StandardCharsets.UTF_8),
                "no JSON".getBytes(StandardCharsets.UTF_8));
        ProviderDocuments read = new ProviderDocuments(issuer.settings());
        assertEquals(3, read.keys().size());
        for (byte[] each : documents) {
            issuer.publishes(each);
            assertThrows(IOException.class, read::keys);
        }
    }

    @Test
    void keysThatAreNotToSignWithAreLeftOut() throws Exception {
        rsa.setUse("enc");
        ProviderDocuments read = new ProviderDocuments(issuer.settings());
        assertEquals(
                List.of("ec-1", "ed-1"),
                read.keys().stream().map(JsonWebKey::getKeyId).toList());
    }

    @Test
    void everyReadOfARideIsInTheLedgerUnderTheSubject() throws Exception {
        hub.taxi("서울 31바 1234").at(37.5172, 127.0473).board(RideChange.Source.CARD);
        hub.upToDate();
        hub.get("/v1/rides?reason=watch", TestIssuer.signed(issuer.claims(hub.now, "8c1f-kim", "centre:11680"), rsa));
        List<JsonNode> lines = new ArrayList<>();
        hub.get("/v1/ledger", TestIssuer.signed(issuer.claims(hub.now, "lee", "auditor"), rsa))
                .body()
                .path("items")
                .forEach(lines::add);
        assertEquals(1, lines.size());
        assertEquals("oidc:8c1f-kim", lines.get(0).path("who").asText());
        assertEquals("centre", lines.get(0).path("role").asText());
    }

    @Test
    void nobodyCanHaveAnAccountThatPassesForOneOfTheProvider() {
        assertThrows(IllegalArgumentException.class, () -> new Account("oidc:", Role.OPERATOR, ""));
        assertFalse(new Account("oidc", Role.OPERATOR, "").isOfProvider());
        Account provided = Account.ofProvider("kim", Role.OPERATOR, "");
        assertTrue(provided.isOfProvider());
        assertThrows(IllegalArgumentException.class, () -> hub.accounts.add(provided, ApiHub.PASSWORD, hub.now));
    }

    @Test
    void theSameRequestIsDoneOnceForEachSubject() throws Exception {
        String body = "{\"origin\":\"shake\",\"position\":{\"lat\":37.5,\"lon\":127.0}}";
        for (String subject : List.of("app-1", "app-1", "app-2")) {
            String token = TestIssuer.signed(issuer.claims(hub.now, subject, "app"), rsa);
            assertEquals(
                    201,
                    hub.send("POST", "/v1/emergencies", token, body, "Idempotency-Key", "once-0001")
                            .status());
        }
        assertEquals(2, hub.raised.size());
    }

    @Test
    void aTokenOfTheProviderIsNotEndedHere() throws Exception {
        String token = TestIssuer.signed(operator(), rsa);
        assertBecause(501, "ends there", hub.send("DELETE", "/v1/tokens/current", token, ""));
        assertEquals(200, account(token).status());
    }

    @Test
    void withoutTheSettingItsTokensAreNothing() throws Exception {
        another(Optional.empty());
        assertEquals(401, account(TestIssuer.signed(operator(), rsa)).status());
    }

    /** The provider's certificate is checked, against the given authorities alone. */
    @Test
    void overTlsOnlyTheGivenAuthorityIsBelieved() throws Exception {
        Instant now = Instant.ofEpochMilli(System.currentTimeMillis());
        Authority authority = Authority.found("city", TlsKey.generate(RANDOM), now, RANDOM);
        Authority stranger = Authority.found("stranger", TlsKey.generate(RANDOM), now, RANDOM);
        try (TestIssuer secure = new TestIssuer(Optional.of(server(authority, now)))) {
            secure.publish(rsa);
            assertEquals(
                    1, new ProviderDocuments(trusting(secure, authority)).keys().size());
            assertThrows(IOException.class, () -> new ProviderDocuments(trusting(secure, stranger)).keys());
            assertThrows(IOException.class, () -> new ProviderDocuments(secure.settings()).keys());
        }
        Path nothing = Files.writeString(folder.resolve("nothing.pem"), "nothing");
        OidcSettings broken =
                new OidcSettings(issuer.url(), "a", "roles", "", Map.of(), Optional.of(nothing), Duration.ofHours(1));
        assertTrue(String.valueOf(assertThrows(IOException.class, () -> new ProviderDocuments(broken))
                        .getMessage())
                .contains("api.oidc.ca"));
    }

    private OidcSettings trusting(TestIssuer secure, Authority authority) throws IOException {
        Path file = Files.writeString(folder.resolve("ca.pem"), Certificates.toPem(List.of(authority.certificate())));
        return new OidcSettings(secure.url(), "a", "roles", "", Map.of(), Optional.of(file), Duration.ofHours(1));
    }

    private static SSLContext server(Authority authority, Instant now) throws Exception {
        TlsKey key = TlsKey.generate(RANDOM);
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        PrivateKey secret = key.privateKey();
        store.setKeyEntry("server", secret, new char[0], new Certificate[] {
            authority.server(key.publicKey(), List.of("localhost"), now)
        });
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, RANDOM);
        return context;
    }
}
