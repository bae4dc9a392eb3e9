package ansim.hub.vault;

import ansim.settings.CommandFailure;
import ansim.wire.Bytes;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.SealingKey;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.tinylog.Logger;

/**
 * The rider vault in this process: a folder with its keys ({@code vault.key.pem}), its riders ({@code vault.db}) and its ledger
 * ({@code vault-ledger.jsonl}). Beside that stands the ledger of what commands open on its machine ({@link ConsoleLedger}).
 *
 * <p>Guarantee: no rider is told before the line in the ledger that says so is on disk; a card that is nobody's is written down, too. A
 * number is never stored, and in memory only as long as it takes to digest it. Any thread; one process at a time opens cards.
 */
public final class Vault implements RiderVault, GuardianPost, RiderBook {
    /** Why a card is opened whose rider is brought in. */
    static final String REGISTERED = "registered";

    private final VaultKeys keys;
    private final VaultStore store;
    private final Ledger ledger;
    private final String who;
    private final InstantSource clock;
    private final Outbox outbox;

    private Vault(VaultKeys keys, VaultStore store, Ledger ledger, String who, InstantSource clock) {
        this.keys = keys;
        this.store = store;
        this.ledger = ledger;
        this.who = who;
        this.clock = clock;
        this.outbox = new Outbox(keys, store, clock);
    }

    /** Whether there are keys of a vault in this folder. */
    public static boolean isIn(Path folder) {
        return folder.resolve(VaultKeys.FILE).toFile().exists();
    }

    /**
     * Makes a new vault.
     *
     * @throws CommandFailure when there is one
     */
    public static SealingKey create(Path folder, SecureRandom random) throws IOException {
        VaultKeys keys = VaultKeys.create(folder, random);
        VaultStore.open(folder, keys).close();
        return keys.sealingKey();
    }

    /**
     * Opens it to answer.
     *
     * @param who asks, for the ledger, where nobody else is named
     * @throws CommandFailure when there is no vault
     * @throws ansim.settings.SettingsException when others may read its keys
     */
    public static Vault open(Path folder, String who, InstantSource clock) throws IOException {
        VaultKeys keys = keys(folder);
        VaultStore store = VaultStore.open(folder, keys);
        try {
            emptied(store);
            return new Vault(keys, store, Ledger.open(folder), who, clock);
        } catch (IOException | RuntimeException e) {
            store.close();
            throw e;
        }
    }

    /** Of what a command deleted that was killed before it could, or found the file busy. */
    private static void emptied(VaultStore store) {
        try {
            store.emptyLog();
        } catch (IOException e) {
            Logger.warn("the vault: {}", e.getMessage());
        }
    }

    static VaultKeys keys(Path folder) throws IOException {
        return VaultKeys.read(folder, new SecureRandom())
                .orElseThrow(() -> new CommandFailure("there is no vault in " + folder, "hub-bridge vault init"));
    }

    /**
     * What units seal to.
     *
     * @throws CommandFailure when there is no vault
     */
    public static SealingKey sealingKey(Path folder) throws IOException {
        return keys(folder).sealingKey();
    }

    /** What units seal to. */
    public SealingKey sealingKey() {
        return keys.sealingKey();
    }

    @Override
    public Optional<Rider> open(Bytes sealed, Id16 unit, Id8 ride, Began began, String why) throws IOException {
        return open(sealed, unit, ride, began, who, why);
    }

    /** The same for somebody who is named. */
    Optional<Rider> open(Bytes sealed, Id16 unit, Id8 ride, Began began, String asker, String why) throws IOException {
        Optional<VaultStore.Row> row = find(sealed, unit, ride, began);
        if (row.isEmpty()) {
            write(asker, why, unit, ride, Optional.empty());
            return Optional.empty();
        }
        VaultStore.Row found = row.get();
        byte[] handle = keys.handle(found.id(), unit, ride);
        String person = keys.person(found.id(), keys.unwrap(found.id(), found.secret()), unit, ride);
        long line = write(asker, why, unit, ride, Optional.of(person));
        store.opened(line, found.id(), handle, clock.millis());
        return Optional.of(new Rider(HexFormat.of().formatHex(handle), found.home(), found.language()));
    }

    @Override
    public List<Riders.Listed> list(String after, int most) throws IOException {
        return new Riders(keys, store).page(after, most, clock);
    }

    @Override
    public boolean suspend(String id, boolean suspended, String by) throws IOException {
        return new Riders(keys, store).suspend(id, suspended, by, clock);
    }

