package ansim.hub;

import ansim.settings.Default;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A city's own MQTT broker, to which the hub subscribes in place of opening its own door, or beside it.
 *
 * @param url {@code tls://NAME:PORT}; {@code tcp://} only to a loopback address and with insecure-plaintext
 * @param key the hub's private key at the broker, PEM; if not given, the hub gives itself a certificate of its authority named "hub"
 * @param certificate that goes with it, PEM
 * @param authority whom the hub believes there, PEM; if not given, its own authority
 * @param unitsUrl how units reach the broker, if not by the same url: what boxes are told when they enrol
 * @param besideDoor the door is open too: for a city of which some units connect to the broker and others to the hub
 * @param insecurePlaintext no TLS: for tests on one machine
 */
record BrokerConfig(
        String url,
        Optional<Path> key,
        Optional<Path> certificate,
        Optional<Path> authority,
        Optional<String> unitsUrl,
        @Default("false") boolean besideDoor,
        @Default("false") boolean insecurePlaintext) {
    private static final int MAX_PORT = 65_535;

    BrokerConfig {
        URI place = place(url);
        boolean plaintext = "tcp".equals(place.getScheme());
        if (plaintext != insecurePlaintext) {
            throw new IllegalArgumentException("broker.url must begin with tls://, or with tcp:// and"
                    + " insecure-plaintext: true on a loopback address (got \"" + url + "\")");
        }
        if (plaintext && !isLoopback(place)) {
            throw new IllegalArgumentException("insecure-plaintext allows only a loopback address, such as"
                    + " tcp://127.0.0.1:1883 (got \"" + url + "\"): what is sent over a network must be encrypted");
        }
        if (key.isPresent() != certificate.isPresent()) {
            throw new IllegalArgumentException(
                    "broker must have both key and certificate, or neither: then the hub's authority gives it one");
        }
        if (unitsUrl.isPresent()) {
            var unused = place(unitsUrl.get());
        }
    }

    private static URI place(String url) {
        try {
            URI place = new URI(url);
            boolean known = "tls".equals(place.getScheme()) || "tcp".equals(place.getScheme());
            boolean bare = place.getHost() != null
                    && place.getRawPath().isEmpty()
                    && place.getRawQuery() == null
                    && place.getRawUserInfo() == null;
            if (known && bare && place.getPort() > 0 && place.getPort() <= MAX_PORT) {
                return place;
            }
        } catch (java.net.URISyntaxException e) {
            throw new IllegalArgumentException(wrong(url), e);
        }
        throw new IllegalArgumentException(wrong(url));
    }

    private static String wrong(String url) {
        return "broker.url must be tls://NAME:PORT, such as tls://broker.example:8883 (got \"" + url + "\")";
    }

    private static boolean isLoopback(URI place) {
        return place.getHost().matches("localhost|127(\\.[0-9]{1,3}){3}|\\[[0-9a-fA-F:.]+]")
                && new InetSocketAddress(place.getHost(), place.getPort())
                        .getAddress()
                        .isLoopbackAddress();
    }

    /** Where it is. */
    InetSocketAddress address() {
        URI place = place(url);
        return new InetSocketAddress(place.getHost(), place.getPort());
    }

    /** As the MQTT client names it. */
    String clientUrl() {
        return url.replaceFirst("^tls:", "ssl:");
    }

    /** Where units connect. */
    String reachedBy() {
        return unitsUrl.orElse(url);
    }
}
