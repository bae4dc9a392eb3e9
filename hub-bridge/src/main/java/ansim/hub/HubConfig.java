package ansim.hub;

import ansim.hub.core.Keep;
import ansim.hub.deliver.Destination;
import ansim.hub.guardian.GuardianSettings;
import ansim.hub.intake.DoorTls;
import ansim.settings.Default;
import ansim.settings.Range;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The hub's settings, {@code hub.yaml}. Nothing must be given, but {@code door.names} as soon as a door is to be reached from other
 * machines. Paths are relative to the file's folder.
 *
 * @param data the hub's folder: log, registry, views, indexes and the signing key; one hub each
 * @param door where the units come in
 * @param coap where the units come in over CoAP; if not given, nowhere
 * @param broker a city's own broker, where the units come in in place of the door, or beside it; if not given, they come to the door
 * @param enrolment where boxes become units; if not given, it is there unless the door is insecure
 * @param ca the city's own authority; if not given, the hub has one in its data folder
 * @param console where the live page is
 * @param centres where the events go
 * @param log its mirror, and what is told on standard output
 * @param retention how long what belongs to people is kept
 * @param vault where riders' cards are opened
 * @param api where programs ask; if not given, nowhere
 * @param metrics an address of their own for the metrics; the page's address has them in any case
 * @param telemetry where single messages are told of; if not given, nowhere
 * @param guardians how guardians are told; if not given, nobody is. With a vault in another process only late is said here, the ways there
 * @param deliveries how they are kept within bounds, and where centres read event streams
 * @param routing which centres get what, and when a ride needs attention
 */
