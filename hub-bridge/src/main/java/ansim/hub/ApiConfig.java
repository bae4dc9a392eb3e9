package ansim.hub;

import ansim.hub.api.OidcSettings;
import ansim.settings.Default;
import ansim.settings.Range;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The REST API, always with TLS.
 *
 * @param listen address and port, {@code 127.0.0.1:9443} if not given; port 0 takes any free one
 * @param names DNS names and addresses by which it is reached, for the certificate that the hub makes; if not given, the door's
 * @param key of a certificate that is given: PEM (PKCS #8), not encrypted, readable by its owner only; if not given, the hub's authority makes both
 * @param certificate PEM, its own first
 * @param tokenLife how long a token holds, 5 minutes to 30 days
 * @param oidc the city's identity provider, whose tokens are taken beside those of the hub's own accounts; if not given, none is
 */
record ApiConfig(
        @Default("\"127.0.0.1:9443\"") String listen,
        @Default("[]") List<String> names,
        Optional<Path> key,
        Optional<Path> certificate,

        @Default("12h") @Range(min = 300_000L, max = 2_592_000_000L)
        Duration tokenLife,

        Optional<OidcSettings> oidc) {
    ApiConfig {
        var unused = HubConfig.addressOf(listen);
        ReachedBy.checkNames(names);
        if (key.isPresent() != certificate.isPresent()) {
            throw new IllegalArgumentException(
                    "api must have both key and certificate, or neither: then the hub's authority makes them");
        }
    }

    InetSocketAddress address() {
        return HubConfig.addressOf(listen);
    }
}
