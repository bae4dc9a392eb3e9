import ansim.journal.Journal;
import ansim.journal.JournalFiles;
import ansim.journal.JournalOptions;
import ansim.journal.JournalReader;
import ansim.journal.Stored;
import ansim.rig.StoreFiles;
import ansim.wire.Body;
import ansim.wire.Contact;
import ansim.wire.Kind;
import ansim.wire.SigningKey;
import ansim.wire.UpMessage;
import ansim.wire.UpRecord;
import ansim.wire.WireException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;

/** The agent of scripts/rig/gpio as a process, and what its journal and its figures say. One thread. */
final class GpioUnit implements AutoCloseable {
    private static final int SEGMENT_KIB = 64;
    private static final Duration START = Duration.ofSeconds(120);
    private static final int POLL_MS = 50;
    /** What devices and orders come to; not what the agent says of itself. */
    private static final Set<Kind> TOLD =
            EnumSet.of(Kind.BOARDED, Kind.ALIGHTED, Kind.PANIC, Kind.CONTACT, Kind.COMMAND_ACK);

    private static final ObjectMapper JSON = new ObjectMapper();

    final UUID id = UUID.randomUUID();
    final SigningKey hubKey = SigningKey.generate(new SecureRandom());
    private final Path home;
    private final Path data;
    private final String devices;
    private final Program agent;

    /** A record of lanes 1 and 2 as it stands in the journal; the time is CLOCK_MONOTONIC. */
    record Said(long monoMs, Body body) {}

    GpioUnit(Path home, String devices) throws IOException {
        this.home = home;
        this.devices = devices;
        this.data = home.resolve("unit");
        Path key = Files.createFile(
                home.resolve("unit-key.pem"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(key, SigningKey.generate(new SecureRandom()).toPem());
        Files.writeString(home.resolve("hub-key.pem"), hubKey.verifyKey().toPem());
        agent = new Program(
                "agent",
                home.resolve("agent.log"),
                List.of(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-XX:+UseSerialGC",
                        "-Xmx48m",
                        "-Xss512k",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:-UsePerfData",
                        "-Xshare:auto",
                        "-jar",
                        "/edge-agent.jar",
                        "run",
                        "--config",
                        home.resolve("agent.yaml").toString()),
                Map.of());
    }

    /** Writes its settings: the hub's door on loopback. */
    void configure(int port) throws IOException {
        Files.writeString(
                home.resolve("agent.yaml"),
                "unit: " + id + "\nkey: unit-key.pem\ndata: unit\nhub:\n  key: hub-key.pem\n  uplinks:\n    - mqtt: tcp://127.0.0.1:"
                        + port + "\njournal: {quota-mib: 4, track-mib: 2, segment-kib: " + SEGMENT_KIB + "}\n" + devices);
    }

    void start() throws IOException, InterruptedException {
        agent.start();
        if (!agent.says(" runs, version ", START)) {
            throw new IOException("the agent did not start: " + Files.readString(agent.log()));
        }
    }

    Program agent() {
        return agent;
    }

    /** Waits for a line of this start's log. */
    boolean says(String text, long patienceMs) throws InterruptedException {
        return agent.says(text, Duration.ofMillis(patienceMs));
    }

    /** What the agent last said of itself. */
    Optional<JsonNode> status() {
        try {
            return Optional.of(JSON.readTree(data.resolve("status.json").toFile()));
        } catch (IOException notThere) {
            return Optional.empty();
        }
    }

    /** Waits for figures that are so; they are written every two seconds. */
    boolean status(Predicate<JsonNode> so, long patienceMs) throws InterruptedException {
        return agent.waitFor(() -> status().filter(so).isPresent(), Duration.ofMillis(patienceMs));
    }

    /** What devices and orders came to, of lanes 1 and 2, read from a copy: the agent writes on. */
    List<Said> journal() throws IOException {
        List<Said> said = new ArrayList<>();
        for (String lane : List.of("lane-1", "lane-2")) {
            Path copy = home.resolve("copy");
            StoreFiles.delete(copy);
            StoreFiles.write(copy, StoreFiles.read(data.resolve(lane)));
            read(copy, said);
        }
        return said;
    }

    /** Whether the journal's newest word of the door is that it is shut. */
    Optional<Boolean> lastDoor() throws IOException {
        return journal().stream()
                .filter(each -> each.body() instanceof Contact)
                .max(Comparator.comparingLong(Said::monoMs))
                .map(each -> ((Contact) each.body()).closed());
    }

    private static void read(Path folder, List<Said> to) throws IOException {
        try (Journal journal = Journal.open(folder, JournalOptions.unit(SEGMENT_KIB * 1024), JournalFiles.real());
                JournalReader reader = journal.reader(1)) {
            for (Optional<Stored> next = reader.next(); next.isPresent(); next = reader.next()) {
                UpMessage message = UpMessage.parse(next.get().payload());
                for (UpRecord each : message.batch().records()) {
                    if (TOLD.contains(each.body().kind())) {
                        to.add(new Said(message.batch().m0Ms() + each.dtMs(), each.body()));
                    }
                }
            }
        } catch (WireException e) {
            throw new IOException("the journal cannot be read: " + e.getMessage(), e);
        }
    }

    /** The records that came since, once they are so many or the patience ends. */
    List<Said> since(List<Said> before, int expected, long patienceMs) throws IOException, InterruptedException {
        long endNs = System.nanoTime() + patienceMs * 1_000_000;
        while (true) {
            List<Said> all = journal();
            all.removeAll(before);
            if (all.size() >= expected || System.nanoTime() > endNs) {
                return all;
            }
            Thread.sleep(POLL_MS);
        }
    }

    @Override
    public void close() throws InterruptedException {
        agent.kill();
    }
}
