package ansim.hub.deliver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.core.EventType;
import ansim.hub.core.Flag;
import ansim.wire.Gap;
import ansim.wire.Panic;
import ansim.wire.Phase;
import ansim.wire.Tamper;
import ansim.wire.Topics;
import ansim.wire.UpMessage;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code docs/centre.md}, by which a centre's engineer writes a receiver, is what this hub sends. */
final class CentrePageTest {
    private static final Path PAGE = Path.of(System.getProperty("ansim.root", ".."), "docs/centre.md");
    private static final Pattern SAMPLE = Pattern.compile("```json\n(.+?)\n```", Pattern.DOTALL);
    private static final ObjectMapper JSON = new ObjectMapper();

    private String page = "";
    private final List<String> samples = new ArrayList<>();

    @BeforeEach
    void read() throws Exception {
        page = Files.readString(PAGE);
        Matcher found = SAMPLE.matcher(page);
        while (found.find()) {
            samples.add(found.group(1));
        }
    }

    @Test
    void everyTypeOfEventHasItsHeadingAndARealEvent() throws Exception {
        Set<String> shown = new TreeSet<>();
        for (String each : samples) {
            shown.add(JSON.readTree(each).path("type").asText());
        }
        Set<String> due = new TreeSet<>();
        for (EventType each : EventType.values()) {
            due.add(each.word());
            assertTrue(page.contains("### `" + each.word() + "`"), each.word());
        }
        assertEquals(due, shown);
    }

    @Test
    void theReferenceCentreTakesEveryEventOfThePageAndItsSignedBytesAreThatUnits() throws Exception {
        List<Receiver.Taken> taken = new ArrayList<>();
        try (EventBook book = EventBook.inMemory()) {
            Receiver receiver =
                    new Receiver(kid -> Optional.empty(), (key, bytes, signature) -> false, book, taken::add);
            for (String each : samples) {
                receiver.take(each.getBytes(StandardCharsets.UTF_8));
            }
        }
        assertEquals(
                samples.size(), taken.stream().filter(Receiver.Taken::first).count());
        for (Receiver.Taken each : taken) {
            JsonNode signed = each.event().path("data").path("signed");
            if (signed.isTextual()) {
                UpMessage message = UpMessage.parseLeniently(signed.binaryValue());
                assertTrue(each.text("id").startsWith(message.batch().unit().hex() + "/"), each.text("id"));
            }
        }
    }

    @Test
    void everyFieldThatComesIsExplained() throws Exception {
        Set<String> missing = new TreeSet<>();
        for (String each : samples) {
            JsonNode data = JSON.readTree(each).path("data");
            for (JsonNode at : List.of(data, data.path("details"), data.path("place"))) {
                at.fieldNames().forEachRemaining(name -> {
                    if (!page.contains("`" + name + "`")) {
                        missing.add(name);
                    }
                });
            }
        }
        assertEquals(Set.of(), missing);
    }

    @Test
    void everyWordThatAFieldMayHaveIsNamed() {
        Stream<Enum<?>> words = Stream.of(
                        Panic.Origin.values(),
                        Panic.Pattern.values(),
                        Tamper.What.values(),
                        Gap.Reason.values(),
                        Phase.values(),
                        Flag.values())
                .flatMap(Arrays::stream);
        List<String> missing = words.filter(each -> each != Flag.WITHHELD)
                .map(each -> each.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .filter(word -> !page.contains("`" + word + "`"))
                .toList();
        assertEquals(List.of(), missing);
    }

    @Test
    void whatGoesOverTheWireIsNamedAsTheSinksSendIt() {
        List<String> due = new ArrayList<>(List.of(
                "`" + CloudEvent.CONTENT_TYPE + "`",
                "`" + CloudEvent.BATCH_TYPE + "`",
                "`" + Sink.Body.COSE_TYPE + "`",
                "`" + Signature.ID + "`",
                "`" + Signature.TIMESTAMP + "`",
                "`" + Signature.SIGNATURE + "`",
                "more than " + Signature.TOLERANCE.toMinutes() + " minutes",
                "within " + WebhookSink.TIMEOUT.toSeconds() + " s",
                "`" + Topics.centre("DISTRICT", true) + "`",
                "`" + Topics.centre("DISTRICT", false) + "`",
                "`" + Indexer.fileName("DISTRICT", true) + ".jsonl`",
                "When " + StreamSink.WINDOW + " have waited for " + StreamSink.FULL.toSeconds() + " s, or one for "
                        + StreamSink.LATEST.toSeconds() + " s"));
        String refused = WebhookSink.REFUSALS.stream()
                .sorted()
                .map(String::valueOf)
                .reduce((a, b) -> a + ", " + b)
                .orElseThrow();
        due.add("| " + refused + " | refused for good");
        due.removeIf(page::contains);
        assertEquals(List.of(), due);
    }
}
