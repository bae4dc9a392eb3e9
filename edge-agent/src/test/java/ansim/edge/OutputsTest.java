package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.edge.keys.HubTrust;
import ansim.edge.port.OutputConfig;
import ansim.edge.port.OutputLine;
import ansim.edge.port.PortReading;
import ansim.edge.port.PortStatus;
import ansim.journal.JournalException;
import ansim.profile.Reading;
import ansim.settings.Section;
import ansim.settings.SettingsException;
import ansim.wire.Bytes;
import ansim.wire.Command;
import ansim.wire.CommandAck;
import ansim.wire.CommandAck.Outcome;
import ansim.wire.Kind;
import ansim.wire.Lane;
import ansim.wire.OtherVerb;
import ansim.wire.UpMessage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands and alerts of the hub, down to the relay's line. */
class OutputsTest {
    /** {1: "siren", 2: true}. */
    private static final String SIREN_ON = "a2016573697265" + "6e" + "02f5";

    private static final String SIREN_OFF = "a2016573697265" + "6e" + "02f4";
    /** {1: "beacon", 2: true}. */
    private static final String BEACON_ON = "a201" + "66626561636f6e" + "02f5";

    /** {1: "siren", 2: true, 3: 5}. */
    private static final String SIREN_5_S = "a3016573697265" + "6e" + "02f5" + "0305";
    /** {1: h'0102030405060708', 2: [375000000, 1270000000, 500], 4: 1800000030, 5: 2, 6: {"en": "x"}, 7: "flood"}. */
    private static final String ALERT = "a6014801020304050607080283" + "1a165a0bc0" + "1a4bb2af80" + "1901f4"
            + "041a6b49d21e" + "0502" + "06a162656e6178" + "0765666c6f6f64";

    private static final long UTC_S = 1_800_000_000L;

    @TempDir
    private Path data = Path.of("");

    private final FailingFiles files = new FailingFiles();
    private int stored;
    private final Signals signals = new Signals(on -> stored += on ? 1 : 0, on -> {});
    private TestUnit unit;
    private Outputs outputs = Outputs.none();
    private Commands commands;
    private Recorder recorder;
    private long number;

    @BeforeEach
    void open() throws JournalException {
        unit = new TestUnit(data, TestUnit.hub(), files, new Quota(1 << 24, 1 << 23, 1 << 18));
        start();
    }

    private void start() {
        outputs = new Outputs(List.of(output("siren", false), output("beacon", true)), signals::silent);
        outputs.open(unit.nowMs);
        commands = commands(outputs);
        Sealer sealer = new Sealer(TestUnit.ID, unit.lanes.sealer().boot(), TestUnit.KEY, unit.clock, () -> unit.nowMs);
        recorder = new Recorder(
                new Recorder.Parts(
                        unit.lanes,
                        unit.clock,
                        sealer,
                        CardSealer.none(),
                        signals,
                        new Whereabouts(Optional.empty()),
                        new Measures()),
                TestUnit.PACE,
                RideRules.standard(),
                new SplittableRandom(4),
                nowMs -> {
                    throw new AssertionError("not asked for");
                });
    }

    private Commands commands(Outputs switched) {
        HubTrust trust = HubTrust.fixed(TestUnit.KEY.verifyKey());
        return new Commands(unit.lanes, unit.clock, () -> unit.nowMs, switched, trust);
    }

    private void restart() throws JournalException {
        outputs.close();
        unit = unit.restart();
        start();
    }

    @AfterEach
    void close() {
        outputs.close();
        unit.close();
    }

    private OutputConfig output(String name, boolean onAlert) {
        return new OutputConfig(
                name,
                "output-relay",
                "sim:" + data.resolve(name),
                onAlert,
                Section.of("test", Map.of("longest-on", "60s")));
    }

    private void send(int verb, String body) {
        send(verb, body, OptionalLong.empty());
    }

    private void send(int verb, String body, long expS) {
        send(verb, body, OptionalLong.of(expS));
    }

