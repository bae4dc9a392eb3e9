package ansim.hub;

import ansim.settings.Default;
import ansim.settings.Range;
import java.net.URI;
import java.util.List;

/**
 * Traces of single messages, for an OpenTelemetry collector: from the door to each sink.
 *
 * @param otlp the collector's base address for OTLP over HTTP, such as {@code http://127.0.0.1:4318}; http only on a loopback address
 * @param sample the share of messages that are told of, 0 to 1; which ones follows from their ids
 */
record TelemetryConfig(
        URI otlp, @Default("0.001") @Range(min = 0, max = 1) double sample) {
    private static final List<String> LOOPBACK = List.of("127.0.0.1", "localhost", "[::1]");

    TelemetryConfig {
        String host = otlp.getHost();
        boolean safe = host != null
                && ("https".equals(otlp.getScheme()) || ("http".equals(otlp.getScheme()) && LOOPBACK.contains(host)));
        if (!safe || otlp.getRawUserInfo() != null || otlp.getRawQuery() != null || otlp.getRawFragment() != null) {
            throw new IllegalArgumentException("telemetry.otlp must be https://HOST:PORT, or http:// on a loopback"
                    + " address, such as http://127.0.0.1:4318 (got \"" + otlp + "\")");
        }
    }
}
