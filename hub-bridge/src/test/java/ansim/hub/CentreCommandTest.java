package ansim.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class CentreCommandTest {
    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        CommandLine line = HubBridge.commandLine();
        line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return line.execute(args);
    }

    @Test
    void aCentreNeedsAWayIn() {
        assertEquals(2, run("centre"));
        assertTrue(err.toString().contains("--listen or --mqtt"), err.toString());
    }

    @Test
    void aWrongAddressIsSaidInWords() {
        assertEquals(1, run("centre", "--listen", "nonsense"));
        assertTrue(err.toString().startsWith("Error: --listen must be HOST:PORT (got nonsense)"), err.toString());
        assertTrue(err.toString().contains("Try: "), err.toString());
    }

    @Test
    void aLoginGoesWithABrokerAndIsWhole() throws Exception {
        assertEquals(2, run("centre", "--listen", "127.0.0.1:0", "--user", "centre"));
        assertTrue(err.toString().contains("go with --mqtt URL"), err.toString());
        assertEquals(2, run("centre", "--mqtt", "ssl://b.example", "--user", "centre"));
        assertTrue(err.toString().contains("user and password-file must be given together"), err.toString());
        assertEquals(2, run("centre", "--mqtt", "http://b.example"));
        assertTrue(err.toString().contains("one of the schemes [ssl, tcp]"), err.toString());
        Path none = folder.resolve("none");
        assertEquals(1, run("centre", "--mqtt", "ssl://b.example", "--user", "c", "--password-file", none.toString()));
        assertTrue(err.toString().contains("Error: " + none + " is not there: write the password"), err.toString());
    }

    @Test
    void itPrintsALinePerEventOnceAndEndsWhenInterrupted() throws Exception {
        byte[] event =
                ("{\"specversion\":\"1.0\",\"id\":\"u/c/2/1\",\"type\":\"ansim.ride.boarded\",\"data\":{\"district\":\"11440\","
                                + "\"vehicle\":\"서울33바1234\",\"time\":\"2026-11-23T06:00:00Z\",\"ride\":\"1122334455667788\","
                                + "\"late\":true}}")
                        .getBytes(StandardCharsets.UTF_8);
        AtomicInteger exit = new AtomicInteger(-1);
        Thread command = new Thread(() -> exit.set(run("centre", "--listen", "127.0.0.1:0", "--district", "11440")));
        command.start();
        URI uri = URI.create(await("listens at (http://\\S+)"));
        HttpRequest post = HttpRequest.newBuilder(uri)
                .header("Content-Type", "application/cloudevents+json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(event))
                .build();
        for (int i = 0; i < 2; i++) {
            assertEquals(
                    204,
                    HttpClient.newHttpClient()
                            .send(post, HttpResponse.BodyHandlers.discarding())
                            .statusCode());
        }
        String line = await("(\\d{4}-.*ride\\.boarded.*)");
        assertTrue(line.contains("마포구"), line);
        assertTrue(line.contains("서울33바1234"), line);
        assertTrue(line.contains("11223344 "), line);
        assertTrue(line.endsWith("[NOT VERIFIED]  late"), line);
        command.interrupt();
        command.join();
        assertEquals(1, exit.get());
        assertEquals(1, out.toString().split("ride\\.boarded", -1).length - 1, "a repeat is not printed");
    }

    private String await(String pattern) {
        long deadline = System.nanoTime() + 60_000_000_000L;
        while (System.nanoTime() < deadline) {
            Matcher found = Pattern.compile(pattern).matcher(out.toString());
            if (found.find()) {
                return found.group(1);
            }
            LockSupport.parkNanos(2_000_000);
        }
        throw new AssertionError("not printed within 60 s: " + pattern + " in " + out);
    }

    @Test
    void missingKeysAreSaidInWords() {
        Path missing = folder.resolve("registry.db");
        assertEquals(1, run("centre", "--listen", "127.0.0.1:0", "--units", missing.toString()));
        assertTrue(err.toString().startsWith("Error: " + missing + " does not exist"), err.toString());
    }
}
