package ansim.hub;

import ansim.hub.load.Fleet;
import ansim.hub.load.Load;
import ansim.hub.load.LoadProfile;
import ansim.hub.load.LoadResult;
import ansim.hub.load.UnitCertificates;
import ansim.hub.view.Registry;
import ansim.settings.CommandFailure;
import ansim.wire.SigningKey;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code hub-bridge load}: real signed messages of as many units as a city has, and what the hub makes of them. */
@Command(
        name = "load",
        mixinStandardHelpOptions = true,
        description = {
            "Measures a hub on this machine with real signed messages of many units.",
            "Waits for the receipts, and says how many a second were verified, stored and receipted, how long they took, and what",
            "the hub's process used.",
            "For a hub that is there for measuring only: it registers units whose keys anybody can make.",
            "",
            "--profile seoul   the city by the clock: of 112 units 72 taxis, half of them hired; of 112,000 units 6,200 messages/s",
            "          fixes   single live positions as fast as the hub takes them",
            "          tracks  tracks of 30 fixes as fast as the hub receipts them",
            "          storm   an outage is over, and everybody brings what was kept, with alarms meanwhile"
        },
        footer = {
            "",
            "The hub of these lines takes the units of a city's broker, which the generator plays:",
            "  printf 'data: bench\\nbroker: {url: \"tcp://127.0.0.1:1884\", insecure-plaintext: true}\\n' > bench.yaml",
            "  printf 'centres: [{district: \"*\", sinks: [{webhook: \"http://127.0.0.1:9100/\", batch: 64}]}]\\n' >> bench.yaml",
            "  printf 'routing: {every-ride: measuring}\\n' >> bench.yaml      without this only alarms reach a centre, and the rest is missing",
            "  hub-bridge load --config bench.yaml --units 112000 --register     once, before the hub starts or while it runs",
            "  hub-bridge run --config bench.yaml &",
            "  hub-bridge load --config bench.yaml --units 112000 --sink 9100 --hub-pid $!",
            "",
            "With door: {names: [localhost]} and beside-door: true at the broker, --door 19000 lets that many units connect to the",
            "door by mutual TLS, with certificates of the hub's own authority; at the end all are cut at once and come back.",
            "",
            "scripts/bench hub does all this by itself."
        })
