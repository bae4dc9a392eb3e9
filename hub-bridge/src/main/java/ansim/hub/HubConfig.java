package ansim.hub;

import ansim.hub.core.Keep;
import ansim.hub.deliver.Destination;
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
 * The hub's settings, {@code hub.yaml}. Only {@code door.insecure-plaintext} must be given, until the door has TLS. Paths are relative
 * to the file's folder.
 *
 * @param data the hub's folder: log, registry, views, indexes and the signing key; one hub each
 * @param door where the units come in
 * @param console where the live page is
 * @param centres where the events go
 * @param log its mirror, and what is told on standard output
 * @param retention how long what belongs to people is kept
 */
record HubConfig(
        @Default("data") Path data,
        @Default("{}") Door door,
        @Default("{}") Console console,
        @Default("[]") List<Destination> centres,
        @Default("{}") Log log,
        @Default("{}") Retention retention) {
    HubConfig {
        Set<String> districts = new HashSet<>();
        for (Destination centre : centres) {
            if (!districts.add(centre.district())) {
                throw new IllegalArgumentException("centres must name each district once, with all its sinks (twice: \""
                        + centre.district() + "\")");
            }
        }
        log.mirror().ifPresent(mirror -> checkApart(data, mirror));
    }

    private static void checkApart(Path data, Path mirror) {
        Path one = real(data);
        Path other = real(mirror);
        if (one.startsWith(other) || other.startsWith(one)) {
            throw new IllegalArgumentException("log.mirror must be a directory on another disk, outside the data folder"
                    + " (got " + mirror + ", the data folder is " + data + ")");
        }
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

    /** Cursors and indexes of the deliveries. */
    Path indexDirectory() {
        return data.resolve("index");
    }

    /**
     * The MQTT door.
     *
     * @param listen address and port, {@code 127.0.0.1:1883} if not given; port 0 takes any free one
     * @param insecurePlaintext must be true: TLS comes with the keys of the units. Without TLS only a loopback address is allowed
     * @param maxConnections connections at once, 1 to 100,000; one more is closed unheard
     */
    record Door(
            @Default("\"127.0.0.1:1883\"") String listen,
            @Default("false") boolean insecurePlaintext,
            @Default("20000") @Range(min = 1, max = 100_000) int maxConnections) {
        Door {
            InetSocketAddress address = addressOf(listen);
            if (!insecurePlaintext) {
                throw new IllegalArgumentException("the door has no TLS yet: it must be opened knowingly with"
                        + " insecure-plaintext: true, and then only on a loopback address");
            }
            if (!address.getAddress().isLoopbackAddress()) {
                throw new IllegalArgumentException("insecure-plaintext allows only a loopback address, such as"
                        + " 127.0.0.1:1883 (got \"" + listen + "\"): what is sent over a network must be encrypted");
            }
        }

        InetSocketAddress address() {
            return addressOf(listen);
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

    private static InetSocketAddress addressOf(String text) {
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
