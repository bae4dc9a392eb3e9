package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.edge.port.PortReading;
import ansim.journal.JournalException;
import ansim.profile.Reading;
import ansim.wire.Alighted;
import ansim.wire.Body;
import ansim.wire.Bytes;
import ansim.wire.CommandAck;
import ansim.wire.CommandAck.Outcome;
import ansim.wire.CommissioningOrder;
import ansim.wire.Kind;
import ansim.wire.Lane;
import ansim.wire.OtherVerb;
import ansim.wire.Panic;
import ansim.wire.Phase;
import ansim.wire.UpMessage;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commissioning from the hub's order, or a fitter's hand, to what the hub gets: through the journal and the forwarder. */
class CommissionedUnitTest {
    private static final long UTC = 1_790_000_000_000L;
    private static final String CARD = "62E3086CED";

    @TempDir
    private Path data;

    private final TestHub hub = TestUnit.hub();
    private TestUnit unit;
    private Recorder recorder;
    private int stored;
    private long commands;

    @BeforeEach
    void open() throws JournalException {
        start(new TestUnit(data, hub));
    }

    private void start(TestUnit with) {
        unit = with;
        Sealer sealer = unit.lanes.sealer();
        recorder = new Recorder(
                new Recorder.Parts(
                        unit.lanes,
                        unit.clock,
                        sealer,
                        CardSealer.none(),
                        new Signals(on -> stored += on ? 1 : 0, on -> {}),
                        new Whereabouts(Optional.empty()),
                        new Measures()),
                TestUnit.PACE,
                RideRules.standard(),
                new SplittableRandom(4),
                nowMs -> TestUnit.health());
        recorder.commissionBy("service");
        unit.link.connect();
    }

    @AfterEach
    void close() {
        unit.close();
    }

    private void read(Reading reading) {
        recorder.take(new PortReading("any", reading, unit.nowMs));
        unit.exchange();
    }

    private void press() {
        press(Reading.Origin.RIDER, false);
    }

    private void press(Reading.Origin origin, boolean silent) {
        read(new Reading.PanicPress(origin, Reading.Pattern.LONG, silent, 1));
    }

    private void service(boolean closed, boolean initial) {
        read(new Reading.ContactChange("service", closed, false, initial));
    }

    /** Stands still, one fix and five ticks a second. */
    private void pass(int seconds) {
        for (int i = 0; i < seconds; i++) {
            read(new Reading.Fix(
                    UTC + unit.nowMs,
                    false,
                    375_012_345,
                    1_270_012_345,
                    OptionalInt.of(0),
                    OptionalInt.of(0),
                    Reading.Quality.NONE));
            for (int tick = 0; tick < 5; tick++) {
                unit.nowMs += 200;
                recorder.tick(unit.nowMs);
            }
            unit.exchange();
        }
    }

    private Outcome order(OtherVerb verb) {
        long number = ++commands;
        unit.link.down(hub.sign(verb, number));
        unit.exchange();
        List<CommandAck> acks = hub.bodies(Lane.EVENT).stream()
                .filter(body -> body.kind() == Kind.COMMAND_ACK)
                .map(CommandAck.class::cast)
                .filter(ack -> ack.command() == number)
                .toList();
        assertEquals(1, acks.size(), "answered once");
        return acks.get(0).outcome();
    }

    private Outcome commission(int seconds) {
        return order(new CommissioningOrder(seconds).verb());
    }

    private List<UpMessage> of(Kind kind) {
        return hub.stored.stream()
                .filter(message -> message.batch().records().get(0).body().kind() == kind)
                .toList();
    }

    private List<Boolean> marks(Kind kind) {
        return of(kind).stream().map(message -> message.batch().test()).toList();
    }

    private static Body body(UpMessage message) {
        return message.batch().records().get(0).body();
    }

    @Test
    void theHubsOrderMarksAllThatIsSealedUntilItEndsByItself() {
        pass(1);
        assertEquals(Outcome.DONE, commission(600));
        read(new Reading.ContactChange("flood", true, false, false));
        press();
        pass(61);
        assertEquals(List.of(true), marks(Kind.COMMAND_ACK));
        assertEquals(List.of(true), marks(Kind.CONTACT));
        assertEquals(List.of(true), marks(Kind.PANIC));
        assertEquals(List.of(false, true), marks(Kind.HEALTH));
        pass(540);
        read(new Reading.ContactChange("flood", false, false, false));
        press();
        assertEquals(List.of(true, false), marks(Kind.CONTACT), "after its ten minutes");
        assertEquals(List.of(true, false), marks(Kind.PANIC));
        assertEquals(0, unit.waiting(Lane.ALARM), "receipted as ever");
        assertEquals(0, unit.waiting(Lane.EVENT));
    }

    @Test
    void aTestPressLeavesNoAlarmOpenOnTheUnit() {
        commission(1_800);
        press();
        assertFalse(recorder.alarmed(unit.nowMs));
        pass(20);
        assertEquals(List.of(), of(Kind.POSITION), "no live positions");
        assertEquals(List.of(), of(Kind.TRACK));
        assertEquals(Phase.RAISED, ((Panic) body(of(Kind.PANIC).get(0))).phase());
    }

