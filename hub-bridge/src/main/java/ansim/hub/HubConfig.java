package ansim.hub;

import ansim.settings.Default;
import ansim.settings.Range;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The hub's configuration, {@code hub.yaml}. Paths are relative to the file's folder.
 *
 * @param data the folder of log, registry, views and key; one hub each
 * @param door where units connect
 * @param console the live page
 * @param centres who receives what
 * @param log what is printed
 */
record HubConfig(
        @Default("data") Path data,
        @Default("{}") Door door,
        @Default("{}") Console console,
        @Default("[]") List<Centre> centres,
        @Default("{}") Log log) {

    /** The log of everything: the journal's directory. */
    Path logDirectory() {
        return data.resolve("log");
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

    /** The hub's private key. */
    Path keyFile() {
        return data.resolve("hub-key.pem");
    }

    /**
     * Where units connect by MQTT.
     *
     * @param listen {@code HOST:PORT}; port 0 takes a free one
     * @param insecurePlaintext must be true until TLS comes, and is refused on any address but loopback
     * @param maxConnections more are refused with CONNACK 3 (server unavailable)
     */
    record Door(
            @Default("127.0.0.1:1883") String listen,
            @Default("false") boolean insecurePlaintext,

            @Default("20000") @Range(min = 1, max = 1_000_000)
            int maxConnections) {
        Door {
            InetSocketAddress address = addressOf(listen);
            if (!insecurePlaintext) {
                throw new IllegalArgumentException(
                        "insecure-plaintext must be true: this version has no TLS yet, so say that you know it");
            }
            if (!loopback(address)) {
                throw new IllegalArgumentException(
                        "listen must be a loopback address such as 127.0.0.1:1883, because insecure-plaintext is true (got "
                                + listen + ")");
            }
        }

        InetSocketAddress address() {
            return addressOf(listen);
        }
    }

    /**
     * The live page.
     *
     * @param listen {@code HOST:PORT}, loopback only until accounts come
     */
    record Console(@Default("127.0.0.1:8080") String listen) {
        Console {
            if (!loopback(addressOf(listen))) {
                throw new IllegalArgumentException(
                        "listen must be a loopback address such as 127.0.0.1:8080: the page has no accounts yet (got "
                                + listen + ")");
            }
        }

        InetSocketAddress address() {
            return addressOf(listen);
        }
    }

    /**
     * A control centre.
     *
     * @param district its district's code, or {@code *} for everything
     * @param sinks the ways to it, each with a cursor of its own
     */
    record Centre(String district, List<Sink> sinks) {
        Centre {
            if (!district.matches("[0-9A-Za-z-]{1,32}|\\*")) {
                throw new IllegalArgumentException(
                        "district must be a code such as \"11680\", or \"*\" (got " + district + ")");
            }
            if (sinks.isEmpty()) {
                throw new IllegalArgumentException(
                        "sinks must name at least one, for example - webhook: http://127.0.0.1:9001/");
            }
        }
    }

    /**
     * A way to a centre: one of the two.
     *
     * @param webhook CloudEvents by HTTP POST
     * @param mqtt {@code tcp://HOST:PORT}, the centre's own broker
     */
    record Sink(Optional<URI> webhook, Optional<URI> mqtt) {
        Sink {
            if (webhook.isPresent() == mqtt.isPresent()) {
                throw new IllegalArgumentException("a sink must have either webhook or mqtt");
            }
            webhook.ifPresent(uri -> check(uri, "webhook", "http", "https"));
            mqtt.ifPresent(uri -> check(uri, "mqtt", "tcp", "tcp"));
        }

        private static void check(URI uri, String key, String scheme, String orScheme) {
            boolean known = scheme.equals(uri.getScheme()) || orScheme.equals(uri.getScheme());
            if (!known || uri.getHost() == null) {
                throw new IllegalArgumentException(key + " must be " + scheme + "://HOST:PORT (got " + uri + ")");
            }
        }
    }

    /**
     * What is printed to standard output.
     *
     * @param level and above
     */
    record Log(@Default("info") Level level) {
        /** Severities, as tinylog has them. */
        enum Level {
            TRACE,
            DEBUG,
            INFO,
            WARN,
            ERROR
        }
    }

    private static InetSocketAddress addressOf(String listen) {
        int colon = listen.lastIndexOf(':');
        try {
            String host = listen.substring(0, colon);
            int port = Integer.parseInt(listen.substring(colon + 1));
            return new InetSocketAddress(InetAddress.getByName(host), port);
        } catch (IndexOutOfBoundsException | UnknownHostException | IllegalArgumentException e) {
            throw new IllegalArgumentException("listen must be HOST:PORT (got " + listen + ")", e);
        }
    }

    private static boolean loopback(InetSocketAddress address) {
        return address.getAddress().isLoopbackAddress();
    }
}
