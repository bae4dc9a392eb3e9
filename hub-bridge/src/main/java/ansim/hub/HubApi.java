package ansim.hub;

import ansim.hub.api.Api;
import ansim.hub.api.ApiDoor;
import ansim.hub.view.Views;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The REST API as the settings have it, or none. Opened and closed by one thread; {@link #counts} from any. */
final class HubApi implements AutoCloseable {
    private final @Nullable Api api;
    private final String words;

    private HubApi(@Nullable Api api, String words) {
        this.api = api;
        this.words = words;
    }

    /**
     * Opens it if it is set.
     *
     * @param authority makes its certificate where none is given
     * @param views what it shows; stay open until this is closed
     */
    static HubApi start(
            HubConfig config, Optional<HubAuthority> authority, Views views, Api.Hub hub, InstantSource clock)
            throws IOException {
        if (config.api().isEmpty()) {
            return new HubApi(null, "");
        }
        ApiConfig settings = config.api().get();
        Api api = Api.start(
                site(config, authority, clock),
                new Api.Files(config.data(), config.registryFile(), views),
                hub,
                new Api.Tokens(settings.tokenLife(), settings.oidc()),
                clock);
        return new HubApi(
                api, ", the API is https://" + settings.address().getHostString() + ":" + api.port() + "/v1/");
    }

    private static ApiDoor.Site site(HubConfig config, Optional<HubAuthority> authority, InstantSource clock)
            throws IOException {
        ApiConfig settings = config.api().orElseThrow();
        if (settings.key().isEmpty()) {
            return ApiDoor.Site.own(
                    settings.address(),
                    new DoorIdentity(
                            authority.orElseThrow().authority(),
                            config.reachedBy().ofApi(),
                            clock,
                            new SecureRandom()));
        }
        Path file = settings.key().get();
        String key = OwnerFile.read(file).orElseThrow(() -> OwnerFile.refused(file, "must be there"));
        return ApiDoor.Site.given(
                settings.address(),
                key,
                Files.readString(settings.certificate().orElseThrow(), StandardCharsets.ISO_8859_1));
    }

    /** For the start's line. */
    String words() {
        return words;
    }

    /** Answers and refusals, by name. */
    Map<String, Long> counts() {
        Api open = api;
        return open == null ? Map.of() : open.counts();
    }

    @Override
    public void close() throws IOException {
        Api open = api;
        if (open != null) {
            open.close();
        }
    }
}
