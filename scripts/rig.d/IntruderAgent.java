import ansim.edge.sim.SimulateCommand;
import ansim.wire.Bytes;
import ansim.wire.Command;
import ansim.wire.CommandAck;
import ansim.wire.DownMessage;
import ansim.wire.Id16;
import ansim.wire.Lane;
import ansim.wire.OtherVerb;
import ansim.wire.Receipt;
import ansim.wire.Receipted;
import ansim.wire.SigningKey;
import ansim.wire.UpMessage;
import ansim.wire.Verb;
import ansim.wire.WireException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import picocli.CommandLine;

/**
 * The real agent, linked to a forger who holds its link and has not the hub's key: nothing that he says may remove a message from the
 * journal, or be done. One thread.
 */
final class IntruderAgent {
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    /** Messages of lanes 1 to 3 that the forger must have read before he forges receipts of them. */
    private static final int READ_FIRST = 5;

    /** Verbs whose body is an empty map: enrol anew, diagnose. */
    private static final List<Integer> BARE_VERBS = List.of(6, 7);

    private final Path dir;
    private final int tries;
    private final UUID uuid = UUID.randomUUID();
    private final Id16 unit = Id16.parse(uuid.toString());
    private final SigningKey hubKey = SigningKey.generate(new SecureRandom());
    private final SigningKey forgedKey = SigningKey.generate(new SecureRandom());
    private final List<UpMessage> read = new CopyOnWriteArrayList<>();
    private final Path data;

    /** Told of each attack. */
    interface Told {
        void say(String attack, long accepted, String counted);
    }

    /** What the forger says in a try. */
    private interface Forging {
        Verb verb(int i);
    }

    IntruderAgent(Path dir, int tries) throws IOException {
        this.dir = Files.createDirectories(dir.resolve("unit"));
        this.data = this.dir.resolve("data");
        this.tries = tries;
    }

    void play(Told told) throws Exception {
        try (HubDoor forger = new HubDoor(unit, forgedKey, this::heard)) {
            forger.open();
            Program people = simulation(settings(forger.port()));
            Program agent = agent();
            try {
                people.start();
                agent.start();
                if (!agent.says(" runs, version ", PATIENCE) || !agent.waitFor(() -> read.size() >= READ_FIRST, PATIENCE)) {
                    throw new IOException("the agent did not start, or says nothing: see " + agent.log());
                }
                told.say("forged receipt, at the real agent", attack(agent, forger, this::receipt), counted());
                told.say("forged command, at the real agent", attack(agent, forger, IntruderAgent::order) + acknowledged(), counted());
            } finally {
                agent.end(PATIENCE);
                people.kill();
            }
        }
    }

    /** What was believed: a verified receipt, or messages that have left the journal. */
    private long attack(Program agent, HubDoor forger, Forging forging) throws Exception {
        long refusedBefore = refused();
        long waitingBefore = waiting();
        for (int i = 0; i < tries; i++) {
            forger.say(forged(i, forging.verb(i)));
        }
        if (!agent.waitFor(() -> refused() >= refusedBefore + tries, PATIENCE)) {
            return tries - (refused() - refusedBefore);
        }
        boolean receipted = status().map(said -> said.has("receiptAgeS")).orElse(true);
        return Math.max(0, waitingBefore - waiting()) + (receipted ? 1 : 0);
    }

    /** Signed by another key; by that key under the hub's name; by the hub itself, for another unit. */
    private byte[] forged(int i, Verb verb) {
        Id16 other = new Id16(1, i);
        return switch (i % 3) {
            case 0 -> signed(unit, verb, forgedKey);
            case 1 -> renamed(signed(unit, verb, forgedKey));
            default -> signed(other, verb, hubKey);
        };
    }

    private static byte[] signed(Id16 to, Verb verb, SigningKey key) {
        long nowS = System.currentTimeMillis() / 1_000;
        int number = verb instanceof Receipt ? 0 : 1;
        return DownMessage.sign(new Command("hub", to, OptionalLong.empty(), nowS, nowS, number, verb), key).bytes();
    }

