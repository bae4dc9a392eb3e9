package ansim.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.settings.SettingsException;
import ansim.wire.SigningKey;
import ansim.wire.VerifyKey;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The hub's signing key: made once, shown, and kept from others. */
final class HubKeyTest {
    private static final SecureRandom RANDOM = new SecureRandom();

    @TempDir
    private Path folder = Path.of("");

    private Path file = Path.of("");
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void name() {
        file = folder.resolve(HubFolder.KEY);
    }

    private int show() {
        return HubBridge.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute("key", "show", "--data", folder.toString());
    }

    @Test
    void theFirstStartMakesTheKeyReadableByItsOwnerOnlyAndLaterOnesKeepIt() throws IOException {
        assertEquals(Optional.empty(), HubKey.read(file));
        VerifyKey made = HubKey.open(file, RANDOM).verifyKey();
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        assertEquals(made, HubKey.open(file, RANDOM).verifyKey());
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(1, files.count(), "no draft stays behind");
        }
    }

    @Test
    void keyShowPrintsThePublicHalfThatAUnitTakes() throws IOException {
        VerifyKey made = HubKey.open(file, RANDOM).verifyKey();
        assertEquals(0, show());
        assertTrue(out.toString().startsWith("kid: " + made.kid().hex()));
        assertEquals(made, VerifyKey.fromPem(out.toString()));
    }

    @Test
    void keyShowSaysWhatToDoBeforeTheFirstStart() {
        assertEquals(1, show());
        assertTrue(err.toString().contains("Try: "));
        assertEquals("", out.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r-----", "rw----r--", "rwx------", "rw--w----"})
    void aFileThatOthersMayReadIsAConfigurationError(String mode) throws IOException {
        HubKey.open(file, RANDOM);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
        assertThrows(SettingsException.class, () -> HubKey.open(file, RANDOM));
        assertEquals(SettingsException.EXIT_CODE, show());
        assertTrue(err.toString().contains("chmod 600"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "not a key"})
    void aFileThatIsNoKeyIsNeverReplaced(String content) throws IOException {
        Files.writeString(file, content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        assertThrows(SettingsException.class, () -> HubKey.open(file, RANDOM));
        assertEquals(content, Files.readString(file));
    }

    @Test
    void aKeyThatWasPutThereIsTaken() throws IOException {
        SigningKey key = SigningKey.generate(RANDOM);
        Files.writeString(file, key.toPem());
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        assertEquals(key.verifyKey(), HubKey.open(file, RANDOM).verifyKey());
    }
}
