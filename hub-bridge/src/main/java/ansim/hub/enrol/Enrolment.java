package ansim.hub.enrol;

import ansim.hub.core.UnitRecord;
import ansim.hub.view.Claims;
import ansim.hub.view.Claims.Claim;
import ansim.hub.view.Registry;
import ansim.trust.Authority;
import ansim.trust.CertificateRequest;
import ansim.trust.Certificates;
import ansim.trust.ClaimCode;
import ansim.wire.Id16;
import ansim.wire.KeyConfirmation;
import ansim.wire.KeyRegistration;
import ansim.wire.SigningKey;
import ansim.wire.UnitKeyVerifier;
import ansim.wire.WireException;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * The steps of docs/enrolment.md, without HTTP.
 *
 * <p>Guarantees that each step may be asked again until the one after it was done, whatever died in between, and that a message key is
 * confirmed only when it is in the log and in force. Any thread; blocks for the registry's disk.
 */
public final class Enrolment {
    private static final Pattern SERIAL = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final int NONCE_BYTES = 16;

    /**
     * What enrolment works with.
     *
     * @param registry of its own: what others change in the same file is seen
     * @param authority issues
     * @param trusted whom a box is to believe: the authority and those that it takes over from
     * @param hub signs the confirmations: the key that a unit believes
     * @param logged completes when the log holds what the registry holds
     * @param clock the hub's
     */
    public record Tools(
            Registry registry,
            Authority authority,
            List<X509Certificate> trusted,
            Function<Id16, SigningKey> hub,
            Supplier<CompletableFuture<Void>> logged,
            InstantSource clock,
            SecureRandom random) {}

    private final Tools tools;
    private final Claims claims;
    private final Tries tries;

    Enrolment(Tools tools, Tries tries) {
        this.tools = tools;
        this.claims = tools.registry().claims();
        this.tries = tries;
    }

    /** Which authority, proved by the claim's pin key: step 1. */
    ObjectNode pin(String locator, String nonce, String address) throws Denied, IOException {
        List<String> who = List.of(address);
        tries.check(who);
        byte[] nonceBytes;
        try {
            nonceBytes = HexFormat.of().parseHex(nonce);
        } catch (IllegalArgumentException e) {
            throw new Denied(Denied.Reason.REQUEST, "nonce must be 32 hexadecimal digits");
        }
        if (nonceBytes.length != NONCE_BYTES) {
            throw new Denied(Denied.Reason.REQUEST, "nonce must be 32 hexadecimal digits");
        }
        Optional<Claim> claim = claims.find(locator);
        if (claim.isEmpty()) {
            tries.wrong(who);
            throw new Denied(Denied.Reason.NO_SUCH_LOCATOR);
        }
        X509Certificate certificate = tools.authority().certificate();
        byte[] mac = ClaimCode.pin(
                claim.get().proof().orElseThrow().pinKey(), nonceBytes, Certificates.keyHash(certificate));
        return JsonNodeFactory.instance
                .objectNode()
                .put("ca", Certificates.toPem(List.of(certificate)))
                .put("mac", HexFormat.of().formatHex(mac));
    }

    /** All authorities to believe: step 2. */
    List<X509Certificate> authorities() {
        return tools.trusted();
    }

    /**
     * What HTTP Basic said.
     *
     * @param serial the box's
     * @param locator of the claim
     * @param secret of the claim, base64url
     */
    record Credentials(String serial, String locator, String secret) {
        static Credentials parse(String user, String password) throws Denied {
            int slash = user.indexOf('/');
            if (slash < 0 || !SERIAL.matcher(user.substring(0, slash)).matches()) {
                throw new Denied(Denied.Reason.CREDENTIALS);
            }
            return new Credentials(user.substring(0, slash), user.substring(slash + 1), password);
        }
    }

    /** A box becomes a unit: step 3. */
    X509Certificate enrol(Credentials credentials, byte[] request, String address) throws Denied, IOException {
        List<String> who = List.of(address, "serial " + credentials.serial());
        tries.check(who);
        Optional<Claim> claim = claims.find(credentials.locator()).filter(each -> proves(each, credentials.secret()));
        if (claim.isEmpty()) {
            tries.wrong(who);
            throw new Denied(Denied.Reason.CLAIM);
        }
        CertificateRequest parsed = parse(request);
        if (!parsed.commonName().map(credentials.serial()::equals).orElse(false)) {
            throw new Denied(Denied.Reason.REQUEST, "the request's common name must be the box's serial");
        }
        byte[] keyHash = sha256(parsed.publicKey().getEncoded());
        Instant now = tools.clock().instant();
        Claims.Bound bound = claims.bind(claim.get().id(), credentials.serial(), keyHash, fresh(), now.toEpochMilli());
        if (bound.denial().isPresent()) {
            throw new Denied(reason(bound.denial().get()));
        }
        return issue(bound.unit().orElseThrow(), parsed, now);
    }

