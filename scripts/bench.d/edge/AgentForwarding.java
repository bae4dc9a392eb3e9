import ansim.edge.sim.Cab;
import ansim.edge.sim.Light;
import ansim.hub.core.UnitRecord;
import ansim.hub.view.Registry;
import ansim.journal.Journal;
import ansim.journal.JournalFiles;
import ansim.journal.JournalOptions;
import ansim.journal.JournalReader;
import ansim.journal.Stored;
import ansim.wire.Id16;
import ansim.wire.Kind;
import ansim.wire.OpeningKey;
import ansim.wire.SigningKey;
import ansim.wire.UpMessage;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.UUID;

/**
 * {@code edge-agent run} with the options of its launcher: a tap is a card's bytes written into a pseudo-terminal, durable when the light
 * *stored* shows it, arrived when the light *the hub has it* does. The hub is a real one, on the same machine.
 */
final class AgentForwarding implements Forwarding {
    private static final int SEGMENT_KIB = 2_048;
    private static final int LANE_EVENT = 2;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long PATIENCE_MS = 60_000;
    private static final long QUIET_MS = 300;
    private static final long RECEIPT_MS = 5_000;
    /** Cards that lie on the line at a time: more than the line holds would be lost. */
    private static final int TOGETHER = 25;

    private final Path dir;
    private final Path config;
    private final int hubPort;
    private final UUID unit = UUID.randomUUID();
    private final Program hub;
    private final Program agent;
    private final Cab cab;
    private Path store = Path.of("");
    private boolean link;
    private int eventBytes;

