package ansim.hub.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.view.Picture;
import ansim.wire.RideChange;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ConsoleTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @TempDir
    Path folder;

    private final HttpClient http = HttpClient.newHttpClient();
    private LiveHub hub;
    private SampleCity city;

    @BeforeEach
    void start() throws Exception {
        hub = new LiveHub(folder);
        city = hub.city;
    }

    @AfterEach
    void stop() throws Exception {
        hub.close();
        assertTrue(hub.tail.trouble().isEmpty());
    }

    private HttpResponse<String> get(String path) throws Exception {
        return http.send(
                HttpRequest.newBuilder(
                                URI.create("http://127.0.0.1:" + hub.console().port() + path))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private JsonNode state() throws Exception {
        return MAPPER.readTree(get("/api/state").body());
    }

    /** The data of the next event of a type. */
    private static JsonNode next(BufferedReader events, String type) throws IOException {
        String line;
        boolean found = false;
        while ((line = events.readLine()) != null) {
            if (line.startsWith("event: ")) {
                found = line.equals("event: " + type);
            } else if (found && line.startsWith("data: ")) {
                return MAPPER.readTree(line.substring(6));
            }
        }
        throw new AssertionError("the stream ended before a " + type);
    }

    private Socket ask(String request) throws IOException {
        Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), hub.console().port());
        socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
        return socket;
    }

    private static BufferedReader reader(Socket socket) throws IOException {
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    private Socket events(String after) throws IOException {
        return ask("GET /api/events HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: " + after + "\r\n\r\n");
    }

    @Test
    void theStateHoldsUnitsRidesEventsAndCounts() throws Exception {
        city.taxi("서울 31바 1234").at(37.5172, 127.0473).board(RideChange.Source.CARD);
        hub.upToDate();
        JsonNode state = state();
        assertEquals("서울 31바 1234", state.path("units").path(0).path("vehicle").asText());
        assertEquals(
                "11680", state.path("rides").path(0).path("districts").path(0).asText());
        assertEquals(
                "ansim.ride.boarded", state.path("events").path(0).path("type").asText());
        assertEquals(1, state.path("counts").path(0).path("boarded").asInt());
        assertEquals(hub.views.position(), state.path("index").asLong());
    }

    @Test
    void aPageThatComesBackGoesOnFromWhereItWas() throws Exception {
        SampleCity.Unit taxi = city.taxi("서울 31바 1234");
        hub.upToDate();
        String before = state().path("id").asText();
        taxi.board(RideChange.Source.CARD);
        hub.upToDate();
        try (Socket socket = events(before);
                BufferedReader events = reader(socket)) {
            JsonNode missed = next(events, "change");
            assertEquals(1, missed.path("rides").size());
            taxi.alight();
            JsonNode then = next(events, "change");
            assertTrue(then.path("rides").path(0).has("alightedMs"));
        }
    }

    /** It once missed what came between the reading of the position and the first change that it was told: no page ever showed that ride. */
    @Test
    void whatHappensWhileTheConsoleStartsIsToldOrAskedFor() throws Exception {
        SampleCity.Unit taxi = city.taxi("서울 31바 1234").at(37.5172, 127.0473);
        for (int round = 0; round < 40; round++) {
            hub.upToDate();
            String before = state().path("id").asText();
            long index = Long.parseLong(before.substring(before.indexOf('-') + 1));
            hub.without(() -> taxi.drive(37.5172, 127.0473));
            hub.upToDate();
            try (Socket socket = events(before);
                    BufferedReader events = reader(socket)) {
                String line;
                do {
                    line = events.readLine();
                } while (!"event: change".equals(line) && !"event: reset".equals(line) && !"event: beat".equals(line));
                assertTrue(!line.equals("event: beat"), "the change after " + index + " was never told");
            }
        }
    }

    /** With no page open each change was still made into JSON, a third of what the views cost under a city's load. */
    @Test
    void afterAWhileWithoutAPageNothingIsMadeForPagesAndWhoComesMustAskForTheState() throws Exception {
        SampleCity.Unit taxi = city.taxi("서울 31바 1234");
        hub.upToDate();
        String before = state().path("id").asText();
        Feed feed = hub.console().feed();
        for (int beat = 0; beat < Feed.QUIET_BEATS; beat++) {
            feed.beat(() -> "{}");
        }
        assertFalse(feed.looks());
        taxi.board(RideChange.Source.CARD);
        hub.upToDate();
        try (Socket socket = events(before);
                BufferedReader events = reader(socket)) {
            assertTrue(next(events, "reset").isEmpty());
        }
        assertTrue(feed.looks());
        String now = state().path("id").asText();
        taxi.alight();
        hub.upToDate();
        try (Socket socket = events(now);
                BufferedReader events = reader(socket)) {
            assertEquals(1, next(events, "change").path("rides").size());
        }
    }

    @Test
    void aPageOfAnotherLogOrFromTooLongAgoMustAskForTheStateAnew() throws Exception {
        city.taxi("서울 31바 1234");
        hub.upToDate();
        for (String after : List.of("", "rubbish", "0123456789abcdef-1", "0123456789abcdef-x")) {
            try (Socket socket = events(after);
                    BufferedReader events = reader(socket)) {
                assertTrue(next(events, "reset").isEmpty(), after);
            }
        }
    }

    @Test
    void aPageThatDoesNotReadIsDroppedAndTheOthersGoOn() throws Exception {
        city.taxi("x".repeat(100));
        hub.upToDate();
        String now = state().path("id").asText();
        Picture.Unit unit = hub.views.units().get(0);
        Feed feed = hub.console().feed();
        try (Socket socket = events(now);
                BufferedReader events = reader(socket);
                Socket slow = events(now)) {
            Browser.until("both pages are there", () -> feed.pages() == 2);
            long index = hub.views.position();
            while (feed.slowClients() == 0) {
                index++;
                feed.changed(new Picture(
                        index, Collections.nCopies(1_000, unit), List.of(), List.of(), List.of(), List.of(), false));
                assertEquals(index, next(events, "change").path("index").asLong());
            }
            assertEquals(1, feed.slowClients());
            assertEquals(1, feed.pages());
            assertTrue(slow.isConnected());
        }
    }

    @Test
    void whatIsKeptForPagesThatComeBackHasALimit() throws Exception {
        city.taxi("서울 31바 1234");
        hub.upToDate();
        String before = state().path("id").asText();
        Picture.Unit unit = hub.views.units().get(0);
        long index = hub.views.position();
        try (Socket socket = events(before);
                BufferedReader events = reader(socket)) {
            for (int i = 0; i <= Feed.KEPT; i++) {
                index++;
                hub.console()
                        .feed()
                        .changed(new Picture(index, List.of(unit), List.of(), List.of(), List.of(), List.of(), false));
                next(events, "change");
            }
        }
        try (Socket socket = events(before);
                BufferedReader events = reader(socket)) {
            assertTrue(next(events, "reset").isEmpty());
        }
    }

    @Test
    void onlyTheNamesOfThisMachineAreAnswered() throws Exception {
        for (String host : List.of("evil.example", "evil.example:80", "127.0.0.1.evil.example")) {
            try (Socket socket = ask("GET /api/state HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
                    BufferedReader answer = reader(socket)) {
                assertTrue(answer.readLine().startsWith("HTTP/1.1 421"), host);
            }
        }
        for (String host : List.of("localhost", "127.0.0.1:1", "[::1]:8080")) {
            try (Socket socket = ask("GET /healthz HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
                    BufferedReader answer = reader(socket)) {
                assertTrue(answer.readLine().startsWith("HTTP/1.1 200"), host);
            }
        }
    }

    @Test
    void healthCountsWhatTheIntakeStoredAndRefused() throws Exception {
        String health = get("/healthz").body();
        assertTrue(health.contains("\"intake\":{"), health);
        assertTrue(health.contains("\"stored\":2"), health);
        assertTrue(health.contains("\"refused-signature\":1"), health);
    }

    @Test
    void everyAnswerForbidsTheBrowserWhatThePageDoesNotNeed() throws Exception {
        for (String path : List.of("/", "/main.js", "/leaflet.js", "/api/districts", "/api/state", "/nothing")) {
            HttpResponse<String> answer = get(path);
            String policy =
                    answer.headers().firstValue("Content-Security-Policy").orElse("");
            assertTrue(policy.contains("default-src 'none'") && !policy.contains("unsafe"), path);
            assertEquals(
                    "nosniff",
                    answer.headers().firstValue("X-Content-Type-Options").orElse(""),
                    path);
        }
    }

    @Test
    void nothingButThePagesFilesCanBeRead() throws Exception {
        for (String path : List.of(
                "/../tinylog.properties",
                "/%2e%2e/tinylog.properties",
                "/tinylog.properties",
                "/ansim/hub/console/main.js",
                "/META-INF/MANIFEST.MF",
                "/.")) {
            int status = get(path).statusCode();
            assertTrue(status == 404 || path.equals("/."), path + " " + status);
        }
        assertEquals(
                405,
                http.send(
                                HttpRequest.newBuilder(URI.create("http://127.0.0.1:"
                                                + hub.console().port() + "/api/state"))
                                        .POST(HttpRequest.BodyPublishers.noBody())
                                        .build(),
                                HttpResponse.BodyHandlers.discarding())
                        .statusCode());
    }

    @Test
    void theOutlinesCarryCodesAndNamesAndSayWhetherTheyAreApproximate() throws Exception {
        JsonNode map = MAPPER.readTree(get("/api/districts").body());
        assertTrue(map.path("approximate").asBoolean());
        assertEquals(25, map.path("features").size());

        city.importDistricts("""
                {"type":"FeatureCollection","features":[{"type":"Feature",
                "properties":{"SIG_CD":"11680","SIG_KOR_NM":"강남구","SIG_ENG_NM":"Gangnam-gu"},
                "geometry":{"type":"Polygon","coordinates":[[[127,37],[127.1,37],[127.1,37.1],[127,37.1],[127,37]]]}}]}""".getBytes(StandardCharsets.UTF_8));
        hub.upToDate();
        JsonNode imported = MAPPER.readTree(get("/api/districts").body());
        assertFalse(imported.path("approximate").asBoolean());
        assertEquals(
                "{\"code\":\"11680\",\"name\":\"강남구\",\"nameEn\":\"Gangnam-gu\"}",
                imported.path("features").path(0).path("properties").toString());
    }

    @Test
    void anAddressThatIsTakenIsAnErrorAndOneBeyondLoopbackIsRefused() {
        IOException taken = assertThrows(
                IOException.class,
                () -> Console.start(
                        new InetSocketAddress(
                                InetAddress.getLoopbackAddress(), hub.console().port()),
                        hub.tail,
                        Clock.systemUTC(),
                        () -> Map.of("stored", 2L, "refused-signature", 1L)));
        assertTrue(String.valueOf(taken.getMessage()).contains("cannot listen"));
        assertThrows(
                IllegalArgumentException.class,
                () -> Console.start(
                        new InetSocketAddress("0.0.0.0", 0),
                        hub.tail,
                        Clock.systemUTC(),
                        () -> Map.of("stored", 2L, "refused-signature", 1L)));
    }
}
