package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.edge.port.PortReading;
import ansim.journal.JournalException;
import ansim.profile.Reading;
import ansim.wire.Alighted;
import ansim.wire.Boarded;
import ansim.wire.Body;
import ansim.wire.Contact;
import ansim.wire.Health;
import ansim.wire.Kind;
import ansim.wire.Lane;
import ansim.wire.Panic;
import ansim.wire.Phase;
import ansim.wire.Pos;
import ansim.wire.Position;
import ansim.wire.Presence;
import ansim.wire.Tamper;
import ansim.wire.Track;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From readings to what the hub gets to see. */
class RecorderTest {
    private static final String CARD = "62E3086CED";
    private static final long UTC = 1_790_000_000_000L;

    @TempDir
    private Path data;

    private final TestHub hub = TestUnit.hub();
    private TestUnit unit;
    private Recorder recorder;
    private int stored;

    @BeforeEach
    void open() throws JournalException {
        start(new TestUnit(data, hub), Optional.empty());
    }

    private void start(TestUnit with, Optional<Pos> place) {
        unit = with;
        UnitClock clock = new UnitClock(() -> 0, () -> false);
        Sealer sealer = new Sealer(TestUnit.ID, unit.lanes.sealer().boot(), TestUnit.KEY, clock, () -> unit.nowMs);
        Signals signals = new Signals(on -> stored += on ? 1 : 0, on -> {});
        recorder = new Recorder(
                new Recorder.Parts(unit.lanes, clock, sealer, signals, new Whereabouts(place), new Measures()),
                new Recorder.Pace(30_000, 10_000, 2_000, 60_000, 60_000),
                RideRules.standard(),
                new SplittableRandom(4),
                nowMs -> health());
        unit.link.connect();
    }

    private static Health health() {
        return new Health(
                0,
                OptionalLong.empty(),
                OptionalInt.empty(),
                List.of(),
                List.of(),
                OptionalInt.empty(),
                Map.of(),
                OptionalLong.empty(),
                List.of(),
                Map.of(),
                OptionalLong.empty(),
                OptionalInt.empty(),
                OptionalLong.empty(),
                OptionalLong.empty());
    }

    @AfterEach
    void close() {
        unit.close();
    }

    private void read(Reading reading) {
        recorder.take(new PortReading("any", reading, unit.nowMs));
    }

    /** Drives north for some seconds, one fix a second, with the recorder's ticks. */
    private void drive(int seconds) {
        for (int i = 0; i < seconds; i++) {
            unit.nowMs += 1_000;
            read(new Reading.Fix(
                    UTC + unit.nowMs,
                    false,
                    375_012_345 + (int) (unit.nowMs / 1_000) * 1_500,
                    1_270_012_345,
                    OptionalInt.of(1_667),
                    OptionalInt.of(0),
                    Reading.Quality.NONE));
            recorder.tick(unit.nowMs);
            unit.exchange();
        }
    }

    private <T extends Body> List<T> bodies(Lane lane, Kind kind, Class<T> type) {
        unit.exchange();
        return hub.bodies(lane).stream()
                .filter(body -> body.kind() == kind)
                .map(type::cast)
                .toList();
    }

    @Test
    void aRideIsBoardedNamedTrackedAndAlighted() {
        drive(5);
        read(new Reading.Lamp(true, false));
        drive(65);
        read(new Reading.Tap(CARD));
        read(new Reading.Lamp(false, false));
        drive(3);
        List<Boarded> boarded = bodies(Lane.EVENT, Kind.BOARDED, Boarded.class);
        assertEquals(2, boarded.size());
        assertTrue(boarded.get(0).change().pos().isPresent());
        assertTrue(boarded.get(0).change().sealedCard().isEmpty(), "until the trust issue");
        assertEquals(OptionalInt.of(1), boarded.get(1).change().flags(), "at speed");
        assertEquals(1, bodies(Lane.EVENT, Kind.ALIGHTED, Alighted.class).size());
        List<Track> tracks = bodies(Lane.TRACK, Kind.TRACK, Track.class);
        assertEquals(3, tracks.size(), "every 30 s and at the end");
        assertTrue(tracks.stream()
                .allMatch(track ->
                        track.ride().equals(Optional.of(boarded.get(0).change().ride()))));
        assertEquals(3, stored, "board, name, alight");
    }

