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
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeliveriesCommandTest {
    @TempDir
    Path folder;

    private Ran ran = new Ran(0, "", "");

    private int run(String... arguments) {
        ran = Ran.on(folder, arguments);
        return ran.code();
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
            assertEquals(0, run("deliveries", "status"), ran::err);
            assertEquals(5, ran.out().lines().count(), ran::out);
            assertTrue(ran.out().contains("webhook https://centre.invalid/in"), ran::out);
            assertTrue(!ran.out().contains("password") && !ran.out().contains("key=1"), ran::out);
            assertEquals(0, run("deliveries", "status", "--json", "--sink", "file", "--lane", "alarm"));
            JsonNode rows = new ObjectMapper().readTree(ran.out());
            assertEquals(1, rows.size(), ran::out);
            assertTrue(rows.path(0).path("reconciles").asBoolean());
            assertEquals(0, run("deliveries", "replay", "--from", "2026-11-27T00:00"), ran::err);
            assertTrue(ran.out().contains("0 entries go again"), ran::out);
            assertEquals(1, run("deliveries", "redeliver", "no/such/2/1"));
            assertTrue(ran.err().contains("no event of this id"), ran::err);
            assertEquals(1, run("deliveries", "skip", "no/such/2/1"));
            assertEquals(1, run("deliveries", "replay", "--from", "2026-11-27T00:00Z", "--district", "1"));
            assertEquals(2, run("deliveries", "replay", "--from", "yesterday"));
        }
    }

    @Test
    void withoutAHubItSaysSo() {
        assertEquals(1, run("deliveries", "status"));
        assertTrue(ran.err().contains("no hub answers"), ran::err);
    }
}
