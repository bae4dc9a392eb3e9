package ansim.hub.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.deliver.CursorStatus;
import ansim.hub.intake.Intake;
import ansim.hub.view.UnitSearch;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What Prometheus reads, and that the dashboard asks for nothing else. */
@Timeout(60)
final class HubMetricsTest {
    private static final Path DASHBOARD = Path.of("../docs/grafana/ansim-hub.json");
    private static final Pattern NAME = Pattern.compile("\\b((?:ansim|jvm|process|system)_[a-z_]+)\\b");

    private final Map<String, Long> counts = new HashMap<>();
    private long waiting = 3;
    private boolean reconciles = true;
    private Instant now = Instant.parse("2026-11-27T00:00:00Z");
    private int unitsCounted;

    private final HubMetrics metrics = new HubMetrics(new HubMetrics.Sources(
            () -> Map.copyOf(counts),
            () -> List.of(cursor()),
            nowMs -> states(),
            () -> 120,
            () -> 100,
            Path.of("."),
            () -> now));

    private UnitSearch.States states() {
        unitsCounted++;
        return new UnitSearch.States(5, 4, 3, 2);
    }

    private CursorStatus cursor() {
        return new CursorStatus(
                "11680",
                "webhook https://name:secret@centre.example/events?key=hidden",
                true,
                113 + waiting,
                waiting,
                100,
                1,
                7,
                5,
                0,
                0,
                0,
                reconciles,
                OptionalLong.empty(),
                OptionalLong.of(now.toEpochMilli() - 90_000),
                Optional.of("503"),
                Optional.empty());
    }

    @AfterEach
    void stop() {
        metrics.close();
    }

