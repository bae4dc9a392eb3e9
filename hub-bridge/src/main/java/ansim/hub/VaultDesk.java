package ansim.hub;

import ansim.hub.api.RiderDesk;
import ansim.hub.vault.Guardian;
import ansim.hub.vault.RemoteVault;
import ansim.hub.vault.RiderBook;
import ansim.hub.vault.Riders;
import ansim.hub.vault.Vault;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The riders of the vault for the API: of the one in this process, or, if it was started for that ({@code vault serve --riders}), of one in another, over
 * a connection of its own, so that no ride waits for a name behind it; one that is silent holds a request up for 10 s. Cards are opened by the vault
 * itself, which writes that into its ledger. Any thread.
 */
final class VaultDesk implements RiderDesk, AutoCloseable {
    /** Whose word it was, in the vault's record of consent, begins so. */
    private static final String BY = "the API: ";

    private static final String NO_VAULT =
            "this hub has no rider vault: make one with hub-bridge vault init, then start the hub again";
    private static final String NOT_ALLOWED =
            "the rider vault, which has a process of its own, takes no riders from the"
                    + " hub: start it with hub-bridge vault serve --riders, or use hub-bridge vault riders on its machine";

    private final Optional<RiderBook> book;
    private final Optional<RemoteVault> connection;

    private VaultDesk(Optional<RiderBook> book, Optional<RemoteVault> connection) {
        this.book = book;
        this.connection = connection;
    }

    /** Connects when it is asked for the first time. */
    static VaultDesk of(HubConfig config, Optional<Vault> own) {
        return config.vault()
                .socket()
                .map(VaultDesk::at)
                .orElseGet(() -> new VaultDesk(own.map(RiderBook.class::cast), Optional.empty()));
    }

    /** Those of a vault in another process. */
    static VaultDesk at(Path socket) {
        RemoteVault remote = new RemoteVault(socket);
        return new VaultDesk(Optional.of(remote), Optional.of(remote));
    }

    /** Those of a vault that stays open. */
    static VaultDesk of(RiderBook book) {
        return new VaultDesk(Optional.of(book), Optional.empty());
    }

    private interface Work<T> {
        T with(RiderBook riders) throws IOException;
    }

    private <T> T done(Work<T> work) throws IOException {
        RiderBook riders = book.orElseThrow(() -> new NotHere(NO_VAULT));
        try {
            return work.with(riders);
        } catch (RiderBook.NotAllowed e) {
            throw new NotHere(NOT_ALLOWED);
        }
    }

    @Override
    public List<Rider> list(String after, int most) throws IOException {
        return done(riders -> riders.list(after, most)).stream()
                .map(each -> new Rider(
                        each.id(), each.home(), each.language(), each.cards(), each.guardians(), each.added()))
                .toList();
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
        return switch (done(riders -> riders.add(id, one, BY + by))) {
            case DONE -> Added.DONE;
            case CARD_TAKEN -> Added.CARD_TAKEN;
            case CARD_SEALED -> Added.CARD_SEALED;
        };
    }

    @Override
    public boolean suspend(String id, String by) throws IOException {
        return done(riders -> riders.suspend(id, true, BY + by));
    }

    @Override
    public boolean resume(String id, String by) throws IOException {
        return done(riders -> riders.suspend(id, false, BY + by));
    }

    @Override
    public void close() throws IOException {
        if (connection.isPresent()) {
            connection.get().close();
        }
    }
}
