package ansim.hub.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.HubBridge;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole way: units, hub, centre, as processes. */
final class LoadProcessTest {
    private static final long DEADLINE_S = 240;

    @TempDir
    private Path folder = Path.of("");

    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void endAll() {
        started.forEach(Process::destroyForcibly);
    }

    private static int port() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    private Process start(String name, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                HubBridge.class.getName()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(folder.resolve(name + ".out").toFile())
                .redirectError(folder.resolve(name + ".err").toFile())
                .start();
        started.add(process);
        return process;
    }

    private String told(String name) throws IOException {
        return Files.readString(folder.resolve(name + ".out")) + Files.readString(folder.resolve(name + ".err"));
    }

    private JsonNode load(String settings, String... arguments) throws Exception {
        Files.writeString(folder.resolve("hub.yaml"), "data: hub\nconsole: {listen: \"127.0.0.1:0\"}\n" + settings);
        ended("register", start("register", "load", "--units", "112", "--register"));
        Process hub = start("hub", "run");
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_S);
        while (!told("hub").contains("log entries")) {
            assertTrue(hub.isAlive() && System.nanoTime() < deadline, told("hub"));
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
        List<String> all = new ArrayList<>(List.of("load", "--units", "112", "--json"));
        all.addAll(List.of("--hub-pid", Long.toString(hub.pid())));
        all.addAll(List.of(arguments));
        ended("load", start("load", all.toArray(String[]::new)));
        return new ObjectMapper().readTree(folder.resolve("load.out").toFile());
    }

    private void ended(String name, Process process) throws Exception {
        assertTrue(process.waitFor(DEADLINE_S, TimeUnit.SECONDS), "the program did not end");
        assertEquals(0, process.exitValue(), told(name));
    }

    @Test
    void everyMessageOfACityIsReceiptedAndEveryEventReachesTheCentre() throws Exception {
        int broker = port();
        int centre = port();
        JsonNode result = load(
                "broker: {url: \"tcp://127.0.0.1:" + broker + "\", insecure-plaintext: true}\n"
                        + "centres: [{district: \"*\", sinks: [{webhook: \"http://127.0.0.1:" + centre
                        + "/\", batch: 8}]}]\n"
                        + "routing: {every-ride: \"measuring\"}\n",
                "--profile=seoul",
                "--rate=100",
                "--seconds=3",
                "--warmup=2",
                "--sink=" + centre);
        assertEquals(0, result.path("unreceipted").asLong(), result.toString());
        assertEquals(0, result.path("wrong").asLong(), result.toString());
        assertEquals(0, result.path("missing").asLong(), result.toString());
        assertTrue(result.path("messagesPerS").asDouble() > 0, result.toString());
        assertTrue(result.path("centreEventsPerS").asDouble() > 0, result.toString());
        assertTrue(result.path("hub").path("cpuUsPerMessage").asDouble() > 0, result.toString());
    }

    @Test
    void unitsWithAConnectionEachBringTheirTracksToTheDoor() throws Exception {
        JsonNode result = load(
                "door: {listen: \"127.0.0.1:" + port() + "\", insecure-plaintext: true}\n",
                "--profile=tracks",
                "--warmup=1",
                "--messages=1120");
        assertEquals(0, result.path("unreceipted").asLong(), result.toString());
        assertEquals(0, result.path("wrong").asLong(), result.toString());
        assertTrue(result.path("positionsPerS").asDouble() > 0, result.toString());
    }

    @Test
    void someByMutualTlsSomeOverCoapTheOthersThroughTheBrokerAndAllComeBackWhenTheyAreCut() throws Exception {
        int broker = port();
        JsonNode result = load(
                "door: {listen: \"127.0.0.1:" + port() + "\"}\n"
                        + "coap: {listen: \"127.0.0.1:" + port() + "\"}\n"
                        + "enrolment: {listen: \"127.0.0.1:0\"}\n"
                        + "broker: {url: \"tcp://127.0.0.1:" + broker
                        + "\", insecure-plaintext: true, beside-door: true}\n",
                "--profile=seoul",
                "--door=40",
                "--coap=20",
                "--rate=100",
                "--seconds=3",
                "--warmup=2");
        assertEquals(0, result.path("unreceipted").asLong(), result.toString());
        assertEquals(0, result.path("wrong").asLong(), result.toString());
        assertEquals(0, result.path("lost").asLong(), result.toString());
        assertEquals(40, result.path("connections").path("count").asInt(), result.toString());
        assertEquals(0, result.path("connections").path("failures").asInt(), result.toString());
        assertTrue(result.path("connections").path("reconnectS").asDouble() > 0, result.toString());
        assertEquals(40, result.path("connections").path("back").asInt(), result.toString());
        double peak = result.path("connections").path("rssMiB").asDouble();
        assertTrue(peak > 0 && peak >= result.path("hub").path("rssMiB").asDouble(), result.toString());
    }
}
