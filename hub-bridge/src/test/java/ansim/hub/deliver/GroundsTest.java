package ansim.hub.deliver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.core.Basis;
import ansim.hub.core.Basis.Why;
import ansim.hub.core.Event;
import ansim.hub.core.EventType;
import ansim.hub.core.LogEntry;
import ansim.hub.core.Output;
import ansim.hub.deliver.Destination.Format;
import ansim.hub.ledger.Provisions.Provision;
import ansim.wire.Id8;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written down of a provision: on what ground, and whose it was. */
class GroundsTest {
    @TempDir
    Path folder;

    private TestLog log;

    @BeforeEach
    void openLog() throws Exception {
        log = new TestLog(folder.resolve("log"));
    }

    @AfterEach
    void closeLog() throws Exception {
        log.close();
    }

    private static Event like(Event event, EventType type, boolean alarm, Optional<Id8> ride, Optional<Basis> basis) {
        return new Event(
                type,
                event.districts(),
                alarm,
                event.when(),
                event.place(),
                event.placeSource(),
                event.vehicle(),
                event.company(),
                event.unitKind(),
                ride,
                event.details(),
                event.corrections(),
                basis);
    }

    private Notice notice(EventType type, boolean alarm, Optional<Id8> ride, Optional<Basis> basis) {
        LogEntry entry = log.entry(alarm, "11680");
        Event event = entry.output().event().orElseThrow();
        return new Notice(
                "id", like(event, type, alarm, ride, basis), entry.output().flags(), entry, List.of());
    }

    private static Optional<Basis> on(Why why, String text) {
        return Optional.of(new Basis(why, text, Optional.empty()));
    }

    private static String line(Notice notice) {
        return Shipping.provision(notice, "11680 file")
                .map(each -> each.reason() + " " + each.keep() + " " + each.ride())
                .orElse("no line");
    }

    /** Everything that was no alarm was written down as given by consent, also what an ordinance opened or a call for help. */
    @Test
    void theGroundIsThatOnWhichItWasDecided() {
        Optional<Id8> ride = Optional.of(log.ride);
        String hex = log.ride.hex();
        assertEquals("consent RIDES " + hex, line(notice(EventType.RIDE_BOARDED, false, ride, on(Why.CONSENT, ""))));
        assertEquals(
                "every-ride: ordinance 7 RIDES " + hex,
                line(notice(EventType.RIDE_BOARDED, false, ride, on(Why.SETTING, "ordinance 7"))));
        for (EventType type : List.of(EventType.POSITION, EventType.TRACK, EventType.RIDE_ALIGHTED)) {
            assertEquals("emergency-rescue EMERGENCIES " + hex, line(notice(type, false, ride, on(Why.EMERGENCY, ""))));
        }
        assertEquals(
                "emergency-rescue EMERGENCIES " + hex,
                line(notice(EventType.PANIC, true, ride, on(Why.EMERGENCY, ""))));
    }

    @Test
    void whereAUnitIsInAnEmergencyOutsideRidesIsALineToo() {
        for (EventType type : List.of(EventType.POSITION, EventType.TRACK)) {
            assertEquals(
                    "emergency-rescue EMERGENCIES ",
                    line(notice(type, false, Optional.empty(), on(Why.EMERGENCY, ""))));
            assertEquals(
                    "emergency-rescue EMERGENCIES ",
                    line(notice(type, false, Optional.empty(), Optional.empty())),
                    "of a log from before grounds were written down");
        }
    }

    @Test
    void whatShowsARideIsALineOfThatRideAndWhatIsOfNobodyIsNone() {
        Basis through = new Basis(Why.CONSENT, "", Optional.of(log.ride));
        assertEquals(
                "consent RIDES " + log.ride.hex(),
                line(notice(EventType.CONTACT, false, Optional.empty(), Optional.of(through))));
        assertEquals("no line", line(notice(EventType.CONTACT, false, Optional.empty(), Optional.empty())));
        assertEquals("no line", line(notice(EventType.GAP, false, Optional.empty(), Optional.empty())));
    }

    @Test
    void anAlarmOfARideThatStaysAtTheHubGoesWithoutTheSignedMessageInWhateverFormat() throws Exception {
        Basis none = new Basis(Why.NONE, "", Optional.of(log.ride));
        Notice reduced = notice(EventType.TAMPER, true, Optional.empty(), Optional.of(none));
        Sink.Body body = Shipping.body(Format.COSE, reduced, "11680");
        assertEquals(Format.CLOUDEVENTS, body.format());
        String json = new String(body.bytes(), StandardCharsets.UTF_8);
        assertTrue(json.contains("ansim.tamper"));
        assertFalse(json.contains("\"signed\"") || json.contains(log.ride.hex()), json);
        assertEquals(
                log.ride.hex(),
                Shipping.provision(reduced, "x").map(Provision::ride).orElseThrow(),
                "whose alarm it was is in the ledger");
        Notice open = notice(EventType.TAMPER, true, Optional.empty(), on(Why.EMERGENCY, ""));
        assertEquals(Format.COSE, Shipping.body(Format.COSE, open, "11680").format());
    }

    /** What was withheld goes out on the ground of the name, under which everybody may see it. */
    @Test
    void whatGoesOutAgainGoesOnTheGroundOfWhatOpenedIt() throws Exception {
        LogEntry plain = log.entry(false, "11680");
        Event boarding = plain.output().event().orElseThrow();
        log.addName(1, List.of("11680"), "11680");
        LogEntry name = LogEntry.decode(
                log.journal.read(log.journal.durableIndex()).orElseThrow().payload());
        Event named = name.output().event().orElseThrow().on(on(Why.CONSENT, ""));
        LogEntry opened = new LogEntry(name.input(), withEvent(name, named));
        LogEntry withheld = new LogEntry(plain.input(), withEvent(plain, boarding.on(on(Why.NONE, ""))));
        Notice again = Notice.of(opened, index -> Optional.of(withheld)).get(0);
        assertEquals(plain.output().id(), again.id());
        assertEquals("consent RIDES " + log.ride.hex(), line(again));
    }

    private static Output withEvent(LogEntry entry, Event event) {
        Output output = entry.output();
        return new Output(
                output.disposition(),
                output.id(),
                output.flags(),
                output.reason(),
                output.links(),
                output.receipted(),
                Optional.of(event),
                output.lookup(),
                output.numbersAlarm(),
                output.again());
    }
}
