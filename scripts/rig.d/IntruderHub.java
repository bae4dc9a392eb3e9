import ansim.hub.view.Registry;
import ansim.trust.Authority;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A real hub with TLS, its authority and its registry, and what it counts. One thread. */
final class IntruderHub implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(120);
    private static final Duration END = Duration.ofSeconds(30);
    private static final Duration ASK = Duration.ofSeconds(10);
    private static final ObjectMapper JSON = new ObjectMapper();

    final int port = freePort();
    final int enrolmentPort = freePort();
    private final int pagePort = freePort();
    final Registry registry;
    final Authority authority;
    private final Program program;
    private final HttpClient http = HttpClient.newHttpClient();

    IntruderHub(Path dir) throws IOException, InterruptedException {
        Path data = dir.resolve("hub");
        Path config = dir.resolve("hub.yaml");
        Files.writeString(
                config,
                """
                data: %s
                door: {listen: 127.0.0.1:%d}
                enrolment: {listen: 127.0.0.1:%d}
                console: {listen: 127.0.0.1:%d}
                """
                        .formatted(data, port, enrolmentPort, pagePort));
        Path jar = Path.of(System.getProperty("ansim.root", "")).resolve("hub-bridge/target/hub-bridge.jar");
        String java = Path.of(System.getProperty("java.home"), "bin/java").toString();
        program = new Program(
                "hub",
                dir.resolve("hub.log"),
                List.of(java, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-jar", jar.toString(), "run", "--config", config.toString()),
                Map.of());
        program.start();
        if (!program.says("units connect to ", START)) {
            throw new IOException("the hub did not start: see " + program.log());
        }
        registry = Registry.open(data.resolve("registry.db"));
        authority = Authority.fromPem(
                Files.readString(data.resolve("ca.key.pem")), Files.readString(data.resolve("ca.crt.pem")), new SecureRandom());
    }

    private static int freePort() {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        } catch (IOException e) {
            throw new IllegalStateException("no free port", e);
        }
    }

    String url() {
        return "ssl://localhost:" + port;
    }

    /** All that it has counted since its start. */
    Map<String, Long> counts() throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + pagePort + "/healthz")).timeout(ASK).build();
        JsonNode said = JSON.readTree(http.send(request, HttpResponse.BodyHandlers.ofString()).body()).path("intake");
        Map<String, Long> counts = new TreeMap<>();
        said.properties().forEach(each -> counts.put(each.getKey(), each.getValue().asLong()));
        return counts;
    }

    boolean alive() {
        return program.alive();
    }

    @Override
    public void close() throws IOException, InterruptedException {
        registry.close();
        program.end(END);
    }
}
