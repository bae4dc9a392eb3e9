package ansim.hub;

import ansim.hub.api.RiderDesk;
import ansim.hub.vault.Riders;
import ansim.hub.vault.Vault;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The riders of the vault in this process for the API. Opens the vault's file for each request: they are few. Any thread. */
final class VaultDesk implements RiderDesk {
    /** Who suspends, in the vault's record of consent. */
    private static final String BY = "the API";

    private final Path folder;
    private final InstantSource clock;

    private VaultDesk(Path folder, InstantSource clock) {
        this.folder = folder;
        this.clock = clock;
    }

    /** Empty when the vault is in another process, or there is none. */
    static Optional<RiderDesk> of(HubConfig config, InstantSource clock) {
        boolean here = config.vault().socket().isEmpty() && Vault.isIn(config.vaultFolder());
        return here ? Optional.of(new VaultDesk(config.vaultFolder(), clock)) : Optional.empty();
    }

    @Override
    public List<Rider> list(String after, int most) throws IOException {
        List<Rider> found = new ArrayList<>();
        try (Riders riders = Riders.open(folder)) {
            riders.forEach(clock, each -> {
                if (each.id().compareTo(after) > 0) {
                    found.add(new Rider(
                            each.id(), each.home(), each.language(), each.cards(), each.guardians(), each.added()));
                }
            });
        }
        found.sort(Comparator.comparing(Rider::id));
        return List.copyOf(found.subList(0, Math.min(most, found.size())));
    }

    @Override
    public boolean suspends() {
        return true;
    }

    @Override
    public boolean suspend(String id) throws IOException {
        return suspended(id, true);
    }

    @Override
    public boolean resume(String id) throws IOException {
        return suspended(id, false);
    }

    private boolean suspended(String id, boolean suspended) throws IOException {
        try (Riders riders = Riders.open(folder)) {
            return riders.suspend(id, suspended, BY, clock);
        }
    }
}
