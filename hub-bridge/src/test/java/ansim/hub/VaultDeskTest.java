package ansim.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.api.RiderDesk;
import ansim.hub.vault.Consent;
import ansim.hub.vault.Guardian;
import ansim.hub.vault.LedgerFile;
import ansim.hub.vault.Riders;
import ansim.hub.vault.Vault;
import ansim.wire.Bytes;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.SealingKey;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A rider that the city's app adds, in a real vault; {@link VaultDeskSocketTest} has the same over its socket. */
class VaultDeskTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Id16 UNIT = new Id16(1, 2);
    private static final Id8 RIDE = new Id8(3);
    private static final String CARD = "62E3086CED";
    private static final String ID = "ab".repeat(16);
    private static final Instant SINCE = Instant.parse("2026-01-01T00:00:00Z");

    @TempDir
    Path folder = Path.of("");

    private SealingKey sealing;
    Vault vault;
    RiderDesk desk;

    @BeforeEach
    void open() throws IOException {
        sealing = Vault.create(folder, RANDOM);
        vault = Vault.open(folder, "hub", Clock.systemUTC());
        desk = desk();
    }

    RiderDesk desk() throws IOException {
        return VaultDesk.of(vault);
    }

    /** Who it was, in the vault's records. */
    String by(String account) {
        return "the API: " + account;
    }

    @AfterEach
    void close() throws IOException {
        vault.close();
    }

    RiderDesk.Card card(String number) {
        Bytes sealed = sealing.seal(number.getBytes(StandardCharsets.US_ASCII), UNIT, RIDE, RANDOM);
        return new RiderDesk.Card(UNIT, RIDE, sealed);
    }

    static RiderDesk.NewRider rider(RiderDesk.Card... cards) {
        return new RiderDesk.NewRider(
                "11680",
                "ko",
                List.of(cards),
                List.of(
                        new RiderDesk.Contact("api", "user-7", "Mother", "boarded emergency", Optional.of(SINCE)),
                        new RiderDesk.Contact("mail", "me@example.org", "", "own", Optional.empty())));
    }

    @Test
    void itIsTheSameRiderHoweverOftenTheRequestComesAndTheVaultKnowsTheCardInAnotherRide() throws Exception {
        for (int i = 0; i < 2; i++) {
            assertEquals(RiderDesk.Added.DONE, desk.add(ID, rider(card(CARD), card(CARD)), "app"));
        }
        try (Riders riders = Riders.open(folder)) {
            assertEquals(1, riders.count());
            Riders.Export all = riders.export(ID, Clock.systemUTC()).orElseThrow();
            assertEquals(1, all.rider().cards());
            assertEquals(1, all.rider().consented());
            assertEquals("user-7", all.guardians().get(0).guardian().address());
            assertEquals(Guardian.API, all.guardians().get(0).guardian().channel());
            assertEquals(by("app"), all.consents().get(0).by());
        }
        byte[] stored = Files.readAllBytes(folder.resolve("vault.db"));
        String text = new String(stored, StandardCharsets.ISO_8859_1);
        assertFalse(text.contains(CARD) || text.contains("user-7"), "neither card nor address in the clear");
    }

    /** A registration opened cards that the ledger knew nothing of. */
    @Test
    void cardsThatAreOpenedForARegistrationStandInTheVaultsLedgerWhateverComesOfIt() throws Exception {
        desk.add(ID, rider(card(CARD)), "app");
        desk.add("cd".repeat(16), rider(card("99"), card(CARD)), "app");
        desk.add(
                "cd".repeat(16),
                rider(new RiderDesk.Card(UNIT, new Id8(4), card("99").sealed())),
                "app");
        List<JsonNode> lines = new ArrayList<>();
        LedgerFile.VAULT.read(folder, line -> lines.add(json(line)));
        assertEquals(4, lines.size());
        for (JsonNode each : lines) {
            assertEquals(by("app"), each.path("who").asText());
            assertEquals("registered", each.path("why").asText());
        }
        try (Riders riders = Riders.open(folder)) {
            assertEquals(
                    Optional.of(ID),
                    riders.riderOf(
                            LedgerFile.VAULT, 1, lines.get(0).path("person").asText()));
            assertEquals(
                    List.of(1L, 3L),
                    riders.export(ID, Clock.systemUTC())
                            .orElseThrow()
                            .openings()
                            .get(LedgerFile.VAULT));
        }
        assertFalse(lines.get(1).has("person"), "a card that is nobody's");
        assertTrue(lines.get(2).has("person"), "whose it was already");
        assertFalse(lines.get(3).has("person"), "sealed for another ride");
    }

    private static JsonNode json(String line) {
        try {
            return new ObjectMapper().readTree(line);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** It said "the API", and nobody could say who had suspended the rider. */
    @Test
    void whoSuspendsAndResumesByTheApiIsOnRecordByName() throws Exception {
        desk.add(ID, rider(card(CARD)), "app");
        assertTrue(desk.suspend(ID, "kim"));
        assertTrue(desk.resume(ID, "lee"));
        assertFalse(desk.suspend("cd".repeat(16), "kim"), "there is none of this id");
        try (Riders riders = Riders.open(folder)) {
            assertEquals(
                    List.of(by("app"), by("kim"), by("lee")),
                    riders.export(ID, Clock.systemUTC()).orElseThrow().consents().stream()
                            .map(Consent::by)
                            .toList());
        }
    }

    @Test
    void theListComesPageByPageInTheOrderOfIdsHoweverManyThereAre() throws Exception {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 150; i++) {
            ids.add(String.format(Locale.ROOT, "%032x", i));
        }
        List<String> mixed = new ArrayList<>(ids);
        Collections.shuffle(mixed, new Random(7));
        for (String each : mixed) {
            desk.add(each, rider(card("AB" + each.substring(24))), "app");
        }
        List<RiderDesk.Rider> all = desk.list("", 500);
        assertEquals(ids, all.stream().map(RiderDesk.Rider::id).toList());
        assertEquals(
                ids.subList(0, 7),
                desk.list("", 7).stream().map(RiderDesk.Rider::id).toList());
        assertEquals(
                ids.subList(20, 145),
                desk.list(ids.get(19), 125).stream().map(RiderDesk.Rider::id).toList());
        assertEquals(List.of(), desk.list(ids.get(149), 10));
        RiderDesk.Rider one = all.get(0);
        assertEquals("11680 ko 1 1", one.home() + " " + one.language() + " " + one.cards() + " " + one.guardians());
        assertTrue(Duration.between(one.added(), Instant.now()).toMinutes() < 60);
    }

    @Test
    void aCardOfAnotherRiderOrOneThatDoesNotOpenAddsNobody() throws Exception {
        desk.add(ID, rider(card(CARD)), "app");
        String other = "cd".repeat(16);
        assertEquals(RiderDesk.Added.CARD_TAKEN, desk.add(other, rider(card("99"), card(CARD)), "app"));
        RiderDesk.Card moved = new RiderDesk.Card(UNIT, new Id8(4), card("99").sealed());
        assertEquals(RiderDesk.Added.CARD_SEALED, desk.add(other, rider(moved), "app"));
        assertThrows(IllegalArgumentException.class, () -> desk.add(other, rider(), "app"), "without any card");
        try (Riders riders = Riders.open(folder)) {
            assertEquals(1, riders.count());
        }
    }
}
