package ansim.hub.deliver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ansim.hub.core.EntryReader;
import ansim.hub.deliver.Receiver.Taken;
import ansim.wire.Ed25519Verifier;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With a real mosquitto as the centre's own broker. */
class DeliveryMqttTest {
    @TempDir
    Path folder;

    private static Optional<String> mosquitto() {
        return List.of("/usr/sbin/mosquitto", "/usr/bin/mosquitto", "/usr/local/sbin/mosquitto").stream()
                .filter(p -> Files.isExecutable(Path.of(p)))
                .findFirst();
    }

    private Process broker(int port) throws Exception {
        Path config = folder.resolve("mosquitto.conf");
        Files.writeString(config, "listener " + port + " 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n");
        Process process = new ProcessBuilder(mosquitto().orElseThrow(), "-c", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("mosquitto.log").toFile())
                .start();
        TestCentre.await("mosquitto listens", () -> listens(port));
        return process;
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    @Test
    void aBrokerThatIsKilledAndComesBackGetsEverything() throws Exception {
        assumeTrue(mosquitto().isPresent(), "mosquitto is not installed");
        int port = freePort();
        String url = "tcp://127.0.0.1:" + port;
        List<Taken> taken = Collections.synchronizedList(new ArrayList<>());
        Process first = broker(port);
        try (TestLog log = new TestLog(folder.resolve("log"))) {
            Receiver receiver = new Receiver(log.keys(), Ed25519Verifier.INSTANCE, EventBook.inMemory(), taken::add);
            Destination destination = new Destination("11680", List.of(Targets.mqtt(url)));
            try (CentreMqtt centre = CentreMqtt.start(BrokerAccess.open(url), "11680", receiver)) {
                assertTrue(centre.awaitSubscribed(30_000));
                try (Delivery delivery = Delivery.start(
                        log.journal, EntryReader.UNSEALED, folder.resolve("index"), List.of(destination))) {
                    List<String> normal = new ArrayList<>();
                    for (int i = 0; i < 100; i++) {
                        normal.add(log.add(false, "11680"));
                        log.add(false, "11440");
                    }
                    String alarm = log.add(true, "11680");
                    TestCentre.await("all and the alarm", () -> ids(taken).size() == 101);
                    List<String> ids = ids(taken);
                    assertTrue(ids.remove(alarm));
                    assertEquals(normal, ids);
                    assertTrue(taken.stream().allMatch(Taken::verified));

                    // A broker may have passed it on before its PUBACK is here and written down.
                    TestCentre.await(
                            "the hub knows of it",
                            () -> delivery.status().stream().allMatch(s -> s.waiting() == 0));
                    first.destroyForcibly().waitFor();
                    for (int i = 0; i < 50; i++) {
                        log.add(false, "11680");
                    }
                    TestCentre.await(
                            "the error shows",
                            () -> delivery.status().stream()
                                    .anyMatch(s -> s.lastError().isPresent() && s.waiting() == 50));
                    Process second = broker(port);
                    try {
                        TestCentre.await(
                                "all delivered",
                                () -> delivery.status().stream().allMatch(s -> s.waiting() == 0));
                    } finally {
                        second.destroyForcibly().waitFor();
                    }
                }
            }
        } finally {
            first.destroyForcibly();
        }
    }

    /**
     * All districts at a broker share its Receive Maximum, 20 of mosquitto's own accord, and each district's window is 16: a build's client
     * threw at the 21st, and by that the whole connection, for every district and again and again.
     */
    @Test
    void threeDistrictsWithABacklogGoThroughOneConnectionEachInOrderAndOnce() throws Exception {
        assumeTrue(mosquitto().isPresent(), "mosquitto is not installed");
        int port = freePort();
        String url = "tcp://127.0.0.1:" + port;
        List<String> districts = List.of("11680", "11440", "11110");
        Map<String, List<String>> sent = new HashMap<>();
        List<Taken> taken = Collections.synchronizedList(new ArrayList<>());
        Process broker = broker(port);
        try (TestLog log = new TestLog(folder.resolve("log"))) {
            for (int i = 0; i < 500; i++) {
                for (String district : districts) {
                    sent.computeIfAbsent(district, none -> new ArrayList<>()).add(log.add(false, district));
                }
            }
            Receiver receiver = new Receiver(log.keys(), Ed25519Verifier.INSTANCE, EventBook.inMemory(), taken::add);
            List<Destination> destinations = districts.stream()
                    .map(each -> new Destination(each, List.of(Targets.mqtt(url))))
                    .toList();
            try (CentreMqtt centre = CentreMqtt.start(BrokerAccess.open(url), "*", receiver)) {
                assertTrue(centre.awaitSubscribed(30_000));
                try (Delivery delivery =
                        Delivery.start(log.journal, EntryReader.UNSEALED, folder.resolve("index"), destinations)) {
                    TestCentre.await("all", () -> ids(taken).size() == 1_500);
                    TestCentre.await(
                            "all counted", () -> delivery.status().stream().allMatch(s -> s.waiting() == 0));
                }
            }
            assertEquals(1_500, taken.size(), "none comes again");
            List<String> all = ids(taken);
            sent.forEach((district, ids) ->
                    assertEquals(ids, all.stream().filter(ids::contains).toList(), "in order in " + district));
            long connections = Files.readAllLines(folder.resolve("mosquitto.log")).stream()
                    .filter(line -> line.contains("New client connected") && line.contains("ansim-hub-"))
                    .count();
            assertEquals(1, connections);
        } finally {
            broker.destroyForcibly().waitFor();
        }
    }

    /** A build acknowledged what it had failed to store, and began each session anew: both times the broker let go of the event. */
    @Test
    void whatTheCentreCouldNotStoreAndWhatCameWhileItWasAwayComesFromTheBrokerAgain() throws Exception {
        assumeTrue(mosquitto().isPresent(), "mosquitto is not installed");
        int port = freePort();
        String url = "tcp://127.0.0.1:" + port;
        List<Taken> taken = Collections.synchronizedList(new ArrayList<>());
        AtomicInteger asked = new AtomicInteger();
        Process broker = broker(port);
        try (TestLog log = new TestLog(folder.resolve("log"));
                Delivery delivery = Delivery.start(
                        log.journal,
                        EntryReader.UNSEALED,
                        folder.resolve("index"),
                        List.of(new Destination("11680", List.of(Targets.mqtt(url)))))) {
            Receiver.Keys known = log.keys();
            Receiver.Keys failing = kid -> {
                if (asked.incrementAndGet() == 2) {
                    throw new IOException("no space is left");
                }
                return known.find(kid);
            };
            Receiver receiver = new Receiver(failing, Ed25519Verifier.INSTANCE, EventBook.inMemory(), taken::add);
            List<String> ids = new ArrayList<>();
            try (CentreMqtt centre = CentreMqtt.start(BrokerAccess.open(url), "11680", receiver)) {
                assertTrue(centre.awaitSubscribed(30_000));
                for (int i = 0; i < 3; i++) {
                    ids.add(log.add(false, "11680"));
                }
                TestCentre.await("all three", () -> ids(taken).size() == 3);
            }
            ids.add(log.add(false, "11680"));
            TestCentre.await(
                    "the broker has it", () -> delivery.status().stream().allMatch(s -> s.waiting() == 0));
            try (CentreMqtt centre = CentreMqtt.start(BrokerAccess.open(url), "11680", receiver)) {
                TestCentre.await("all four", () -> ids(taken).size() == 4);
                assertTrue(centre.awaitSubscribed(30_000));
            }
            assertEquals(Set.copyOf(ids), Set.copyOf(ids(taken)));
        } finally {
            broker.destroyForcibly().waitFor();
        }
    }

    private static List<String> ids(List<Taken> taken) {
        synchronized (taken) {
            return new ArrayList<>(
                    taken.stream().filter(Taken::first).map(t -> t.text("id")).toList());
        }
    }
}
