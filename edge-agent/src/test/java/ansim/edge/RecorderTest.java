package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.edge.port.PortReading;
import ansim.journal.JournalException;
import ansim.profile.CardNumber;
import ansim.profile.DeviceReader;
import ansim.profile.Profile;
import ansim.profile.Reading;
import ansim.settings.Section;
import ansim.wire.Alighted;
import ansim.wire.Boarded;
import ansim.wire.Body;
import ansim.wire.Contact;
import ansim.wire.Health;
import ansim.wire.Kind;
import ansim.wire.Lane;
import ansim.wire.OpeningKey;
import ansim.wire.Panic;
import ansim.wire.Phase;
import ansim.wire.Pos;
import ansim.wire.Position;
import ansim.wire.Presence;
import ansim.wire.RideChange;
import ansim.wire.SealedCard;
import ansim.wire.Tamper;
import ansim.wire.Track;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** From readings to what the hub gets to see. */
class RecorderTest {
    private static final String CARD = "62E3086CED";
    private static final OpeningKey VAULT = OpeningKey.generate(new SecureRandom());
    private static final CardSealer CARDS = CardSealer.to(VAULT.sealingKey(), TestUnit.ID, new SecureRandom());
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
                new Recorder.Parts(unit.lanes, clock, sealer, CARDS, signals, new Whereabouts(place), new Measures()),
                TestUnit.PACE,
                RideRules.standard(),
                new SplittableRandom(4),
                nowMs -> TestUnit.health());
        unit.link.connect();
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
    void theLampOpensTheRideAndTheCardComesSealedInTheSecondBoarding() {
        read(new Reading.Lamp(true, false));
        drive(65);
        read(new Reading.Tap(CARD));
        List<Boarded> boarded = bodies(Lane.EVENT, Kind.BOARDED, Boarded.class);
        assertEquals(Optional.empty(), boarded.get(0).change().sealedCard());
        RideChange named = boarded.get(1).change();
        assertEquals(boarded.get(0).change().ride(), named.ride());
        assertArrayEquals(
                SealedCard.block(CARD.getBytes(StandardCharsets.US_ASCII)),
                VAULT.open(named.sealedCard().orElseThrow(), TestUnit.ID, named.ride())
                        .orElseThrow());
    }

    @Test
    void theNumberIsWipedWhenTheRecorderHasTakenIt() {
        CardNumber card = CardNumber.of(CARD);
        read(new Reading.Tap(card));
        assertArrayEquals(new byte[CARD.length()], card.characters());
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

    /** The disk stood still for 3 s, while the lamp said vacant for 0.7 s at a bump: both edges wait in the queue. */
    @Test
    void aBumpDuringAStallOfTheDiskIsStillABump() {
        read(new Reading.Lamp(true, false));
        drive(70);
        long bumpMs = unit.nowMs;
        read(new Reading.Lamp(false, false));
        unit.nowMs += 3_000;
        recorder.tick(unit.nowMs, bumpMs + 700);
        recorder.take(new PortReading("any", new Reading.Lamp(true, false), bumpMs + 700));
        drive(5);
        assertEquals(1, bodies(Lane.EVENT, Kind.BOARDED, Boarded.class).size());
        assertEquals(List.of(), bodies(Lane.EVENT, Kind.ALIGHTED, Alighted.class));
    }

    /** A fix at the mouth of a tunnel, then three seconds without one. */
    @Test
    void afterAFixIsLostNoPositionStandsForNow() {
        read(new Reading.Lamp(true, false));
        drive(1);
        long fixMs = unit.nowMs;
        unit.nowMs += 3_000;
        noFix();
        for (int i = 0; i < 60; i++) {
            unit.nowMs += 100;
            recorder.tick(unit.nowMs);
        }
        read(new Reading.Lamp(false, false));
        unit.nowMs += 2_000;
        recorder.tick(unit.nowMs);
        assertEquals(
                Optional.empty(),
                bodies(Lane.EVENT, Kind.ALIGHTED, Alighted.class)
                        .get(0)
                        .change()
                        .pos());
        assertEquals(1, bodies(Lane.STATUS, Kind.POSITION, Position.class).size());
        read(new Reading.PanicPress(Reading.Origin.RIDER, Reading.Pattern.LONG, false, 1));
        Panic panic = bodies(Lane.ALARM, Kind.PANIC, Panic.class).get(0);
        assertTrue(panic.pos().isPresent(), "a call for help goes with the last known one, and says how old it is");
        assertEquals(OptionalLong.of((unit.nowMs - fixMs) / 1_000), panic.posAgeS());
    }

    @Test
    void aLivePositionIsDatedByItsFix() {
        read(new Reading.Lamp(true, false));
        read(fixAt(1_270_012_345));
        long fixMs = unit.nowMs;
        unit.nowMs += 900;
        recorder.tick(unit.nowMs);
        unit.exchange();
        List<Long> m0 = hub.stored.stream()
                .filter(message -> message.batch().records().get(0).body().kind() == Kind.POSITION)
                .map(message -> message.batch().m0Ms())
                .toList();
        assertEquals(List.of(fixMs), m0);
    }

    @ParameterizedTest
    @CsvSource({"mains, POWER", "power, POWER", "enclosure, ENCLOSURE", "reader-cover, ENCLOSURE", "loop, LOOP_CUT"})
    void aNormallyOpenContactOfTheUnitsOwnIsATamperWhileItIsClosed(String name, Tamper.What what) {
        DeviceReader contact = Profile.load("contact")
                .with(Section.of("test", Map.of("name", name)))
                .open();
        for (boolean closed : new boolean[] {false, true, false}) {
            contact.level(0, closed, unit.nowMs, this::read);
            unit.nowMs += 1_000;
            contact.tick(unit.nowMs, this::read);
        }
        assertEquals(List.of(raised(what), over(what)), tampers());
    }

    private List<Tamper> tampers() {
        return bodies(Lane.ALARM, Kind.TAMPER, Tamper.class);
    }

    private static Tamper raised(Tamper.What what) {
        return Tamper.of(what, Phase.RAISED);
    }

    private static Tamper over(Tamper.What what) {
        return Tamper.of(what, Phase.CANCELLED);
    }

    private void noFix() {
        recorder.take(new PortReading("any", new Reading.NoFix(), unit.nowMs));
    }

    @Test
    void aCutAntennaThatIsAlsoJammedIsOneTamperApartFromASilentReader() {
        noFix();
        fault("any", Reading.Fault.What.ANTENNA, true);
        fault("any", Reading.Fault.What.JAMMING, true);
        fault("any", Reading.Fault.What.ANTENNA, false);
        fault("reader", Reading.Fault.What.SILENT, true);
        fault("any", Reading.Fault.What.JAMMING, false);
        assertEquals(
                List.of(raised(Tamper.What.ANTENNA), raised(Tamper.What.READER_SILENT), over(Tamper.What.ANTENNA)),
                tampers());
        assertEquals(List.of(3, 4), List.of(Tamper.What.READER_SILENT.code(), Tamper.What.ANTENNA.code()));
    }

    @Test
    void neitherAFlagWithAFixNorATunnelWithoutAFlagIsATamper() {
        drive(2);
        fault("any", Reading.Fault.What.JAMMING, true);
        drive(2);
        fault("any", Reading.Fault.What.JAMMING, false);
        noFix();
        drive(2);
        assertEquals(List.of(), tampers());
    }

    @Test
    void theFixLostTogetherWithTheFlagIsATamperInEitherOrderUntilTheNextFix() {
        drive(2);
        fault("any", Reading.Fault.What.ANTENNA, true);
        noFix();
        assertEquals(List.of(raised(Tamper.What.ANTENNA)), tampers());
        drive(1);
        noFix();
        fault("any", Reading.Fault.What.ANTENNA, false);
        fault("any", Reading.Fault.What.ANTENNA, true);
        assertEquals(
                List.of(
                        raised(Tamper.What.ANTENNA),
                        over(Tamper.What.ANTENNA),
                        raised(Tamper.What.ANTENNA),
                        over(Tamper.What.ANTENNA),
                        raised(Tamper.What.ANTENNA)),
                tampers());
    }

    @Test
    void theFlagOfOneReceiverAndTheLostFixOfAnotherAreNoTamper() {
        fault("front", Reading.Fault.What.JAMMING, true);
        noFix();
        assertEquals(List.of(), tampers());
    }

    private void restart() throws JournalException {
        start(unit.restart(), Optional.empty());
    }

    /** The tamper was raised again after each restart, or stood for ever when the reader had come back meanwhile. */
    @Test
    void aSilentReaderIsNotToldAgainAfterARestartAndItsEndIs() throws JournalException {
        fault("reader", Reading.Fault.What.SILENT, true);
        restart();
        recorder.configured(Set.of("reader"));
        assertEquals(Map.of("reader", Set.of(Reading.Fault.What.SILENT)), recorder.faults());
        fault("reader", Reading.Fault.What.SILENT, true);
        assertEquals(List.of(raised(Tamper.What.READER_SILENT)), tampers());
        restart();
        fault("reader", Reading.Fault.What.SILENT, false);
        restart();
        assertEquals(Map.of(), recorder.faults());
        assertEquals(List.of(raised(Tamper.What.READER_SILENT), over(Tamper.What.READER_SILENT)), tampers());
    }

    @Test
    void anAntennaThatWasCutWithAFixIsRememberedAcrossTheRestartUntilTheFixIsLost() throws JournalException {
        drive(1);
        fault("any", Reading.Fault.What.ANTENNA, true);
        restart();
        noFix();
        assertEquals(List.of(raised(Tamper.What.ANTENNA)), tampers());
        restart();
        noFix();
        assertEquals(1, tampers().size(), "known");
        drive(1);
        assertEquals(List.of(raised(Tamper.What.ANTENNA), over(Tamper.What.ANTENNA)), tampers());
    }

    @Test
    void whatADeviceHadEndsWhenTheDeviceIsNoLongerConfigured() throws JournalException {
        fault("reader", Reading.Fault.What.SILENT, true);
        recorder.take(new PortReading("box", new Reading.ContactChange("enclosure", false, true, true), unit.nowMs));
        restart();
        recorder.configured(Set.of("box"));
        assertEquals(
                List.of(
                        raised(Tamper.What.READER_SILENT),
                        raised(Tamper.What.ENCLOSURE),
                        over(Tamper.What.READER_SILENT)),
                tampers());
    }

    @Test
    void anEnclosureThatWasClosedWhileTheAgentWasDeadEndsItsTamper() throws JournalException {
        read(new Reading.ContactChange("enclosure", false, true, false));
        restart();
        read(new Reading.ContactChange("enclosure", false, true, true));
        restart();
        read(new Reading.ContactChange("enclosure", true, false, true));
        assertEquals(List.of(raised(Tamper.What.ENCLOSURE), over(Tamper.What.ENCLOSURE)), tampers());
    }

    /** A stop between the two lanes: the contact is on disk, its tamper is not. */
    @Test
    void aTamperThatAStopKeptFromTheDiskIsRaisedByTheLevelFoundAtTheStart() throws JournalException {
        Contacts before = new Contacts();
        Reading.ContactChange open = new Reading.ContactChange("enclosure", false, true, true);
        before.news(open);
        unit.lanes.keep(Lane.EVENT, Lanes.CONTACTS, before.state());
        restart();
        read(open);
        assertEquals(0, bodies(Lane.EVENT, Kind.CONTACT, Contact.class).size());
        assertEquals(List.of(raised(Tamper.What.ENCLOSURE)), tampers());
    }

    @Test
    void twoSwitchesOfTheEnclosureAreOneTamperUntilBothAreShut() {
        read(new Reading.ContactChange("enclosure", false, true, false));
        recorder.take(
                new PortReading("osdp", new Reading.ContactChange("reader-cover", false, true, false), unit.nowMs));
        read(new Reading.ContactChange("enclosure", true, false, false));
        assertEquals(List.of(raised(Tamper.What.ENCLOSURE)), tampers());
        recorder.take(
                new PortReading("osdp", new Reading.ContactChange("reader-cover", true, false, false), unit.nowMs));
        assertEquals(List.of(raised(Tamper.What.ENCLOSURE), over(Tamper.What.ENCLOSURE)), tampers());
    }

    @Test
    void mainsThatRestOpenCancelNothingThatWasNeverRaised() {
        read(new Reading.ContactChange("mains", true, false, false));
        read(new Reading.ContactChange("mains", false, false, false));
        assertEquals(List.of(), tampers());
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

    /** Between two ticks a slow disk lets more fixes wait than a message takes. */
    @Test
    void moreFixesThanAMessageTakesBetweenTwoTicksAreSeveralMessages() {
        read(new Reading.Lamp(true, false));
        int fixes = 3 * TrackBuffer.FIXES_MAX + 7;
        for (int i = 0; i < fixes; i++) {
            unit.nowMs += 30_011;
            read(fixAt(1_270_012_345));
        }
        recorder.stop();
        List<Track> tracks = bodies(Lane.TRACK, Kind.TRACK, Track.class);
        assertEquals(
                fixes, tracks.stream().mapToInt(track -> track.fixes().size()).sum());
    }

    @Test
    void aJumpOverHalfTheGlobeEndsNothing() {
        read(new Reading.Lamp(true, false));
        unit.nowMs += 1_000;
        read(fixAt(1_269_780_000));
        unit.nowMs += 1_000;
        read(fixAt(-1_219_611_000));
        recorder.stop();
        assertEquals(2, bodies(Lane.TRACK, Kind.TRACK, Track.class).size());
    }

    /** Whatever is wrong with the track, taps and presses wait behind it. */
    @Test
    void aTrackThatCannotBeSealedIsCountedAndTheRecorderGoesOn() {
        read(new Reading.Lamp(true, false));
        unit.nowMs += 1_000;
        read(fixAt(1_270_012_345));
        setLanesClock(UTC * 1_000);
        recorder.stop();
        assertEquals(1, unit.lanes.figures().dropped().get(Lane.TRACK.number() - 1));
        setLanesClock(UTC);
        unit.nowMs += 1_000;
        read(fixAt(1_270_012_345));
        recorder.stop();
        assertEquals(1, bodies(Lane.TRACK, Kind.TRACK, Track.class).size(), "only what came after");
    }

    /** The lanes' own clock, which the recorder of this test does not set. */
    private void setLanesClock(long utcMs) {
        TestUnit.tellTime(unit.clock, utcMs, unit.nowMs);
    }

    private void start(UnitClock clock) {
        Sealer sealer = new Sealer(TestUnit.ID, unit.lanes.sealer().boot(), TestUnit.KEY, clock, () -> unit.nowMs);
        recorder = new Recorder(
                new Recorder.Parts(
                        unit.lanes,
                        clock,
                        sealer,
                        CARDS,
                        new Signals(on -> {}, on -> {}),
                        new Whereabouts(Optional.empty()),
                        new Measures()),
                TestUnit.PACE,
                RideRules.standard(),
                new SplittableRandom(4),
                nowMs -> TestUnit.health());
    }

    /** NEO-M8N at 9600 baud: 790 ms of sentences a second leave no pause that would end an epoch before the next one begins. */
    @Test
    void aChangeBetweenNtpAndAReceiverOnABusyLineIsNoJumpOfTheClock() {
        start(new UnitClock(() -> UTC + unit.nowMs, () -> true));
        recorder.tick(unit.nowMs);
        DeviceReader receiver = Profile.load("gnss-nmea0183").open();
        for (int second = 0; second < 20; second++) {
            long beganMs = (UTC + unit.nowMs + 999) / 1_000 * 1_000 - UTC;
            String time = DateTimeFormatter.ofPattern("HHmmss.00")
                    .withZone(ZoneOffset.UTC)
                    .format(Instant.ofEpochMilli(UTC + beganMs));
            String date = DateTimeFormatter.ofPattern("ddMMyy")
                    .withZone(ZoneOffset.UTC)
                    .format(Instant.ofEpochMilli(UTC + beganMs));
            says(receiver, beganMs + 150, "GNRMC," + time + ",A,3733.9000,N,12658.7000,E,10.0,90.0," + date + ",,,A");
            for (int late = 200; late <= 940; late += 20) {
                says(receiver, beganMs + late, "GPGSV,1,1,00");
            }
        }
        assertEquals(1, hub(Lane.EVENT, Kind.ANCHOR));
        assertEquals(List.of(), tampers());
    }

    private void says(DeviceReader receiver, long atMs, String sentence) {
        int sum = sentence.chars().reduce(0, (a, b) -> a ^ b);
        byte[] bytes = ("$" + sentence + String.format("*%02X\r\n", sum)).getBytes(StandardCharsets.US_ASCII);
        unit.nowMs = atMs;
        receiver.accept(bytes, 0, bytes.length, atMs, this::read);
        recorder.tick(atMs);
    }

    private long hub(Lane lane, Kind kind) {
        unit.exchange();
        return hub.bodies(lane).stream().filter(body -> body.kind() == kind).count();
    }

    /** 50 ppm of a cheap oscillator are a second in less than six hours. */
    @Test
    void anOscillatorThatDriftsIsAnchoredAgainAndIsNoJumpOfTheClock() {
        start(new UnitClock(() -> UTC + unit.nowMs + unit.nowMs / 20_000, () -> true));
        for (int minute = 0; minute < 24 * 60; minute++) {
            unit.nowMs += 60_000;
            recorder.tick(unit.nowMs);
        }
        assertEquals(5, hub(Lane.EVENT, Kind.ANCHOR));
        assertEquals(List.of(), tampers());
    }

    @Test
    void aSystemClockThatIsSetIsAJumpOfTheClock() {
        long[] wrongMs = {0};
        start(new UnitClock(() -> UTC + unit.nowMs + wrongMs[0], () -> true));
        recorder.tick(unit.nowMs);
        wrongMs[0] = -3_600_000;
        unit.nowMs += 1_000;
        recorder.tick(unit.nowMs);
        assertEquals(List.of(raised(Tamper.What.CLOCK_JUMP)), tampers());
    }

    private Reading.Fix fixAt(int lonE7) {
        return new Reading.Fix(
                UTC + unit.nowMs,
                false,
                375_012_345,
                lonE7,
                OptionalInt.empty(),
                OptionalInt.empty(),
                Reading.Quality.NONE);
    }
}