    AgentForwarding(Path dir, String java, List<String> options, String edgeJar, String hubJar) throws IOException, InterruptedException {
        this.dir = Files.createDirectories(dir);
        this.config = dir.resolve("agent.yaml");
        this.hubPort = Ports.free();
        SigningKey key = SigningKey.generate(new SecureRandom());
        Files.createFile(
                dir.resolve("unit-key.pem"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(dir.resolve("unit-key.pem"), key.toPem());
        Files.writeString(dir.resolve("vault-key.pem"), OpeningKey.generate(new SecureRandom()).sealingKey().toPem());
        Path hubConfig = dir.resolve("hub.yaml");
        Files.writeString(hubConfig, """
                data: %s/hub
                door: {listen: "127.0.0.1:%d", insecure-plaintext: true}
                console: {listen: "127.0.0.1:0"}
                """.formatted(dir, hubPort));
        hub = new Program(
                "hub",
                dir.resolve("hub.log"),
                List.of(java, "-XX:+UseSerialGC", "-XX:-UsePerfData", "-jar", hubJar, "run", "--config", hubConfig.toString()),
                Map.of());
        List<String> command = new ArrayList<>(List.of(java));
        command.addAll(options);
        command.addAll(List.of("-jar", edgeJar, "run", "--config", config.toString()));
        agent = new Program("edge-agent", dir.resolve("agent.log"), command, Map.of("MALLOC_ARENA_MAX", "1"));
        hub.start();
        if (!hub.says("units connect to ", Duration.ofMillis(PATIENCE_MS))) {
            throw new IOException("the hub did not start, see " + hub.log());
        }
        try (Registry registry = Registry.open(dir.resolve("hub/registry.db"))) {
            registry.add(
                    new UnitRecord(Id16.parse(unit.toString()), key.verifyKey(), "bench", "bench", "taxi", Optional.empty(), false),
                    System.currentTimeMillis());
        }
        Files.writeString(
                dir.resolve("hub-key.pem"), Tool.run(java, "-jar", hubJar, "key", "show", "--config", hubConfig.toString()));
        cab = new Cab(dir.resolve("cab"));
    }

    @Override
    public String name() {
        return "edge-agent";
    }

    @Override
    public boolean durable() {
        return true;
    }

    @Override
    public double start(Path folder, boolean toHub) throws IOException, InterruptedException {
        store = folder;
        link = toHub;
        Files.writeString(
                config,
                "unit: " + unit + "\nkey: unit-key.pem\ndata: " + store.resolve("data")
                        + "\njournal: {segment-kib: " + SEGMENT_KIB + "}\nhub:\n  key: hub-key.pem\n  vault-key: vault-key.pem\n"
                        + "  uplinks: [{mqtt: \"tcp://127.0.0.1:" + (toHub ? hubPort : Ports.free()) + "\"}]\n"
                        + Cab.config(dir.resolve("cab")));
        long before = cab.stored().times();
        long startNs = System.nanoTime();
        agent.start();
        // A line that nobody reads yet loses what is written: the person taps until the light comes.
        do {
            cab.tap(1);
        } while (agent.alive() && !cab.stored().await(before + 1, 10));
        double ms = (System.nanoTime() - startNs) / 1e6;
        if (!agent.alive()) {
            throw new IOException("the agent has ended, see " + agent.log());
        }
        quiet(cab.stored());
        return ms;
    }

    /** Until a light has not moved for a while. */
    private static void quiet(Light light) throws IOException, InterruptedException {
        long times;
        do {
            times = light.times();
        } while (light.await(times + 1, QUIET_MS));
    }

    @Override
    public Event event() throws IOException, InterruptedException {
        long stored = cab.stored().times() + 1;
        long arrived = cab.hub().times() + 1;
        long startNs = System.nanoTime();
        cab.tap(1);
        await(cab.stored(), stored);
        double ms = (System.nanoTime() - startNs) / 1e6;
        OptionalDouble arrivedMs = OptionalDouble.empty();
        // One card in some thousands is taken for one that the ride has already, and makes no message.
        if (link && cab.hub().await(arrived, RECEIPT_MS)) {
            arrivedMs = OptionalDouble.of((System.nanoTime() - startNs) / 1e6);
        }
        return new Event(ms, OptionalDouble.of(ms), arrivedMs);
    }

    private void await(Light light, long times) throws IOException, InterruptedException {
        if (!light.await(times, PATIENCE_MS)) {
            throw new IOException("the light did not come for a tap, see " + agent.log());
        }
    }

    @Override
    public double burst(int events) throws IOException, InterruptedException {
        long last = cab.stored().times() + events;
        long startNs = System.nanoTime();
        for (int tapped = 0; tapped < events; ) {
            if (cab.tapsTaken()) {
                int cards = Math.min(TOGETHER, events - tapped);
                cab.tap(cards);
                tapped += cards;
            }
            cab.stored().await(last, 1);
        }
        await(cab.stored(), last);
        return events * 1e9 / (System.nanoTime() - startNs);
    }

    /** The receiver goes by itself. */
    @Override
    public void second() throws InterruptedException {
        Thread.sleep(1_000);
    }

    @Override
    public void drain() throws IOException, InterruptedException {
        long fromMonoMs = System.nanoTime() / 1_000_000;
        if (!agent.waitFor(() -> drained(fromMonoMs), Duration.ofMillis(PATIENCE_MS))) {
            throw new IOException("the agent still holds messages, see " + agent.log() + " and " + hub.log());
        }
        quiet(cab.hub());
    }

    /** Whether the agent has said since that moment that nothing of lanes 1 to 3 waits for a receipt. */
    private boolean drained(long fromMonoMs) {
        try {
            JsonNode said = JSON.readTree(store.resolve("data/status.json").toFile());
            JsonNode lanes = said.path("waiting");
            return said.path("writtenMonoMs").asLong() > fromMonoMs
                    && lanes.size() >= 3
                    && lanes.get(0).asLong() + lanes.get(1).asLong() + lanes.get(2).asLong() == 0;
        } catch (IOException notNow) {
            return false;
        }
    }

    @Override
    public Program program() {
        return agent;
    }

    /** What is in the journal now: the last light has come, so every one of these has had its own. */
    @Override
    public long answered() throws IOException {
        return held(store);
    }

    @Override
    public long held(Path folder) throws IOException {
        long boarded = 0;
        try (Journal journal = Journal.open(
                        folder.resolve("data/lane-" + LANE_EVENT), JournalOptions.unit(SEGMENT_KIB * 1024), JournalFiles.reading());
                JournalReader reader = journal.reader(1)) {
            for (Optional<Stored> next = reader.next(); next.isPresent(); next = reader.next()) {
                byte[] bytes = next.get().payload();
                boolean counts = UpMessage.parse(bytes).batch().records().get(0).body().kind() == Kind.BOARDED;
                boarded += counts ? 1 : 0;
                eventBytes = counts ? bytes.length : eventBytes;
            }
        } catch (WireException e) {
            throw new IOException("the journal in " + folder + " holds what is no message", e);
        }
        return boarded;
    }

    @Override
    public int eventBytes() {
        return eventBytes;
    }

    @Override
    public void end() throws InterruptedException {
        agent.end(Duration.ofMillis(PATIENCE_MS));
    }

    /** The hub and the devices go too. */
    void endAll() throws IOException, InterruptedException {
        end();
        hub.end(Duration.ofMillis(PATIENCE_MS));
        cab.close();
    }
}
