package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.edge.port.PseudoTerminal;
import ansim.journal.Journal;
import ansim.journal.JournalFiles;
import ansim.journal.JournalOptions;
import ansim.journal.JournalReader;
import ansim.journal.Stored;
import ansim.wire.Boarded;
import ansim.wire.Bytes;
import ansim.wire.Id16;
import ansim.wire.Kind;
import ansim.wire.OpeningKey;
import ansim.wire.RideChange;
import ansim.wire.SigningKey;
import ansim.wire.UpMessage;
import ansim.wire.UpRecord;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A whole ride through the real program: a reader on a pseudo-terminal, the agent as a process of its own, an uplink that is listened to.
 * Then the digits of the cards are looked for in all that there is: as text, as UTF-16 and as the bytes that they stand for, whole and
 * eight digits at a time.
 */
class CardsLeaveNoTraceTest {
    private static final long DEADLINE_S = 60;
    private static final String UNIT = "0f6b3a52-7a4e-4c7b-9d12-5f0c8a1e2b34";
    /** In no shipped profile's known answers, which the agent holds as text. */
    private static final String ANN = "5D17B3A94E";

    private static final String BEN = "2E91A7F0C9";
    private static final int PART = 8;
    /** As agent.yaml has it by default. */
    private static final int SEGMENT_BYTES = 2048 * 1024;

    @TempDir
    private Path folder = Path.of("");

    private final List<Process> started = new ArrayList<>();
    private final OpeningKey vault = OpeningKey.generate(new SecureRandom());

    /** Something that becomes true. */
    private interface Condition {
        boolean met() throws IOException;
    }

    /** What a unit connects to: accepts it and its subscription, keeps every byte, answers no message. */
    private static final class Listener implements AutoCloseable {
        private static final byte[] CONNACK = {0x20, 2, 0, 0};
        private static final byte SUBSCRIBE = (byte) 0x82;
        private static final byte SUBACK = (byte) 0x90;
        private final ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        private final ByteArrayOutputStream heard = new ByteArrayOutputStream();
        private final Thread thread = new Thread(this::listen, "listener");

        Listener() throws IOException {
            thread.setDaemon(true);
            thread.start();
        }

        private void listen() {
            try (Socket unit = server.accept()) {
                byte[] some = new byte[4096];
                int length = unit.getInputStream().read(some);
                unit.getOutputStream().write(CONNACK);
                while (length >= 0) {
                    synchronized (heard) {
                        heard.write(some, 0, length);
                    }
                    length = unit.getInputStream().read(some);
                    if (some[0] == SUBSCRIBE) {
                        unit.getOutputStream().write(new byte[] {SUBACK, 3, some[2], some[3], 1});
                    }
                }
            } catch (IOException over) {
                assertTrue(server.isClosed() || heard.size() > 0, over::toString);
            }
        }

        byte[] heard() {
            synchronized (heard) {
                return heard.toByteArray();
            }
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }

    @AfterEach
    void endAll() {
        started.forEach(Process::destroyForcibly);
    }

    /** A reader by its shipped profile, and two that somebody has described for himself. */
    private enum Described {
        SHIPPED("reader-em4100"),
        FIELDS("""
                framer: stx-etx
                decoder: fields
                options:
                  checksum: {kind: xor, to: 9, at: 10, written: hex, covered: hex}
                  fields: {card: {at: 0, length: 10, as: ascii}, batch: {at: 0, length: 8, as: ascii}}
                  gives: {tap: card}
                readings: [tap]
                """),
        LINE_PATTERN("""
                framer: terminator
                decoder: line-pattern
                options: {pattern: '\\x03?\\x02(?<card>(?<batch>[0-9A-F]{8})[0-9A-F]{2})(?<check>..)', gives: {tap: card}}
                readings: [tap]
                """);

        private final String text;

        Described(String text) {
            this.text = text;
        }

