package ansim.hub.enrol;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.core.UnitRecord;
import ansim.hub.enrol.Denied.Reason;
import ansim.hub.view.Claims;
import ansim.hub.view.Registry;
import ansim.trust.Authority;
import ansim.trust.CertificateRequest;
import ansim.trust.Certificates;
import ansim.trust.ClaimCode;
import ansim.trust.TlsKey;
import ansim.wire.Ed25519Verifier;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.KeyConfirmation;
import ansim.wire.KeyRegistration;
import ansim.wire.SigningKey;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** docs/enrolment.md step by step, asked again at every step, and whatever a claim does not allow. */
final class EnrolmentTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Duration DAY = Duration.ofDays(1);

    private final Path folder;

    private final SigningKey hub = SigningKey.generate(RANDOM);
    private Instant now = Instant.parse("2026-11-27T00:00:00Z");
    private final Authority authority = Authority.found("test", TlsKey.generate(RANDOM), now, RANDOM);
    private Registry registry;
    private Enrolment enrolment;

    EnrolmentTest(@TempDir Path folder) throws IOException {
        this.folder = folder;
        this.registry = Registry.open(folder.resolve("registry.db"));
        this.enrolment = over(registry);
    }

    private Enrolment over(Registry opened) {
        return new Enrolment(
                new Enrolment.Tools(
                        opened,
                        authority,
                        List.of(authority.certificate()),
                        unit -> hub,
                        () -> CompletableFuture.completedFuture(null),
                        () -> now,
                        RANDOM),
                new Tries(() -> now));
    }

    @AfterEach
    void stop() throws IOException {
        registry.close();
    }

    /** As kill -9 and a new start: nothing but the file is left. */
    private void restart() throws IOException {
        stop();
        registry = Registry.open(folder.resolve("registry.db"));
        enrolment = over(registry);
    }

    private ClaimCode claim(String vehicle, Optional<String> serial, Optional<Id16> replaces) throws IOException {
        ClaimCode code = ClaimCode.random(RANDOM);
        registry.claims()
                .take(
                        List.of(new Claims.Wish(
                                new UnitRecord.Service(vehicle, "한빛운수", "taxi", Optional.empty()),
                                serial,
                                Optional.of(Claims.Proof.of(code)),
                                replaces,
                                now.plus(Claims.LIFE).toEpochMilli())),
                        Map.of(),
                        now.toEpochMilli());
        return code;
    }

    private ClaimCode claim(String vehicle) throws IOException {
        return claim(vehicle, Optional.empty(), Optional.empty());
    }

    /** A box with its key. */
    private final class Box {
        final String serial;
        TlsKey key = TlsKey.generate(RANDOM);
        Optional<X509Certificate> certificate = Optional.empty();
        String address = "192.0.2.1";

        Box(String serial) {
            this.serial = serial;
        }

        Box enrol(ClaimCode code) throws Denied, IOException {
            return enrol(code.locator(), code.secret());
        }

        Box enrol(String locator, String secret) throws Denied, IOException {
            certificate = Optional.of(enrolment.enrol(
                    new Enrolment.Credentials(serial, locator, secret),
                    CertificateRequest.make(serial, key).der(),
                    address));
            return this;
        }

        Optional<Certified> peer() {
            X509Certificate leaf = certificate.orElseThrow();
            return Optional.of(new Certified(
                    Optional.of(unit()),
                    Certificates.keyHash(leaf),
                    leaf.getNotAfter().toInstant().toEpochMilli()));
        }

        Id16 unit() {
            return Id16.parse(Certificates.commonName(certificate.orElseThrow()).orElseThrow());
        }

        KeyConfirmation register(KeyRegistration request) throws Exception {
            return KeyConfirmation.parse(
                    enrolment.register(peer(), request.bytes()).get());
        }

        void renew(TlsKey next) throws Denied, IOException {
            certificate = Optional.of(enrolment.renew(
                    peer(), CertificateRequest.make(unit().hex(), next).der()));
            key = next;
        }
    }

    private static void assertDenied(Reason reason, Executable asked) {
        assertEquals(reason, assertThrows(Denied.class, asked).reason());
    }

    @Test
    void everyStepMayBeAskedAgainAfterAKillAndTheUnitIsMadeOnce() throws Exception {
        ClaimCode code = claim("서울 31바 1234");
        Box box = new Box("BOX-1");
        Id16 unit = box.enrol(code).unit();
        restart();
        assertEquals(unit, box.enrol(code).unit());
        assertEquals(unit, enrolment.unit(box.peer()).unit().unit());
        assertEquals(List.of(), registry.changesSince(0), "without a message key it is not the log's");
        SigningKey message = SigningKey.generate(RANDOM);
        KeyRegistration request = KeyRegistration.first(unit, message, Id8.random(RANDOM));
        KeyConfirmation first = box.register(request);
        assertTrue(first.answers(request) && first.verify(Ed25519Verifier.INSTANCE, hub.verifyKey()));
        restart();
        now = now.plus(DAY);
        assertArrayEquals(first.bytes(), box.register(request).bytes(), "asked again it is the same");
        assertEquals(1, registry.changesSince(0).size());
        assertDenied(Reason.CLAIM_USED, () -> box.enrol(code));
        assertEquals("서울 31바 1234", registry.unit(unit).orElseThrow().unit().vehicle());
    }

    @Test
    void aPinProvesTheAuthorityToWhoeverKnowsTheCode() throws Exception {
        ClaimCode code = claim("1");
        String nonce = "00112233445566778899aabbccddeeff";
        var answer = enrolment.pin(code.locator(), nonce, "192.0.2.1");
        byte[] expected = ClaimCode.pin(
                code.pinKey(),
                java.util.HexFormat.of().parseHex(nonce),
                Certificates.keyHash(
                        Certificates.fromPem(answer.path("ca").asText()).get(0)));
        assertEquals(
                java.util.HexFormat.of().formatHex(expected), answer.path("mac").asText());
        assertDenied(Reason.REQUEST, () -> enrolment.pin(code.locator(), "00", "192.0.2.1"));
        assertDenied(Reason.NO_SUCH_LOCATOR, () -> enrolment.pin("0011223344556677", nonce, "192.0.2.1"));
        assertDenied(Reason.NO_SUCH_LOCATOR, () -> enrolment.pin("no hex", nonce, "192.0.2.1"));
    }

    @Test
    void aClaimIsTheFirstSerialsAndThatSerialsFirstKeys() throws Exception {
        ClaimCode code = claim("1");
        Box first = new Box("BOX-1").enrol(code);
        assertDenied(Reason.CLAIM_OTHER_SERIAL, () -> new Box("BOX-2").enrol(code));
        assertDenied(Reason.CLAIM_OTHER_KEY, () -> new Box("BOX-1").enrol(code));
        assertEquals(first.unit(), first.enrol(code).unit());
        ClaimCode forOne = claim("2", Optional.of("BOX-9"), Optional.empty());
        assertDenied(Reason.CLAIM_OTHER_SERIAL, () -> new Box("BOX-2").enrol(forOne));
        new Box("BOX-9").enrol(forOne);
    }

    @Test
    void aClaimThatIsLateOrTakenBackOpensNothingButWhatHasBegunGoesOn() throws Exception {
        ClaimCode late = claim("1");
        ClaimCode begun = claim("2");
        ClaimCode back = claim("3");
        Box box = new Box("BOX-2").enrol(begun);
        long id = registry.claims().find(back.locator()).orElseThrow().id();
        assertTrue(registry.claims().revoke(id, now.toEpochMilli()));
        assertDenied(Reason.CLAIM_REVOKED, () -> new Box("BOX-3").enrol(back));
        now = now.plus(Claims.LIFE).plusMillis(1);
        assertDenied(Reason.CLAIM_EXPIRED, () -> new Box("BOX-1").enrol(late));
        box.enrol(begun);
    }

    @Test
    void fiveWrongTriesCloseASerialAndAnAddressForAnHour() throws Exception {
        ClaimCode code = claim("1");
        String wrong = ClaimCode.random(RANDOM).secret();
        for (int i = 0; i < Tries.MOST; i++) {
            Box box = new Box("BOX-1");
            box.address = "192.0.2." + i;
            assertDenied(Reason.CLAIM, () -> box.enrol(code.locator(), wrong));
        }
        Box sameSerial = new Box("BOX-1");
        sameSerial.address = "198.51.100.1";
        assertDenied(Reason.CLOSED, () -> sameSerial.enrol(code));
        for (int i = 0; i < Tries.MOST; i++) {
            Box box = new Box("OTHER-" + i);
            box.address = "198.51.100.2";
            assertDenied(Reason.CLAIM, () -> box.enrol("0011223344556677", "not a secret"));
        }
        Box sameAddress = new Box("BOX-7");
        sameAddress.address = "198.51.100.2";
        assertDenied(Reason.CLOSED, () -> sameAddress.enrol(code));
        now = now.plus(Tries.CLOSED);
        sameSerial.enrol(code);
    }

    @Test
    void aRequestForAnotherNameOrAKeyOfAnotherKindIsRefused() throws Exception {
        ClaimCode code = claim("1");
        Enrolment.Credentials credentials = new Enrolment.Credentials("BOX-1", code.locator(), code.secret());
        byte[] otherName =
                CertificateRequest.make("BOX-2", TlsKey.generate(RANDOM)).der();
        assertDenied(Reason.REQUEST, () -> enrolment.enrol(credentials, otherName, "192.0.2.1"));
        assertDenied(Reason.REQUEST, () -> enrolment.enrol(credentials, new byte[] {1, 2}, "192.0.2.1"));
        new Box("BOX-1").enrol(code);
    }

    @Test
    void aCertificateThatHasEndedReachesSimplereenrollAndNothingElse() throws Exception {
        Box box = new Box("BOX-1").enrol(claim("1"));
        SigningKey message = SigningKey.generate(RANDOM);
        box.register(KeyRegistration.first(box.unit(), message, Id8.random(RANDOM)));
        now = now.plus(Authority.LEAF_LIFE).plus(DAY);
        KeyRegistration next =
                KeyRegistration.next(box.unit(), SigningKey.generate(RANDOM), Id8.random(RANDOM), message);
        assertDenied(Reason.CERTIFICATE_EXPIRED, () -> enrolment.unit(box.peer()));
        assertDenied(Reason.CERTIFICATE_EXPIRED, () -> enrolment.register(box.peer(), next.bytes()));
        box.renew(TlsKey.generate(RANDOM));
        assertEquals(box.unit(), enrolment.unit(box.peer()).unit().unit());
        box.register(next);
    }

    @Test
    void theKeyBeforeOpensNothingOnceTheNewOneWasUsedAndUntilThenEverything() throws Exception {
        Box box = new Box("BOX-1").enrol(claim("1"));
        Optional<Certified> old = box.peer();
        box.renew(TlsKey.generate(RANDOM));
        enrolment.unit(old);
        enrolment.unit(box.peer());
        assertDenied(Reason.CERTIFICATE_SUPERSEDED, () -> enrolment.unit(old));
        enrolment.unit(box.peer());
    }

    @Test
    void aRevokedUnitReachesNothingAndIsBackWhenItsTrustIsRestored() throws Exception {
        Box box = new Box("BOX-1").enrol(claim("1"));
        registry.revoke(box.unit(), now.toEpochMilli());
        byte[] request = CertificateRequest.make(box.unit().hex(), box.key).der();
        assertDenied(Reason.SHUT_OUT, () -> enrolment.unit(box.peer()));
        assertDenied(Reason.SHUT_OUT, () -> enrolment.renew(box.peer(), request));
        assertTrue(registry.restoreTrust(box.unit()));
        assertFalse(registry.restoreTrust(box.unit()));
        enrolment.renew(box.peer(), request);
    }

    @Test
    void aStolenCertificateAlonePutsNoMessageKeyInForce() throws Exception {
        Box box = new Box("BOX-1").enrol(claim("1"));
        SigningKey message = SigningKey.generate(RANDOM);
        SigningKey thiefs = SigningKey.generate(RANDOM);
        box.register(KeyRegistration.first(box.unit(), message, Id8.random(RANDOM)));
        KeyRegistration unsigned = KeyRegistration.first(box.unit(), thiefs, Id8.random(RANDOM));
        KeyRegistration byItself = KeyRegistration.next(box.unit(), thiefs, Id8.random(RANDOM), thiefs);
        assertDenied(Reason.KEY_UNSIGNED, () -> enrolment.register(box.peer(), unsigned.bytes()));
        assertDenied(Reason.KEY_UNSIGNED, () -> enrolment.register(box.peer(), byItself.bytes()));
        Box other = new Box("BOX-2").enrol(claim("2"));
        KeyRegistration othersKey = KeyRegistration.first(other.unit(), message, Id8.random(RANDOM));
        assertDenied(Reason.KEY_TAKEN, () -> enrolment.register(other.peer(), othersKey.bytes()));
        assertDenied(Reason.KEY_OTHER_UNIT, () -> enrolment.register(other.peer(), unsigned.bytes()));
        SigningKey next = SigningKey.generate(RANDOM);
        box.register(KeyRegistration.next(box.unit(), next, Id8.random(RANDOM), message));
        assertEquals(
                List.of(message.verifyKey(), next.verifyKey()),
                registry.unit(box.unit()).orElseThrow().unit().keys());
    }

    @Test
    void aReplacedBoxDrainsFromTheMomentTheNewOneWorks() throws Exception {
        Box old = new Box("BOX-1").enrol(claim("1"));
        old.register(KeyRegistration.first(old.unit(), SigningKey.generate(RANDOM), Id8.random(RANDOM)));
        Box young = new Box("BOX-2").enrol(claim("1", Optional.empty(), Optional.of(old.unit())));
        assertTrue(registry.unit(old.unit()).orElseThrow().box().replacedBy().isEmpty());
        young.register(KeyRegistration.first(young.unit(), SigningKey.generate(RANDOM), Id8.random(RANDOM)));
        Registry.Registered replaced = registry.unit(old.unit()).orElseThrow();
        assertEquals(Optional.of(young.unit()), replaced.box().replacedBy());
        assertFalse(replaced.unit().isShutOut(now.plus(Claims.DRAIN).toEpochMilli()));
        now = now.plus(Claims.DRAIN).plusMillis(1);
        assertDenied(Reason.SHUT_OUT, () -> enrolment.unit(old.peer()));
    }

    @Test
    void aHundredBoxesAtOnceBecomeAHundredUnitsAndTwoWithOneClaimOne() throws Exception {
        List<Callable<Id16>> tasks = new ArrayList<>();
        ClaimCode shared = claim("shared");
        for (int i = 0; i < 100; i++) {
            Box box = new Box("BOX-" + i);
            box.address = "10.0.0." + i;
            ClaimCode code = claim("v" + i);
            tasks.add(() -> {
                box.enrol(code);
                box.register(KeyRegistration.first(box.unit(), SigningKey.generate(RANDOM), Id8.random(RANDOM)));
                return box.unit();
            });
        }
        Set<Id16> won = new HashSet<>();
        for (int i = 0; i < 2; i++) {
            Box box = new Box("RIVAL-" + i);
            tasks.add(() -> {
                try {
                    return box.enrol(shared).unit();
                } catch (Denied e) {
                    assertEquals(Reason.CLAIM_OTHER_SERIAL, e.reason());
                    return new Id16(0, 0);
                }
            });
        }
        ExecutorService pool = Executors.newFixedThreadPool(16);
        try {
            for (Future<Id16> each : pool.invokeAll(tasks)) {
                won.add(each.get());
            }
        } finally {
            pool.shutdown();
        }
        assertEquals(102, won.size(), "a hundred, the winner, and nobody");
        assertEquals(100, registry.changesSince(0).size());
        assertNotEquals(0, registry.units().size());
    }
}