    private void send(int verb, String body, OptionalLong expS) {
        OtherVerb what = new OtherVerb(verb, Bytes.of(HexFormat.of().parseHex(body)));
        commands.execute(new Command("hub", TestUnit.ID, expS, 1_700_000_000L, 7, ++number, what), 7);
    }

    private void pass(long ms) {
        for (long end = unit.nowMs + ms; unit.nowMs < end; ) {
            unit.nowMs += 100;
            outputs.tick(unit.nowMs);
        }
    }

    private String line(String name) throws IOException {
        return Files.readString(data.resolve(name)).trim();
    }

    private Outcome answered() throws Exception {
        List<CommandAck> acks = acks();
        CommandAck last = acks.get(acks.size() - 1);
        assertEquals(number, last.command());
        return last.outcome();
    }

    private List<CommandAck> acks() throws Exception {
        List<CommandAck> acks = new ArrayList<>();
        Outgoing outgoing = new Outgoing(unit.lanes);
        for (Outgoing.Offer offer : outgoing.offers()) {
            long n = 0;
            Optional<HeldMessage> next = outgoing.next(offer.lane(), offer.chain(), n);
            while (offer.lane() == Lane.EVENT && next.isPresent()) {
                n = next.get().n();
                UpMessage.parse(next.get().bytes()).batch().records().stream()
                        .filter(each -> each.body().kind() == Kind.COMMAND_ACK)
                        .forEach(each -> acks.add((CommandAck) each.body()));
                next = outgoing.next(offer.lane(), offer.chain(), n);
            }
        }
        return acks;
    }

    /** By a receipt. */
    private void know(long utcS) {
        commands.heardHub(utcS, 7);
    }

    private void spoof(long utcS) {
        TestUnit.tellTime(unit.clock, Instant.ofEpochSecond(utcS).toEpochMilli(), unit.nowMs);
    }

    private void press(Reading.Origin origin, boolean silent) {
        recorder.take(new PortReading(
                "button", new Reading.PanicPress(origin, Reading.Pattern.PRESS, silent, 1), unit.nowMs));
    }

    private PortStatus.State state(String output) {
        return Optional.ofNullable(outputs.states().get(output)).orElseThrow().state();
    }

    // ---- commands

    @Test
    void anOutputIsSwitchedAndTheCommandAnswered() throws Exception {
        assertEquals("0 0", line("siren"));
        send(4, SIREN_ON);
        assertEquals("1 1", line("siren"));
        assertEquals(Outcome.DONE, answered());
        send(4, SIREN_OFF);
        assertEquals("0 1", line("siren"));
        assertEquals(Outcome.DONE, answered());
        assertEquals("0 0", line("beacon"));
    }

    @Test
    void itGoesOffByItselfAfterAsLongAsWasOrderedAndNeverLaterThanItsProfileSays() throws Exception {
        send(4, SIREN_5_S);
        pass(4_900);
        assertEquals("1 1", line("siren"));
        pass(100);
        assertEquals("0 1", line("siren"));
        send(4, SIREN_ON);
        pass(40_000);
        send(4, SIREN_ON);
        pass(19_900);
        assertEquals("1 2", line("siren"));
        pass(100);
        assertEquals("0 2", line("siren"));
    }

    @Test
    void aCommandThatComesAgainIsNotDoneAgain() throws Exception {
        send(4, SIREN_ON);
        send(4, SIREN_OFF);
        number -= 2;
        send(4, SIREN_ON);
        number++;
        assertEquals("0 1", line("siren"));
        assertEquals(2, acks().size());
    }

    @Test
    void whatCannotBeDoneIsAnsweredWithTheReason() throws Exception {
        send(4, "a201657061676572" + "02f5");
        assertEquals(Outcome.REFUSED, answered(), "there is no such output");
        send(4, "a10165736972656e");
        assertEquals(Outcome.REFUSED, answered(), "on or off is missing");
        send(4, "a3" + "01657369726" + "56e" + "02f5" + "20f5");
        assertEquals(Outcome.REFUSED, answered(), "an unknown negative key must be understood");
        send(7, "a0");
        assertEquals(Outcome.UNKNOWN, answered());
        know(UTC_S);
        send(4, SIREN_ON, UTC_S);
        assertEquals(Outcome.EXPIRED, answered());
        assertEquals("0 0", line("siren"));
        Files.delete(data.resolve("siren"));
        Files.createDirectories(data.resolve("siren/in the way"));
        send(4, SIREN_ON);
        assertEquals(Outcome.FAILED, answered(), "the line cannot be set");
        assertEquals(PortStatus.State.ABSENT, state("siren"));
        assertEquals(PortStatus.State.UP, state("beacon"));
    }

