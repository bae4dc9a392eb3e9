package ansim.hub.deliver;

import ansim.hub.core.Event;
import ansim.settings.Default;
import ansim.settings.Range;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
            Optional<Path> authority) {
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
            webhook.ifPresent(url -> check("webhook", url, Set.of("http", "https")));
            mqtt.ifPresent(url -> check("mqtt", url, Set.of("tcp", "ssl")));
            if (mqtt.filter(Target::isMoreThanABroker).isPresent()) {
                throw new IllegalArgumentException(
                        "mqtt must end with the broker's host or port (got \"" + mqtt.get() + "\")");
            }
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
        }

        private static void check(String key, String url, Set<String> schemes) {
            URI uri = URI.create(url);
            if (uri.getHost() == null || uri.getScheme() == null || !schemes.contains(uri.getScheme())) {
                throw new IllegalArgumentException(key + " must be a URL with a host and one of the schemes "
                        + schemes.stream().sorted().toList() + " (got \"" + url + "\")");
            }
        }

        /** What the client would not take. */
        private static boolean isMoreThanABroker(String url) {
            URI uri = URI.create(url);
            return !uri.getRawPath().isEmpty() || uri.getRawQuery() != null || uri.getRawFragment() != null;
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
            var unused = Sinks.trust(authority);
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