final class LoadCommand implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private HubFolder hub = new HubFolder();

    @Option(names = "--units", paramLabel = "N", defaultValue = "1000", description = "How many units (default: 1000).")
    private int units;

    @Option(
            names = "--profile",
            paramLabel = "NAME",
            defaultValue = "seoul",
            description = "seoul, fixes, tracks or storm (default: seoul).")
    private LoadProfile profile = LoadProfile.SEOUL;

    @Option(
            names = "--register",
            description = "Only register the units; those that are there already stay as they are.")
    private boolean register;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "60",
            description = "How long seoul is measured (default: 60).")
    private int seconds;

    @Option(
            names = "--warmup",
            paramLabel = "S",
            defaultValue = "30",
            description =
                    "How long the hub has this load before anything is measured: its compilers are busy then (default: 30).")
    private int warmup;

    @Option(
            names = "--rate",
            paramLabel = "R",
            description = "seoul: messages a second of all together, with all periods longer or shorter.")
    private Optional<Double> rate = Optional.empty();

    @Option(
            names = "--messages",
            paramLabel = "N",
            defaultValue = "300000",
            description = "fixes and tracks: how many are measured (default: 300000).")
    private long messages;

    @Option(
            names = "--outage",
            paramLabel = "MINUTES",
            defaultValue = "30",
            description = "storm: how long nobody reached the hub (default: 30).")
    private int outage;

    @Option(
            names = "--alarm-every",
            paramLabel = "MS",
            defaultValue = "1000",
            description = "seoul and storm: a rider calls for help so often; 0 for never (default: 1000).")
    private long alarmEveryMs;

    @Option(
            names = "--door",
            paramLabel = "N",
            description = "So many units have a connection each to the hub's door, the others come through the broker"
                    + " (default: none with a broker, all without).")
    private Optional<Integer> byDoor = Optional.empty();

    @Option(
            names = "--coap",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "So many units have a DTLS association each to the hub's CoAP door (default: 0; at most 1000).")
    private int byCoap;

    @Option(
            names = "--sink",
            paramLabel = "PORT",
            description = "Be the centres' webhook on this port, and measure how long events take to it.")
    private Optional<Integer> sink = Optional.empty();

    @Option(
            names = "--hub-pid",
            paramLabel = "PID",
            description = "The hub's process, to say what it used; its log is that of --config.")
    private Optional<Long> pid = Optional.empty();

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "Of the units' keys (default: 1).")
    private long seed;

    @Option(names = "--json", description = "Print the result as one JSON object.")
    private boolean json;

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        HubConfig config = hub.config();
        Fleet fleet = Fleet.of(units, seed);
        if (register) {
            try (Registry registry = Registry.open(config.registryFile())) {
                out.printf(
                        "%,d units, %,d of them new%n",
                        units, registry.addAll(fleet.records(), System.currentTimeMillis()));
            }
            out.flush();
            return 0;
        }
        SigningKey key = HubKey.read(config.data().resolve(HubFolder.KEY))
                .orElseThrow(() -> new CommandFailure(
                        "the hub has no key yet", "starting it first: hub-bridge run --config FILE"));
        Load.Plan plan = new Load.Plan(
                profile,
                fleet,
                key.verifyKey(),
                ways(config, fleet),
                sink.map(port -> new InetSocketAddress(InetAddress.getLoopbackAddress(), port)),
                rate,
                Duration.ofSeconds(warmup),
                Duration.ofSeconds(seconds),
                messages,
                Duration.ofMinutes(outage),
                Duration.ofMillis(alarmEveryMs));
        Optional<Load.Watched> watched =
                pid.isPresent() ? Optional.of(new Load.Watched(pid.get(), config.logDirectory())) : Optional.empty();
        try (Load load = Load.open(plan, watched, err)) {
            print(out, load.run());
        }
        return 0;
    }

    private Load.Ways ways(HubConfig config, Fleet fleet) {
        int most = Math.min(units, Load.Ways.MAX_COAP);
        check("--coap", byCoap, 0, config.coap().isPresent() ? most : 0, "coap: {} in hub.yaml, and at most " + most);
        boolean broker = config.broker().isPresent();
        int others = units - byCoap;
        int atDoor = byDoor.orElse(broker ? 0 : others);
        check(
                "--door",
                atDoor,
                broker ? 0 : others,
                others,
                "with a broker a part of the units, without one all others");
        if (atDoor > 0 && !config.opensDoor()) {
            throw new CommandFailure(
                    "the hub's door is closed: it has a broker in its place", "broker: {beside-door: true, ...}");
        }
        return new Load.Ways(
                config.broker().map(BrokerConfig::address),
                atDoor > 0 ? Optional.of(config.door().address()) : Optional.empty(),
                atDoor,
                byCoap > 0 ? config.coap().map(HubConfig.Coap::address) : Optional.empty(),
                byCoap,
                certificates(config, fleet, atDoor));
    }

    private static void check(String option, int value, int least, int most, String hint) {
        if (value < least || value > most) {
            throw new CommandFailure(
                    String.format("%s must be in [%d, %d] (got %d)", option, least, most, value), hint);
        }
    }

    /** For units that speak TLS; whoever measures has the data folder, and with it the authority. */
    private Optional<UnitCertificates> certificates(HubConfig config, Fleet fleet, int atDoor) {
        boolean tls = atDoor > 0 && !config.door().insecurePlaintext();
        if (!tls && byCoap == 0) {
            return Optional.empty();
        }
        SecureRandom random = new SecureRandom();
        Instant now = Instant.now();
        try {
            HubAuthority authority = HubAuthority.open(config, now, random);
            IntStream speaking = IntStream.concat(IntStream.range(0, atDoor), IntStream.range(units - byCoap, units));
            return Optional.of(UnitCertificates.issue(authority.authority(), fleet, speaking, now, random));
        } catch (IOException e) {
            throw new CommandFailure("the hub's authority does not read: " + e.getMessage(), "starting the hub first");
        }
    }

    private static ObjectNode tree(LoadResult result) {
        ObjectNode tree = JSON.valueToTree(result);
        result.connections().ifPresent(each -> tree.set("connections", JSON.valueToTree(each)));
        result.hub().ifPresent(each -> tree.set("hub", JSON.valueToTree(each)));
        return tree;
    }

    private void print(PrintWriter out, LoadResult result) throws IOException {
        if (json) {
            out.println(JSON.writeValueAsString(tree(result)));
            out.flush();
            return;
        }
        out.printf(
                "%,d units, %s, %s%n%,.0f messages/s receipted, %,.0f positions/s, %,.0f receipts/s, %,.0f events/s at the centre, in %.0f s%n",
                result.units(),
                result.profile(),
                result.way(),
                result.messagesPerS(),
                result.positionsPerS(),
                result.receiptsPerS(),
                result.centreEventsPerS(),
                result.seconds());
        out.printf(
                "to the receipt (lanes 1 and 2) p50 %.1f ms, p99 %.1f ms; to the centre p50 %.1f ms, p99 %.1f ms; alarms p50 %.1f ms, p99 %.1f ms%n",
                result.receiptDelays().p50Ms(),
                result.receiptDelays().p99Ms(),
                result.centreDelays().p50Ms(),
                result.centreDelays().p99Ms(),
                result.alarmDelays().p50Ms(),
                result.alarmDelays().p99Ms());
        result.hub()
                .ifPresent(each -> out.printf(
                        "hub process: %.0f %% of one processor, %.1f us a message, %.0f MiB, %.0f B of log a message, %.0f B written%n",
                        each.cpuPercent(),
                        each.cpuUsPerMessage(),
                        each.rssMiB(),
                        each.logBytesPerMessage(),
                        each.writtenBytesPerMessage()));
        out.printf(
                "late at most %.0f ms; %,d never receipted, %,d wrong receipts, %,d missing at the centre, %,d connections lost%n",
                result.latestMs(), result.unreceipted(), result.wrong(), result.missing(), result.lost());
        result.connections()
                .ifPresent(each -> out.printf(
                        "%,d connections stood after %.1f s; cut at one moment, %,d were back after %.1f s (%,d attempts failed, the hub's peak is %.0f MiB)%n",
                        each.count(), each.connectS(), each.back(), each.reconnectS(), each.failures(), each.rssMiB()));
        out.println("Generator and hub share this machine.");
        out.flush();
    }
}
