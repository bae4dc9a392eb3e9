package ansim.hub.deliver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.core.EntryReader;
import ansim.hub.core.HubState;
import ansim.hub.core.Input;
import ansim.hub.core.LogEntry;
import ansim.hub.core.Step;
import ansim.journal.Entry;
import ansim.wire.Id16;
import ansim.wire.Pos;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A call for help in the city's app at a centre. */
@Timeout(60)
final class AppDeliveryTest {
    @TempDir
    private Path folder;

    @Test
    void aCallForHelpInTheAppIsDeliveredAsAnAlarmThatNobodySigned() throws Exception {
        Input.AppEmergency call = new Input.AppEmergency(
                TestLog.ARRIVED_MS,
                new Id16(7, 9),
                TestLog.ARRIVED_MS - 500,
                Input.AppEmergency.Gesture.TOUCH,
                Optional.of(Pos.of(375_172_000, 1_270_473_000)),
                Optional.empty());
        try (TestLog log = new TestLog(folder.resolve("log"));
                TestCentre centre = new TestCentre(log, folder.resolve("centre.jsonl"));
                Delivery delivery = Delivery.start(
                        log.journal,
                        EntryReader.UNSEALED,
                        folder.resolve("index"),
                        List.of(new Destination("11680", List.of(Targets.webhook(centre.url())))))) {
            LogEntry entry = new LogEntry(call, Step.decide(new HubState(), call));
            log.journal.append(Entry.message(entry.encode()));
            TestCentre.await("the alarm", () -> centre.ids().equals(List.of(call.id())));
            Receiver.Taken taken = centre.taken.get(0);
            assertEquals("ansim.panic", taken.text("type"));
            assertEquals("urn:ansim:app", taken.text("source"));
            assertEquals(
                    "app",
                    taken.event().path("data").path("details").path("origin").asText());
            assertTrue(taken.event().path("data").path("alarm").asBoolean());
            assertFalse(taken.event().path("data").has("signed"));
            assertFalse(taken.verified());
            TestCentre.await("nothing waits", () -> delivery.status().stream().allMatch(each -> each.waiting() == 0));
        }
    }
}
