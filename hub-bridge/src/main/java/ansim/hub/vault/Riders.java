package ansim.hub.vault;

import ansim.wire.SealedCard;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/** What an operator does with the riders of a vault: brings them in, looks at them, erases them. Beside a vault that answers. One thread. */
public final class Riders implements AutoCloseable {
    private static final int ID_BYTES = 16;
    private static final int PAGE = 1_000;

    /** What an import did: nothing when there are problems. */
    public record Imported(long riders, long cards, List<String> problems) {}

    /**
     * A rider as an operator sees one.
     *
     * @param id the vault's own, 32 hexadecimal digits: it names nobody
     * @param guardians how many there are
     */
    public record Listed(String id, String home, String language, int cards, int guardians, Instant added) {}

    private final VaultKeys keys;
    private final VaultStore store;
    private final SecureRandom random = new SecureRandom();

    private Riders(VaultKeys keys, VaultStore store) {
        this.keys = keys;
        this.store = store;
    }

    /** Opens those of a vault. */
    public static Riders open(Path folder) throws IOException {
        return new Riders(Vault.keys(folder), VaultStore.open(folder));
    }

    /**
     * Brings the riders of a CSV file in, all or none; see {@link RiderFile}.
     *
     * @param reading told of each line that was read
     * @param adding told of how many riders were added
     */
    public Imported bring(BufferedReader csv, InstantSource clock, LongConsumer reading, LongConsumer adding)
            throws IOException {
        RiderFile file = RiderFile.read(csv, reading);
        if (!file.problems().isEmpty()) {
            return new Imported(0, 0, file.problems());
        }
        try {
            return store.transaction(() -> {
                long cards = 0;
                long riders = 0;
                for (RiderFile.Entry entry : file.riders()) {
                    cards += add(entry, file, clock.millis());
                    adding.accept(++riders);
                }
                if (!file.problems().isEmpty()) {
                    throw new Refused();
                }
                return new Imported(riders, cards, List.of());
            });
        } catch (Refused refused) {
            return new Imported(0, 0, file.problems());
        }
    }

    /** Takes a transaction back. */
    private static final class Refused extends IOException {
        private static final long serialVersionUID = 1L;
    }

    private int add(RiderFile.Entry entry, RiderFile file, long nowMs) throws IOException {
        byte[] id = new byte[ID_BYTES];
        random.nextBytes(id);
        byte[] contacts = keys.seal(id, Contacts.bytes(entry.guardians));
        store.add(new VaultStore.Row(id, entry.home, entry.language, contacts, nowMs, 0));
        for (String card : entry.cards) {
            byte[] block = SealedCard.block(card.getBytes(StandardCharsets.US_ASCII));
            byte[] digest = keys.digest(block);
            Arrays.fill(block, (byte) 0);
            if (store.hasCard(digest)) {
                file.problem(
                        entry.line, "is of a rider one of whose cards the vault has already: erase that rider first");
            } else {
                store.addCard(digest, id);
            }
        }
        return entry.cards.size();
    }

    /** Goes through all of them, in no order that says anything. */
    public void forEach(Consumer<Listed> taker) throws IOException {
        byte[] after = {};
        List<VaultStore.Row> page = store.riders(after, PAGE);
        while (!page.isEmpty()) {
            for (VaultStore.Row row : page) {
                int guardians =
                        Contacts.read(keys.unseal(row.id(), row.contacts())).size();
                taker.accept(new Listed(
                        row.hex(),
                        row.home(),
                        row.language(),
                        row.cards(),
                        guardians,
                        Instant.ofEpochMilli(row.addedMs())));
            }
            page = store.riders(page.get(page.size() - 1).id(), PAGE);
        }
    }

    /** Erases a rider with all cards and contacts; false when there is none of this id. The ledger's lines stay and name nobody. */
    public boolean erase(String id) throws IOException {
        return store.erase(HexFormat.of().parseHex(id));
    }

    public long count() throws IOException {
        return store.count();
    }

    @Override
    public void close() throws IOException {
        store.close();
    }
}