    /** Once three agreeing fixes of 2040 had every order of the hub answered EXPIRED, and the hub took that for its end. */
    @Test
    void aSpoofedDateEndsNoOrderAndSavesNone() throws Exception {
        know(UTC_S);
        spoof(2_208_988_800L);
        send(4, SIREN_ON, UTC_S + 60);
        assertEquals(Outcome.DONE, answered());
        spoof(UTC_S - 86_400);
        send(4, SIREN_OFF, UTC_S);
        assertEquals(Outcome.EXPIRED, answered());
        pass(61_000);
        send(4, SIREN_OFF, UTC_S + 60);
        assertEquals(Outcome.EXPIRED, answered(), "the hub's time goes on by the unit's own clock");
    }

    /** Once a unit without a clock did what a broker had kept for it since yesterday. */
    @Test
    void anOrderThatComesBeforeTheTimeIsKnownWaitsForTheFirstReceiptAndOthersBehindIt() throws Exception {
        send(4, SIREN_ON, UTC_S);
        send(4, SIREN_ON);
        assertEquals(List.of(), acks());
        assertEquals("0 0", line("siren"));
        know(UTC_S);
        assertEquals(List.of(new CommandAck(1, Outcome.EXPIRED), new CommandAck(2, Outcome.DONE)), acks());
        assertEquals("1 1", line("siren"));
    }

    @Test
    void noMoreOrdersWaitThanTheHubHasUnderWay() throws Exception {
        for (int i = 0; i < Commands.MOST_WAITING + 1; i++) {
            send(4, SIREN_OFF, UTC_S + 60);
        }
        know(UTC_S);
        assertEquals(Commands.MOST_WAITING, acks().size());
        number--;
        send(4, SIREN_OFF, UTC_S + 60);
        assertEquals(Commands.MOST_WAITING + 1, acks().size(), "the hub sends it again");
    }

    @Test
    void aCommandThatCannotBeStoredIsNotDone() throws Exception {
        files.failing = true;
        send(4, SIREN_ON);
        assertEquals("0 0", line("siren"));
    }

    /** The process ended after the command was stored and before its answer was. */
    @Test
    void aCommandInWhichTheAgentEndedIsAnsweredFailedAndNotDoneAgain() throws Exception {
        oweAnAnswer();
        restart();
        send(4, SIREN_ON);
        assertEquals("0 0", line("siren"));
        assertEquals(List.of(new CommandAck(1, Outcome.FAILED)), acks());
        restart();
        assertEquals(1, acks().size(), "answered once");
    }

    /** With a bad sector in lane 2 the agent began at nothing: a command that the hub sent again was done again. */
    @Test
    void aCommandThatWasDoneIsNotDoneAgainWhenLane2OpensLate() throws Exception {
        send(4, SIREN_ON);
        startWithoutLane2();
        String before = line("siren");
        number--;
        send(4, SIREN_ON);
        assertEquals(before, line("siren"));
        assertEquals(List.of(), acks(), "nobody knows yet");
        lane2Opens();
        number--;
        send(4, SIREN_ON);
        assertEquals(before, line("siren"));
        assertEquals(List.of(new CommandAck(1, Outcome.DONE)), acks());
        send(4, SIREN_ON);
        assertTrue(line("siren").startsWith("1 "), "the next one is done");
        assertEquals(Outcome.DONE, answered());
    }

    @Test
    void anAnswerThatIsOwedIsGivenWhenLane2OpensLate() throws Exception {
        oweAnAnswer();
        startWithoutLane2();
        commands.recall();
        assertEquals(List.of(), acks());
        lane2Opens();
        commands.recall();
        commands.recall();
        assertEquals(List.of(new CommandAck(1, Outcome.FAILED)), acks());
    }