        /** What agent.yaml names. */
        String profile(Path folder) throws IOException {
            if (this == SHIPPED) {
                return text;
            }
            Path file = folder.resolve("own.yaml");
            Files.writeString(file, "name: own\nabout: a reader of ours\nline: {serial: {baud: 9600}}\n" + text);
            return file.toString();
        }
    }

    @ParameterizedTest
    @EnumSource
    void afterARideTheNumbersAreNowhereNotEvenInTheAgentsMemory(Described described) throws Exception {
        try (Listener hub = new Listener();
                PseudoTerminal reader = new PseudoTerminal(folder.resolve("reader"))) {
            Process agent = agent(hub.server.getLocalPort(), described.profile(folder));
            Files.writeString(folder.resolve("lamp"), "1\n");
            await("the lamp's boarding", () -> timesStored() == 1);
            reader.write(frame(ANN));
            await("Ann's name for it", () -> timesStored() == 2);
            reader.write(frame(BEN));
            await("Ben's tap, which waits for the lamp", () -> timesStored() == 3);
            Files.writeString(folder.resolve("lamp"), "0\n");
            await("the end", () -> timesStored() == 4);
            Files.writeString(folder.resolve("lamp"), "1\n");
            await("Ben's ride", () -> timesStored() == 5);
            await("both cards on the way", () -> sealed(hub.heard()) == 2);

            assertEquals(List.of(), traces(dump(agent, "-all")), "on the heap, with all garbage");
            assertEquals(List.of(), traces(dump(agent)), "on the heap, what is alive");
            assertTrue(traces(dump(agent, "-all"), Map.of("itself", "meter-lamp".getBytes(StandardCharsets.US_ASCII)))
                    .contains("itself"));
            agent.destroy();
            assertTrue(agent.waitFor(DEADLINE_S, TimeUnit.SECONDS));
            assertEquals(List.of(), traces(hub.heard()), "on the wire");
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertEquals(List.of(), traces(Files.readAllBytes(file)), file.toString());
            }
        }
        assertEquals(List.of(ANN, BEN), opened());
    }

    private Process agent(int port, String profile) throws IOException {
        Path key = folder.resolve("key.pem");
        Files.writeString(key, SigningKey.generate(new SecureRandom()).toPem());
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
        Files.writeString(
                folder.resolve("hub.pem"),
                SigningKey.generate(new SecureRandom()).verifyKey().toPem());
        Files.writeString(folder.resolve("vault.pem"), vault.sealingKey().toPem());
        Files.writeString(folder.resolve("lamp"), "0\n");
        Files.writeString(folder.resolve("agent.yaml"), """
                unit: %2$s
                key: key.pem
                hub: {key: hub.pem, vault-key: vault.pem, uplinks: [{mqtt: "tcp://127.0.0.1:%3$d"}]}
                ports:
                  - {name: reader, profile: %4$s, serial: "%1$s/reader"}
                  - {name: lamp, profile: meter-lamp, gpio: "sim:%1$s/lamp"}
                signals: {stored: "sim:%1$s/stored"}
                log: {level: trace}
                """.formatted(folder, UNIT, port, profile));
        Process agent = new ProcessBuilder(
                        java("java"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        EdgeAgent.class.getName(),
                        "run",
                        "--config",
                        folder.resolve("agent.yaml").toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("agent.log").toFile())
                .start();
        started.add(agent);
        for (String name : List.of("reader", "lamp")) {
            await(
                    name + " to be read",
                    () -> Files.readString(folder.resolve("agent.log")).contains("port " + name + ": open"));
        }
        return agent;
    }

    private static String java(String program) {
        return Path.of(System.getProperty("java.home"), "bin", program).toString();
    }

    /** EM4100: ten digits and the XOR of their five bytes. */
    private static byte[] frame(String card) {
        int xor = 0;
        for (byte each : HexFormat.of().parseHex(card)) {
            xor ^= each & 0xFF;
        }
        return String.format("\u0002%s%02X\r\n\u0003", card, xor).getBytes(StandardCharsets.US_ASCII);
    }

    /** How often the light has shown *stored*: the second word of its file. */
    private long timesStored() throws IOException {
        String light = Files.readString(folder.resolve("stored")).strip();
        return Long.parseLong(light.substring(light.indexOf(' ') + 1));
    }

    /** The heap as a file; read and deleted, for it is not among the agent's own. */
    private byte[] dump(Process agent, String... options) throws IOException, InterruptedException {
        Path file = folder.resolve("heap.hprof");
        List<String> command = new ArrayList<>(List.of(java("jcmd"), Long.toString(agent.pid()), "GC.heap_dump"));
        command.addAll(List.of(options));
        command.add(file.toString());
        Process dumping = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("jcmd.log").toFile())
                .start();
        assertTrue(dumping.waitFor(DEADLINE_S, TimeUnit.SECONDS));
        assertEquals(0, dumping.exitValue(), () -> "jcmd: " + folder);
        byte[] heap = Files.readAllBytes(file);
        Files.delete(file);
        return heap;
    }

