import ansim.edge.sim.SimulateCommand;
import ansim.hub.core.UnitRecord;
import ansim.hub.view.Registry;
import ansim.wire.Id16;
import ansim.wire.Pos;
import ansim.wire.SigningKey;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;

/**
 * What every rig is played in: the real hub, two reference centres that both get everything, a link that can be cut, and units, each an
 * agent with simulated devices and people in a hurry. Everything lies under one folder; everything listens on loopback.
 */
final class City implements AutoCloseable {
    static final Duration START_PATIENCE = Duration.ofSeconds(120);
    private static final Duration END_PATIENCE = Duration.ofSeconds(30);
    /** Below the ports that the kernel gives to clients: a port must still be free after a kill. */
    private static final int FIRST_PORT = 20_000;

    private static final int PORTS = 10_000;
    private static final String PLACE = "37.5263,126.8962";
    private static final List<String> AGENT_JAVA = List.of(
            "-XX:+UseSerialGC",
            "-Xmx48m",
            "-Xss512k",
            "-XX:TieredStopAtLevel=1",
            "-XX:-UsePerfData",
            "-Xshare:auto");
    private static final ObjectMapper JSON = new ObjectMapper();

    final Path dir;
    /** The hub's own folder. */
    final Path hubData;

    final Program hub;
    final List<Program> centres = new ArrayList<>();
    final List<Path> centreFiles = new ArrayList<>();
    final List<SimUnit> units = Collections.synchronizedList(new ArrayList<>());
    /** In front of the hub, if units come in through a city's own broker. */
    final Optional<Program> broker;
    private final int doorPort;
    private final List<Integer> centrePorts = new ArrayList<>();
    private final int linkPort;
    private final Program link;
    private final Registry registry;
    private final Path config;
    private final Path root;

    /**
     * What a program's disk needs of it.
     *
     * @param environment added to the program's
     * @param agentYaml lines of agent.yaml
     * @param people further arguments of {@code simulate}
     */
    record Fit(Map<String, String> environment, String agentYaml, List<String> people) {
        static final Fit PLAIN = new Fit(Map.of(), "", List.of());
    }

    /** One unit: its agent, and the people with their devices. */
    record SimUnit(String name, Id16 id, String kind, Path home, Path data, Program agent, Program people) {
        Path did() {
            return home.resolve("devices/did.jsonl");
        }

        /** What the agent last said of itself; it does so every two seconds. */
        Optional<JsonNode> status() {
            try {
                return Optional.of(JSON.readTree(data.resolve("status.json").toFile()));
            } catch (IOException notThere) {
                return Optional.empty();
            }
        }

        /** Whether the agent said after that moment that nothing of lanes 1 to 3 waits for a receipt. */
        boolean drained(long afterMonoMs) {
            return status().filter(said -> said.path("writtenMonoMs").asLong() > afterMonoMs)
                    .map(said -> said.path("waiting"))
                    .map(lanes -> lanes.size() >= 3
                            && lanes.get(0).asLong() + lanes.get(1).asLong() + lanes.get(2).asLong() == 0)
                    .orElse(false);
        }

        boolean startAgent() throws IOException, InterruptedException {
            Files.deleteIfExists(data.resolve("status.json"));
            agent.start();
            return agent.says(" runs, version ", START_PATIENCE);
        }
    }

    City(Path dir) throws IOException, InterruptedException {
        this(dir, dir.resolve("hub"), Map.of(), "");
    }

    /** With a real mosquitto in front of the hub, which keeps nothing on disk. */
    static City behindMosquitto(Path dir) throws IOException, InterruptedException {
        return new City(dir, dir.resolve("hub"), Map.of(), "", true);
    }

    /** With the hub's data folder somewhere else, more for its environment, and more lines for its settings. */
    City(Path dir, Path hubData, Map<String, String> hubEnvironment, String settings)
            throws IOException, InterruptedException {
        this(dir, hubData, hubEnvironment, settings, false);
    }

