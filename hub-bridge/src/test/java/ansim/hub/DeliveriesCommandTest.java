package ansim.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.core.EntryReader;
import ansim.hub.deliver.Delivery;
import ansim.hub.deliver.StreamHub;
import ansim.hub.ledger.Provisions;
import ansim.journal.Journal;
import ansim.journal.JournalFiles;
import ansim.journal.JournalOptions;
import ansim.settings.Settings;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeliveriesCommandTest {
    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--data", folder.toString()));
        return HubBridge.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(all.toArray(new String[0]));
    }

    @Test
    void aRunningHubAnswersInATableOrInJsonAndSaysWhatItCannotDo() throws Exception {
        Path yaml = folder.resolve("hub.yaml");
        Files.writeString(yaml, """
                data: .
                centres:
                  - district: "11680"
                    sinks: [{file: out}, {webhook: "https://user:password@centre.invalid/in?key=1"}]
                """);
        HubConfig config = Settings.load(yaml, HubConfig.class);
        try (Journal log = Journal.open(config.logDirectory(), JournalOptions.hub(), JournalFiles.real());
                Delivery delivery = Delivery.start(
                        new Delivery.Setup(
                                log,
                                EntryReader.UNSEALED,
                                config.indexDirectory(),
                                Delivery.Limits.DEFAULT,
                                Provisions.NONE,
                                StreamHub.NONE),
                        config.centres())) {
            assertEquals(4, delivery.status().size());
            assertEquals(0, run("deliveries", "status"), err::toString);
            assertEquals(5, out.toString().lines().count(), out::toString);
            assertTrue(out.toString().contains("webhook https://centre.invalid/in"), out::toString);
            assertTrue(!out.toString().contains("password") && !out.toString().contains("key=1"), out::toString);
            assertEquals(0, run("deliveries", "status", "--json", "--sink", "file", "--lane", "alarm"));
            JsonNode rows = new ObjectMapper().readTree(out.toString());
            assertEquals(1, rows.size(), out::toString);
            assertTrue(rows.path(0).path("reconciles").asBoolean());
            assertEquals(0, run("deliveries", "replay", "--from", "2026-11-27T00:00"), err::toString);
            assertTrue(out.toString().contains("0 entries go again"), out::toString);
            assertEquals(1, run("deliveries", "redeliver", "no/such/2/1"));
            assertTrue(err.toString().contains("no event of this id"), err::toString);
            assertEquals(1, run("deliveries", "skip", "no/such/2/1"));
            assertEquals(1, run("deliveries", "replay", "--from", "2026-11-27T00:00Z", "--district", "1"));
            assertEquals(2, run("deliveries", "replay", "--from", "yesterday"));
        }
    }

    @Test
    void withoutAHubItSaysSo() {
        assertEquals(1, run("deliveries", "status"));
        assertTrue(err.toString().contains("no hub answers"), err::toString);
    }
}
