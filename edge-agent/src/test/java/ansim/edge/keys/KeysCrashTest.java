package ansim.edge.keys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.edge.keys.TrustState.Wish;
import ansim.wire.Id16;
import ansim.wire.VerifyKey;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The process or the power ends before any operation on the disk; at no moment is there no working key. */
class KeysCrashTest {
    private static final Path FOLDER = Path.of("/trust");
    private static final Duration YEAR = Duration.ofDays(365);

    private TestEst est;

    @BeforeEach
    void listen() throws Exception {
        est = new TestEst();
    }

    @AfterEach
    void close() {
        est.close();
    }

    private static HubTime time() {
        return new HubTime(Path.of("/none/hub-time"), new CrashingFiles(), TestEst.NOW, () -> false, () -> TestEst.NOW);
    }

    private static TrustState run(CrashingFiles files) throws Exception {
        TrustFolder folder = new TrustFolder(FOLDER, files);
        return new KeySteps(folder, time(), YEAR, new SecureRandom()).run(step -> {});
    }

    /** Goes on until it ends by itself, crashing once before operation {@code at}. Returns false when there were not so many. */
    private static boolean crashes(CrashingFiles files, int at) throws Exception {
        files.left = at;
        try {
            run(files);
            return false;
        } catch (CrashingFiles.Crash e) {
            return true;
        }
    }

    private void assertWorks(TrustState state, String when) {
        assertTrue(state.enrolled(), when);
        Id16 unit = state.unit().orElseThrow();
        VerifyKey signer = state.signer().orElseThrow().verifyKey();
        assertTrue(est.messageKeys.getOrDefault(unit, List.of()).contains(signer), "in force at the hub, " + when);
    }

    private void assertFinished(CrashingFiles files, String when) throws Exception {
        TrustState state = new TrustFolder(FOLDER, files).load();
        assertWorks(state, when);
        List<VerifyKey> keys = est.messageKeys.getOrDefault(state.unit().orElseThrow(), List.of());
        assertEquals(keys.get(keys.size() - 1), state.signer().orElseThrow().verifyKey(), "the newest signs, " + when);
        assertEquals(
                List.of(),
                files.list(FOLDER).stream()
                        .filter(name -> name.startsWith(TrustFolder.NEXT))
                        .toList(),
                when);
    }

    @Test
    void anEnrolmentThatIsStoppedAnywhereGoesOnToItsEnd() throws Exception {
        int at = 0;
        for (boolean crashed = true; crashed; at++) {
            Claim claim = est.claim();
            CrashingFiles files = new CrashingFiles();
            new TrustFolder(FOLDER, files).claim(claim);
            crashed = crashes(files, at);
            // After a kill; what a power cut takes besides is tried with renewals, where there is something to lose.
            CrashingFiles next = files.restarted(files.pending());
            new TrustFolder(FOLDER, next).load();
            run(next);
            assertFinished(next, "stopped before operation " + at);
        }
        assertTrue(at > 20, "it has that many operations: " + at);
    }

    @Test
    void aRenewalThatIsStoppedAnywhereLeavesAKeyThatWorksAndGoesOn() throws Exception {
        CrashingFiles enrolled = new CrashingFiles();
        new TrustFolder(FOLDER, enrolled).claim(est.claim());
        TrustState before = run(enrolled);
        new TrustFolder(FOLDER, enrolled).wish(EnumSet.of(Wish.CERTIFICATE, Wish.MESSAGE_KEY));
        Id16 unit = before.unit().orElseThrow();
        List<VerifyKey> keys = List.copyOf(est.messageKeys.getOrDefault(unit, List.of()));
        int at = 0;
        for (boolean crashed = true; crashed; at++) {
            est.messageKeys.put(unit, new ArrayList<>(keys));
            CrashingFiles files = enrolled.restarted(0);
            crashed = crashes(files, at);
            List<VerifyKey> then = List.copyOf(est.messageKeys.getOrDefault(unit, List.of()));
            for (int changes = files.pending(); changes >= 0; changes--) {
                String when = "stopped before operation " + at + " with " + changes + " changes kept";
                est.messageKeys.put(unit, new ArrayList<>(then));
                CrashingFiles next = files.restarted(changes);
                assertWorks(new TrustFolder(FOLDER, next).load(), when);
                TrustState after = run(next);
                assertFinished(next, when);
                assertNotEquals(
                        before.signer().orElseThrow().verifyKey(),
                        after.signer().orElseThrow().verifyKey(),
                        when);
                assertNotEquals(
                        before.identity().orElseThrow().leaf().getSerialNumber(),
                        after.identity().orElseThrow().leaf().getSerialNumber(),
                        when);
            }
        }
        assertTrue(at > 15, "it has that many operations: " + at);
    }

    @Test
    void anAnswerThatIsLostIsAskedForAgain() throws Exception {
        for (String path : List.of(
                "/ansim/v1/pin",
                "/.well-known/est/cacerts",
                "/.well-known/est/simpleenroll",
                "/ansim/v1/hub",
                "/ansim/v1/message-key")) {
            CrashingFiles files = new CrashingFiles();
            new TrustFolder(FOLDER, files).claim(est.claim());
            // The client asks a question that changes nothing again by itself.
            est.lost.addAll(Collections.nCopies(9, path));
            KeysException failed = assertThrows(KeysException.class, () -> run(files), path);
            assertEquals(KeysException.Reason.UNREACHABLE, failed.reason(), path);
            est.lost.clear();
            run(files);
            assertFinished(files, "the answer of " + path + " was lost");
        }
    }
}
