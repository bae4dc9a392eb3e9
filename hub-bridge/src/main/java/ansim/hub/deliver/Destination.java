package ansim.hub.deliver;

import ansim.hub.core.Event;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

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
        if (Set.copyOf(sinks).size() < sinks.size()) {
            throw new IllegalArgumentException("sinks must not name the same address twice");
        }
    }

    /**
     * One way to a centre: exactly one of the two.
     *
     * @param webhook http or https URL that takes a CloudEvent by POST
     * @param mqtt broker, {@code tcp://host:port} or {@code ssl://host:port}
     */
    public record Target(Optional<String> webhook, Optional<String> mqtt) {
        public Target {
            if (webhook.isPresent() == mqtt.isPresent()) {
                throw new IllegalArgumentException("a sink must have either webhook or mqtt");
            }
            webhook.ifPresent(url -> check("webhook", url, List.of("http", "https")));
            mqtt.ifPresent(url -> check("mqtt", url, List.of("tcp", "ssl")));
        }

        private static void check(String key, String url, List<String> schemes) {
            URI uri = URI.create(url);
            if (uri.getHost() == null || uri.getScheme() == null || !schemes.contains(uri.getScheme())) {
                throw new IllegalArgumentException(key + " must be a URL with a host and one of the schemes " + schemes
                        + " (got \"" + url + "\")");
            }
        }

        String kind() {
            return webhook.isPresent() ? "webhook" : "mqtt";
        }

        String url() {
            return webhook.or(() -> mqtt).orElseThrow();
        }
    }
}
