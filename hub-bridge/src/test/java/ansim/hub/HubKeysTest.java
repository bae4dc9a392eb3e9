package ansim.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.intake.SigningKeys;
import ansim.settings.CommandFailure;
import ansim.wire.SigningKey;
import ansim.wire.VerifyKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One key after another: as text, by the clock, and in copies. */
class HubKeysTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Instant T = Instant.parse("2026-12-24T03:00:00Z");

    @TempDir
    private Path folder;

    private final SigningKey first = SigningKey.generate(RANDOM);
    private final SigningKey second = SigningKey.generate(RANDOM);
    private final HubKeys one = HubKeys.of(first);
    private final HubKeys two = one.with(new HubKeys.Dated(second, T));

    private static List<VerifyKey> keys(HubKeys of) {
        return of.keys().stream().map(each -> each.key().verifyKey()).toList();
    }

    @Test
    void aFileWithOneKeyIsThePemThatItAlwaysWas() {
        assertEquals(first.toPem(), one.text());
        assertEquals(keys(one), keys(HubKeys.parse(first.toPem())));
    }

    @Test
    void theTextOfSeveralComesBackWithItsMoments() {
        HubKeys read = HubKeys.parse(two.text());
        assertEquals(keys(two), keys(read));
        assertEquals(
                List.of(Instant.EPOCH, T),
                read.keys().stream().map(HubKeys.Dated::from).toList());
        assertEquals(first.verifyKey(), SigningKey.fromPem(two.text()).verifyKey(), "an older program takes the first");
    }

    @Test
    void aSecondKeyWithoutItsMomentIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> HubKeys.parse(first.toPem() + second.toPem()));
        assertThrows(
                IllegalArgumentException.class, () -> HubKeys.parse(first.toPem() + "from: soon\n" + second.toPem()));
        assertThrows(IllegalArgumentException.class, () -> two.with(new HubKeys.Dated(first, T)));
    }

    @Test
    void eachSignsFromItsMomentOn() {
        assertEquals(first.verifyKey(), two.present(T.minusMillis(1)).verifyKey());
        assertEquals(Optional.of(T), two.next(T.minusMillis(1)).map(HubKeys.Dated::from));
        assertEquals(second.verifyKey(), two.present(T).verifyKey());
        assertEquals(Optional.empty(), two.next(T));
    }

    @Test
    void noOlderKeyComesBackWithTheClockSetBack() throws IOException {
        Path file = folder.resolve("hub-key.pem");
        HubKey.keep(file, one);
        Instant[] now = {T.minusSeconds(1)};
        LiveHubKeys live = new LiveHubKeys(file, one, () -> now[0]);
        HubKey.keep(file, two);
        assertEquals(first.verifyKey(), live.present().verifyKey());
        live.reload();
        assertEquals(first.verifyKey(), live.present().verifyKey());
        assertEquals(Optional.empty(), live.before().map(SigningKey::verifyKey));
        assertEquals(List.of(Instant.EPOCH), moments(live), "a key that is only chosen is not told yet");
        now[0] = T;
        assertEquals(List.of(Instant.EPOCH, T), moments(live));
        assertEquals(second.verifyKey(), live.present().verifyKey());
        assertEquals(Optional.of(first.verifyKey()), live.before().map(SigningKey::verifyKey));
        now[0] = T.minusSeconds(3600);
        assertEquals(second.verifyKey(), live.present().verifyKey());
    }

    private static List<Instant> moments(LiveHubKeys live) {
        return live.soFar().stream().map(SigningKeys.Dated::from).toList();
    }

    @Test
    void aFileThatLostAKeyOrDoesNotReadChangesNothingInARunningHub() throws IOException {
        Path file = folder.resolve("hub-key.pem");
        HubKey.keep(file, two);
        LiveHubKeys live = new LiveHubKeys(file, two, () -> T);
        OwnerFile.replace(file, one.text());
        live.reload();
        assertEquals(second.verifyKey(), live.present().verifyKey());
        OwnerFile.replace(file, "nothing");
        live.reload();
        assertEquals(second.verifyKey(), live.present().verifyKey());
        Files.delete(file);
        live.reload();
        assertEquals(second.verifyKey(), live.present().verifyKey());
    }

    @Test
    void aCopyTakesANewKeyAndNeverLosesOneNorTakesAnotherHubs() throws IOException {
        Path file = folder.resolve("copy.pem");
        HubKey.keep(file, one);
        HubKey.keep(file, two);
        assertEquals(keys(two), keys(HubKey.keys(file).orElseThrow()));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        assertThrows(CommandFailure.class, () -> HubKey.keep(file, one));
        assertThrows(CommandFailure.class, () -> HubKey.keep(file, HubKeys.of(SigningKey.generate(RANDOM))));
        assertEquals(keys(two), keys(HubKey.keys(file).orElseThrow()));
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(1, files.count(), "no draft stays behind");
        }
        assertTrue(two.isSameHub(one));
        assertFalse(two.isSameHub(HubKeys.of(SigningKey.generate(RANDOM))));
    }
}
