package ansim.hub.keys;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.core.Belonging;
import ansim.hub.core.EntryReader;
import ansim.hub.core.HubState;
import ansim.hub.core.Input;
import ansim.hub.core.Keep;
import ansim.hub.core.LogEntry;
import ansim.hub.core.NamedRider;
import ansim.hub.core.Step;
import ansim.hub.core.UnitRecord;
import ansim.hub.core.UnitRide;
import ansim.journal.Entry;
import ansim.wire.Batch;
import ansim.wire.Boarded;
import ansim.wire.Body;
import ansim.wire.Contact;
import ansim.wire.Gap;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Panic;
import ansim.wire.Phase;
import ansim.wire.Pos;
import ansim.wire.Position;
import ansim.wire.Presence;
import ansim.wire.RideChange;
import ansim.wire.SigningKey;
import ansim.wire.Tamper;
import ansim.wire.TimeQuality;
import ansim.wire.UpMessage;
import ansim.wire.UpRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is sealed under what, and that it opens only where and as it was written. */
final class LogSealTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final long LOG = 77;
    private static final long NOW_MS = 1_795_000_000_000L;
    private static final Id8 RIDE = Id8.random(RANDOM);
    private static final Pos POS = Pos.of(375_123_457, 1_269_876_543);

    @TempDir
    private Path folder = Path.of("");

    private final Id16 unit = new Id16(RANDOM.nextLong(), RANDOM.nextLong());
    private final SigningKey key = SigningKey.generate(RANDOM);
    private final HubState state = new HubState();
    private final Map<Lane, Long> numbers = new HashMap<>();
    private RideKeys keys;
    private LogSeal seal;

    @BeforeEach
    void open() throws IOException {
        keys = RideKeys.open(folder.resolve("ridekeys.db"), LOG, RANDOM);
        seal = new LogSeal(keys, LOG, RANDOM);
        apply(new Input.Founding(NOW_MS, NOW_MS / 1000));
        apply(new Input.UnitChange(
                NOW_MS, new UnitRecord(unit, key.verifyKey(), "1", "c", "taxi", Optional.empty(), false)));
    }

    @AfterEach
    void close() throws IOException {
        keys.close();
    }

    private LogEntry apply(Input input) {
        LogEntry entry = new LogEntry(input, Step.decide(state, input));
        state.apply(state.applied() + 1, entry);
        return entry;
    }

    /** Decided, not applied. */
    private LogEntry entry(Lane lane, Body... bodies) {
        long n = numbers.getOrDefault(lane, 0L) + 1;
        Batch batch = new Batch(
                unit,
                new Id8(1),
                lane,
                new Id8(lane.number()),
                n,
                n == 1 || lane == Lane.STATUS ? Optional.empty() : Optional.of(new Id16(0, n)),
                TimeQuality.GNSS,
                NOW_MS,
                n * 1000,
                Arrays.stream(bodies).map(each -> new UpRecord(0, each)).toList(),
                OptionalLong.empty(),
                false,
                false);
        Input.Arrival arrival = new Input.Arrival(NOW_MS, UpMessage.sign(batch, key));
        return new LogEntry(arrival, Step.decide(state, arrival));
    }

    private Optional<Belonging> belonging(Lane lane, Body... bodies) {
        LogEntry entry = entry(lane, bodies);
        Optional<Belonging> belonging = Belonging.of(state, entry);
        numbers.merge(lane, 1L, Long::sum);
        state.apply(state.applied() + 1, entry);
        return belonging;
    }

    private static Boarded boarded() {
        return new Boarded(RideChange.of(RIDE, Optional.of(POS), RideChange.Source.CARD));
    }

    private static Position position(Optional<Id8> ride) {
        return new Position(
                POS, OptionalInt.empty(), OptionalInt.empty(), OptionalInt.empty(), OptionalInt.empty(), ride);
    }

    private static Tamper tamper() {
        return new Tamper(Tamper.What.POWER.code(), Phase.RAISED, OptionalLong.empty());
    }

    private static Panic panic(Optional<Id8> ride) {
        return new Panic(
                Optional.of(POS),
                ride,
                Panic.Origin.RIDER,
                Panic.Pattern.PRESS,
                new Id8(9),
                Phase.RAISED,
                OptionalLong.empty());
    }

    private Belonging ofRide(Keep keep, boolean whole) {
        return new Belonging(keep, Optional.of(new UnitRide(unit, RIDE)), whole);
    }

    private static Belonging ofDay(Keep keep, boolean whole) {
        return new Belonging(keep, Optional.empty(), whole);
    }

    @Test
    void whatNamesARideOrShowsWhereItWasBelongsToItAndTheRestToItsDay() {
        assertEquals(Optional.empty(), belonging(Lane.ALARM, tamper()), "nothing is known that it could show");
        assertEquals(
                Optional.of(ofDay(Keep.HEALTH, true)),
                belonging(Lane.STATUS, new Presence(375_000_000, 1_270_000_000, true)));
        assertEquals(
                Optional.of(ofDay(Keep.HEALTH, false)),
                belonging(Lane.ALARM, tamper()),
                "it shows the cell of a presence");
        assertEquals(Optional.of(ofRide(Keep.RIDES, true)), belonging(Lane.EVENT, boarded()));
        assertEquals(Optional.of(ofRide(Keep.RIDES, true)), belonging(Lane.STATUS, position(Optional.of(RIDE))));
        assertEquals(
                Optional.of(ofRide(Keep.RIDES, false)), belonging(Lane.ALARM, tamper()), "it shows where the ride is");
        assertEquals(
                Optional.of(ofRide(Keep.RIDES, true)),
                belonging(Lane.EVENT, new Contact("door", true, Optional.empty())),
                "so does this");
        assertEquals(Optional.of(ofRide(Keep.EMERGENCIES, true)), belonging(Lane.ALARM, panic(Optional.of(RIDE))));
        assertEquals(Optional.of(ofDay(Keep.EMERGENCIES, true)), belonging(Lane.ALARM, panic(Optional.empty())));
        assertEquals(
                Optional.of(ofDay(Keep.EMERGENCIES, true)),
                belonging(Lane.STATUS, position(Optional.empty())),
                "an alarm is open");
    }

    @Test
    void anEntryOpensAsItWasAndWithoutItsKeyTheOutlineIsLeft() throws IOException {
        for (boolean whole : new boolean[] {true, false}) {
            LogEntry entry = entry(Lane.EVENT, boarded());
            Entry sealed = seal.seal(5, entry, ofRide(Keep.RIDES, whole));
            keys.commit();
            LogEntry read = seal.read(5, sealed.keyId(), sealed.payload());
            assertArrayEquals(entry.encode(), read.encode());
            LogEntry left = EntryReader.OUTLINES.read(5, sealed.keyId(), sealed.payload());
            assertEquals(Input.Type.ERASED, left.type());
            assertEquals(entry.outline(), left.outline());
            assertEquals(entry.output().id(), left.output().id());
            assertEquals(entry.output().receipted(), left.output().receipted());
            assertEquals(Optional.empty(), left.output().event());
            assertThrows(
                    LogEntry.Unreadable.class, () -> EntryReader.UNSEALED.read(5, sealed.keyId(), sealed.payload()));
        }
    }

    @Test
    void aVaultsAnswerBelongsToTheRideItNamesAndWithoutTheKeyNothingIsLeftOfIt() throws IOException {
        LogEntry boarding = entry(Lane.EVENT, boarded());
        NamedRider rider = new NamedRider("0123456789abcdef0123456789abcdef", "11680");
        Input.VaultAnswer answer = new Input.VaultAnswer(NOW_MS + 1, 3, boarding.message(), List.of(rider));
        LogEntry entry = new LogEntry(answer, Step.decide(state, answer));
        assertEquals(Optional.of(ofRide(Keep.RIDES, true)), Belonging.of(state, entry));
        assertEquals(
                Optional.of(ofRide(Keep.RIDES, true)),
                Belonging.of(new HubState(), entry),
                "also when its unit is not known any more");
        Entry sealed = seal.seal(5, entry, ofRide(Keep.RIDES, true));
        Entry ofBoarding = seal.seal(4, boarding, ofRide(Keep.RIDES, true));
        assertEquals(ofBoarding.keyId(), sealed.keyId(), "one key erases both");
        keys.commit();
        assertArrayEquals(
                entry.encode(), seal.read(5, sealed.keyId(), sealed.payload()).encode());
        LogEntry left = EntryReader.OUTLINES.read(5, sealed.keyId(), sealed.payload());
        assertEquals(new Input.ErasedAnswer(NOW_MS + 1), left.input());
        assertTrue(left.isErased());
        assertEquals("", left.output().id());
        assertEquals(Optional.empty(), left.output().event());
    }

    @Test
    void theGapsOfAMessageThatIsErasedStay() throws IOException {
        Gap gap = new Gap(Lane.TRACK, new Id8(4), 3, 9, Gap.Reason.EVICTED);
        LogEntry entry = entry(Lane.ALARM, gap);
        Entry sealed = seal.seal(5, entry, ofRide(Keep.EMERGENCIES, true));
        LogEntry left = EntryReader.OUTLINES.read(5, sealed.keyId(), sealed.payload());
        assertEquals(List.of(gap), left.outline().gaps());
    }

    @Test
    void aChangedByteAnotherIndexOrAnotherLogDoesNotOpen() throws IOException {
        Entry sealed = seal.seal(5, entry(Lane.EVENT, boarded()), ofRide(Keep.RIDES, true));
        keys.commit();
        assertThrows(LogEntry.Unreadable.class, () -> seal.read(6, sealed.keyId(), sealed.payload()));
        LogSeal ofAnotherLog = new LogSeal(keys, LOG + 1, RANDOM);
        assertThrows(LogEntry.Unreadable.class, () -> ofAnotherLog.read(5, sealed.keyId(), sealed.payload()));
        for (int i = 0; i < sealed.payload().length; i++) {
            byte[] changed = sealed.payload().clone();
            changed[i] ^= 1;
            assertThrows(LogEntry.Unreadable.class, () -> seal.read(5, sealed.keyId(), changed), "byte " + i);
            byte[] cut = Arrays.copyOf(sealed.payload(), i);
            assertThrows(LogEntry.Unreadable.class, () -> seal.read(5, sealed.keyId(), cut), "cut at " + i);
        }
        assertNotEquals(
                List.of(sealed.payload()),
                List.of(seal.seal(5, entry(Lane.EVENT, boarded()), ofRide(Keep.RIDES, true))
                        .payload()),
                "the nonce is another one");
    }

    @Test
    void aKeyThatWasDestroyedReadsAsErasedAndOneThatWasNeverThereDoesNotRead() throws IOException {
        Entry sealed = seal.seal(5, entry(Lane.EVENT, boarded()), ofRide(Keep.RIDES, true));
        keys.commit();
        assertEquals(
                1,
                keys.destroy(keys.older(Keep.RIDES, Long.MAX_VALUE, 10), Input.Erasure.Cause.RETENTION, "old", NOW_MS));
        assertEquals(
                Input.Type.ERASED,
                seal.read(5, sealed.keyId(), sealed.payload()).type());
        LogEntry.Unreadable never =
                assertThrows(LogEntry.Unreadable.class, () -> seal.read(5, OptionalLong.of(999), sealed.payload()));
        assertTrue(never.tryThis().contains("ridekeys.db"), never.tryThis());
        long next = seal.seal(6, entry(Lane.EVENT, boarded()), ofRide(Keep.RIDES, true))
                .keyId()
                .orElseThrow();
        assertEquals(sealed.keyId().orElseThrow() + 1, next, "an id is never used twice");
    }

    @Test
    void aKeyThatBecameAnEmergencysIsNotDestroyedAsThatOfARide() throws IOException {
        seal.seal(5, entry(Lane.EVENT, boarded()), ofRide(Keep.RIDES, true));
        keys.commit();
        List<RideKeys.Due> due = keys.older(Keep.RIDES, Long.MAX_VALUE, 10);
        seal.seal(6, entry(Lane.ALARM, panic(Optional.of(RIDE))), ofRide(Keep.EMERGENCIES, true));
        assertEquals(0, keys.destroy(due, Input.Erasure.Cause.RETENTION, "old", NOW_MS));
        assertFalse(keys.isDone(new UnitRide(unit, RIDE)));
        assertEquals(1, keys.older(Keep.EMERGENCIES, Long.MAX_VALUE, 10).size());
    }
}