    @Test
    void vacantPositionsNeverLeaveThePrecisionOfACell() {
        drive(200);
        assertEquals(0, bodies(Lane.TRACK, Kind.TRACK, Track.class).size());
        assertEquals(0, bodies(Lane.STATUS, Kind.POSITION, Position.class).size());
        List<Presence> presences = bodies(Lane.STATUS, Kind.PRESENCE, Presence.class);
        assertEquals(4, presences.size(), "every 60 s");
        assertTrue(presences.stream()
                .allMatch(presence ->
                        presence.latE7() % Presence.CELL_E7 == 0 && presence.lonE7() % Presence.CELL_E7 == 0));
        read(new Reading.ContactChange("door", false, false, false));
        assertTrue(bodies(Lane.EVENT, Kind.CONTACT, Contact.class).get(0).pos().isEmpty());
    }

    @Test
    void livePositionsComeEvery10sWhileHiredAndEvery2sInAnEmergency() {
        drive(1);
        read(new Reading.Lamp(true, false));
        drive(60);
        int hired = bodies(Lane.STATUS, Kind.POSITION, Position.class).size();
        assertEquals(6, hired);
        read(new Reading.PanicPress(Reading.Origin.RIDER, Reading.Pattern.LONG, false, 1));
        drive(60);
        assertEquals(30, bodies(Lane.STATUS, Kind.POSITION, Position.class).size() - hired);
    }

    @Test
    void aPanicDoesNotWaitForAFixAndSaysHowOldThePositionIs() {
        read(new Reading.PanicPress(Reading.Origin.RIDER, Reading.Pattern.LONG, false, 1));
        drive(2);
        unit.nowMs += 90_000;
        read(new Reading.PanicPress(Reading.Origin.RIDER, Reading.Pattern.LONG, false, 2));
        List<Panic> panics = bodies(Lane.ALARM, Kind.PANIC, Panic.class);
        assertTrue(panics.get(0).pos().isEmpty());
        assertEquals(Phase.RAISED, panics.get(0).phase());
        assertEquals(OptionalLong.of(90), panics.get(1).posAgeS());
        assertEquals(Phase.REPEATED, panics.get(1).phase());
        assertEquals(panics.get(0).alarm(), panics.get(1).alarm());
        assertEquals(2, stored);
    }

    @Test
    void aSilentPanicIsStoredWithoutAnySignal() {
        read(new Reading.PanicPress(Reading.Origin.DRIVER, Reading.Pattern.PRESS, true, 1));
        assertEquals(1, bodies(Lane.ALARM, Kind.PANIC, Panic.class).size());
        assertEquals(0, stored);
    }

    @Test
    void anAlarmSealsTheTrackOnHand() {
        drive(1);
        read(new Reading.Lamp(true, false));
        drive(7);
        read(new Reading.PanicPress(Reading.Origin.RIDER, Reading.Pattern.LONG, false, 1));
        assertEquals(
                7, bodies(Lane.TRACK, Kind.TRACK, Track.class).get(0).fixes().size());
    }

    @Test
    void aRestartInMidRideGoesOnWithTheRideAndItsTrackHasNoMoreThanTheUnsealed() throws JournalException {
        drive(1);
        read(new Reading.Lamp(true, false));
        drive(10);
        start(unit.restart(), Optional.empty());
        read(new Reading.Lamp(true, true));
        drive(10);
        read(new Reading.Lamp(false, false));
        drive(3);
        List<Boarded> boarded = bodies(Lane.EVENT, Kind.BOARDED, Boarded.class);
        List<Alighted> alighted = bodies(Lane.EVENT, Kind.ALIGHTED, Alighted.class);
        assertEquals(1, boarded.size());
        assertEquals(1, alighted.size());
        assertEquals(boarded.get(0).change().ride(), alighted.get(0).change().ride());
    }

    @Test
    void anOpenedEnclosureIsAContactAndATamperAndClosingClearsIt() {
        read(new Reading.ContactChange("enclosure", false, true, false));
        read(new Reading.ContactChange("enclosure", true, false, false));
        assertEquals(2, bodies(Lane.EVENT, Kind.CONTACT, Contact.class).size());
        assertEquals(
                List.of(
                        Tamper.of(Tamper.What.ENCLOSURE, Phase.RAISED),
                        Tamper.of(Tamper.What.ENCLOSURE, Phase.CANCELLED)),
                bodies(Lane.ALARM, Kind.TAMPER, Tamper.class));
    }