    /** The first command is stored and its answer is not. */
    private void oweAnAnswer() {
        byte[] owed =
                ByteBuffer.allocate(17).putLong(7).putLong(1).put((byte) 1).array();
        assertTrue(unit.lanes.keep(Lane.EVENT, Lanes.COMMANDS, owed));
    }

    private void startWithoutLane2() throws JournalException {
        files.only = "lane-2";
        files.failingOpens = true;
        restart();
        assertFalse(unit.lanes.isOpen(Lane.EVENT));
    }

    private void lane2Opens() {
        files.failingOpens = false;
        unit.retry();
        assertTrue(unit.lanes.isOpen(Lane.EVENT));
    }

    // ---- alerts

    @Test
    void anAlertSwitchesTheOutputsThatAreToFollowItUntilItEnds() throws Exception {
        know(UTC_S);
        send(2, ALERT);
        assertEquals(Outcome.DONE, answered());
        assertEquals("1 1", line("beacon"));
        assertEquals("0 0", line("siren"));
        pass(29_900);
        assertEquals("1 1", line("beacon"));
        pass(200);
        assertEquals("0 1", line("beacon"));
        know(UTC_S + 31);
        send(2, ALERT);
        assertEquals(Outcome.EXPIRED, answered());
        assertEquals("0 1", line("beacon"));
    }

    @Test
    void aCancelledAlertEndsWhatItHasSwitchedOnAndNothingElse() throws Exception {
        know(UTC_S);
        send(4, SIREN_ON);
        send(2, ALERT);
        send(3, cancel(9));
        assertEquals(Outcome.DONE, answered(), "it is not on for another one");
        assertEquals("1 1", line("beacon"));
        send(3, cancel(8));
        assertEquals(Outcome.DONE, answered());
        assertEquals("0 1", line("beacon"));
        assertEquals("1 1", line("siren"));
    }

    @Test
    void ofTwoAlertsTheOutputsAreOnUntilBothAreCancelled() throws Exception {
        know(UTC_S);
        send(2, ALERT);
        send(2, ALERT.replace("0708", "0709"));
        send(3, cancel(8));
        assertEquals("1 1", line("beacon"));
        send(3, cancel(9));
        assertEquals("0 1", line("beacon"));
    }

    @Test
    void anAlertThatEndedByItselfDoesNotKeepALaterOneOn() throws Exception {
        know(UTC_S);
        send(2, ALERT);
        pass(31_000);
        send(2, ALERT.replace("0708", "0709").replace("1a6b49d21e", "1a6b49d25a"));
        assertEquals("1 2", line("beacon"));
        send(3, cancel(9));
        assertEquals("0 2", line("beacon"));
    }

    @Test
    void whatWasOrderedOnSinceGoesOnWhenTheAlertIsCancelled() throws Exception {
        know(UTC_S);
        send(2, ALERT);
        send(4, BEACON_ON);
        send(3, cancel(8));
        assertEquals(Outcome.DONE, answered());
        assertEquals("1 1", line("beacon"));
    }

    @Test
    void aCancelWithoutAnAlertsIdOrWithAKeyThatMustBeUnderstoodIsRefused() throws Exception {
        send(3, "a0");
        assertEquals(Outcome.REFUSED, answered());
        send(3, "a2" + cancel(8).substring(2) + "20f5");
        assertEquals(Outcome.REFUSED, answered());
    }

    /** {1: h'01020304050607..'}, which ends with this. */
    private static String cancel(int last) {
        return "a1014801020304050607" + "0" + last;
    }

    @Test
    void anAlertWithoutAnOutputForItIsUnknownAsBefore() throws Exception {
        commands = commands(Outputs.none());
        send(2, ALERT);
        assertEquals(Outcome.UNKNOWN, answered());
    }

    // ---- silence

