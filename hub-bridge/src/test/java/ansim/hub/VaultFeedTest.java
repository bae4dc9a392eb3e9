package ansim.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.core.EntryReader;
import ansim.hub.core.EventType;
import ansim.hub.core.HubState;
import ansim.hub.core.Input;
import ansim.hub.core.LogEntry;
import ansim.hub.core.NamedRider;
import ansim.hub.core.Step;
import ansim.hub.core.UnitRecord;
import ansim.hub.intake.Intake;
import ansim.hub.vault.Began;
import ansim.hub.vault.Rider;
import ansim.hub.vault.RiderVault;
import ansim.journal.Entry;
import ansim.journal.Journal;
import ansim.journal.JournalFiles;
import ansim.journal.JournalOptions;
import ansim.wire.Batch;
import ansim.wire.Boarded;
import ansim.wire.Bytes;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.RideChange;
import ansim.wire.SigningKey;
import ansim.wire.TimeQuality;
import ansim.wire.UpMessage;
import ansim.wire.UpRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From a committed boarding to the vault and back into the log. */
class VaultFeedTest {
    private static final long NOW_MS = System.currentTimeMillis();
    private static final String HANDLE = "0123456789abcdef0123456789abcdef";
    private static final long DEADLINE_S = 60;

    @TempDir
    private Path folder = Path.of("");

    private final SigningKey key = SigningKey.generate(new SecureRandom());
    private final Id16 unit = new Id16(1, 2);
    private final List<Id8> asked = new CopyOnWriteArrayList<>();
    private long n;
    private Optional<Id16> previous = Optional.empty();

    /** Knows everybody, and lives in 11680. */
    private RiderVault everybody() {
        return new RiderVault() {
            @Override
            public Optional<Rider> open(Bytes sealed, Id16 of, Id8 ride, Began began, String why) {
                assertEquals(unit, of);
                asked.add(ride);
                return Optional.of(new Rider(HANDLE, "11680", "ko"));
            }

            @Override
            public void close() {
                asked.add(new Id8(0));
            }
        };
    }

    /** Is there, but does not answer. */
    private RiderVault silent() {
        return new RiderVault() {
            @Override
            public Optional<Rider> open(Bytes sealed, Id16 of, Id8 ride, Began began, String why) throws IOException {
                asked.add(ride);
                throw new IOException("not now");
            }

            @Override
            public void close() {
                asked.add(new Id8(0));
            }
        };
    }

    private UpMessage boarded(long ride, boolean withCard) {
        return boarded(ride, withCard, false);
    }

    private UpMessage boarded(long ride, boolean withCard, boolean test) {
        RideChange change = new RideChange(
                Optional.empty(),
                new Id8(ride),
                withCard ? Optional.of(Bytes.of(new byte[81])) : Optional.empty(),
                RideChange.Source.CARD,
                OptionalInt.empty(),
                OptionalInt.empty());
        UpMessage message = UpMessage.sign(
                new Batch(
                        unit,
                        new Id8(7),
                        Lane.EVENT,
                        new Id8(8),
                        ++n,
                        previous,
                        TimeQuality.GNSS,
                        NOW_MS,
                        1_000,
                        List.of(new UpRecord(0, new Boarded(change))),
                        OptionalLong.empty(),
                        test,
                        false),
                key);
        previous = Optional.of(message.payloadHash());
        return message;
    }

    private Journal log() throws IOException {
        return Journal.open(folder.resolve("log"), JournalOptions.hub(), JournalFiles.real());
    }

    /** A log as an earlier run left it. */
    private void found(Journal log, UpMessage... messages) throws IOException {
        HubState state = new HubState();
        List<Input> inputs = new ArrayList<>();
        inputs.add(new Input.Founding(NOW_MS, NOW_MS / 1000));
        inputs.add(new Input.UnitChange(
                NOW_MS, new UnitRecord(unit, key.verifyKey(), "1", "c", "taxi", Optional.empty(), false)));
        for (UpMessage message : messages) {
            inputs.add(new Input.Arrival(NOW_MS, message));
        }
        for (Input input : inputs) {
            LogEntry entry = new LogEntry(input, Step.decide(state, input));
            state.apply(state.applied() + 1, entry);
            log.append(Entry.message(entry.encode()));
        }
    }

    private Intake intake(Journal log) throws IOException {
        return Intake.start(log, folder.resolve("snapshots"), key, why -> {});
    }