    private static List<String> traces(byte[] bytes) {
        Map<String, byte[]> patterns = new LinkedHashMap<>();
        for (String card : List.of(ANN, BEN)) {
            patterns.put(card + " as bytes", HexFormat.of().parseHex(card));
            for (int at = 0; at + PART <= card.length(); at++) {
                String part = card.substring(at, at + PART);
                patterns.put(part, part.getBytes(StandardCharsets.US_ASCII));
                patterns.put(
                        part + " in lower case", part.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.US_ASCII));
                patterns.put(part + " in UTF-16LE", part.getBytes(StandardCharsets.UTF_16LE));
                patterns.put(part + " in UTF-16BE", part.getBytes(StandardCharsets.UTF_16BE));
            }
        }
        return traces(bytes, patterns);
    }

    private static List<String> traces(byte[] bytes, Map<String, byte[]> patterns) {
        List<String> found = new ArrayList<>();
        patterns.forEach((name, pattern) -> {
            if (count(bytes, pattern) > 0) {
                found.add(name);
            }
        });
        return found;
    }

    private static int count(byte[] in, byte[] pattern) {
        int count = 0;
        for (int at = 0; at + pattern.length <= in.length; at++) {
            int same = 0;
            while (same < pattern.length && in[at + same] == pattern[same]) {
                same++;
            }
            count += same == pattern.length ? 1 : 0;
        }
        return count;
    }

    /** Sealed cards begin with the first byte of the key's id; in a record they stand behind key 11 as a string of 81 bytes. */
    private int sealed(byte[] wire) {
        return count(wire, new byte[] {11, 0x58, 81, vault.sealingKey().kid().bytes()[0]});
    }

    /** The cards of the signed messages in the journal that the vault's key opens. */
    private List<String> opened() throws Exception {
        List<String> cards = new ArrayList<>();
        try (Journal lane = Journal.open(
                        folder.resolve("data/lane-2"), JournalOptions.unit(SEGMENT_BYTES), JournalFiles.real());
                JournalReader reader = lane.reader(lane.firstIndex())) {
            for (Optional<Stored> next = reader.next(); next.isPresent(); next = reader.next()) {
                for (UpRecord record :
                        UpMessage.parse(next.get().payload()).batch().records()) {
                    if (record.body().kind() == Kind.BOARDED) {
                        opened(((Boarded) record.body()).change()).ifPresent(cards::add);
                    }
                }
            }
        }
        return cards;
    }

    private Optional<String> opened(RideChange change) {
        Optional<Bytes> sealed = change.sealedCard();
        return sealed.map(card ->
                        vault.open(card, Id16.parse(UNIT), change.ride()).orElseThrow())
                .map(block -> new String(block, 1, block[0], StandardCharsets.US_ASCII));
    }

    private static void await(String what, Condition condition) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_S);
        while (!condition.met()) {
            assertTrue(System.nanoTime() < deadline, () -> "not within " + DEADLINE_S + " s: " + what);
            LockSupport.parkNanos(10_000_000);
        }
    }
}