    @Test
    void aSecondPressWithinAMinuteIsRealAndEndsIt() {
        commission(1_800);
        press();
        pass(59);
        press(Reading.Origin.DRIVER, true);
        assertTrue(recorder.alarmed(unit.nowMs));
        pass(3);
        press(Reading.Origin.DRIVER, true);
        assertEquals(List.of(true, false, false), marks(Kind.PANIC));
        List<Panic> panics =
                of(Kind.PANIC).stream().map(message -> (Panic) body(message)).toList();
        assertNotEquals(panics.get(0).alarm(), panics.get(1).alarm(), "an alarm of its own");
        assertEquals(Phase.RAISED, panics.get(1).phase());
        assertEquals(panics.get(1).alarm(), panics.get(2).alarm());
        assertTrue(marks(Kind.POSITION).size() >= 2, "followed every two seconds");
        assertFalse(marks(Kind.POSITION).contains(true));
        assertEquals(Outcome.REFUSED, commission(1_800), "an alarm is open");
    }

    @Test
    void aRideThatStartsEndsItBeforeItsBoardingIsSealed() {
        commission(1_800);
        read(new Reading.Tap(CARD));
        press();
        assertEquals(List.of(false), marks(Kind.BOARDED));
        assertEquals(List.of(false), marks(Kind.PANIC));
        assertTrue(recorder.alarmed(unit.nowMs));
    }

    @Test
    void itIsRefusedWhileARideIsOnAndAsLongAsATapMayStillNameIt() {
        read(new Reading.Lamp(true, false));
        assertEquals(Outcome.REFUSED, commission(1_800));
        read(new Reading.Lamp(false, false));
        pass(3);
        assertEquals(1, of(Kind.ALIGHTED).size());
        assertEquals(Outcome.REFUSED, commission(1_800));
        read(new Reading.Tap(CARD));
        pass(60);
        assertEquals(Outcome.DONE, commission(1_800));
        assertFalse(hub.stored.stream()
                .filter(message ->
                        body(message) instanceof Alighted || body(message).kind() == Kind.BOARDED)
                .anyMatch(message -> message.batch().test()));
    }

    @Test
    void itIsRefusedWhileAnAlarmIsOpenAlsoRightAfterARestart() throws JournalException {
        press();
        assertEquals(Outcome.REFUSED, commission(1_800));
        start(unit.restart());
        assertEquals(Outcome.REFUSED, commission(1_800));
        unit.nowMs += Alarms.REPEAT_MS;
        press();
        assertEquals(List.of(false, false), marks(Kind.PANIC));
    }

    @Test
    void theEvidenceOfAnAlarmThatHasJustEndedIsSealedBeforeItBegins() {
        press();
        // So that the last row of fixes has just begun when the alarm ends.
        unit.nowMs += 7_000;
        pass((int) (Alarms.OPEN_MS / 1_000) - 7);
        assertTrue(recorder.alarmed(unit.nowMs));
        unit.nowMs += 1_000;
        recorder.tick(unit.nowMs);
        assertFalse(recorder.alarmed(unit.nowMs));
        Outcome outcome = commission(1_800);
        pass(31);
        assertEquals(Outcome.REFUSED, outcome, "track of it waits");
        assertEquals(Outcome.DONE, commission(1_800));
        assertFalse(marks(Kind.TRACK).contains(true));
    }

    @Test
    void zeroEndsIt() {
        commission(1_800);
        assertEquals(Outcome.DONE, commission(0));
        press();
        assertEquals(List.of(false), marks(Kind.PANIC));
        assertEquals(List.of(true, false), marks(Kind.COMMAND_ACK));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a0", "a101190709", "a10120", "a2010120f5"})
    void anOrderThatIsNoneIsRefusedAndMarksNothing(String hex) {
        assertEquals(
                Outcome.REFUSED, order(new OtherVerb(10, Bytes.of(HexFormat.of().parseHex(hex)))));
        press();
        assertEquals(List.of(false), marks(Kind.PANIC));
    }

    @Test
    void itDoesNotSurviveARestart() throws JournalException {
        commission(1_800);
        start(unit.restart());
        press();
        assertEquals(List.of(false), marks(Kind.PANIC));
        assertTrue(recorder.alarmed(unit.nowMs));
    }

    @Test
    void aFitterWithoutAHubHoldsAContactAtTheStart() {
        service(true, true);
        pass(6);
        assertEquals(0, stored, "not before it is let go");
        service(false, false);
        press();
        assertEquals(List.of(true), marks(Kind.PANIC));
        assertEquals(List.of(true), marks(Kind.CONTACT), "what let it begin is no news of the site");
    }

    @Test
    void theContactBeginsNothingWhileARideGoesOn() throws JournalException {
        read(new Reading.Lamp(true, false));
        start(unit.restart());
        service(true, true);
        pass(6);
        service(false, false);
        press();
        assertEquals(List.of(false), marks(Kind.PANIC));
    }

    @Test
    void theLightPulsesWhileItLasts() {
        commission(6);
        pass(30);
        assertEquals(2, stored);
    }

    /** Somebody presses at the moment of a start for whose press it would be too late to ask. */
    @Test
    void aPanicButtonThatIsHeldAtTheStartIsACallForHelp() {
        service(true, true);
        press();
        pass(6);
        service(false, false);
        press();
        assertEquals(List.of(false, false), marks(Kind.PANIC));
    }
}
