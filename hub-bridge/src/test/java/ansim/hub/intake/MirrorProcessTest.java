package ansim.hub.intake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.core.Input;
import ansim.hub.core.LogEntry;
import ansim.hub.keys.LogSeal;
import ansim.hub.keys.RideKeys;
import ansim.journal.Journal;
import ansim.journal.JournalFiles;
import ansim.journal.JournalOptions;
import ansim.journal.JournalReader;
import ansim.journal.Stored;
import ansim.wire.Lane;
import ansim.wire.UpMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The first disk is destroyed under load: killed, deleted, promoted, started again. Real processes. */
@Timeout(300)
final class MirrorProcessTest {
    private static final int UNITS = 4;
    private static final int BEFORE_THE_KILL = 400;
    private static final int MORE = 60;
    private static final int WINDOW = 8;

    @TempDir
    private Path folder = Path.of("");

    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void endAll() {
        started.forEach(Process::destroyForcibly);
    }

    private Process start(String log, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                "ansim.hub.HubBridge"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(log).toFile())
                .start();
        started.add(process);
        return process;
    }

    private String log(String name) throws IOException {
        return Files.readString(folder.resolve(name));
    }

    private void done(String log, String... arguments) throws Exception {
        Process process = start(log, arguments);
        assertTrue(process.waitFor(120, TimeUnit.SECONDS), "the program did not end");
        assertEquals(0, process.exitValue(), log(log));
    }

    private Process running(String log) throws IOException {
        Process hub = start(log, "run");
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        while (!log(log).contains("units connect to mqtt:/")) {
            assertTrue(hub.isAlive() && System.nanoTime() < deadline, log(log));
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
        return hub;
    }

    private String found(String log, String pattern) throws IOException {
        Matcher match = Pattern.compile(pattern).matcher(log(log));
        assertTrue(match.find(), log(log));
        return match.group(1);
    }

    private void settings(String mirror) throws IOException {
        Files.writeString(
                folder.resolve("hub.yaml"),
                "data: disk1/hub\ndoor: {listen: \"127.0.0.1:0\", insecure-plaintext: true}\n"
                        + "console: {listen: \"127.0.0.1:0\"}\nlog: {mirror: " + mirror + "}\n");
    }

    /** A unit that keeps what is not acknowledged. Stored and acknowledged is the same here: its chain has no holes. */
    private static final class Sender implements Runnable {
        final TestUnit unit = new TestUnit();
        final TestUnit.Chain chain = unit.chain(Lane.EVENT);
        final List<UpMessage> made = new ArrayList<>();
        final ArrayDeque<UpMessage> held = new ArrayDeque<>();
        final AtomicInteger acknowledged = new AtomicInteger();
        volatile int port;
        volatile int goal = Integer.MAX_VALUE;

        @Override
        public void run() {
            try (MqttClient client = new MqttClient(port)) {
                client.connect(MqttClient.V3, unit);
                int id = 0;
                for (UpMessage each : held) {
                    client.publish(++id, each);
                }
                while (acknowledged.get() < goal || !held.isEmpty()) {
                    while (held.size() < WINDOW && made.size() < goal) {
                        UpMessage next = chain.next();
                        made.add(next);
                        held.add(next);
                        client.publish(++id & 0x7fff, next);
                    }
                    client.readPuback();
                    held.remove();
                    acknowledged.incrementAndGet();
                }
            } catch (IOException hubDied) {
                return;
            }
        }
    }

    private static List<Thread> send(List<Sender> senders, int port, int goal) {
        List<Thread> threads = new ArrayList<>();
        for (Sender sender : senders) {
            sender.port = port;
            sender.goal = goal;
            Thread thread = new Thread(sender, "sender");
            thread.start();
            threads.add(thread);
        }
        return threads;
    }

    private static void delete(Path tree) throws IOException {
        try (Stream<Path> all = Files.walk(tree)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }

    private static Map<String, Integer> stored(Path log) throws Exception {
        Map<String, Integer> byId = new HashMap<>();
        SecureRandom random = new SecureRandom();
        try (Journal journal = Journal.open(log, JournalOptions.hub(), JournalFiles.real());
                RideKeys keys = RideKeys.open(log.resolveSibling("ridekeys.db"), journal.journalId(), random);
                JournalReader reader = journal.reader(1)) {
            LogSeal seal = new LogSeal(keys, journal.journalId(), random);
            for (Optional<Stored> next = reader.next(); next.isPresent(); next = reader.next()) {
                Stored each = next.get();
                LogEntry entry = seal.read(each.index(), each.keyId(), each.payload());
                if (entry.input() instanceof Input.Arrival) {
                    byId.merge(entry.output().id(), 1, Integer::sum);
                }
            }
        }
        return byId;
    }

    @Test
    void theFirstDiskIsDestroyedUnderLoadAndNothingAnsweredIsLostOrDoubled() throws Exception {
        settings("disk2/mirror");
        // Before the start: what the registry holds then is in the log, and in the mirror's registry, when the door
        // opens.
        Files.createDirectories(folder.resolve("disk1/hub"));
        List<Sender> senders = new ArrayList<>();
        for (int i = 0; i < UNITS; i++) {
            Sender sender = new Sender();
            senders.add(sender);
            Files.writeString(
                    folder.resolve("unit.pem"), sender.unit.key.verifyKey().toPem());
            done(
                    "add" + i,
                    "units",
                    "add",
                    "--unit",
                    uuid(sender),
                    "--public-key",
                    "unit.pem",
                    "--vehicle",
                    "v" + i,
                    "--company",
                    "c",
                    "--kind",
                    "taxi");
        }
        Process hub = running("first");
        int port = Integer.parseInt(found("first", "mqtt://127\\.0\\.0\\.1:([0-9]+)"));
        List<Thread> threads = send(senders, port, Integer.MAX_VALUE);
        while (senders.stream().mapToInt(each -> each.acknowledged.get()).sum() < BEFORE_THE_KILL) {
            assertTrue(hub.isAlive(), log("first"));
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
        hub.destroyForcibly();
        assertTrue(hub.waitFor(60, TimeUnit.SECONDS));
        for (Thread thread : threads) {
            thread.join();
        }
        delete(folder.resolve("disk1"));

        Process without = start("without", "run");
        assertTrue(without.waitFor(120, TimeUnit.SECONDS));
        assertEquals(1, without.exitValue());
        assertTrue(log("without").contains("hub-bridge promote"), log("without"));

        done("promote", "promote", "disk2/mirror");
        settings("disk3/mirror");
        hub = running("second");
        String key = "hub key ([0-9a-f]{16})";
        assertEquals(found("first", key), found("second", key));
        assertEquals(found("first", key), found("promote", key));
        String raised = found("promote", "generation is raised to ([0-9]+)");
        assertEquals(raised, found("second", "generation ([0-9]+)"));
        assertTrue(Long.parseLong(raised) > Long.parseLong(found("first", "generation ([0-9]+)")));
        done("list", "units", "list");
        assertTrue(log("list").contains("v" + (UNITS - 1)), log("list"));

        int most = senders.stream().mapToInt(each -> each.made.size()).max().orElseThrow();
        port = Integer.parseInt(found("second", "mqtt://127\\.0\\.0\\.1:([0-9]+)"));
        for (Thread thread : send(senders, port, most + MORE)) {
            thread.join();
        }
        hub.destroy();
        assertTrue(hub.waitFor(60, TimeUnit.SECONDS));
        assertAllOnce(senders, folder.resolve("disk1/hub/log"));
        assertAllOnce(senders, folder.resolve("disk3/mirror/log"));
    }

    private static String uuid(Sender sender) {
        String hex = sender.unit.id.hex();
        return hex.replaceFirst("(.{8})(.{4})(.{4})(.{4})(.{12})", "$1-$2-$3-$4-$5");
    }

    private static void assertAllOnce(List<Sender> senders, Path log) throws Exception {
        Map<String, Integer> stored = stored(log);
        int messages = 0;
        for (Sender sender : senders) {
            assertEquals(0, sender.held.size());
            for (UpMessage each : sender.made) {
                messages++;
                String id = sender.unit.id.hex() + "/" + each.batch().chain().hex() + "/2/"
                        + each.batch().n();
                assertEquals(1, stored.getOrDefault(id, 0), id);
            }
        }
        assertEquals(messages, stored.size());
    }
}
