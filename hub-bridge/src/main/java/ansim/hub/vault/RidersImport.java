package ansim.hub.vault;

import ansim.wire.Bytes;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.SealedCard;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;

/** Brings the riders of a file into a vault, beside a vault that answers: many, in pieces, and all or none. One at a time. */
public final class RidersImport {
    /** Riders of a file that are written in one transaction: some ten milliseconds. */
    static final int PIECE = 500;

    /** In the place of what says that a rider is suspended: as good as that to everybody else, until all of the same file are there. */
    private static final int PENDING = 2;

    private static final String SEALED = "SEALED:";

    /** What an import did: nothing when there are problems. */
    public record Imported(long riders, long cards, List<String> problems) {}

    private final VaultKeys keys;
    private final VaultStore store;
    private final Riders riders;

    private RidersImport(VaultKeys keys, VaultStore store) {
        this.keys = keys;
        this.store = store;
        this.riders = new Riders(keys, store);
    }

    /**
     * Brings the riders of a CSV file in, all or none; see {@link RiderFile}. However many they are, the vault is kept from writing anything else
     * only for {@value #PIECE} of them at a time: until the last is there all are nobody, and what an import that was killed has left is let go
     * by the next one.
     *
     * @param reading told of each line that was read
     * @param adding told of how many riders were added
     */
    public static Imported bring(
            Path folder, BufferedReader csv, InstantSource clock, LongConsumer reading, LongConsumer adding)
            throws IOException {
        RiderFile file = RiderFile.read(csv, reading);
        if (!file.problems().isEmpty()) {
            return new Imported(0, 0, file.problems());
        }
        VaultKeys keys = Vault.keys(folder);
        FileChannel alone = alone(folder);
        try (alone;
                VaultStore store = VaultStore.open(folder, keys)) {
            return new RidersImport(keys, store).bring(file, clock, adding);
        }
    }

    private Imported bring(RiderFile file, InstantSource clock, LongConsumer adding) throws IOException {
        letGoOfPending();
        long cards = 0;
        long added = 0;
        List<RiderFile.Entry> all = file.riders();
        while (added < all.size()) {
            List<Prepared> piece = new ArrayList<>();
            for (RiderFile.Entry each : all.subList((int) added, (int) Math.min(added + PIECE, all.size()))) {
                piece.add(prepared(each, file, clock.millis()));
                cards += each.cards.size();
            }
            store.transaction(() -> {
                for (Prepared each : piece) {
                    add(each, file);
                }
                return piece.size();
            });
            for (int i = 0; i < piece.size(); i++) {
                adding.accept(++added);
            }
        }
        if (!file.problems().isEmpty()) {
            letGoOfPending();
            return new Imported(0, 0, file.problems());
        }
        store.transaction(
                () -> store.database().update("UPDATE riders SET suspended = 0 WHERE suspended = ?", PENDING));
        return new Imported(added, cards, List.of());
    }

    /** Erases those of an import that did not come to its end, some at a time. */
    private void letGoOfPending() throws IOException {
        List<byte[]> all = store.transaction(() ->
                store.database().list(row -> row.getBytes(1), "SELECT id FROM riders WHERE suspended = ?", PENDING));
        for (int from = 0; from < all.size(); from += PIECE) {
            List<byte[]> some = all.subList(from, Math.min(from + PIECE, all.size()));
            store.transaction(() -> {
                for (byte[] each : some) {
                    store.database().update("DELETE FROM riders WHERE id = ?", (Object) each);
                }
                return some.size();
            });
        }
        if (!all.isEmpty()) {
            store.emptyLog();
        }
    }

    /** One import at a time. */
    private static FileChannel alone(Path folder) throws IOException {
        Path file = folder.resolve("import.lock");
        FileChannel channel = FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            channel.close();
            throw new IOException("another import of riders is at work (" + file + ")");
        }
        return channel;
    }

    /** A rider of a file, with all that takes time done. */
    private record Prepared(
            RiderFile.Entry entry, VaultStore.Row row, List<VaultStore.GuardianRow> guardians, List<byte[]> cards) {}

    private Prepared prepared(RiderFile.Entry entry, RiderFile file, long nowMs) throws IOException {
        byte[] id = riders.newId();
        RiderKey key = keys.newRiderKey();
        List<VaultStore.GuardianRow> guardians = new ArrayList<>();
        for (RiderFile.Wanted wanted : entry.guardians) {
            guardians.add(riders.guardianRow(id, key, wanted.guardian()));
        }
        List<byte[]> cards = new ArrayList<>();
        for (String card : entry.cards) {
            Optional<byte[]> block = block(card);
            if (block.isEmpty()) {
                file.problem(entry.line, "is of a rider with a sealed card that does not open with this vault's key");
                continue;
            }
            cards.add(keys.digest(block.get()));
            Arrays.fill(block.get(), (byte) 0);
        }
        VaultStore.Row row = new VaultStore.Row(
                id, entry.home, entry.language, keys.wrap(id, key), false, nowMs, entry.cards.size());
        return new Prepared(entry, row, guardians, cards);
    }

    private void add(Prepared rider, RiderFile file) throws IOException {
        VaultStore.Row row = rider.row;
        store.add(row, PENDING);
        for (int i = 0; i < rider.guardians.size(); i++) {
            VaultStore.GuardianRow guardian = rider.guardians.get(i);
            RiderFile.Wanted wanted = rider.entry.guardians.get(i);
            store.addGuardian(guardian, riders.subscriber(wanted.guardian()));
            if (wanted.consent().isPresent()) {
                long fromMs = wanted.consent().get().toEpochMilli();
                store.consent(row.id(), guardian.id(), true, wanted.by(), fromMs, row.addedMs());
            }
        }
        for (byte[] digest : rider.cards) {
            if (store.hasCard(digest)) {
                file.problem(
                        rider.entry.line,
                        "is of a rider one of whose cards the vault has already: erase that rider first");
            } else {
                store.addCard(digest, row.id());
            }
        }
    }

    /** Of a number, or of what a unit sealed for a ride. */
    private Optional<byte[]> block(String card) {
        if (!card.startsWith(SEALED)) {
            return Optional.of(SealedCard.block(card.getBytes(StandardCharsets.US_ASCII)));
        }
        String[] parts = card.split(":", -1);
        return keys.open(
                Bytes.of(HexFormat.of().parseHex(parts[3])),
                Id16.of(HexFormat.of().parseHex(parts[1])),
                Id8.of(HexFormat.of().parseHex(parts[2])));
    }
}
