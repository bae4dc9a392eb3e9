package ansim.hub.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.core.Keep;
import ansim.hub.core.UnitRide;
import ansim.hub.ledger.ChainedFile.Head;
import ansim.hub.ledger.Provisions.Outcome;
import ansim.hub.ledger.Provisions.Provision;
import ansim.hub.view.Database;
import ansim.wire.Id16;
import ansim.wire.Id8;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProvisionLedgerTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Instant DAY = Instant.parse("2026-11-27T01:00:00Z");

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder = Path.of("");

    @TempDir
    private Path elsewhere = Path.of("");

    private LedgerKeys keys;

    @BeforeEach
    void openKeys() throws IOException {
        keys = LedgerKeys.open(elsewhere.resolve("one.db"), elsewhere.resolve("two.db"), RANDOM);
    }

    @AfterEach
    void closeKeys() throws IOException {
        keys.close();
    }

    private static Provision provision(int number, Keep keep) {
        return new Provision(
                DAY.toEpochMilli() + number,
                "11680 webhook https://centre.example/",
                Outcome.GIVEN,
                keep,
                "consent",
                "aa",
                "bb",
                "u/c/2/" + number,
                "ansim.ride.boarded");
    }

    private static ObjectNode line(Instant at, int number) {
        return JsonNodeFactory.instance.objectNode().put("at", at.toString()).put("event", "e" + number);
    }

    private Book.Verified verified() throws IOException {
        return Book.read(folder, "rides", Optional.empty(), line -> {});
    }

    /** Some days, of which the first two are dropped. */
    private void fill() throws IOException {
        try (Book book = new Book(folder, "rides")) {
            for (int day = 0; day < 4; day++) {
                Instant at = DAY.plus(Duration.ofDays(day));
                book.append(
                        List.of(ChainedFile.line(line(at, day)), ChainedFile.line(line(at.plusSeconds(1), day))), at);
            }
            Instant now = DAY.plus(Duration.ofDays(5));
            // One file at a time.
            assertEquals(2, book.drop(DAY.plus(Duration.ofDays(2)), now, "kept for 3 days"));
            assertEquals(2, book.drop(DAY.plus(Duration.ofDays(2)), now, "kept for 3 days"));
            assertEquals(0, book.drop(DAY.plus(Duration.ofDays(2)), now, "kept for 3 days"));
        }
    }

    private List<Path> files() throws IOException {
        try (var all = Files.list(folder)) {
            return all.filter(each -> each.toString().endsWith(".jsonl"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void whatIsDroppedAtTheEndOfItsTimeIsProvenAndTheChainGoesOn() throws IOException {
        fill();
        Book.Verified left = verified();
        assertEquals(4, left.lines());
        assertEquals(4, left.dropped());
        assertEquals(8, left.head().n());
        try (Book book = new Book(folder, "rides")) {
            book.append(List.of(ChainedFile.line(line(DAY, 9))), DAY);
        }
        assertEquals(9, verified().head().n());
        assertEquals(
                Set.of("rw-------"),
                files().stream().map(ProvisionLedgerTest::mode).collect(Collectors.toSet()));
    }

    private static String mode(Path file) {
        try {
            return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void everyBitThatIsChangedIsFoundInWhateverFile() throws IOException {
        fill();
        int bits = 0;
        for (Path file : files()) {
            byte[] whole = Files.readAllBytes(file);
            for (int at = 0; at < whole.length * 8; at++) {
                byte[] changed = whole.clone();
                changed[at / 8] ^= (byte) (1 << at % 8);
                Files.write(file, changed);
                int bit = at;
                assertThrows(IOException.class, this::verified, () -> file + " bit " + bit);
                bits++;
            }
            Files.write(file, whole);
        }
        assertTrue(bits > 5_000, "all of some lines");
        assertEquals(4, verified().lines());
    }

    @Test
    void aFileThatSomebodyDeletedByHandIsFoundAndAnEndThatWasCutOffByTheHeadThatWasKept() throws IOException {
        fill();
        Head kept = verified().head();
        List<Path> files = files();
        Path oldest = files.get(0);
        byte[] bytes = Files.readAllBytes(oldest);
        Files.delete(oldest);
        assertThrows(IOException.class, this::verified);
        Files.write(oldest, bytes);
        Path dropped = folder.resolve("rides-dropped.jsonl");
        byte[] record = Files.readAllBytes(dropped);
        Files.delete(dropped);
        assertThrows(IOException.class, this::verified);
        Files.write(dropped, record);
        assertEquals(
                8,
                Book.read(folder, "rides", Optional.of(kept), line -> {}).head().n());
        Path newest = files.stream()
                .filter(each -> !each.equals(dropped))
                .reduce((one, next) -> next)
                .orElseThrow();
        Files.delete(newest);
        assertEquals(6, verified().head().n(), "an end that is missing does not show by itself");
        assertThrows(IOException.class, () -> Book.read(folder, "rides", Optional.of(kept), line -> {}));
    }

    @Test
    void aCrashBetweenTheRecordOfADeletionAndTheDeletionIsMendedAtTheNextStart() throws IOException {
        try (Book book = new Book(folder, "rides")) {
            book.append(List.of(ChainedFile.line(line(DAY, 1))), DAY);
            book.append(List.of(ChainedFile.line(line(DAY.plus(Duration.ofDays(1)), 2))), DAY.plus(Duration.ofDays(1)));
        }
        Path oldest = folder.resolve("rides-000000000001.jsonl");
        byte[] bytes = Files.readAllBytes(oldest);
        try (Book book = new Book(folder, "rides")) {
            assertEquals(1, book.drop(DAY.plusSeconds(1), DAY.plus(Duration.ofDays(9)), "old"));
        }
        Files.write(oldest, bytes);
        assertEquals(1, verified().lines());
        try (Book book = new Book(folder, "rides")) {
            book.append(List.of(ChainedFile.line(line(DAY, 3))), DAY);
        }
        assertFalse(Files.exists(oldest));
        assertEquals(2, verified().lines());
    }

    @Test
    void aCopyGetsWholeLinesOnlyAndForgetsWhatIsDropped() throws IOException {
        Path copy = folder.resolve("copy");
        Path from = Files.createDirectories(folder.resolve("ledger"));
        try (Book book = new Book(from, "rides")) {
            book.append(List.of(ChainedFile.line(line(DAY, 1))), DAY);
            LedgerCopy.copy(from, copy);
            book.append(List.of(ChainedFile.line(line(DAY.plus(Duration.ofDays(1)), 2))), DAY.plus(Duration.ofDays(1)));
            LedgerCopy.copy(from, copy);
            assertEquals(
                    2, Book.read(copy, "rides", Optional.empty(), line -> {}).lines());
            book.drop(DAY.plusSeconds(1), DAY.plus(Duration.ofDays(9)), "old");
            LedgerCopy.copy(from, copy);
        }
        Files.writeString(
                from.resolve("rides-000000000002.jsonl"),
                Files.readString(from.resolve("rides-000000000002.jsonl")) + "{\"n\":3,");
        LedgerCopy.copy(from, copy);
        Book.Verified copied = Book.read(copy, "rides", Optional.empty(), line -> {});
        assertEquals(1, copied.lines());
        assertEquals(1, copied.dropped());
        assertFalse(Files.exists(copy.resolve("rides-000000000001.jsonl")));
    }

    /** Another ledger's lines under the same numbers, as after a restore: a copy that only got longer was of both, and verified as none. */
    @Test
    void aCopyOfAnotherLedgersFileIsBegunAnew() throws IOException {
        Path copy = folder.resolve("copy");
        Path from = Files.createDirectories(folder.resolve("ledger"));
        Path other = Files.createDirectories(folder.resolve("other"));
        try (Book book = new Book(other, "rides")) {
            book.append(List.of(ChainedFile.line(line(DAY, 7))), DAY);
            LedgerCopy.copy(other, copy);
        }
        try (Book book = new Book(from, "rides")) {
            book.append(List.of(ChainedFile.line(line(DAY, 1)), ChainedFile.line(line(DAY, 2))), DAY);
        }
        LedgerCopy.copy(from, copy);
        assertEquals(2, Book.read(copy, "rides", Optional.empty(), line -> {}).lines());
    }

    /** A build's thread ended at this: after 1,024 events every cursor of the hub stood. */
    @Test
    void whatGoesWrongInRetentionDoesNotEndTheLedger() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        InstantSource clock = () -> {
            if (asked.incrementAndGet() == 1) {
                throw new IllegalStateException("no clock for once");
            }
            return DAY;
        };
        Map<Keep, Duration> beyondTime = Map.of(Keep.RIDES, Duration.ofSeconds(Long.MAX_VALUE / 1000));
        try (ProvisionLedger ledger = ProvisionLedger.open(folder, keys, beyondTime, clock, Duration.ZERO)) {
            // The first line may be the one for which there was no clock.
            ledger.add(provision(1, Keep.RIDES)).exceptionally(none -> null).get(60, TimeUnit.SECONDS);
            for (int i = 2; i < 5; i++) {
                ledger.add(provision(i, Keep.RIDES)).get(60, TimeUnit.SECONDS);
            }
        }
        assertTrue(verified().lines() >= 3);
    }

    @Test
    void theLedgerDropsOneFileAfterTheOtherWithoutAnHourBetweenThem() throws Exception {
        try (Book book = new Book(folder, "rides")) {
            for (int day = 0; day < 5; day++) {
                Instant at = DAY.plus(Duration.ofDays(day));
                book.append(List.of(ChainedFile.line(line(at, day))), at);
            }
        }
        Instant later = DAY.plus(Duration.ofDays(30));
        Map<Keep, Duration> kept = Map.of(Keep.RIDES, Duration.ofDays(10));
        try (ProvisionLedger ledger = ProvisionLedger.open(folder, keys, kept, () -> later, Duration.ZERO)) {
            for (int i = 0; ledger.dropped() < 5; i++) {
                assertTrue(i < 100, "five files are of their time and are not the newest");
                ledger.add(provision(i, Keep.RIDES)).get(60, TimeUnit.SECONDS);
            }
        }
        assertEquals(5, verified().dropped());
    }

    @Test
    void aThousandProvisionsAtOnceTakeAFewFsyncsAndAreAllOnDiskWhenTheyAreDone() throws Exception {
        try (ProvisionLedger ledger = ProvisionLedger.open(folder, keys, Map.of(), () -> DAY, Duration.ofMillis(500))) {
            List<CompletableFuture<Void>> all = new ArrayList<>();
            for (int i = 0; i < 1_000; i++) {
                all.add(ledger.add(provision(i, i % 10 == 0 ? Keep.EMERGENCIES : Keep.RIDES)));
            }
            CompletableFuture.allOf(all.toArray(new CompletableFuture<?>[0])).get(60, TimeUnit.SECONDS);
            assertEquals(1_000, ledger.written());
            assertTrue(ledger.commits() <= 20, () -> ledger.commits() + " fsyncs");
            List<String> lines = new ArrayList<>();
            assertEquals(
                    900,
                    ProvisionLedger.read(folder, "rides", Optional.empty(), lines::add)
                            .lines());
            assertEquals(
                    100,
                    ProvisionLedger.read(folder, "emergencies", Optional.empty(), lines::add)
                            .lines());
            assertEquals(
                    "u/c/2/1",
                    keys.open(JSON.readTree(lines.get(0))).path("event").asText());
            assertThrows(IOException.class, () -> ProvisionLedger.open(folder, keys, Map.of(), () -> DAY));
        }
        try (ProvisionLedger ledger = ProvisionLedger.open(folder, keys, Map.of(), () -> DAY)) {
            ledger.add(provision(1_000, Keep.RIDES)).get(60, TimeUnit.SECONDS);
        }
        assertEquals(901, verified().lines());
    }

    private static Provision of(UnitRide ride, int number) {
        return new Provision(
                DAY.toEpochMilli() + number,
                "11680 webhook https://centre.example/",
                Outcome.GIVEN,
                Keep.RIDES,
                "consent",
                ride.unit().hex(),
                ride.ride().hex(),
                ride.unit().hex() + "/c/2/" + number,
                "ansim.ride.boarded");
    }

    private boolean isAnywhere(String... wanted) throws IOException {
        for (Path place : List.of(folder, elsewhere)) {
            try (var all = Files.walk(place)) {
                for (Path file : all.filter(Files::isRegularFile).toList()) {
                    String text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
                    if (Arrays.stream(wanted).anyMatch(text::contains)) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    private List<ObjectNode> opened() throws IOException {
        List<String> lines = new ArrayList<>();
        var unused = ProvisionLedger.read(folder, "rides", Optional.empty(), lines::add);
        List<ObjectNode> all = new ArrayList<>();
        for (String each : lines) {
            all.add(keys.open(JSON.readTree(each)));
        }
        return all;
    }

    @Test
    void ofARideThatIsErasedTheLinesStayOfNobodyTheChainVerifiesAndNoFileHasItsIds() throws Exception {
        UnitRide erased = new UnitRide(new Id16(1, 2), new Id8(0x1122334455667788L));
        UnitRide other = new UnitRide(new Id16(3, 4), new Id8(5));
        Head before;
        try (ProvisionLedger ledger = ProvisionLedger.open(folder, keys, Map.of(), () -> DAY, Duration.ZERO)) {
            for (UnitRide each : List.of(erased, other, erased)) {
                ledger.add(of(each, 7)).get(60, TimeUnit.SECONDS);
            }
            assertEquals(
                    List.of(
                            erased.ride().hex(),
                            other.ride().hex(),
                            erased.ride().hex()),
                    opened().stream().map(each -> each.path("ride").asText()).toList());
            before = verified().head();
            assertFalse(isAnywhere(erased.unit().hex(), erased.ride().hex()), "in the clear it never is");
            byte[] key = keyBytes();
            assertTrue(isAnywhere(new String(key, StandardCharsets.ISO_8859_1)), "the search finds what is there");
            keys.forget(List.of(erased), DAY);
            keys.forget(List.of(erased), DAY);
            assertFalse(isAnywhere(new String(key, StandardCharsets.ISO_8859_1)), "on neither disk");
            ledger.add(of(erased, 8)).get(60, TimeUnit.SECONDS);
        }
        assertEquals(
                4, Book.read(folder, "rides", Optional.of(before), line -> {}).lines());
        List<ObjectNode> lines = opened();
        assertEquals(
                List.of("true", "", "true", "true"),
                lines.stream().map(each -> each.path("erased").asText()).toList());
        assertEquals(other.ride().hex(), lines.get(1).path("ride").asText());
        assertEquals(
                "given", lines.get(0).path("outcome").asText(), "that something was given, when and to whom stays");
        assertFalse(lines.get(0).has("unit") || lines.get(0).has("event"));
    }

    private byte[] keyBytes() throws IOException {
        try (Database database = Database.openToRead(elsewhere.resolve("one.db"))) {
            return database.first(row -> row.getBytes(1), "SELECT key FROM keys ORDER BY id LIMIT 1")
                    .orElseThrow();
        }
    }

    @Test
    void aSecondDiskGetsTheKeysItLacksAndLosesThoseThatWereDestroyedWithoutIt() throws Exception {
        UnitRide first = new UnitRide(new Id16(1, 2), new Id8(1));
        UnitRide second = new UnitRide(new Id16(1, 2), new Id8(2));
        try (ProvisionLedger ledger = ProvisionLedger.open(folder, keys, Map.of(), () -> DAY, Duration.ZERO)) {
            ledger.add(of(first, 1)).get(60, TimeUnit.SECONDS);
        }
        keys.close();
        try (LedgerKeys used = LedgerKeys.open(elsewhere.resolve("used.db"), RANDOM)) {
            for (UnitRide each : List.of(first, second)) {
                ObjectNode line = JsonNodeFactory.instance.objectNode();
                used.seal(line, each.unit().hex(), each.ride().hex(), line(DAY, 1), DAY);
            }
            used.commit();
        }
        try (LedgerKeys alone = LedgerKeys.open(elsewhere.resolve("one.db"), RANDOM);
                ProvisionLedger ledger = ProvisionLedger.open(folder, alone, Map.of(), () -> DAY, Duration.ZERO)) {
            ledger.add(of(second, 2)).get(60, TimeUnit.SECONDS);
            alone.forget(List.of(first), DAY);
        }
        for (String disk : List.of("two.db", "used.db")) {
            LedgerKeys.open(elsewhere.resolve("one.db"), elsewhere.resolve(disk), RANDOM)
                    .close();
        }
        keys = LedgerKeys.open(elsewhere.resolve("used.db"), RANDOM);
        assertEquals(second.ride().hex(), opened().get(1).path("ride").asText(), "on a disk with other keys before");
        keys.close();
        keys = LedgerKeys.open(elsewhere.resolve("two.db"), RANDOM);
        List<ObjectNode> lines = opened();
        assertTrue(lines.get(0).path("erased").asBoolean());
        assertEquals(second.ride().hex(), lines.get(1).path("ride").asText());
    }

    /** As after a restore from a backup, which has no keys: the first new key must not be taken for the one that is missing. */
    @Test
    void withoutItsKeysALedgerIsOfNobodyAndWhatIsAddedIsNot() throws Exception {
        UnitRide ride = new UnitRide(new Id16(1, 2), new Id8(1));
        try (ProvisionLedger ledger = ProvisionLedger.open(folder, keys, Map.of(), () -> DAY, Duration.ZERO)) {
            ledger.add(of(ride, 1)).get(60, TimeUnit.SECONDS);
        }
        keys.close();
        assertTrue(LedgerKeys.isCopy(elsewhere.resolve("two.db"), elsewhere.resolve("one.db")));
        keys = LedgerKeys.open(elsewhere.resolve("three.db"), RANDOM);
        try (ProvisionLedger ledger = ProvisionLedger.open(folder, keys, Map.of(), () -> DAY, Duration.ZERO)) {
            ledger.add(of(ride, 2)).get(60, TimeUnit.SECONDS);
        }
        assertEquals(2, verified().lines());
        assertTrue(opened().get(0).path("erased").asBoolean());
        assertEquals(ride.ride().hex(), opened().get(1).path("ride").asText());
        assertFalse(LedgerKeys.isCopy(elsewhere.resolve("three.db"), elsewhere.resolve("one.db")));
    }

    /** A command seals while the hub erases: its key came back behind the erasure. */
    @Test
    void aKeyThatAnotherProcessDestroyedMeanwhileDoesNotComeBack() throws Exception {
        UnitRide ride = new UnitRide(new Id16(1, 2), new Id8(1));
        Path file = elsewhere.resolve("shared.db");
        Path mirror = elsewhere.resolve("shared-mirror.db");
        ObjectNode line = JsonNodeFactory.instance.objectNode();
        try (LedgerKeys hub = LedgerKeys.open(file, mirror, RANDOM);
                LedgerKeys command = LedgerKeys.open(file, mirror, RANDOM)) {
            command.seal(line, ride.unit().hex(), ride.ride().hex(), JsonNodeFactory.instance.objectNode(), DAY);
            hub.forget(List.of(ride), DAY);
            command.commit();
            assertTrue(hub.open(line).path("erased").asBoolean());
        }
        try (LedgerKeys second = LedgerKeys.open(mirror, RANDOM)) {
            assertTrue(second.open(line).path("erased").asBoolean());
        }
    }

    @Test
    void aKeyIsKeptAsLongAsTheLongestClassAndNoLonger() throws Exception {
        UnitRide ride = new UnitRide(new Id16(1, 2), new Id8(1));
        Map<Keep, Duration> kept = Map.of(Keep.RIDES, Duration.ofDays(200), Keep.EMERGENCIES, Duration.ofDays(400));
        try (ProvisionLedger ledger = ProvisionLedger.open(folder, keys, kept, () -> DAY, Duration.ZERO)) {
            ledger.add(of(ride, 1)).get(60, TimeUnit.SECONDS);
        }
        keys.drop(DAY.minus(Duration.ofDays(1)), DAY);
        assertEquals(ride.ride().hex(), opened().get(0).path("ride").asText());
        keys.drop(DAY.plus(Duration.ofDays(1)), DAY);
        assertTrue(opened().get(0).path("erased").asBoolean());
    }

    @Test
    void aKeyThatIsUsedAgainLaterIsKeptAsLongAsItsNewestLine() throws Exception {
        UnitRide ride = new UnitRide(new Id16(1, 2), new Id8(1));
        Instant later = DAY.plus(Duration.ofDays(100));
        try (ProvisionLedger ledger = ProvisionLedger.open(folder, keys, Map.of(), () -> DAY, Duration.ZERO)) {
            ledger.add(of(ride, 1)).get(60, TimeUnit.SECONDS);
        }
        try (ProvisionLedger ledger = ProvisionLedger.open(folder, keys, Map.of(), () -> later, Duration.ZERO)) {
            ledger.add(of(ride, 2)).get(60, TimeUnit.SECONDS);
        }
        keys.drop(later.minus(Duration.ofDays(2)), later);
        assertEquals(
                List.of(ride.ride().hex(), ride.ride().hex()),
                opened().stream().map(each -> each.path("ride").asText()).toList());
    }

    /** Fifty couriers with a backlog once filled the one queue, and an alarm's line was refused with theirs. */
    @Test
    void whenTheRidesHaveFilledTheirPlaceAnEmergencyStillHasItsOwn() throws Exception {
        CompletableFuture<Void> alarm;
        try (ProvisionLedger ledger = ProvisionLedger.open(folder, keys, Map.of(), () -> DAY, Duration.ofHours(1))) {
            int taken = 0;
            while (!ledger.add(provision(taken, Keep.RIDES)).isCompletedExceptionally()) {
                taken++;
            }
            assertEquals(ProvisionLedger.QUEUED, taken);
            alarm = ledger.add(provision(1, Keep.EMERGENCIES));
            assertFalse(alarm.isDone());
        }
        alarm.get(60, TimeUnit.SECONDS);
        assertEquals(
                1,
                ProvisionLedger.read(folder, "emergencies", Optional.empty(), line -> {})
                        .lines());
    }

    @Test
    void whatCannotBeWrittenIsNotDoneAndTheNextOneGoesOnBehindWhatIsWhole() throws Exception {
        try (ProvisionLedger ledger = ProvisionLedger.open(folder, keys, Map.of(), () -> DAY, Duration.ZERO)) {
            ledger.add(provision(1, Keep.RIDES)).get(60, TimeUnit.SECONDS);
            assertThrows(
                    Exception.class, () -> ledger.add(provision(2, Keep.HEALTH)).get(60, TimeUnit.SECONDS));
        }
        Path file = folder.resolve("rides-000000000001.jsonl");
        Files.writeString(file, Files.readString(file) + "{\"n\":2,\"at\"");
        assertThrows(IOException.class, this::verified);
        try (ProvisionLedger ledger = ProvisionLedger.open(folder, keys, Map.of(), () -> DAY, Duration.ZERO)) {
            ledger.add(provision(3, Keep.RIDES)).get(60, TimeUnit.SECONDS);
        }
        assertEquals(2, verified().lines());
    }
}
