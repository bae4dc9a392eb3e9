package ansim.hub;

import ansim.settings.Default;
import java.net.InetSocketAddress;

/**
 * An address of their own for {@code /metrics} and {@code /readyz}, which the page's address has, too.
 *
 * @param listen address and port, {@code 127.0.0.1:9464} if not given; port 0 takes any free one
 */
record MetricsConfig(@Default("\"127.0.0.1:9464\"") String listen) {
    MetricsConfig {
        var unused = HubConfig.addressOf(listen);
    }

    InetSocketAddress address() {
        return HubConfig.addressOf(listen);
    }
}