    @Override
    public Riders.Added add(String id, Riders.NewRider rider, String by) throws IOException {
        byte[] whose = HexFormat.of().parseHex(id);
        List<Tapped> cards = new ArrayList<>();
        for (Riders.Sealed each : rider.cards()) {
            Optional<byte[]> digest = digest(each.card(), each.unit(), each.ride());
            cards.add(new Tapped(each, digest, digest.isPresent() ? store.rider(digest.get()) : Optional.empty()));
        }
        boolean free = cards.stream().allMatch(each -> each.isFreeFor(whose));
        Optional<VaultStore.Row> there = store.byId(whose);
        RiderKey key = there.isPresent() ? keys.unwrap(whose, there.get().secret()) : keys.newRiderKey();
        List<Long> lines = new ArrayList<>();
        for (Tapped each : cards) {
            if (free) {
                lines.add(opened(each.sealed(), by, Optional.of(person(whose, key, each.sealed()))));
            } else if (each.owner().isPresent()) {
                VaultStore.Row owner = each.owner().get();
                RiderKey owners = keys.unwrap(owner.id(), owner.secret());
                long line = opened(each.sealed(), by, Optional.of(person(owner.id(), owners, each.sealed())));
                store.registered(LedgerFile.VAULT, line, owner.id());
            } else {
                var unused = opened(each.sealed(), by, Optional.empty());
            }
        }
        if (cards.stream().anyMatch(each -> each.digest().isEmpty())) {
            return Riders.Added.CARD_SEALED;
        }
        Riders.Added added = new Riders(keys, store).add(whose, key, rider, distinct(cards), by, clock.millis());
        if (free && added == Riders.Added.DONE) {
            for (long line : lines) {
                store.registered(LedgerFile.VAULT, line, whose);
            }
        }
        return added;
    }

    /** A card that is to be somebody's, as far as it opens, and whose it is already. */
    private record Tapped(Riders.Sealed sealed, Optional<byte[]> digest, Optional<VaultStore.Row> owner) {
        boolean isFreeFor(byte[] rider) {
            return digest.isPresent()
                    && owner.filter(row -> !Arrays.equals(row.id(), rider)).isEmpty();
        }
    }

    private static List<byte[]> distinct(List<Tapped> cards) {
        List<byte[]> distinct = new ArrayList<>();
        for (Tapped each : cards) {
            byte[] digest = each.digest().orElseThrow();
            if (distinct.stream().noneMatch(known -> Arrays.equals(known, digest))) {
                distinct.add(digest);
            }
        }
        return distinct;
    }

    private long opened(Riders.Sealed card, String by, Optional<String> person) throws IOException {
        return write(by, REGISTERED, card.unit(), card.ride(), person);
    }

    private String person(byte[] rider, RiderKey key, Riders.Sealed card) {
        return keys.person(rider, key, card.unit(), card.ride());
    }

    private long write(String asker, String why, Id16 unit, Id8 ride, Optional<String> person) throws IOException {
        return ledger.append(
                clock.instant().truncatedTo(ChronoUnit.MILLIS),
                new Ledger.Opening(asker, why, unit.hex(), ride.hex(), person));
    }

    @Override
    public void hand(List<RideNotice> notices) throws IOException {
        outbox.hand(notices);
    }

    @Override
    public void forget(List<String> handles) throws IOException {
        outbox.forget(handles);
    }

    /** For a question that does not say when the ride began. */
    Began now() {
        return Began.at(clock.millis());
    }

    /** The letters to guardians; for as long as this is open. */
    public Outbox outbox() {
        return outbox;
    }

    /** What became of the letters to guardians. */
    public LetterBook letters() {
        return new LetterBook(store);
    }

    private Optional<VaultStore.Row> find(Bytes sealed, Id16 unit, Id8 ride, Began began) throws IOException {
        Optional<byte[]> digest = digest(sealed, unit, ride);
        if (digest.isEmpty()) {
            return Optional.empty();
        }
        // Who is suspended is nobody: no name, no home, no word to anybody; nor afterwards for a ride of that time.
        Optional<VaultStore.Row> row = store.rider(digest.get()).filter(each -> !each.suspended());
        return row.isPresent() && store.wasSuspended(row.get().id(), began) ? Optional.empty() : row;
    }

    /** Of a card that opens. */
    private Optional<byte[]> digest(Bytes sealed, Id16 unit, Id8 ride) {
        Optional<byte[]> block = keys.open(sealed, unit, ride);
        Optional<byte[]> digest = block.map(keys::digest);
        block.ifPresent(each -> Arrays.fill(each, (byte) 0));
        return digest;
    }

    @Override
    public void close() throws IOException {
        try (store) {
            ledger.close();
        }
    }
}
