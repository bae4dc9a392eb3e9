package ansim.hub.deliver;

import ansim.hub.core.Event;
import ansim.settings.Default;
import ansim.settings.Range;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A centre and the ways to it. As in {@code hub.yaml}: <code>{district: "11680", sinks: [{webhook: URL}, {mqtt: tcp://host}]}</code>.
 *
 * <p>Every sink gets every event of the district, each by a cursor of its own. A destination that is new starts at the beginning of
 * the log: what was stored for the district before is delivered too.
 *
 * @param district a district's code, {@code "*"} for all events, {@code "-"} for those outside every district
 * @param sinks where to
 */
public record Destination(String district, List<Target> sinks) {
    /** The district of a destination that gets everything. */
    public static final String ALL = "*";

    private static final Pattern DISTRICT = Pattern.compile("\\*|-|[A-Za-z0-9][A-Za-z0-9._-]{0,15}");

    public Destination {
        if (!DISTRICT.matcher(district).matches()) {
            throw new IllegalArgumentException("district must be a district's code, \"*\" or \"" + Event.OUTSIDE
                    + "\" (got \"" + district + "\")");
        }
        sinks = List.copyOf(sinks);
        if (sinks.stream().map(Target::address).distinct().count() < sinks.size()) {
            throw new IllegalArgumentException("sinks must not name the same address twice");
        }
    }

    /** What the bytes of a sink are. */
    public enum Format {
        /** CloudEvents 1.0 in structured JSON mode. */
        CLOUDEVENTS,
        /** The unit's own COSE_Sign1; the CloudEvent's attributes go beside it, where the sink has a place for them. */
        COSE
    }

    /**
     * One way to a centre: exactly one of the first five, and what goes with it.
     *
     * @param webhook http or https URL that takes an event by POST
     * @param mqtt broker, {@code tcp://host:port} or {@code ssl://host:port}
     * @param kafka bootstrap servers, {@code host:port,host:port}; with {@code topic}
     * @param stream a file with the token by which the centre reads its event stream at the hub
     * @param file a folder in which files of JSON lines grow
     * @param format what is sent
     * @param batch events of a webhook that may go in one request, as a JSON array ({@code application/cloudevents-batch+json}); one alone
     *     always goes as it does without this
     * @param topic of Kafka
     * @param properties a file with further settings of the Kafka client, such as those of its TLS and password
     * @param secret a file with the secret by which a webhook's requests are signed
     * @param authority certificates (PEM) that are trusted instead of Java's own, of a webhook or an MQTT broker
     * @param user of an MQTT broker: by whose name the hub logs in, with {@code passwordFile}
     * @param passwordFile a file with that user's password
     * @param certificate of an MQTT broker: the hub's own there (PEM), with {@code key}
     * @param key a file with its private key (PEM)
     */
    public record Target(
            Optional<String> webhook,
            Optional<String> mqtt,
            Optional<String> kafka,
            Optional<Path> stream,
            Optional<Path> file,
            @Default("cloudevents") Format format,
            @Default("1") @Range(min = 1, max = 256) int batch,
            Optional<String> topic,
            Optional<Path> properties,
            Optional<Path> secret,
            Optional<Path> authority,
            Optional<String> user,
            Optional<Path> passwordFile,
            Optional<Path> certificate,
            Optional<Path> key) {
        private static final Pattern SERVERS = Pattern.compile(
                "[A-Za-z0-9.\\[\\]:-]{1,253}:[0-9]{1,5}(,[A-Za-z0-9.\\[\\]:-]{1,253}:[0-9]{1,5}){0,15}");
        private static final Pattern TOPIC = Pattern.compile("[A-Za-z0-9._-]{1,249}");

        public Target {
            long ways = Stream.of(webhook, mqtt, kafka, stream, file)
                    .filter(Optional::isPresent)
                    .count();
            if (ways != 1) {
                throw new IllegalArgumentException(
                        "a sink must have exactly one of webhook, mqtt, kafka, stream and file");
            }
            webhook.ifPresent(Target::checkWebhook);
            if (kafka.isPresent() && !SERVERS.matcher(kafka.get()).matches()) {
                throw new IllegalArgumentException("kafka must be host:port,host:port (got \"" + kafka.get() + "\")");
            }
            if (kafka.isPresent() != topic.isPresent()
                    || (topic.isPresent() && !TOPIC.matcher(topic.get()).matches())) {
                throw new IllegalArgumentException(
                        "a kafka sink must have a topic of 1 to 249 letters, digits and . _ -, and no other sink has one");
            }
            if (batch > 1 && (webhook.isEmpty() || format != Format.CLOUDEVENTS)) {
                throw new IllegalArgumentException(
                        "batch must not be given with this kind of sink: only a webhook with the format cloudevents takes several"
                                + " events in one request");
            }
            only("properties", properties, kafka.isPresent());
            only("secret", secret, webhook.isPresent());
            only("authority", authority, webhook.isPresent() || mqtt.isPresent());
            onlyBroker("user", user, mqtt);
            onlyBroker("password-file", passwordFile, mqtt);
            onlyBroker("certificate", certificate, mqtt);
            onlyBroker("key", key, mqtt);
            if (mqtt.isPresent()) {
                var unused = new BrokerAccess(mqtt.get(), authority, user, passwordFile, certificate, key);
            }
        }

        private static void checkWebhook(String url) {
            URI uri = URI.create(url);
            boolean known = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
            if (uri.getHost() == null || !known) {
                throw new IllegalArgumentException(
                        "webhook must be a URL with a host and one of the schemes [http, https] (got \"" + url + "\")");
            }
        }

        private static void onlyBroker(String key, Optional<?> value, Optional<String> mqtt) {
            if (value.isPresent() && mqtt.isEmpty()) {
                throw new IllegalArgumentException(key + " must not be given with this kind of sink, only with mqtt: a"
                        + " webhook's requests are signed (secret: FILE), and Kafka's login stands among its settings"
                        + " (properties: FILE)");
            }
        }

        private static void only(String key, Optional<Path> value, boolean allowed) {
            if (value.isPresent() && !allowed) {
                throw new IllegalArgumentException(key + " must not be given with this kind of sink");
            }
        }

        /**
         * Reads the files that it names, as a start does.
         *
         * @throws IOException when one is of no use
         */
        public void checkFiles() throws IOException {
            for (Path each : Stream.of(secret, stream).flatMap(Optional::stream).toList()) {
                var unused = SecretFile.read(each);
            }
            if (properties.isPresent()) {
                var unused = KafkaSink.further(properties.get());
            }
            if (mqtt.isPresent()) {
                broker().checkFiles();
            } else {
                var unused = Sinks.trust(authority);
            }
        }

        /** Of an MQTT sink. */
        BrokerAccess broker() {
            return new BrokerAccess(mqtt.orElseThrow(), authority, user, passwordFile, certificate, key);
        }

        String kind() {
            return webhook.isPresent()
                    ? "webhook"
                    : mqtt.isPresent() ? "mqtt" : kafka.isPresent() ? "kafka" : stream.isPresent() ? "stream" : "file";
        }

        /** What tells it from the district's other sinks; may hold a password. */
        String address() {
            return webhook.or(() -> mqtt)
                    .or(() -> kafka.map(servers -> servers + "/" + topic.orElse("")))
                    .or(() -> stream.map(Path::toString))
                    .or(() -> file.map(Path::toString))
                    .orElseThrow();
        }

        /** For people and for records: without user, password and query. */
        String name() {
            if (webhook.isPresent() || mqtt.isPresent()) {
                URI uri = URI.create(address());
                String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
                String path = uri.getPath() == null ? "" : uri.getPath();
                return kind() + " " + uri.getScheme() + "://" + uri.getHost() + port + path;
            }
            return kind() + " "
                    + stream.map(token -> String.valueOf(token.getFileName())).orElse(address());
        }
    }
}