    private double value(String series) {
        String line = metrics.scrape()
                .lines()
                .filter(each -> each.startsWith(series + " "))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + series + " in\n" + metrics.scrape()));
        return Double.parseDouble(line.substring(series.length() + 1));
    }

    @Test
    void whatTheIntakeCountsIsThereByOutcomeAndReasonAlsoWhereItIsZero() {
        counts.put("stored", 7L);
        counts.put("refused-signature", 2L);
        counts.put("waiting-to-commit", 9L);
        counts.put("enrolled", 4L);
        assertEquals(7, value("ansim_messages_total{outcome=\"stored\"}"));
        assertEquals(0, value("ansim_messages_total{outcome=\"hole\"}"));
        assertEquals(2, value("ansim_refused_total{reason=\"signature\"}"));
        assertEquals(9, value("ansim_waiting{stage=\"commit\"}"));
        assertEquals(4, value("ansim_count{what=\"enrolled\"}"));
        counts.put("stored", 8L);
        assertEquals(8, value("ansim_messages_total{outcome=\"stored\"}"));
        for (String reason : Intake.refusals()) {
            assertEquals(reason.equals("signature") ? 2 : 0, value("ansim_refused_total{reason=\"" + reason + "\"}"));
        }
    }

    @Test
    void aSinksBacklogAndAgeAreThereAndItsPasswordIsNot() {
        String sink = "{district=\"11680\",lane=\"alarm\",sink=\"webhook https://centre.example/~1dd2f11c\"}";
        assertEquals(3, value("ansim_delivery_waiting" + sink));
        assertEquals(90, value("ansim_delivery_oldest_seconds" + sink));
        assertEquals(1, value("ansim_delivery_failing" + sink));
        waiting = 4;
        assertEquals(4, value("ansim_delivery_waiting" + sink));
        assertFalse(metrics.scrape().contains("secret"));
        assertFalse(metrics.scrape().contains("hidden"));
        assertFalse(metrics.scrape().contains("centre.example/events"), "a path may be a secret, too");
    }

    @Test
    void aSinksAccountIsThereAndWhetherItAddsUp() {
        String sink = "{district=\"11680\",lane=\"alarm\",sink=\"webhook https://centre.example/~1dd2f11c\"}";
        assertEquals(
                value("ansim_delivery_routed_total" + sink),
                value("ansim_delivery_delivered_total" + sink)
                        + value("ansim_delivery_waiting" + sink)
                        + value("ansim_delivery_dead_total" + sink)
                        + value("ansim_delivery_dropped_total" + sink)
                        + value("ansim_delivery_skipped_total" + sink));
        assertEquals(7, value("ansim_delivery_dropped_total" + sink));
        assertEquals(5, value("ansim_delivery_skipped_total" + sink));
        assertEquals(1, value("ansim_delivery_reconciles" + sink));
        reconciles = false;
        assertEquals(0, value("ansim_delivery_reconciles" + sink));
    }

    @Test
    void theUnitsAreCountedOnceInTenSecondsHoweverOftenSomebodyAsks() {
        assertEquals(5, value("ansim_units{state=\"online\"}"));
        assertEquals(2, value("ansim_units{state=\"never-seen\"}"));
        assertEquals(1, unitsCounted);
        now = now.plusMillis(HubMetrics.STATES_MS);
        metrics.scrape();
        assertEquals(2, unitsCounted);
    }

    @Test
    void commitsAndVerificationsAreHistograms() {
        metrics.committed(3_000_000, 20);
        metrics.verified(60_000);
        assertEquals(1, value("ansim_commit_seconds_bucket{le=\"0.005\"}"));
        assertEquals(0, value("ansim_commit_seconds_bucket{le=\"0.002\"}"));
        assertEquals(20, value("ansim_commit_entries_sum"));
        assertEquals(1, value("ansim_verify_seconds_bucket{le=\"1.0E-4\"}"));
    }

    /** A panel that asks for what is not there is empty, and nobody knows whether that is good. */
    @Test
    void everyMetricOfTheDashboardIsExposed() throws IOException {
        metrics.gauge("guardian.waiting", "Words to guardians that wait.", () -> 6);
        metrics.gauge("delivery.unreconciled", "Cursors whose accounts do not add up.", () -> 0);
        metrics.committed(1, 1);
        metrics.verified(1);
        Set<String> exposed = new TreeSet<>();
        metrics.scrape()
                .lines()
                .filter(each -> !each.startsWith("#"))
                .forEach(each -> exposed.add(each.split("[{ ]", 2)[0]));
        assertTrue(exposed.contains("ansim_guardian_waiting"));
        JsonNode dashboard = new ObjectMapper().readTree(Files.readString(DASHBOARD));
        List<String> missing = new ArrayList<>();
        int asked = 0;
        for (JsonNode panel : dashboard.path("panels")) {
            assertFalse(panel.path("targets").isEmpty(), panel.path("title").asText());
            for (JsonNode target : panel.path("targets")) {
                Matcher names = NAME.matcher(target.path("expr").asText());
                while (names.find()) {
                    asked++;
                    if (!exposed.contains(names.group(1))) {
                        missing.add(panel.path("title").asText() + ": " + names.group(1));
                    }
                }
            }
        }
        assertTrue(asked >= 20, "only " + asked + " metrics were found in the dashboard");
        assertEquals(List.of(), missing);
    }

    @Test
    void readyIs200AndEverythingElseIs503WithWhatIsMissing() throws Exception {
        List<String> missing = new ArrayList<>(List.of("the doors are not open"));
        try (ProbeDoor door = ProbeDoor.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                new Probes(metrics::scrape, () -> List.copyOf(missing)))) {
            HttpResponse<String> not = get(door, "/readyz");
            assertEquals(503, not.statusCode());
            assertTrue(not.body().contains("the doors are not open"), not.body());
            missing.clear();
            assertEquals(200, get(door, "/readyz").statusCode());
            HttpResponse<String> scraped = get(door, "/metrics");
            assertEquals(200, scraped.statusCode());
            assertTrue(scraped.body().contains("ansim_log_entries 120.0"), scraped.body());
            assertEquals(
                    "text/plain; version=0.0.4; charset=utf-8",
                    scraped.headers().firstValue("Content-Type").orElse(""));
        }
    }

    private static HttpResponse<String> get(ProbeDoor door, String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + door.port() + path))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }
}