    /** Waits for the log to be so long; gives its last entry. */
    private static LogEntry last(Journal log, long index) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_S);
        while (log.durableIndex() < index) {
            assertTrue(System.nanoTime() < deadline, "the log ends at " + log.durableIndex() + ", not at " + index);
            TimeUnit.MILLISECONDS.sleep(2);
        }
        assertEquals(index, log.durableIndex());
        return LogEntry.decode(log.read(index).orElseThrow().payload());
    }

    @Test
    void whatAnEarlierRunLeftUnansweredIsAskedFirstThenWhatIsNew() throws Exception {
        try (Journal log = log()) {
            found(log, boarded(11, false), boarded(12, true));
            try (Intake intake = intake(log);
                    VaultFeed feed = VaultFeed.start(Optional.of(everybody()), log, intake)) {
                Input.VaultAnswer answer = (Input.VaultAnswer) last(log, 5).input();
                assertEquals(4, answer.asked());
                assertEquals(List.of(new NamedRider(HANDLE, "11680")), answer.riders());
                intake.change(new Input.Arrival(NOW_MS, boarded(13, true))).get(DEADLINE_S, TimeUnit.SECONDS);
                LogEntry named = last(log, 7);
                assertEquals(
                        EventType.RIDE_UPDATED,
                        named.output().event().orElseThrow().type());
                assertEquals(2, feed.asked());
            }
            assertEquals(List.of(new Id8(12), new Id8(13), new Id8(0)), asked, "each once, then the vault is closed");
        }
    }

    @Test
    void whatIsAnsweredIsNotAskedAgainByTheNextRun() throws Exception {
        try (Journal log = log()) {
            found(log, boarded(12, true));
            try (Intake intake = intake(log);
                    VaultFeed feed = VaultFeed.start(Optional.of(everybody()), log, intake)) {
                last(log, 4);
                assertEquals(1, feed.asked());
            }
            asked.clear();
            try (Intake intake = intake(log);
                    VaultFeed feed = VaultFeed.start(Optional.of(everybody()), log, intake)) {
                intake.change(new Input.Arrival(NOW_MS, boarded(13, true))).get(DEADLINE_S, TimeUnit.SECONDS);
                last(log, 6);
                assertEquals(1, feed.asked());
            }
            assertEquals(List.of(new Id8(13), new Id8(0)), asked);
        }
    }

    @Test
    void aVaultThatDoesNotAnswerHoldsNothingUpAndIsAskedAgainByTheNextRun() throws Exception {
        try (Journal log = log()) {
            found(log, boarded(12, true));
            try (Intake intake = intake(log);
                    VaultFeed feed = VaultFeed.start(Optional.of(silent()), log, intake)) {
                long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_S);
                while (asked.size() < 2) {
                    assertTrue(System.nanoTime() < deadline, "it is asked again");
                    TimeUnit.MILLISECONDS.sleep(2);
                }
                intake.change(new Input.Arrival(NOW_MS, boarded(13, false))).get(DEADLINE_S, TimeUnit.SECONDS);
                assertEquals(0, feed.asked());
            }
            try (Intake intake = intake(log);
                    VaultFeed feed = VaultFeed.start(Optional.of(everybody()), log, intake)) {
                assertEquals(3, ((Input.VaultAnswer) last(log, 5).input()).asked());
                assertEquals(1, feed.asked());
            }
        }
    }

    /** The ride keys did not read once, and no ride was named any more until the next start. */
    @Test
    void whatDoesNotReadJustNowIsReadAgainAndMissedMeanwhile() throws Exception {
        try (Journal log = log()) {
            found(log, boarded(12, true));
            AtomicBoolean fails = new AtomicBoolean(true);
            EntryReader passing = (index, keyId, payload) -> {
                if (fails.get()) {
                    throw LogEntry.Unreadable.passing(new IOException("not now"), "");
                }
                return LogEntry.decode(payload);
            };
            try (Intake intake = intake(log);
                    VaultFeed feed = VaultFeed.start(Optional.of(everybody()), log, passing, intake)) {
                await(() -> feed.trouble().orElse("").contains("not now"));
                fails.set(false);
                assertEquals(3, ((Input.VaultAnswer) last(log, 4).input()).asked());
                await(() -> feed.trouble().isEmpty());
                fails.set(true);
                intake.change(new Input.Arrival(NOW_MS, boarded(13, true))).get(DEADLINE_S, TimeUnit.SECONDS);
                await(() -> feed.trouble().isPresent());
                fails.set(false);
                assertEquals(5, ((Input.VaultAnswer) last(log, 6).input()).asked());
            }
            assertEquals(List.of(new Id8(12), new Id8(13), new Id8(0)), asked);
        }
    }

    @Test
    void aBoardingAtWhichTheProgramFailsIsTriedAFewTimesAndHoldsUpNoOther() throws Exception {
        RiderVault broken = new RiderVault() {
            @Override
            public Optional<Rider> open(Bytes sealed, Id16 of, Id8 ride, Began began, String why) {
                asked.add(ride);
                if (ride.equals(new Id8(12))) {
                    throw new IllegalStateException("a defect");
                }
                return Optional.of(new Rider(HANDLE, "11680", "ko"));
            }

            @Override
            public void close() {
                // Nothing is open.
            }
        };
        try (Journal log = log()) {
            found(log, boarded(12, true), boarded(13, true));
            try (Intake intake = intake(log);
                    VaultFeed feed = VaultFeed.start(Optional.of(broken), log, intake)) {
                assertEquals(4, ((Input.VaultAnswer) last(log, 5).input()).asked());
                assertEquals(1, feed.asked());
            }
            assertEquals(
                    VaultFeed.TRIES, asked.stream().filter(new Id8(12)::equals).count());
        }
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_S);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "it has not come");
            TimeUnit.MILLISECONDS.sleep(2);
        }
    }

    /** A stolen box counts through card numbers: each that is registered would be told of as on board. */
    @Test
    void oneUnitHasNoMoreRidersNamedWithinAnHourThanATaxiCarriesAndTheRestIsCounted() throws Exception {
        RiderVault others = new RiderVault() {
            @Override
            public Optional<Rider> open(Bytes sealed, Id16 of, Id8 ride, Began began, String why) {
                asked.add(ride);
                return Optional.of(new Rider(ride.hex() + ride.hex(), "11680", "ko"));
            }

            @Override
            public void close() {
                // Nothing is open.
            }
        };
        UpMessage[] boardings = new UpMessage[NamingLimit.MOST + 2];
        for (int i = 0; i < boardings.length; i++) {
            boardings[i] = boarded(100 + i, true);
        }
        try (Journal log = log()) {
            found(log, boardings);
            try (Intake intake = intake(log);
                    VaultFeed feed = VaultFeed.start(Optional.of(others), log, intake)) {
                Input.VaultAnswer answer =
                        (Input.VaultAnswer) last(log, 2 + 2L * boardings.length).input();
                assertEquals(List.of(), answer.riders(), "answered all the same: nobody asks again");
                Map<String, Long> counts = new TreeMap<>();
                feed.addTo(counts);
                assertEquals(Map.of("riders not named: too many of one unit", 2L), counts);
            }
            assertEquals(NamingLimit.MOST, asked.size());
        }
    }

    @Test
    void theLimitOfNamesIsPerUnitAndEndsWithItsHour() {
        NamingLimit limit = new NamingLimit();
        Id16 other = new Id16(3, 4);
        for (int i = 0; i < NamingLimit.MOST; i++) {
            assertFalse(limit.isReached(unit, false, 1_000));
            limit.named(unit, false, "rider " + i, 1_000);
            limit.named(unit, false, "rider " + i, 1_000);
        }
        assertTrue(limit.isReached(unit, false, 1_000 + 3_599_999));
        assertFalse(limit.isReached(unit, true, 1_000), "three days without coverage come at once");
        assertFalse(limit.isReached(other, false, 1_000));
        assertFalse(limit.isReached(unit, false, 1_000 + 3_600_000));
    }

    @Test
    void aFittersCardIsNeverOpened() throws Exception {
        try (Journal log = log()) {
            found(log, boarded(12, true, true));
            try (Intake intake = intake(log);
                    VaultFeed feed = VaultFeed.start(Optional.of(everybody()), log, intake)) {
                intake.change(new Input.Arrival(NOW_MS, boarded(13, true, true)))
                        .get(DEADLINE_S, TimeUnit.SECONDS);
                intake.change(new Input.Arrival(NOW_MS, boarded(14, true, false)))
                        .get(DEADLINE_S, TimeUnit.SECONDS);
                assertEquals(5, ((Input.VaultAnswer) last(log, 6).input()).asked());
                assertEquals(1, feed.asked());
            }
            assertEquals(List.of(new Id8(14), new Id8(0)), asked);
        }
    }

    @Test
    void withoutAVaultNobodyIsAskedAndAVaultThatComesLaterIs() throws Exception {
        try (Journal log = log()) {
            found(log, boarded(12, true));
            try (Intake intake = intake(log);
                    VaultFeed feed = VaultFeed.start(Optional.empty(), log, intake)) {
                assertEquals(List.of(3L), intake.unasked().indexes());
                assertEquals(0, feed.asked());
            }
            try (Intake intake = intake(log);
                    VaultFeed feed = VaultFeed.start(Optional.of(everybody()), log, intake)) {
                last(log, 4);
                assertEquals(1, feed.asked());
            }
        }
    }
}
