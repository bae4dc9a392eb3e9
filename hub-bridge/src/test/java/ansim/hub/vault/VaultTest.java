package ansim.hub.vault;

import static ansim.hub.vault.TestVault.ANN;
import static ansim.hub.vault.TestVault.BEN;
import static ansim.hub.vault.TestVault.RIDE;
import static ansim.hub.vault.TestVault.UNIT;
import static ansim.hub.vault.TestVault.seal;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.settings.CommandFailure;
import ansim.settings.SettingsException;
import ansim.wire.Bytes;
import ansim.wire.Id8;
import ansim.wire.OpeningKey;
import ansim.wire.SealingKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VaultTest {
    @TempDir
    private Path data = Path.of("");

    private Path folder = Path.of("");
    private SealingKey key;

    @BeforeEach
    void create() throws IOException {
        folder = data.resolve("vault");
        key = TestVault.create(folder);
    }

    private Vault open() throws IOException {
        return Vault.open(folder, "hub", TestVault.CLOCK);
    }

    private Optional<Rider> open(Bytes sealed) throws IOException {
        try (Vault vault = open()) {
            return vault.open(sealed, UNIT, RIDE, "boarded");
        }
    }

    private List<String> ledger() throws IOException {
        List<String> lines = new ArrayList<>();
        LedgerFile.read(folder, lines::add);
        return lines;
    }

    @Test
    void aCardThatIsKnownBecomesARiderWithHomeLanguageAndGuardians() throws IOException {
        Rider ann = open(seal(key, ANN, RIDE)).orElseThrow();
        assertEquals("11680", ann.home());
        assertEquals("ko", ann.language());
        assertEquals(
                List.of(
                        new Rider.Guardian("sms", TestVault.ANNS_MOTHER),
                        new Rider.Guardian("mail", "father, at home <f@example.org>")),
                ann.guardians());
        Rider ben = open(seal(key, BEN, RIDE)).orElseThrow();
        assertEquals("11440", ben.home());
        assertEquals(List.of(), ben.guardians());
    }

    @Test
    void bothCardsOfARiderAreThatRiderInOneRideAndTwoRidesHaveNothingInCommon() throws IOException {
        try (Vault vault = open()) {
            Id8 other = new Id8(4);
            String handle = vault.open(seal(key, ANN, RIDE), UNIT, RIDE, "boarded")
                    .orElseThrow()
                    .handle();
            assertEquals(
                    handle,
                    vault.open(seal(key, TestVault.ANNS_OTHER, RIDE), UNIT, RIDE, "boarded")
                            .orElseThrow()
                            .handle());
            assertNotEquals(
                    handle,
                    vault.open(seal(key, ANN, other), UNIT, other, "boarded")
                            .orElseThrow()
                            .handle());
        }
    }

    @Test
    void eachOpeningIsInTheLedgerAlsoThatOfACardThatIsNobodys() throws IOException {
        String handle = open(seal(key, ANN, RIDE)).orElseThrow().handle();
        assertEquals(Optional.empty(), open(seal(key, "0000000000", RIDE)));
        assertEquals(Optional.empty(), open(seal(key, ANN, new Id8(99))), "of another ride");
        List<String> lines = ledger();
        assertEquals(3, lines.size());
        assertTrue(
                lines.get(0)
                        .startsWith("{\"n\":1,\"at\":\"2026-11-27T03:04:05.678Z\",\"who\":\"hub\",\"why\":\"boarded\","
                                + "\"unit\":\"" + UNIT.hex() + "\",\"ride\":\"" + RIDE.hex() + "\",\"rider\":\""),
                lines.get(0));
        assertTrue(lines.get(0).contains("\"handle\":\"" + handle + "\""), lines.get(0));
        assertFalse(lines.get(1).contains("rider\""), lines.get(1));
        assertFalse(lines.get(2).contains("rider\""), lines.get(2));
    }

    /** The ledger's disk is full: no line, no answer. */
    @Test
    void whatCannotBeWrittenDownIsNotAnswered() throws IOException {
        Vault vault = open();
        vault.close();
        assertThrows(IOException.class, () -> vault.open(seal(key, ANN, RIDE), UNIT, RIDE, "boarded"));
    }

    @Test
    void noFileOfTheVaultHoldsACardOrAnAddress() throws IOException {
        open(seal(key, ANN, RIDE));
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                String content = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
                for (String secret : List.of(ANN, BEN, TestVault.ANNS_OTHER, TestVault.ANNS_MOTHER, "f@example.org")) {
                    assertFalse(content.contains(secret), file + " holds " + secret);
                }
                assertEquals(
                        "rw-------",
                        PosixFilePermissions.toString(Files.getPosixFilePermissions(file)),
                        file::toString);
            }
        }
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)));
    }

    @Test
    void anErasedRiderIsNobodyAndLeavesNothingButAnIdInTheLedger() throws IOException {
        open(seal(key, ANN, RIDE));
        List<Riders.Listed> listed = new ArrayList<>();
        byte[] contacts;
        try (Riders riders = Riders.open(folder)) {
            riders.forEach(listed::add);
            String ann = listed.stream()
                    .filter(each -> each.home().equals("11680"))
                    .findFirst()
                    .orElseThrow()
                    .id();
            try (VaultStore store = VaultStore.open(folder)) {
                contacts = store.riders(new byte[0], 10).stream()
                        .filter(row -> row.hex().equals(ann))
                        .findFirst()
                        .orElseThrow()
                        .contacts();
            }
            assertTrue(riders.erase(ann));
            assertFalse(riders.erase(ann));
            assertEquals(1, riders.count());
            assertTrue(ledger().get(0).contains(ann));
        }
        assertEquals(Optional.empty(), open(seal(key, ANN, RIDE)));
        String sealedContacts = new String(contacts, StandardCharsets.ISO_8859_1);
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                String content = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
                assertFalse(content.contains(sealedContacts), file::toString);
            }
        }
    }

    /** The new key stands at the end of the file: units that have not heard of it yet still seal to the old one. */
    @Test
    void afterAChangeOfKeyBothOpenAndTheRidersAreTheSame() throws IOException {
        OpeningKey next = OpeningKey.generate(new SecureRandom());
        Files.writeString(folder.resolve(VaultKeys.FILE), next.toPem(), StandardOpenOption.APPEND);
        assertEquals(next.sealingKey(), Vault.sealingKey(folder));
        assertEquals("11680", open(seal(key, ANN, RIDE)).orElseThrow().home());
        assertEquals(
                "11680", open(seal(next.sealingKey(), ANN, RIDE)).orElseThrow().home());
    }

    @Test
    void aKeyThatOthersMayReadIsRefused() throws IOException {
        Files.setPosixFilePermissions(folder.resolve(VaultKeys.FILE), PosixFilePermissions.fromString("rw-r-----"));
        SettingsException refused = assertThrows(SettingsException.class, this::open);
        assertTrue(refused.problems().get(0).rule().contains("chmod 600"), refused.toString());
    }

    @Test
    void whatIsNoKeyIsRefusedAndAMissingVaultSaysHowToMakeOne() throws IOException {
        Files.writeString(folder.resolve(VaultKeys.FILE), "hello");
        assertThrows(SettingsException.class, this::open);
        CommandFailure missing =
                assertThrows(CommandFailure.class, () -> Vault.open(data.resolve("none"), "hub", TestVault.CLOCK));
        assertEquals("hub-bridge vault init", missing.tryThis());
    }

    @Test
    void aSecondVaultInTheSameFolderIsRefusedAndTheFirstKeepsItsKey() throws IOException {
        assertThrows(CommandFailure.class, () -> Vault.create(folder, new SecureRandom()));
        assertEquals(key, Vault.sealingKey(folder));
        try (Vault first = open()) {
            assertThrows(IOException.class, this::open);
            assertEquals(key, first.sealingKey());
        }
    }

    @Test
    void aRiderTellsNobodysAddressByAccident() throws IOException {
        String text = open(seal(key, ANN, RIDE)).orElseThrow().toString();
        assertEquals("rider of 11680", text);
    }
}