    @Test
    void silentReadersAreOneTamperUntilTheLastOneIsHeardAgain() {
        fault("front", Reading.Fault.What.SILENT, true);
        fault("back", Reading.Fault.What.SILENT, true);
        fault("front", Reading.Fault.What.SILENT, false);
        assertEquals(
                List.of(Tamper.of(Tamper.What.READER_SILENT, Phase.RAISED)),
                bodies(Lane.ALARM, Kind.TAMPER, Tamper.class));
        fault("back", Reading.Fault.What.SILENT, false);
        fault("back", Reading.Fault.What.SILENT, true);
        assertEquals(
                List.of(
                        Tamper.of(Tamper.What.READER_SILENT, Phase.RAISED),
                        Tamper.of(Tamper.What.READER_SILENT, Phase.CANCELLED),
                        Tamper.of(Tamper.What.READER_SILENT, Phase.RAISED)),
                bodies(Lane.ALARM, Kind.TAMPER, Tamper.class));
    }

    @Test
    void aCutAntennaThatIsAlsoJammedIsOneTamperApartFromASilentReader() {
        fault("gnss", Reading.Fault.What.ANTENNA, true);
        fault("gnss", Reading.Fault.What.JAMMING, true);
        fault("gnss", Reading.Fault.What.ANTENNA, false);
        fault("reader", Reading.Fault.What.SILENT, true);
        fault("gnss", Reading.Fault.What.JAMMING, false);
        assertEquals(
                List.of(
                        Tamper.of(Tamper.What.ANTENNA, Phase.RAISED),
                        Tamper.of(Tamper.What.READER_SILENT, Phase.RAISED),
                        Tamper.of(Tamper.What.ANTENNA, Phase.CANCELLED)),
                bodies(Lane.ALARM, Kind.TAMPER, Tamper.class));
        assertEquals(List.of(3, 4), List.of(Tamper.What.READER_SILENT.code(), Tamper.What.ANTENNA.code()));
    }

    @Test
    void anEndOfAFaultThatNeverBeganIsNoNews() {
        fault("reader", Reading.Fault.What.SILENT, false);
        assertEquals(List.of(), bodies(Lane.ALARM, Kind.TAMPER, Tamper.class));
    }

    private void fault(String port, Reading.Fault.What what, boolean raised) {
        recorder.take(new PortReading(port, new Reading.Fault(what, raised), unit.nowMs));
    }

    @Test
    void aContactFoundAtRestAtTheStartIsNoNews() {
        read(new Reading.ContactChange("door", true, false, true));
        assertEquals(0, bodies(Lane.EVENT, Kind.CONTACT, Contact.class).size());
    }

    @Test
    void aPoleTellsItsPlaceWithAnAlarm() throws JournalException {
        start(unit.restart(), Optional.of(Pos.of(375_263_000, 1_268_962_000)));
        read(new Reading.PanicPress(Reading.Origin.BELL, Reading.Pattern.LATCHED, false, 1));
        Panic panic = bodies(Lane.ALARM, Kind.PANIC, Panic.class).get(0);
        assertEquals(Optional.of(Pos.of(375_263_000, 1_268_962_000)), panic.pos());
        assertEquals(OptionalLong.of(0), panic.posAgeS());
    }

    @Test
    void theFirstGoodTimeOfABootIsAnchoredOnceAlsoAcrossARestart() throws JournalException {
        drive(5);
        start(unit.restart(), Optional.empty());
        drive(5);
        assertEquals(
                1,
                hub.bodies(Lane.EVENT).stream()
                        .filter(body -> body.kind() == Kind.ANCHOR)
                        .count());
        assertFalse(hub.bodies(Lane.ALARM).stream().anyMatch(body -> body.kind() == Kind.TAMPER));
    }

    @Test
    void healthComesEvery60s() {
        drive(125);
        assertEquals(3, bodies(Lane.STATUS, Kind.HEALTH, Health.class).size());
    }

    @Test
    void aRepeatedTapIsConfirmedAgainWithoutASecondMessage() {
        read(new Reading.Tap(CARD));
        unit.nowMs += 5_000;
        read(new Reading.Tap(CARD));
        assertEquals(1, bodies(Lane.EVENT, Kind.BOARDED, Boarded.class).size());
        assertEquals(2, stored);
    }
}
