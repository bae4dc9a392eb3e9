package ansim.hub.deliver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.core.EntryReader;
import ansim.hub.ledger.Provisions;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A centre that comes and reads. */
class StreamTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** Signs of life without an event, one a second, after which a stream has none for this reader. */
    private static final int PATIENCE_BEATS = 90;

    private static final String TOKEN = "a-token-of-thirty-two-bytes-....";

    @TempDir
    Path folder;

    private TestLog log;
    private Path token;

    @BeforeEach
    void open() throws IOException {
        log = new TestLog(folder.resolve("log"));
        token = folder.resolve("token");
        Files.writeString(token, TOKEN + "\n");
        Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-------"));
    }

    @AfterEach
    void close() throws IOException {
        log.close();
    }

    private StreamHub streams() throws IOException {
        return streams(1);
    }

    private StreamHub streams(long generation) throws IOException {
        return StreamHub.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                Optional.empty(),
                log.journal.journalId(),
                generation);
    }

    private Delivery deliver(StreamHub streams) throws IOException {
        return deliver(streams, log);
    }

    private Delivery deliver(StreamHub streams, TestLog log) throws IOException {
        return Delivery.start(
                new Delivery.Setup(
                        log.journal,
                        EntryReader.UNSEALED,
                        folder.resolve("index"),
                        Delivery.Limits.DEFAULT,
                        Provisions.NONE,
                        streams),
                List.of(new Destination("11680", List.of(Targets.stream(token)))));
    }

    /** A connection; its events are read as they come. */
    private static final class Client implements AutoCloseable {
        private final HttpURLConnection connection;
        private final BufferedReader lines;
        String lastId = "";

        Client(int port, String lastEventId) throws IOException {
            connection = (HttpURLConnection) URI.create("http://127.0.0.1:" + port + "/v1/streams/11680/normal")
                    .toURL()
                    .openConnection();
            connection.setRequestProperty("Authorization", "Bearer " + TOKEN);
            connection.setRequestProperty("Accept", "text/event-stream");
            if (!lastEventId.isEmpty()) {
                connection.setRequestProperty("Last-Event-ID", lastEventId);
            }
            connection.setReadTimeout(60_000);
            lines = new BufferedReader(new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8));
        }

        /** The next event's id in the hub; empty at the end of the stream. */
        Optional<String> next() throws IOException {
            String id = "";
            int beats = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("id: ")) {
                    id = line.substring(4);
                } else if (line.startsWith("data: ")) {
                    lastId = id;
                    return Optional.of(
                            JSON.readTree(line.substring(6)).path("id").asText());
                } else if (line.startsWith(":") && ++beats > PATIENCE_BEATS) {
                    throw new IOException("no event came in " + PATIENCE_BEATS + " s");
                }
            }
            return Optional.empty();
        }

        List<String> next(int count) throws IOException {
            List<String> all = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                all.add(next().orElseThrow());
            }
            return all;
        }

        @Override
        public void close() {
            connection.disconnect();
        }
    }

    private static int acknowledge(int port, String id, String token) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) URI.create("http://127.0.0.1:" + port + "/v1/streams/11680/normal/ack")
                        .toURL()
                        .openConnection();
        connection.setRequestMethod("POST");
        connection.setDoOutput(true);
        connection.setRequestProperty("Authorization", "Bearer " + token);
        connection.setRequestProperty("Last-Event-ID", id);
        connection.getOutputStream().close();
        return connection.getResponseCode();
    }

    private static CursorStatus normal(Delivery delivery) {
        return delivery.status().stream()
                .filter(each -> !each.alarm())
                .findFirst()
                .orElseThrow();
    }

    private List<String> add(int count) throws IOException {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ids.add(log.add(false, "11680"));
        }
        return ids;
    }

    @Test
    void onlyWhatTheCentreAcknowledgedCountsAndTheRestComesAgainAfterItsLastEvent() throws Exception {
        List<String> ids = add(30);
        try (StreamHub streams = streams();
                Delivery delivery = deliver(streams)) {
            String tenth;
            try (Client client = new Client(streams.port(), "")) {
                assertEquals(ids.subList(0, 10), client.next(10));
                tenth = client.lastId;
                assertEquals(204, acknowledge(streams.port(), tenth, TOKEN));
                TestCentre.await("ten count", () -> normal(delivery).delivered() == 10);
                assertEquals(204, acknowledge(streams.port(), tenth, TOKEN), "said again, nothing changes");
                assertEquals(409, acknowledge(streams.port(), "0-1-0", TOKEN));
                assertEquals(401, acknowledge(streams.port(), tenth, TOKEN + "x"));
                assertEquals(ids.subList(10, 20), client.next(10));
                try (Client again = new Client(streams.port(), client.lastId)) {
                    assertEquals(ids.subList(20, 30), again.next(10), "what it said to have does not come again");
                    TestCentre.await("its word counts", () -> normal(delivery).delivered() == 20);
                }
            }
            TestCentre.await("ten wait", () -> normal(delivery).waiting() == 10);
        }
    }

    @Test
    void afterTheHubsCrashTheLastEventIdOfTheCentreTellsWhatItHas() throws Exception {
        List<String> ids = add(30);
        String last;
        try (StreamHub streams = streams();
                Delivery delivery = deliver(streams);
                Client client = new Client(streams.port(), "")) {
            assertEquals(ids.subList(0, 20), client.next(20));
            last = client.lastId;
            assertEquals(0, normal(delivery).delivered());
        }
        log.reopen();
        try (StreamHub streams = streams();
                Delivery delivery = deliver(streams);
                Client client = new Client(streams.port(), last)) {
            assertEquals(ids.subList(20, 30), client.next(10));
            TestCentre.await("twenty count", () -> normal(delivery).delivered() == 20);
        }
    }

    /**
     * A build passed over them: the restored log has the old one's id, so what the centre said to have of the old log counted for the new entries
     * that came under the same numbers.
     */
    @Test
    void afterARestoreNewEventsComeAlthoughTheCentreHasOldOnesUnderTheirNumbers() throws Exception {
        List<String> ids = add(5);
        log.close();
        Path backup = Files.createDirectory(folder.resolve("backup"));
        try (Stream<Path> files = Files.list(folder.resolve("log"))) {
            for (Path each : files.toList()) {
                Files.copy(each, backup.resolve(each.getFileName()));
            }
        }
        log.open();
        ids.addAll(add(5));
        String last;
        try (StreamHub streams = streams(1);
                Delivery delivery = deliver(streams);
                Client client = new Client(streams.port(), "")) {
            assertEquals(ids, client.next(10));
            last = client.lastId;
            assertEquals(204, acknowledge(streams.port(), last, TOKEN));
            TestCentre.await("all count", () -> normal(delivery).delivered() == 10);
        }
        try (TestLog restored = new TestLog(backup);
                StreamHub streams = streams(2);
                Delivery delivery = deliver(streams, restored);
                Client client = new Client(streams.port(), last)) {
            assertEquals(log.journal.journalId(), restored.journal.journalId());
            List<String> fresh = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                fresh.add(restored.add(false, "11680"));
            }
            assertEquals(fresh, client.next(3));
            assertEquals(3, normal(delivery).waiting());
        }
    }

    /** As a browser's EventSource does: it never acknowledges, it only connects again. */
    @Test
    void aCentreThatOnlyConnectsAgainGetsEverythingInOrderAndOnce() throws Exception {
        List<String> ids = add(3 * StreamSink.WINDOW + 5);
        List<String> got = new ArrayList<>();
        String last = "";
        int connections = 0;
        try (StreamHub streams = streams();
                Delivery delivery = deliver(streams)) {
            while (got.size() < ids.size()) {
                connections++;
                try (Client client = new Client(streams.port(), last)) {
                    Optional<String> next = client.next();
                    while (next.isPresent()) {
                        got.add(next.get());
                        next = got.size() == ids.size() ? Optional.empty() : client.next();
                    }
                    last = client.lastId;
                }
            }
            String end = last;
            try (Client client = new Client(streams.port(), end)) {
                TestCentre.await("all count", () -> normal(delivery).waiting() == 0);
                assertEquals("", client.lastId, "nothing comes twice");
            }
            assertEquals(ids, got);
            assertEquals(4, connections);
        }
    }

    @Test
    void withoutTlsAStreamIsOnLoopbackOnlyAndWithoutAPlaceASinkIsAMistake() throws Exception {
        assertThrows(
                IllegalArgumentException.class,
                () -> StreamHub.start(new InetSocketAddress("0.0.0.0", 0), Optional.empty(), 1, 1));
        assertThrows(IOException.class, () -> deliver(StreamHub.NONE));
        try (StreamHub streams = streams();
                Delivery delivery = deliver(streams)) {
            assertEquals(2, delivery.status().size());
            HttpURLConnection none =
                    (HttpURLConnection) URI.create("http://127.0.0.1:" + streams.port() + "/v1/streams/11680/normal")
                            .toURL()
                            .openConnection();
            assertEquals(401, none.getResponseCode());
            assertTrue(streams.denied() > 0);
        }
    }
}