    private byte[] renamed(byte[] message) {
        byte[] from = forgedKey.verifyKey().kid().bytes();
        byte[] to = hubKey.verifyKey().kid().bytes();
        for (int at = 0; at + from.length <= message.length; at++) {
            if (Arrays.equals(message, at, at + from.length, from, 0, from.length)) {
                System.arraycopy(to, 0, message, at, to.length);
                return message;
            }
        }
        throw new IllegalStateException("a message without its kid");
    }

    /** Of a message that the forger has read: chain, number and hash are right. */
    private Receipt receipt(int i) {
        UpMessage message = read.get(i % read.size());
        Receipted receipted = new Receipted(message.batch().chain(), message.batch().n(), message.payloadHash8());
        return new Receipt(Map.of(message.batch().lane(), List.of(receipted)));
    }

    private static OtherVerb order(int i) {
        return new OtherVerb(BARE_VERBS.get(i % BARE_VERBS.size()), Bytes.of(new byte[] {(byte) 0xa0}));
    }

    private void heard(byte[] bytes) {
        try {
            UpMessage message = UpMessage.parse(bytes);
            if (message.batch().lane() != Lane.STATUS) {
                read.add(message);
            }
        } catch (WireException e) {
            throw new IllegalStateException("the agent said something that is none of its messages", e);
        }
    }

    /** Command-acks that the agent sent: it has done something. */
    private long acknowledged() {
        return read.stream()
                .flatMap(message -> message.batch().records().stream())
                .filter(each -> each.body() instanceof CommandAck)
                .count();
    }

    private Optional<JsonNode> status() {
        try {
            return Optional.of(new ObjectMapper().readTree(data.resolve("status.json").toFile()));
        } catch (IOException notThere) {
            return Optional.empty();
        }
    }

    private long refused() {
        long sum = 0;
        for (JsonNode each : status().map(said -> said.path("refusedDown")).orElse(new ObjectMapper().createObjectNode())) {
            sum += each.asLong();
        }
        return sum;
    }

    private long waiting() {
        JsonNode lanes = status().map(said -> said.path("waiting")).orElse(new ObjectMapper().createArrayNode());
        return lanes.path(0).asLong() + lanes.path(1).asLong() + lanes.path(2).asLong();
    }

    private String counted() {
        List<String> all = new ArrayList<>();
        status().ifPresent(said -> said.path("refusedDown")
                .properties()
                .forEach(each -> all.add("refusedDown " + each.getKey() + " " + each.getValue())));
        return String.join(", ", all);
    }

    private Path settings(int port) throws IOException {
        Path devices = Files.createDirectories(dir.resolve("devices"));
        Path key = Files.createFile(
                dir.resolve("unit-key.pem"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(key, SigningKey.generate(new SecureRandom()).toPem());
        Files.writeString(dir.resolve("hub-key.pem"), hubKey.verifyKey().toPem());
        StringWriter ports = new StringWriter();
        new CommandLine(new SimulateCommand())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(new PrintWriter(ports))
                .execute("--kind", "taxi", "--dir", devices.toString(), "--print-config");
        Files.writeString(
                dir.resolve("agent.yaml"),
                "unit: " + uuid + "\nkind: taxi\nkey: unit-key.pem\ndata: " + data + "\ntrack: {seal-after: 5s}\n"
                        + "hub:\n  key: hub-key.pem\n  uplinks:\n    - mqtt: tcp://127.0.0.1:" + port + "\n" + ports);
        return devices;
    }

    private Program simulation(Path devices) {
        return program("people", "simulate", "--pace", "busy", "--kind", "taxi", "--dir", devices.toString(), "--seed", "1");
    }

    private Program agent() {
        return program("agent", "run", "--config", dir.resolve("agent.yaml").toString());
    }

    private Program program(String name, String... arguments) {
        Path jar = Path.of(System.getProperty("ansim.root", "")).resolve("edge-agent/target/edge-agent.jar");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                "-jar",
                jar.toString()));
        command.addAll(Arrays.asList(arguments));
        return new Program(name, dir.resolve(name + ".log"), command, Map.of());
    }
}
