package ansim.hub;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * By which names what the hub opens is reached, for its certificates and for what boxes are told: its own names, else those of the MQTT door, else
 * what its address says by itself. An address that says nothing (0.0.0.0) with no names at all is refused when the settings are read.
 *
 * @param door the MQTT door, whose names the others fall back to, whether it is open or not
 * @param coap the CoAP door, if there is one
 * @param enrolment where boxes become units, if there is such a place
 * @param streams where centres read event streams over TLS, if they do
 * @param api the REST API, if it is open with a certificate that the hub makes
 */
record ReachedBy(
        HubConfig.Door door,
        Optional<HubConfig.Coap> coap,
        Optional<HubConfig.Enrolment> enrolment,
        Optional<DeliverySettings.Streams> streams,
        Optional<ApiConfig> api) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9.-]*|[0-9a-fA-F:]*:[0-9a-fA-F:.]*");

    ReachedBy {
        streams = streams.filter(each -> !each.insecurePlaintext());
        api = api.filter(each -> each.key().isEmpty());
    }

    /**
     * Finds each once.
     *
     * @param opensDoor whether units connect to the door
     * @throws IllegalArgumentException when one is reached by no name
     */
    void check(boolean opensDoor) {
        if (opensDoor) {
            var unused = ofDoor();
        }
        coap.ifPresent(each -> ofCoap());
        enrolment.ifPresent(each -> ofEnrolment());
        streams.ifPresent(each -> ofStreams());
        api.ifPresent(each -> ofApi());
    }

    List<String> ofDoor() {
        return door.names().isEmpty() ? byItself("door.names", door.address()) : door.names();
    }

    List<String> ofCoap() {
        HubConfig.Coap at = coap.orElseThrow();
        return fallingBack(at.names(), "coap", at.address());
    }

    List<String> ofEnrolment() {
        HubConfig.Enrolment at = enrolment.orElse(HubConfig.Enrolment.DEFAULT);
        return fallingBack(at.names(), "enrolment", at.address());
    }

    List<String> ofStreams() {
        DeliverySettings.Streams at = streams.orElseThrow();
        return fallingBack(at.names(), "deliveries.streams", at.address());
    }

    List<String> ofApi() {
        ApiConfig at = api.orElseThrow();
        return fallingBack(at.names(), "api", at.address());
    }

    /** The address that claims and the boxes' sheets name. */
    String enrolmentUrl() {
        InetSocketAddress at = enrolment.orElse(HubConfig.Enrolment.DEFAULT).address();
        return url("https", ofEnrolment().get(0), at.getPort());
    }

    static String url(String scheme, String name, int port) {
        return scheme + "://" + (name.contains(":") ? "[" + name + "]" : name) + ":" + port;
    }

    private List<String> fallingBack(List<String> own, String key, InetSocketAddress at) {
        if (!own.isEmpty()) {
            return own;
        }
        return door.names().isEmpty() ? byItself(key + ".names or door.names", at) : door.names();
    }

    private static List<String> byItself(String keys, InetSocketAddress at) {
        InetAddress address = at.getAddress();
        if (address.isLoopbackAddress()) {
            return List.of("localhost", "127.0.0.1", "::1");
        }
        if (address.isAnyLocalAddress()) {
            throw new IllegalArgumentException(keys + " must say by which name the hub is reached when it listens on "
                    + address.getHostAddress() + ", such as names: [hub.example]");
        }
        return List.of(address.getHostAddress());
    }

    static void checkNames(List<String> names) {
        for (String each : names) {
            if (each.length() > 253 || !NAME.matcher(each).matches()) {
                throw new IllegalArgumentException(
                        "names must be DNS names or addresses, such as hub.example (got \"" + each + "\")");
            }
        }
    }
}
