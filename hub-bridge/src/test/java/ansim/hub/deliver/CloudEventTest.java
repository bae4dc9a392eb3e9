package ansim.hub.deliver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.core.Event;
import ansim.hub.core.Flag;
import ansim.hub.core.LogEntry;
import ansim.hub.core.Output;
import ansim.hub.core.When;
import ansim.wire.TimeQuality;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CloudEventTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    private static LogEntry asTest(LogEntry entry) {
        Output output = entry.output();
        Set<Flag> flags = EnumSet.of(Flag.TEST);
        flags.addAll(output.flags());
        return new LogEntry(
                entry.input(),
                new Output(
                        output.disposition(),
                        output.id(),
                        flags,
                        output.reason(),
                        output.links(),
                        output.receipted(),
                        output.event(),
                        output.lookup(),
                        output.numbersAlarm()));
    }

    /** A centre that counts, or sends somebody, must not have to open the signed bytes for it. */
    @Test
    void aTestSaysSoButWhatTheHubItselfFoundInItsNumberIsReal() throws IOException {
        try (TestLog log = new TestLog(folder)) {
            LogEntry entry = asTest(log.addWithNumbersAlarm(true, List.of("11680"), "11680"));
            List<Notice> notices = Notice.of(entry, index -> Optional.empty());
            JsonNode call = data(notices.get(0));
            JsonNode clone = data(notices.get(1));
            assertTrue(call.path("test").asBoolean());
            assertTrue(words(call).contains("test"));
            assertEquals(false, clone.path("test").asBoolean());
            assertEquals(List.of("chain-break", "numbers"), words(clone));
        }
    }

    /** One anchor dates what several centres got, and what nobody did: each hears of its own only. */
    @Test
    void aDestinationIsToldTheBetterDatesOfWhatItGotAndNoOther() throws IOException {
        try (TestLog log = new TestLog(folder)) {
            LogEntry plain = log.entry(false, "11680");
            When when = new When(3, 3, TimeQuality.NTP, When.Source.ANCHOR);
            Event event = plain.output()
                    .event()
                    .orElseThrow()
                    .to(List.of("11680", "11440"))
                    .correcting(List.of(
                            new Event.Correction("mine", when, List.of("11680", "11440")),
                            new Event.Correction("theirs", when, List.of("11440")),
                            new Event.Correction("withheld", when, List.of())));
            Notice notice = new Notice("id", event, plain.output().flags(), plain, List.of());
            assertEquals(List.of("mine"), corrected(notice.as("11680")));
            assertEquals(List.of("mine", "theirs"), corrected(notice.as("11440")));
            assertEquals(List.of("mine", "theirs"), corrected(notice.as(Destination.ALL)));
        }
    }

    private static List<String> corrected(Notice notice) throws IOException {
        return data(notice).path("corrections").findValuesAsText("id");
    }

    private static JsonNode data(Notice notice) throws IOException {
        return JSON.readTree(CloudEvent.encode(notice, "11680", CloudEvent.attributes(notice)))
                .path("data");
    }

    private static List<String> words(JsonNode data) {
        return JSON.convertValue(
                data.path("flags"), JSON.getTypeFactory().constructCollectionType(List.class, String.class));
    }
}