    private City(Path dir, Path hubData, Map<String, String> hubEnvironment, String settings, boolean mosquitto)
            throws IOException, InterruptedException {
        this.dir = dir;
        this.hubData = hubData;
        this.root = Path.of(System.getProperty("ansim.root", "")).toAbsolutePath();
        for (String folder : List.of("centres", "units", "logs")) {
            Files.createDirectories(dir.resolve(folder));
        }
        Files.createDirectories(hubData);
        doorPort = freePort();
        linkPort = freePort();
        for (int i = 1; i <= 2; i++) {
            int port = freePort();
            Path file = dir.resolve("centres/centre-" + i + ".jsonl");
            centrePorts.add(port);
            centreFiles.add(file);
            centres.add(hubProgram(
                    "centre-" + i,
                    Map.of(),
                    "centre",
                    "--listen",
                    "127.0.0.1:" + port,
                    "--units",
                    hubData.resolve("registry.db").toString(),
                    "--json",
                    file.toString()));
        }
        config = dir.resolve("hub.yaml");
        Files.writeString(
                config,
                """
                data: %s
                %s
                console: {listen: 127.0.0.1:0}
                routing: {every-ride: "nobody rides in this rig"}
                centres:
                  - {district: "*", sinks: [{webhook: "http://127.0.0.1:%d/"}, {webhook: "http://127.0.0.1:%d/"}]}
                """
                                .formatted(hubData, entrance(mosquitto), centrePorts.get(0), centrePorts.get(1))
                        + settings);
        hub = hubProgram("hub", hubEnvironment, "run", "--config", config.toString());
        link = program(
                "link",
                List.of(
                        java(),
                        root.resolve("scripts/demo.d/LinkRelay.java").toString(),
                        String.valueOf(linkPort),
                        String.valueOf(doorPort),
                        linkCut().toString()),
                Map.of());
        broker = mosquitto ? Optional.of(mosquitto()) : Optional.empty();
        if (mosquitto && !startBroker()) {
            throw new IOException("mosquitto did not start: see " + broker.orElseThrow().log());
        }
        if (!startHub()) {
            throw new IOException("the hub did not start: see " + hub.log());
        }
        registry = Registry.open(hubData.resolve("registry.db"));
        Files.writeString(
                dir.resolve("hub-key.pem"),
                hubCommand("key", "show", "--config", config.toString()));
        link.start();
        for (int i = 0; i < centres.size(); i++) {
            if (!startCentre(i)) {
                throw new IOException("a centre did not start: see " + centres.get(i).log());
            }
        }
        if (!link.says("relay: ", START_PATIENCE)) {
            throw new IOException("the link did not start: see " + link.log());
        }
    }

