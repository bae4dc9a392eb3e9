package ansim.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.settings.SettingsException;
import ansim.wire.SigningKey;
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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The hub as an operating system sees it: processes, signals, exit codes. */
final class HubProcessTest {
    private static final long DEADLINE_S = 120;
    /** 128 + SIGTERM: how a JVM that ended in order after a signal says so. */
    private static final int TERMINATED = 143;

    private static final String STARTED = "units connect to mqtt:/";

    @TempDir
    private Path folder = Path.of("");

    private final List<Process> started = new ArrayList<>();

    @BeforeEach
    void configure() throws IOException {
        settings("door: {listen: \"127.0.0.1:0\", insecure-plaintext: true}\nconsole: {listen: \"127.0.0.1:0\"}\n");
    }

    @AfterEach
    void endAll() {
        started.forEach(Process::destroyForcibly);
    }

    private void settings(String yaml) throws IOException {
        Files.writeString(folder.resolve("hub.yaml"), "data: hub\n" + yaml);
    }

    private Process start(String log, String... arguments) throws IOException {
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
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(log).toFile())
                .start();
        started.add(process);
        return process;
    }

    private static int end(Process process) throws InterruptedException {
        assertTrue(process.waitFor(DEADLINE_S, TimeUnit.SECONDS), "the program did not end");
        return process.exitValue();
    }

    private String log(String name) throws IOException {
        return Files.readString(folder.resolve(name));
    }

    /** Starts a hub and waits until its door is open. */
    private Process running(String log) throws IOException {
        Process hub = start(log, "run");
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_S);
        while (!log(log).contains(STARTED)) {
            assertTrue(hub.isAlive() && System.nanoTime() < deadline, log(log));
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
        return hub;
    }

    private String startLine(String log, String pattern) throws IOException {
        Matcher found = Pattern.compile(pattern).matcher(log(log));
        assertTrue(found.find(), log(log));
        return found.group(1);
    }

    @Test
    void aTermSignalEndsTheHubInOrderAndAKilledOneStartsAgainWithTheSameKeyAndLog() throws Exception {
        Process hub = running("first");
        String key = startLine("first", "hub key ([0-9a-f]{16})");
        String generation = startLine("first", "generation ([0-9]+)");
        SigningKey unit = SigningKey.generate(new SecureRandom());
        Files.writeString(folder.resolve("unit.pem"), unit.verifyKey().toPem());
        assertEquals(
                0,
                end(start(
                        "add",
                        "units",
                        "add",
                        "--public-key",
                        "unit.pem",
                        "--vehicle",
                        "1",
                        "--company",
                        "c",
                        "--kind",
                        "taxi")));
        hub.destroy();
        assertEquals(TERMINATED, end(hub));
        assertTrue(log("first").contains("stopping; since the start"), log("first"));

        Process again = running("second");
        // The founding, the unit, and the settings once for each start.
        assertEquals("4", startLine("second", "([0-9]+) log entries"));
        again.destroyForcibly();
        end(again);

        running("third");
        assertEquals("5", startLine("third", "([0-9]+) log entries"));
        assertEquals(key, startLine("third", "hub key ([0-9a-f]{16})"));
        assertEquals(generation, startLine("third", "generation ([0-9]+)"));
        assertEquals(0, end(start("key", "key", "show")));
        assertTrue(log("key").contains("kid: " + key), log("key"));
    }

    /** That the accounts of deliveries do not add up was counted, and nobody could see it. */
    @Test
    void aRunningHubIsReadyAndSaysWhetherItsDeliveriesAddUp() throws Exception {
        running("run.log");
        String page = startLine("run.log", "the page is (http://[^/]+/)");
        assertEquals(200, get(page + "readyz").statusCode());
        assertTrue(get(page + "metrics").body().contains("\nansim_delivery_unreconciled 0.0\n"));
    }

    private static HttpResponse<String> get(String address) throws Exception {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(URI.create(address)).build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void aSecondHubOnTheSameFolderIsAnErrorThatNamesTheFirst() throws Exception {
        Process first = running("first");
        assertEquals(1, end(start("second", "run")));
        assertTrue(log("second").contains("in use by the process " + first.pid()), log("second"));
        assertTrue(log("second").contains("Try: "), log("second"));
        assertTrue(first.isAlive());
    }

    @Test
    void aDoorOnAPortThatIsTakenIsAnErrorThatNamesIt() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + taken.getLocalPort();
            settings("door: {listen: \"" + address
                    + "\", insecure-plaintext: true}\nconsole: {listen: \"127.0.0.1:0\"}\n");
            assertEquals(1, end(start("run.log", "run")));
            assertTrue(
                    log("run.log").contains("Error: cannot listen on " + address + " (door.listen): "), log("run.log"));
            assertTrue(log("run.log").contains("Address already in use\nTry: another port there"), log("run.log"));
            settings("door: {listen: \"127.0.0.1:0\", insecure-plaintext: true}\nconsole: {listen: \"" + address
                    + "\"}\n");
            assertEquals(1, end(start("page.log", "run")));
            String page = "console: cannot listen on " + address + " (console.listen): Address already in use";
            assertTrue(log("page.log").contains("Error: " + page + "\nTry: another port there"), log("page.log"));
        }
    }

    @Test
    void aDoorForTheWorldWithoutTlsIsAConfigurationError() throws Exception {
        settings("door: {listen: \"0.0.0.0:1883\", insecure-plaintext: true}\nlog: {level: loud}\n");
        assertEquals(SettingsException.EXIT_CODE, end(start("run.log", "run")));
        assertTrue(log("run.log").contains("hub.yaml:2"), log("run.log"));
        assertTrue(log("run.log").contains("hub.yaml:3"), log("run.log"));
    }

    @Test
    void wrongUseIsExplained() throws Exception {
        assertEquals(2, end(start("usage", "rnu")));
        assertTrue(log("usage").contains("Try: hub-bridge --help"), log("usage"));
        Files.delete(folder.resolve("hub.yaml"));
        assertEquals(1, end(start("nowhere", "run")));
        assertTrue(log("nowhere").contains("--config FILE"), log("nowhere"));
    }
}
