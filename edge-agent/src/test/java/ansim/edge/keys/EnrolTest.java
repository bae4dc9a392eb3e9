package ansim.edge.keys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.trust.ClaimCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From an empty folder to a unit, and whoever is in the way. */
class EnrolTest {
    @TempDir
    private Path dir;

    private final SecureRandom random = new SecureRandom();
    private TestEst est;
    private TrustFolder folder;

    @BeforeEach
    void listen() throws Exception {
        est = new TestEst();
        folder = TrustFolder.at(dir.resolve("trust"));
    }

    @AfterEach
    void close() {
        est.close();
    }

    private TrustState enrol(Claim claim, List<Step> steps) throws Exception {
        folder.claim(claim);
        HubTime time =
                new HubTime(dir.resolve("hub-time"), TrustFiles.real(), TestEst.NOW, () -> false, () -> TestEst.NOW);
        return new KeySteps(folder, time, Duration.ofDays(365), random).run(steps::add);
    }

    private KeysException.Reason refused(Claim claim) {
        return assertThrows(KeysException.class, () -> enrol(claim, new ArrayList<>()))
                .reason();
    }

    @Test
    void aCodeGivesTwoKeysACertificateAndTheHubsKeys() throws Exception {
        List<Step> steps = new ArrayList<>();
        TrustState state = enrol(est.claim(), steps);
        assertTrue(state.enrolled());
        assertEquals(
                List.of(
                        Step.FIND_AUTHORITY,
                        Step.MAKE_TLS_KEY,
                        Step.ENROL,
                        Step.TAKE_TLS,
                        Step.FETCH_HUB,
                        Step.MAKE_MESSAGE_KEY,
                        Step.REQUEST,
                        Step.REGISTER,
                        Step.TAKE_MESSAGE,
                        Step.FORGET_CLAIM),
                steps);
        assertEquals(1, state.identity().orElseThrow().chain().size(), "without the authority");
        assertEquals(Optional.of("tls://127.0.0.1:8883"), state.uplink());
        assertEquals(est.vault.sealingKey().toPem(), Files.readString(folder.vaultKey()));
        try (var names = Files.list(folder.path())) {
            assertEquals(
                    List.of(
                            "ca.crt.pem",
                            "hub.json",
                            "hub.pub.pem",
                            "message.confirmed",
                            "message.key.pem",
                            "tls.crt.pem",
                            "tls.key.pem",
                            "vault.pub.pem"),
                    names.map(file -> file.getFileName().toString()).sorted().toList());
        }
    }

    @Test
    void everythingIsItsOwnersOnly() throws Exception {
        enrol(est.claim(), new ArrayList<>());
        assertEquals(PosixFilePermissions.fromString("rwx------"), Files.getPosixFilePermissions(folder.path()));
        try (var all = Files.list(folder.path())) {
            for (Path file : all.toList()) {
                assertEquals(
                        PosixFilePermissions.fromString("rw-------"),
                        Files.getPosixFilePermissions(file),
                        file.toString());
            }
        }
        for (String secret : List.of("tls.key.pem", "message.key.pem")) {
            Path file = folder.path().resolve(secret);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
            KeysException open = assertThrows(KeysException.class, folder::load);
            assertTrue(open.error().contains(secret + " must be readable by its owner only"), open.error());
            assertEquals("chmod 600 " + file, open.tryThis());
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        }
        Files.setPosixFilePermissions(folder.path(), PosixFilePermissions.fromString("rwxr-xr-x"));
        assertTrue(assertThrows(KeysException.class, folder::load).tryThis().startsWith("chmod 700 "));
    }

    @Test
    void aFileKnowsTheAuthorityAndAsksForNoProof() throws Exception {
        assertTrue(enrol(est.fileClaim(), new ArrayList<>()).enrolled());
        assertFalse(est.asked.contains("/ansim/v1/pin"));
    }

    @Test
    void aCodeThatNobodyKnowsIsSaidSo() {
        assertEquals(
                KeysException.Reason.CODE,
                refused(new Claim(est.url(), ClaimCode.random(random), Optional.empty(), "BOX-1")));
        assertEquals(List.of("/ansim/v1/pin"), est.asked);
    }

    /** Somebody between box and hub, with an authority of his own, who knows every locator and no code. */
    @Test
    void aManInTheMiddleGetsNeitherSecretNorRequest() throws Exception {
        try (TestEst other = new TestEst()) {
            Claim known = est.claim();
            Claim theirs = new Claim(other.url(), known.code(), Optional.empty(), "BOX-1");
            other.pretend(known.code().locator());
            assertEquals(KeysException.Reason.NOT_THE_HUB, refused(theirs));
            assertEquals(List.of("/ansim/v1/pin"), other.asked);

            Claim file = est.fileClaim();
            assertEquals(
                    KeysException.Reason.NOT_THE_HUB,
                    refused(new Claim(other.url(), file.code(), file.authority(), "BOX-1")));
            assertFalse(other.asked.contains("/.well-known/est/simpleenroll"));
        }
    }

    /** He passes the question on to the real hub, and with it the true authority: then his own certificate is not believed. */
    @Test
    void aManInTheMiddleWhoPassesTheProofOnIsNotBelieved() throws Exception {
        try (TestEst other = new TestEst()) {
            Claim known = est.claim();
            other.relayPinsOf(est);
            assertEquals(
                    KeysException.Reason.NOT_THE_HUB,
                    refused(new Claim(other.url(), known.code(), Optional.empty(), "BOX-1")));
            assertFalse(other.asked.contains("/.well-known/est/simpleenroll"));
        }
    }

    @Test
    void anotherClaimBeginsAnewButNeverThrowsKeysInForceAway() throws Exception {
        est.lost.add("/.well-known/est/simpleenroll");
        refused(est.claim());
        TrustState state = enrol(est.claim(), new ArrayList<>());
        assertTrue(state.enrolled());
        assertEquals(KeysException.Reason.FILES, refused(est.claim()));
        assertEquals(
                state.signer().orElseThrow().verifyKey(),
                folder.load().signer().orElseThrow().verifyKey());
    }

    @Test
    void aHubThatCannotBeReachedIsSaidSoAndNothingIsLost() throws Exception {
        Claim claim = est.claim();
        est.close();
        assertEquals(KeysException.Reason.UNREACHABLE, refused(claim));
        assertTrue(folder.load().claim().isPresent());
    }

    @Test
    void claimsAreReadFromTheirFileAndNothingElse() {
        Claim claim = Claim.fromJson(est.fileClaim().toJson(), "OTHER");
        assertEquals("BOX-1", claim.serial());
        assertFalse(claim.toString().contains(claim.code().digits()));
        for (String wrong : List.of(
                "",
                "[]",
                "{}",
                "{\"hub\":\"https://h\"}",
                "{\"hub\":\"http://h\",\"code\":\"7K3MQ2XA9RTD\"}",
                "{\"hub\":\"https://h/x\",\"code\":\"7K3MQ2XA9RTD\"}",
                "{\"hub\":\"https://h\",\"code\":\"7K3MQ2XA9RTD\",\"ca\":\"00\"}",
                "{\"hub\":\"https://h\",\"code\":\"7K3MQ2XA9RTD\",\"serial\":\"a b\"}",
                "{\"hub\":\"https://h\",\"code\":\"7K3MQ2XA9RTD\"")) {
            assertThrows(IllegalArgumentException.class, () -> Claim.fromJson(wrong, "BOX-1"), wrong);
        }
    }
}