    private static boolean proves(Claim claim, String secret) {
        try {
            return MessageDigest.isEqual(claim.proof().orElseThrow().secretHash(), ClaimCode.secretHash(secret));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static Denied.Reason reason(Claims.Denial denial) {
        return switch (denial) {
            case EXPIRED -> Denied.Reason.CLAIM_EXPIRED;
            case REVOKED -> Denied.Reason.CLAIM_REVOKED;
            case USED -> Denied.Reason.CLAIM_USED;
            case OTHER_SERIAL -> Denied.Reason.CLAIM_OTHER_SERIAL;
            case OTHER_KEY -> Denied.Reason.CLAIM_OTHER_KEY;
        };
    }

    private Id16 fresh() {
        byte[] id = new byte[Id16.LENGTH];
        tools.random().nextBytes(id);
        return Id16.of(id);
    }

    private static CertificateRequest parse(byte[] request) throws Denied {
        try {
            return CertificateRequest.parse(request);
        } catch (IllegalArgumentException e) {
            throw new Denied(Denied.Reason.REQUEST, String.valueOf(e.getMessage()));
        }
    }

    private X509Certificate issue(Id16 unit, CertificateRequest request, Instant now) throws IOException {
        X509Certificate certificate = tools.authority().unit(request.publicKey(), unit.hex(), now);
        claims.issued(
                unit,
                sha256(request.publicKey().getEncoded()),
                certificate.getNotAfter().toInstant().toEpochMilli());
        return certificate;
    }

    /** A new certificate, perhaps for a new key; also for one whose certificate has ended: step 6. */
    X509Certificate renew(Optional<Certified> peer, byte[] request) throws Denied, IOException {
        Registry.Registered unit = unit(peer, true);
        CertificateRequest parsed = parse(request);
        return issue(unit.unit().unit(), parsed, tools.clock().instant());
    }

    /** Checks that a unit may ask, with a certificate that has not ended: steps 4 and 5. */
    Registry.Registered unit(Optional<Certified> peer) throws Denied, IOException {
        return unit(peer, false);
    }

    private Registry.Registered unit(Optional<Certified> peer, boolean ended) throws Denied, IOException {
        if (peer.isEmpty() || peer.get().unit().isEmpty()) {
            throw new Denied(Denied.Reason.CERTIFICATE);
        }
        long nowMs = tools.clock().millis();
        Registry.Registered unit =
                tools.registry().unit(peer.get().unit().get()).orElseThrow(() -> new Denied(Denied.Reason.NOT_A_UNIT));
        if (unit.unit().isShutOut(nowMs)) {
            throw new Denied(Denied.Reason.SHUT_OUT);
        }
        if (!ended && peer.get().untilMs() < nowMs) {
            throw new Denied(Denied.Reason.CERTIFICATE_EXPIRED);
        }
        if (!claims.isPresentKey(unit.unit().unit(), peer.get().keyHash())) {
            throw new Denied(Denied.Reason.CERTIFICATE_SUPERSEDED);
        }
        return unit;
    }

    /** A new message key: step 5. Completes with the confirmation. */
    CompletableFuture<byte[]> register(Optional<Certified> peer, byte[] request) throws Denied, IOException {
        UnitRecord unit = unit(peer).unit();
        KeyRegistration registration;
        try {
            registration = KeyRegistration.parse(request);
        } catch (WireException e) {
            throw new Denied(Denied.Reason.KEY_REQUEST, String.valueOf(e.getMessage()));
        }
        if (!registration.unit().equals(unit.unit())) {
            throw new Denied(Denied.Reason.KEY_OTHER_UNIT);
        }
        if (!registration.verify(UnitKeyVerifier.INSTANCE)) {
            throw new Denied(Denied.Reason.KEY_REQUEST, "the new key's signature does not verify");
        }
        long sinceMs = since(unit, registration);
        return tools.logged()
                .get()
                .thenApply(logged -> KeyConfirmation.sign(
                                registration,
                                Instant.ofEpochMilli(sinceMs),
                                tools.hub().apply(unit.unit()))
                        .bytes());
    }

    /** Asked again with a key that it has, a unit gets the answer that was lost. */
    private long since(UnitRecord unit, KeyRegistration registration) throws Denied, IOException {
        OptionalLong known = claims.keySince(unit.unit(), registration.key());
        if (known.isPresent()) {
            return known.getAsLong();
        }
        // Any of them: a unit that lost an answer, and the key with it, still has one before.
        boolean signedByAnother =
                unit.keys().stream().anyMatch(each -> registration.verifyPresent(UnitKeyVerifier.INSTANCE, each));
        if (!unit.keys().isEmpty() && !signedByAnother) {
            throw new Denied(Denied.Reason.KEY_UNSIGNED);
        }
        long nowMs = tools.clock().millis();
        if (!claims.register(unit.unit(), registration.key(), unit.keys().isEmpty(), nowMs)) {
            throw new Denied(Denied.Reason.KEY_TAKEN);
        }
        return nowMs;
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }
}
