package ansim.edge.keys;

import java.io.IOException;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Where the hub is.
 *
 * @param enrolment {@code https://HOST:PORT}: certificates and keys
 * @param mqtt {@code tls://HOST:PORT}, as the hub told at the enrolment
 * @param coap {@code coaps://HOST:PORT}, the same
 */
public record HubAddress(URI enrolment, Optional<String> mqtt, Optional<String> coap) {
    private static final int MAX_PORT = 65_535;

    public HubAddress {
        checkHttps(enrolment);
    }

    /** The hub's address as a person or a claim gives it. */
    static URI checkHttps(URI hub) {
        boolean bare = hub.getRawPath() == null
                || hub.getRawPath().isEmpty()
                || hub.getRawPath().equals("/");
        if (!"https".equals(hub.getScheme()) || hub.getHost() == null || hub.getPort() > MAX_PORT || !bare) {
            throw new IllegalArgumentException("the hub must be https://HOST:PORT (got " + hub + ")");
        }
        return hub;
    }

    String toJson() {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("hub", enrolment.toString());
        mqtt.ifPresent(address -> fields.put("mqtt", address));
        coap.ifPresent(address -> fields.put("coap", address));
        return FlatJson.write(fields);
    }

    static HubAddress fromJson(String json) throws IOException {
        Map<String, String> fields = FlatJson.read(json);
        return new HubAddress(
                URI.create(fields.getOrDefault("hub", "")),
                Optional.ofNullable(fields.get("mqtt")),
                Optional.ofNullable(fields.get("coap")));
    }
}