    /** Runs a command of the hub to its end and gives what it says; throws when it fails. */
    String hubCommand(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(java(), "-jar", jar("hub-bridge")));
        command.addAll(Arrays.asList(arguments));
        return Tool.run(command.toArray(String[]::new));
    }

    Path config() {
        return config;
    }

    /** No unit is added from now on. */
    void closeRegistry() throws IOException {
        registry.close();
    }

    /** The link is cut while this exists. */
    Path linkCut() {
        return dir.resolve("link-is-cut");
    }

    private String entrance(boolean mosquitto) {
        return mosquitto
                ? "broker: {url: tcp://127.0.0.1:" + doorPort + ", insecure-plaintext: true}"
                : "door: {listen: 127.0.0.1:" + doorPort + ", insecure-plaintext: true}";
    }

    private Program mosquitto() throws IOException {
        Path file = dir.resolve("mosquitto.conf");
        Files.writeString(
                file,
                "listener " + doorPort + " 127.0.0.1\nallow_anonymous true\npersistence false\nmax_inflight_messages 1024\n");
        return program("mosquitto", List.of("mosquitto", "-c", file.toString()), Map.of());
    }

    boolean startBroker() throws IOException, InterruptedException {
        Program mosquitto = broker.orElseThrow();
        mosquitto.start();
        return mosquitto.waitFor(
                () -> {
                    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), doorPort)) {
                        return socket.isConnected();
                    } catch (IOException notYet) {
                        return false;
                    }
                },
                START_PATIENCE);
    }

    boolean startHub() throws IOException, InterruptedException {
        hub.start();
        return hub.says(broker.isPresent() ? "units publish at " : "units connect to ", START_PATIENCE);
    }

    boolean startCentre(int which) throws IOException, InterruptedException {
        centres.get(which).start();
        return centres.get(which).says(" listens at ", START_PATIENCE);
    }

    /** Registers a unit and writes its files; nothing of it runs yet. */
    SimUnit unit(String name, boolean taxi, Path data, long seed) throws IOException {
        return unit(name, taxi, data, seed, Fit.PLAIN);
    }

    SimUnit unit(String name, boolean taxi, Path data, long seed, Fit fit) throws IOException {
        Path home = dir.resolve("units/" + name);
        Path devices = home.resolve("devices");
        Files.createDirectories(devices);
        UUID uuid = UUID.randomUUID();
        SigningKey key = SigningKey.generate(new SecureRandom());
        Files.createFile(
                home.resolve("unit-key.pem"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(home.resolve("unit-key.pem"), key.toPem());
        String kind = taxi ? "taxi" : "cctv-pole";
        Id16 id = Id16.parse(uuid.toString());
        Optional<Pos> place = taxi ? Optional.empty() : Optional.of(Pos.of(375_263_000, 1_268_962_000));
        UnitRecord record = new UnitRecord(id, key.verifyKey(), name, "rig", kind, place, false);
        synchronized (registry) {
            registry.add(record, System.currentTimeMillis());
        }
        Path config = home.resolve("agent.yaml");
        Files.writeString(config, agentYaml(uuid, taxi, data, devices) + fit.agentYaml());
        List<String> people = new ArrayList<>(List.of("simulate", "--pace", "busy", "--kind", taxi ? "taxi" : "pole"));
        people.addAll(List.of("--dir", devices.toString(), "--seed", String.valueOf(seed)));
        if (!taxi) {
            people.addAll(List.of("--place", PLACE));
        }
        people.addAll(fit.people());
        SimUnit unit = new SimUnit(
                name,
                id,
                kind,
                home,
                data,
                agentProgram(name, fit.environment(), List.of("run", "--config", config.toString())),
                agentProgram(name + "-people", Map.of(), people));
        units.add(unit);
        return unit;
    }

    private String agentYaml(UUID uuid, boolean taxi, Path data, Path devices) {
        StringWriter ports = new StringWriter();
        int code = new CommandLine(new SimulateCommand())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(new PrintWriter(ports))
                .execute("--kind", taxi ? "taxi" : "pole", "--dir", devices.toString(), "--print-config");
        if (code != 0) {
            throw new IllegalStateException("simulate --print-config ended with " + code);
        }
        String place = taxi ? "" : "place: {lat: 37.5263, lon: 126.8962}\n";
        return "unit: " + uuid + "\nkind: " + (taxi ? "taxi" : "cctv-pole") + "\nkey: unit-key.pem\ndata: " + data + "\n"
                + place + "track: {seal-after: 5s}\n"
                + "hub:\n  key: " + dir.resolve("hub-key.pem") + "\n  uplinks:\n    - mqtt: tcp://127.0.0.1:" + linkPort + "\n"
                + ports;
    }

    private Program hubProgram(String name, Map<String, String> environment, String... arguments) {
        // None lives long here: a quick start is worth more than fast code.
        List<String> command = new ArrayList<>(List.of(
                java(), "-XX:-UsePerfData", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-jar", jar("hub-bridge")));
        command.addAll(Arrays.asList(arguments));
        return program(name, command, environment);
    }

    private Program agentProgram(String name, Map<String, String> environment, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(java()));
        command.addAll(AGENT_JAVA);
        command.addAll(List.of("-jar", jar("edge-agent")));
        command.addAll(arguments);
        return program(name, command, environment);
    }

    private Program program(String name, List<String> command, Map<String, String> environment) {
        return new Program(name, dir.resolve("logs/" + name + ".log"), command, environment);
    }

    private String jar(String module) {
        return root.resolve(module + "/target/" + module + ".jar").toString();
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin/java").toString();
    }

    /** Not by the seed: two rigs of one seed may run side by side. */
    private static int freePort() {
        while (true) {
            int port = FIRST_PORT + ThreadLocalRandom.current().nextInt(PORTS);
            try (ServerSocket free = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return free.getLocalPort();
            } catch (IOException taken) {
                // the next one
            }
        }
    }

    /** The generation that a hub named when it first listened, from its output. */
    static long generation(Path hubLog) throws IOException {
        Matcher named = Pattern.compile("generation (\\d+)").matcher(Files.readString(hubLog));
        if (!named.find()) {
            throw new IOException("no generation in " + hubLog);
        }
        return Long.parseLong(named.group(1));
    }

    /** Ends the hub in order, so that its log can be read. */
    void endHub() throws InterruptedException {
        hub.end(END_PATIENCE);
    }

    @Override
    public void close() throws IOException, InterruptedException {
        for (SimUnit unit : List.copyOf(units)) {
            unit.people().kill();
            unit.agent().kill();
        }
        hub.kill();
        link.kill();
        if (broker.isPresent()) {
            broker.get().kill();
        }
        for (Program centre : centres) {
            centre.kill();
        }
        registry.close();
    }
}
