package ansim.hub;

import ansim.hub.api.RiderDesk;
import ansim.hub.vault.Guardian;
import ansim.hub.vault.Riders;
import ansim.hub.vault.Vault;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The riders of the vault in this process for the API. Opens the vault's file for each request: they are few. Cards are opened by the vault itself,
 * which writes that into its ledger. Any thread.
 */
final class VaultDesk implements RiderDesk {
    /** Whose word it was, in the vault's record of consent, begins so. */
    private static final String BY = "the API";

    private final Path folder;
    private final Vault vault;
    private final InstantSource clock;

    private VaultDesk(Path folder, Vault vault, InstantSource clock) {
        this.folder = folder;
        this.vault = vault;
        this.clock = clock;
    }

    /** Empty when the vault is in another process, or there is none. */
    static Optional<RiderDesk> of(HubConfig config, Optional<Vault> own, InstantSource clock) {
        return own.map(vault -> at(config.vaultFolder(), vault, clock));
    }

    /** Those of a vault that is open, in a folder. */
    static RiderDesk at(Path folder, Vault vault, InstantSource clock) {
        return new VaultDesk(folder, vault, clock);
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
    public Added add(String id, NewRider rider, String by) throws IOException {
        List<Riders.Sealed> cards = rider.cards().stream()
                .map(each -> new Riders.Sealed(each.unit(), each.ride(), each.sealed()))
                .toList();
        List<Riders.Wanted> guardians = rider.contacts().stream()
                .map(each -> new Riders.Wanted(
                        Guardian.parse(each.channel(), each.address(), each.name(), each.tells()), each.consent()))
                .toList();
        Riders.NewRider one = new Riders.NewRider(rider.home(), rider.language(), cards, guardians);
        return switch (vault.add(id, one, BY + ": " + by)) {
            case DONE -> Added.DONE;
            case CARD_TAKEN -> Added.CARD_TAKEN;
            case CARD_SEALED -> Added.CARD_SEALED;
        };
    }

    @Override
    public boolean suspends() {
        return true;
    }

    @Override
    public boolean suspend(String id, String by) throws IOException {
        return suspended(id, true, by);
    }

    @Override
    public boolean resume(String id, String by) throws IOException {
        return suspended(id, false, by);
    }

    private boolean suspended(String id, boolean suspended, String by) throws IOException {
        try (Riders riders = Riders.open(folder)) {
            return riders.suspend(id, suspended, BY + ": " + by, clock);
        }
    }
}
