package ansim.hub;

import ansim.settings.CommandFailure;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Where boxes find the hub, and whom they are to believe, for {@code @Mixin}: commands that hand out claims. */
final class HubAddress {
    @Option(
            names = "--hub",
            paramLabel = "URL",
            description = "Where boxes reach the hub (default: by enrolment.names of hub.yaml).")
    private Optional<String> url = Optional.empty();

    /** Without a slash at its end. */
    String url(HubFolder hub) {
        if (url.isPresent()) {
            if (!url.get().matches("https://[^/\\s]+/?")) {
                throw new CommandFailure(
                        "--hub must be https://NAME:PORT (got " + url.get() + ")", "https://hub.example:8443");
            }
            return url.get().replaceAll("/$", "");
        }
        return hub.configIfAny()
                .map(config -> config.reachedBy().enrolmentUrl())
                .orElseThrow(() -> new CommandFailure(
                        "claims name the hub's address",
                        "--config hub.yaml instead of --data, or --hub https://NAME:8443"));
    }

    /** The hub's authority, made now if the hub has never been started. */
    static HubAuthority authority(HubFolder hub) throws IOException {
        return HubAuthority.open(
                hub.data(),
                hub.configIfAny().map(HubConfig::ca).orElse(HubConfig.Ca.NONE),
                Instant.now(),
                new SecureRandom());
    }
}
