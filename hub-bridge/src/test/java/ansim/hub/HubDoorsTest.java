package ansim.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.vault.Vault;
import ansim.settings.CommandFailure;
import ansim.settings.Settings;
import ansim.wire.OpeningKey;
import ansim.wire.SealingKey;
import ansim.wire.SigningKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which vault's key enrolment gives to the units. */
final class HubDoorsTest {
    private static final SecureRandom RANDOM = new SecureRandom();

    @TempDir
    private Path folder = Path.of("");

    private Optional<String> key(String settings) throws IOException {
        Path file = folder.resolve("hub.yaml");
        Files.writeString(file, settings);
        return HubDoors.vaultKey(Settings.load(file, HubConfig.class)).map(SealingKey::toPem);
    }

    @Test
    void unitsGetTheKeyOfTheVaultInTheHubsProcessAndNoneWithoutAVault() throws IOException {
        assertEquals(Optional.empty(), key("data: hub"));
        String pem = Vault.create(folder.resolve("hub/vault"), RANDOM).toPem();
        assertEquals(Optional.of(pem), key("data: hub"));
        String elsewhere = Vault.create(folder.resolve("other"), RANDOM).toPem();
        assertEquals(Optional.of(elsewhere), key("{data: hub, vault: {folder: other}}"));
    }

    @Test
    void ofAVaultInAnotherProcessTheyGetTheKeyThatTheSettingsName() throws IOException {
        Vault.create(folder.resolve("hub/vault"), RANDOM);
        assertEquals(
                Optional.empty(), key("{data: hub, vault: {socket: s}}"), "the one in the folder would not be asked");
        String named = "{data: hub, vault: {socket: s, key: vault.pem}}";
        String pem = OpeningKey.generate(RANDOM).sealingKey().toPem();
        Files.writeString(folder.resolve("vault.pem"), pem);
        assertEquals(Optional.of(pem), key(named));
        Files.writeString(
                folder.resolve("vault.pem"),
                SigningKey.generate(RANDOM).verifyKey().toPem());
        CommandFailure refused = assertThrows(CommandFailure.class, () -> key(named));
        assertTrue(refused.error().contains("is no X25519 public key in PEM"), refused.error());
    }
}