    @Test
    void whileASilentAlarmIsOpenNothingThatTheHubSaysMovesAnything() throws Exception {
        know(UTC_S);
        press(Reading.Origin.LAMP, true);
        send(4, SIREN_ON);
        assertEquals(Outcome.REFUSED, answered());
        send(4, SIREN_OFF);
        assertEquals(Outcome.REFUSED, answered());
        send(2, ALERT);
        assertEquals(Outcome.REFUSED, answered());
        send(3, cancel(8));
        assertEquals(Outcome.REFUSED, answered());
        recorder.take(new PortReading("reader", new Reading.Tap("62E3086CED"), unit.nowMs));
        press(Reading.Origin.RIDER, false);
        signals.hub(unit.nowMs);
        pass(10_000);
        assertEquals("0 0", line("siren"));
        assertEquals("0 0", line("beacon"));
        assertEquals(0, stored, "a tap or another alarm shows nothing either");
    }

    @Test
    void whatIsOnWhenASilentAlarmBeginsGoesOffWhenItWouldHaveGoneOffAnyway() throws Exception {
        send(4, SIREN_5_S);
        press(Reading.Origin.DRIVER, true);
        send(4, SIREN_OFF);
        assertEquals("1 1", line("siren"));
        pass(5_000);
        assertEquals("0 1", line("siren"));
    }

    @Test
    void afterTheSilentAlarmTheOutputsFollowAgain() throws Exception {
        press(Reading.Origin.DRIVER, true);
        assertTrue(signals.silent());
        unit.nowMs += Alarms.OPEN_MS + 1;
        press(Reading.Origin.RIDER, false);
        assertFalse(signals.silent());
        send(4, SIREN_ON);
        assertEquals(Outcome.DONE, answered());
        assertEquals("1 1", line("siren"));
    }

    @Test
    void aSilentAlarmThatAnEarlierRunLeftOpenSilencesFromTheStart() throws Exception {
        press(Reading.Origin.DRIVER, true);
        signals.silence(false);
        restart();
        send(4, SIREN_ON);
        assertEquals(Outcome.REFUSED, answered());
        assertEquals("0 0", line("siren"));
    }

    // ---- start, end, settings

    @Test
    void everyOutputIsOffAfterCloseAndStaysOff() throws Exception {
        send(4, SIREN_ON);
        outputs.close();
        assertEquals("0 1", line("siren"));
        send(4, SIREN_ON);
        outputs.tick(unit.nowMs + 10);
        assertEquals("0 1", line("siren"));
        assertEquals(Outcome.REFUSED, answered());
    }

    @Test
    void anOutputWithABrokenProfileStopsNoneOfTheOthers() throws Exception {
        OutputConfig broken = new OutputConfig(
                "siren",
                "output-relay",
                "sim:" + data.resolve("siren"),
                false,
                Section.of("test", Map.of("longest-on", "soon")));
        outputs = new Outputs(List.of(broken, output("beacon", true)), () -> false);
        outputs.open(unit.nowMs);
        commands = commands(outputs);
        assertEquals(PortStatus.State.BROKEN_PROFILE, state("siren"));
        send(4, SIREN_ON);
        assertEquals(Outcome.FAILED, answered());
        send(4, BEACON_ON);
        assertEquals("1 1", line("beacon"));
    }

    @Test
    void aProfileThatIsReadIsNoOutput() {
        OutputConfig wrong = new OutputConfig("siren", "contact", "17", false, Section.empty());
        assertTrue(assertThrows(SettingsException.class, wrong::loaded)
                .problems()
                .get(0)
                .rule()
                .contains("list it under ports"));
    }

    /** A light for people was tried again only when somebody tapped, and the reader was behind the same plug. */
    @Test
    void aLightThatAnotherSwitchesIsTriedAgainOnceASecond() throws IOException {
        Path there = data.resolve("later");
        try (OutputLine light = new OutputLine("sim:" + there.resolve("stored"))) {
            outputs.keep(light);
            outputs.tick(unit.nowMs);
            assertTrue(light.error().isPresent());
            Files.createDirectory(there);
            outputs.tick(unit.nowMs + 999);
            assertTrue(light.error().isPresent());
            outputs.tick(unit.nowMs + 1_000);
            assertEquals(Optional.empty(), light.error());
        }
    }
}