record HubConfig(
        @Default("data") Path data,
        @Default("{}") Door door,
        Optional<Coap> coap,
        Optional<BrokerConfig> broker,
        Optional<Enrolment> enrolment,
        @Default("{}") Ca ca,
        @Default("{}") Console console,
        @Default("[]") List<Destination> centres,
        @Default("{}") Log log,
        @Default("{}") Retention retention,
        @Default("{}") VaultPlace vault,
        Optional<ApiConfig> api,
        Optional<MetricsConfig> metrics,
        Optional<TelemetryConfig> telemetry,
        Optional<GuardianSettings> guardians,
        @Default("{}") DeliverySettings deliveries,
        @Default("{}") RoutingConfig routing) {
    /** The folder of the rider vault in the data folder, unless another is set. */
    static final String VAULT = "vault";

    HubConfig {
        Set<String> districts = new HashSet<>();
        for (Destination centre : centres) {
            if (!districts.add(centre.district())) {
                throw new IllegalArgumentException("centres must name each district once, with all its sinks (twice: \""
                        + centre.district() + "\")");
            }
        }
        log.mirror().ifPresent(mirror -> checkApart(data, mirror));
        if (vault.socket().isPresent()
                && guardians.isPresent()
                && guardians.get().sends()) {
            throw new IllegalArgumentException(
                    "guardians must have neither mail nor webhooks with vault.socket: the ways"
                            + " belong to the vault's process (hub-bridge vault serve --guardians FILE)");
        }
        boolean reads = centres.stream()
                .flatMap(each -> each.sinks().stream())
                .anyMatch(each -> each.stream().isPresent());
        if (reads && deliveries.streams().isEmpty()) {
            throw new IllegalArgumentException("deliveries.streams must say where centres read their event streams when"
                    + " a sink is one, such as deliveries: {streams: {listen: \"127.0.0.1:8444\"}}");
        }
        if (broker.isPresent() && door.insecurePlaintext()) {
            throw new IllegalArgumentException("hub.yaml must have door.insecure-plaintext or broker, not both: with a"
                    + " broker the door stays closed, or is open with TLS (broker.beside-door)");
        }
        Optional<Enrolment> boxes =
                enrolment.or(() -> isInsecure(door, broker) ? Optional.empty() : Optional.of(Enrolment.DEFAULT));
        new ReachedBy(door, coap, boxes, deliveries.streams(), api).check(opensDoor(broker));
    }

    private static void checkApart(Path data, Path mirror) {
        Path one = real(data);
        Path other = real(mirror);
        if (one.startsWith(other) || other.startsWith(one)) {
            throw new IllegalArgumentException("log.mirror must be a directory on another disk, outside the data folder"
                    + " (got " + mirror + ", the data folder is " + data + ")");
        }
    }

    /** What stands in it and leads nowhere; the hub runs all the same. In words for an operator. */
    List<String> warnings() {
        Optional<String> lost = routing.catchAll()
                .filter(name ->
                        centres.stream().noneMatch(each -> each.district().equals(name)));
        return lost
                .map(name -> "routing.catch-all names the destination \"" + name + "\", which is none of centres: what"
                        + " happens outside every district goes to no destination but those of \"" + Destination.ALL
                        + "\". Try: centres: [{district: \"" + name + "\", sinks: [...]}], or no catch-all")
                .stream()
                .toList();
    }

    /** The rider vault's folder, when it is in this process. */
    Path vaultFolder() {
        return vault.folder().orElseGet(() -> data.resolve(VAULT));
    }

    /** Where it is or will be, with what exists of it free of links: by another name it is still the same disk. */
    private static Path real(Path path) {
        Path whole = path.toAbsolutePath().normalize();
        Path existing = whole;
        while (existing.getParent() != null && !Files.exists(existing)) {
            existing = existing.getParent();
        }
        try {
            return existing.toRealPath().resolve(existing.relativize(whole)).normalize();
        } catch (IOException e) {
            throw new IllegalArgumentException("log.mirror and the data folder must be readable (" + e + ")", e);
        }
    }

    /** The log of everything: the journal's directory. */
    Path logDirectory() {
        return data.resolve("log");
    }

    /** The state at some entries of the log. */
    Path snapshotDirectory() {
        return data.resolve("snapshots");
    }

    /** The keys of rides and days. */
    Path rideKeysFile() {
        return data.resolve(HubFolder.RIDE_KEYS);
    }

    /** Units and districts as the commands edit them. */
    Path registryFile() {
        return data.resolve("registry.db");
    }

    /** The read models. */
    Path viewsFile() {
        return data.resolve("views.db");
    }

    /** The record of who was given what. */
    Path ledgerDirectory() {
        return data.resolve(HubFolder.LEDGER);
    }

    /** Cursors and indexes of the deliveries. */
    Path indexDirectory() {
        return data.resolve("index");
    }

    /** Where boxes become units; empty where units need no certificate. */
    Optional<Enrolment> enrolmentDoor() {
        return enrolment.or(() -> isInsecure() ? Optional.empty() : Optional.of(Enrolment.DEFAULT));
    }

    /** Whether units come in without TLS: for tests on one machine. */
    boolean isInsecure() {
        return isInsecure(door, broker);
    }

    private static boolean isInsecure(Door door, Optional<BrokerConfig> broker) {
        return opensDoor(broker)
                ? door.insecurePlaintext()
                : broker.orElseThrow().insecurePlaintext();
    }

    /** Whether units connect to the hub itself. */
    boolean opensDoor() {
        return opensDoor(broker);
    }

    private static boolean opensDoor(Optional<BrokerConfig> broker) {
        return broker.map(BrokerConfig::besideDoor).orElse(true);
    }

    /** By which names units, boxes, centres and programs reach it. */
    ReachedBy reachedBy() {
        return new ReachedBy(door, coap, enrolmentDoor(), deliveries.streams(), api);
    }

    /**
     * The MQTT door.
     *
     * @param listen address and port, {@code 127.0.0.1:8883} if not given, {@code 127.0.0.1:1883} without TLS; port 0 takes any free one
     * @param names DNS names and addresses by which units reach it; those of a loopback or single address are known
     * @param tls who does TLS's arithmetic: auto, jdk or openssl
     * @param insecurePlaintext no TLS, so that anybody can be any unit: for tests on one machine. Only a loopback address is allowed then
     * @param maxConnections connections at once, 1 to 100,000; one more is closed unheard
     */
    record Door(
            Optional<String> listen,
            @Default("[]") List<String> names,
            @Default("auto") DoorTls.Engine tls,
            @Default("false") boolean insecurePlaintext,
            @Default("20000") @Range(min = 1, max = 100_000) int maxConnections) {
        Door {
            InetSocketAddress address = addressOf(listen.orElse(listen(insecurePlaintext)));
            if (insecurePlaintext && !address.getAddress().isLoopbackAddress()) {
                throw new IllegalArgumentException("insecure-plaintext allows only a loopback address, such as"
                        + " 127.0.0.1:1883 (got \"" + listen.orElse("")
                        + "\"): what is sent over a network must be encrypted");
            }
            ReachedBy.checkNames(names);
        }

        private static String listen(boolean insecurePlaintext) {
            return insecurePlaintext ? "127.0.0.1:1883" : "127.0.0.1:8883";
        }

        InetSocketAddress address() {
            return addressOf(listen.orElse(listen(insecurePlaintext)));
        }
    }

    /**
     * The CoAP door, always with DTLS.
     *
     * @param listen address and port, {@code 127.0.0.1:5684} if not given; port 0 takes any free one
     * @param names DNS names and addresses by which units reach it; if not given, the door's
     * @param maxConnections DTLS associations at once, 1 to 100,000
     */
    record Coap(
            @Default("\"127.0.0.1:5684\"") String listen,
            @Default("[]") List<String> names,
            @Default("20000") @Range(min = 1, max = 100_000) int maxConnections) {
        Coap {
            var unused = addressOf(listen);
            ReachedBy.checkNames(names);
        }

        InetSocketAddress address() {
            return addressOf(listen);
        }
    }

    /**
     * The HTTPS door of enrolment.
     *
     * @param listen address and port, {@code 127.0.0.1:8443} if not given; port 0 takes any free one
     * @param names DNS names and addresses by which boxes reach it, the first in claims and sheets; if not given, the door's
     */
    record Enrolment(
            @Default("\"127.0.0.1:8443\"") String listen,
            @Default("[]") List<String> names) {
        static final Enrolment DEFAULT = new Enrolment("127.0.0.1:8443", List.of());

        Enrolment {
            var unused = addressOf(listen);
            ReachedBy.checkNames(names);
        }

        InetSocketAddress address() {
            return addressOf(listen);
        }
    }

    /**
     * An authority that the city gives.
     *
     * @param key PEM, not encrypted, readable by its owner only
     * @param certificate PEM; further certificates in it are trusted, too, while the authority is changed
     */
    record Ca(Optional<Path> key, Optional<Path> certificate) {
        static final Ca NONE = new Ca(Optional.empty(), Optional.empty());

        Ca {
            if (key.isPresent() != certificate.isPresent()) {
                throw new IllegalArgumentException(
                        "ca must have both key and certificate, or neither: then the hub makes its own authority");
            }
        }
    }

    /**
     * The live page.
     *
     * @param listen address and port, {@code 127.0.0.1:8080} if not given; port 0 takes any free one
     */
    record Console(@Default("\"127.0.0.1:8080\"") String listen) {
        Console {
            InetSocketAddress address = addressOf(listen);
            if (!address.getAddress().isLoopbackAddress()) {
                throw new IllegalArgumentException("listen must be a loopback address, such as 127.0.0.1:8080 (got \""
                        + listen + "\"): the page has no sign-in yet");
            }
        }

        InetSocketAddress address() {
            return addressOf(listen);
        }
    }

    /**
     * The log of everything, and what is told on standard output.
     *
     * @param mirror a directory on another disk: receipts then wait for both disks, and {@code hub-bridge promote} goes on from it
     * @param level of what is told: trace, debug, info, warn or error
     */
    record Log(Optional<Path> mirror, @Default("info") Level level) {}

    /**
     * How long the keys are kept without which nobody can read what is sealed under them; 1 day to 100 years each. Counted from the hour in which
     * the first message of a ride, or of a day, reached the hub. What stays readable for good: that a unit sent a message with a number, when it
     * came, and its hash.
     *
     * @param rides what belongs to a ride without an emergency: boarding, positions, track, alighting
     * @param emergencies what belongs to a ride with an emergency, and emergencies outside rides with their positions
     * @param health what a unit tells outside rides: health, presence, contacts, positions
     */
    record Retention(
            @Default("30d") @Range(min = 86_400_000L, max = 3_155_760_000_000L)
            Duration rides,

            @Default("1095d") @Range(min = 86_400_000L, max = 3_155_760_000_000L)
            Duration emergencies,

            @Default("30d") @Range(min = 86_400_000L, max = 3_155_760_000_000L)
            Duration health) {
        Map<Keep, Duration> perClass() {
            Map<Keep, Duration> all = new EnumMap<>(Keep.class);
            all.put(Keep.RIDES, rides);
            all.put(Keep.EMERGENCIES, emergencies);
            // A day's key is made with its first message: its last is kept for as long as is promised.
            all.put(Keep.HEALTH, health.plusDays(1));
            return all;
        }
    }

    /**
     * The rider vault: in this process, in its folder, or in one of its own ({@code hub-bridge vault serve}).
     *
     * @param folder of a vault in this process; {@code vault} in the data folder if not given
     * @param socket the Unix-domain socket at which another process answers; then there is none here
     * @param key the public key (PEM) of the vault in another process, as {@code hub-bridge vault key show} printed it: enrolment gives it to the
     *     units. Of a vault in this process it is known
     */
    record VaultPlace(Optional<Path> folder, Optional<Path> socket, Optional<Path> key) {
        VaultPlace {
            if (folder.isPresent() && socket.isPresent()) {
                throw new IllegalArgumentException(
                        "vault must be in this process (folder) or in another (socket), not both");
            }
            if (key.isPresent() && socket.isEmpty()) {
                throw new IllegalArgumentException(
                        "vault.key must only be given with vault.socket: a vault in this process has its key");
            }
        }
    }

    /** How much is told; each includes those after it. */
    enum Level {
        TRACE,
        DEBUG,
        INFO,
        WARN,
        ERROR
    }

    /** A number or {@code localhost}: no name is looked up, so that what is bound is what stands there. */
    private static final Pattern ADDRESS =
            Pattern.compile("(localhost|[0-9]{1,3}(?:\\.[0-9]{1,3}){3}|\\[[0-9a-fA-F:.]+])" + ":([0-9]{1,5})");

    private static final int MAX_PORT = 65_535;

    static InetSocketAddress addressOf(String text) {
        Matcher match = ADDRESS.matcher(text);
        if (!match.matches() || Integer.parseInt(match.group(2)) > MAX_PORT) {
            throw new IllegalArgumentException(
                    "listen must be ADDRESS:PORT, such as 127.0.0.1:1883, [::1]:1883 or localhost:1883 (got \"" + text
                            + "\")");
        }
        try {
            return new InetSocketAddress(InetAddress.getByName(match.group(1)), Integer.parseInt(match.group(2)));
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("listen is no address: \"" + text + "\"", e);
        }
    }
}
