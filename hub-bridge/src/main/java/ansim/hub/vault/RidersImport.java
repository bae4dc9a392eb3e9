package ansim.hub.vault;

import ansim.hub.ledger.ConsoleReads;
import ansim.settings.CommandFailure;
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
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;

/**
 * Brings the riders of a file into a vault, beside a vault that answers: many, in pieces, and all or none. One at a time.
 *
 * <p>Guarantee: no sealed card is opened before a line on disk says so, in the {@link ConsoleLedger}. A file without sealed cards needs none.
 */
public final class RidersImport {
    /** Riders of a file that are written in one transaction: some ten milliseconds. */
    static final int PIECE = 500;

    /** In the place of what says that a rider is suspended: as good as that to everybody else, until all of the same file are there. */
    private static final int PENDING = 2;

    private static final ConsoleLedger.Openings NOTHING_SEALED = (at, openings) -> {
        throw new IOException("a sealed card where there was none");
    };

    /** What an import did: nothing when there are problems. */
    public record Imported(long riders, long cards, List<String> problems) {}

    /**
     * How far it is.
     *
     * @param reading told of each line that was read
     * @param adding told of how many riders were added
     */
    public record Progress(LongConsumer reading, LongConsumer adding) {
        /** Nobody is told. */
        public static final Progress NONE = new Progress(line -> {}, rider -> {});
    }

    private final VaultKeys keys;
    private final VaultStore store;
    private final Riders riders;
    private final ConsoleLedger.Openings openings;

    RidersImport(VaultKeys keys, VaultStore store, ConsoleLedger.Openings openings) {
        this.keys = keys;
        this.store = store;
        this.riders = new Riders(keys, store);
        this.openings = openings;
    }

    /**
     * Brings the riders of a CSV file in, all or none; see {@link RiderFile}. However many they are, the vault is kept from writing anything else
     * only for {@value #PIECE} of them at a time: until the last is there all are nobody, and what an import that was killed has left is let go
     * by the next one.
     *
     * @param by who brings them in, for the ledger
     * @throws CommandFailure when another import is at work, or it cannot be written down that cards are opened: then none is
     */
    public static Imported bring(
            Path folder, BufferedReader csv, ConsoleReads.Reader by, InstantSource clock, Progress progress)
            throws IOException {
        RiderFile file = RiderFile.read(csv, progress.reading());
        if (!file.problems().isEmpty()) {
            return new Imported(0, 0, file.problems());
        }
        VaultKeys keys = Vault.keys(folder);
        FileChannel alone = alone(folder);
        try (alone;
                VaultStore store = VaultStore.open(folder, keys)) {
            if (!file.hasSealed()) {
                return new RidersImport(keys, store, NOTHING_SEALED).bring(file, clock, progress.adding());
            }
            try (ConsoleLedger ledger = ConsoleLedger.open(folder, by)) {
                return new RidersImport(keys, store, ledger::write).bring(file, clock, progress.adding());
            }
        }
    }

    Imported bring(RiderFile file, InstantSource clock, LongConsumer adding) throws IOException {
        letGoOfPending();
        long cards = 0;
        long added = 0;
        List<RiderFile.Entry> all = file.riders();
        while (added < all.size()) {
            List<Newcomer> piece = new ArrayList<>();
            for (RiderFile.Entry each : all.subList((int) added, (int) Math.min(added + PIECE, all.size()))) {
                piece.add(newcomer(each));
                cards += each.cards.size();
            }
            add(piece, file, clock.instant().truncatedTo(ChronoUnit.MILLIS));
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
            throw new CommandFailure("another import of riders is at work (" + file + ")", "again when it is done");
        }
        return channel;
    }

    /** A rider of a file, no card of whom is opened yet. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Newcomer(RiderFile.Entry entry, byte[] id, RiderKey key, List<Card> cards) {}

    /** A card as it stands in a file. */
    private record Card(String text, Optional<Riders.Sealed> tapped) {}

    /** A card as the vault knows one. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Known(byte[] digest, Optional<Riders.Sealed> tapped) {}

    /** A rider of a file, with all that takes time done. */
    private record Prepared(
            RiderFile.Entry entry, VaultStore.Row row, List<VaultStore.GuardianRow> guardians, List<Known> cards) {}

    private Newcomer newcomer(RiderFile.Entry entry) {
        List<Card> cards =
                entry.cards.stream().map(card -> new Card(card, tapped(card))).toList();
        return new Newcomer(entry, riders.newId(), keys.newRiderKey(), cards);
    }

    /** Written down, opened, added. */
    private void add(List<Newcomer> piece, RiderFile file, Instant now) throws IOException {
        List<ConsoleLedger.Opening> ahead = new ArrayList<>();
        for (Newcomer rider : piece) {
            for (Card card : rider.cards) {
                card.tapped.ifPresent(tapped -> ahead.add(opening(rider.id, rider.key, tapped)));
            }
        }
        long line = write(now, ahead);
        List<Prepared> prepared = new ArrayList<>();
        for (Newcomer each : piece) {
            prepared.add(prepared(each, file, now.toEpochMilli()));
        }
        store.transaction(() -> {
            List<ConsoleLedger.Opening> others = new ArrayList<>();
            for (Prepared each : prepared) {
                add(each, file, others);
            }
            registered(line, ahead);
            registered(write(now, others), others);
            return prepared.size();
        });
    }

    private ConsoleLedger.Opening opening(byte[] rider, RiderKey key, Riders.Sealed card) {
        return new ConsoleLedger.Opening(rider, card, keys.person(rider, key, card.unit(), card.ride()));
    }

    /** Gives the first one's line; none for none. */
    private long write(Instant now, List<ConsoleLedger.Opening> all) throws IOException {
        return all.isEmpty() ? 0 : openings.write(now, all);
    }

    private void registered(long firstLine, List<ConsoleLedger.Opening> all) throws IOException {
        long line = firstLine;
        for (ConsoleLedger.Opening each : all) {
            store.registered(LedgerFile.CONSOLE, line, each.rider());
            line++;
        }
    }

    private Prepared prepared(Newcomer rider, RiderFile file, long nowMs) throws IOException {
        RiderFile.Entry entry = rider.entry;
        List<VaultStore.GuardianRow> guardians = new ArrayList<>();
        for (RiderFile.Wanted wanted : entry.guardians) {
            guardians.add(riders.guardianRow(rider.id, rider.key, wanted.guardian()));
        }
        List<Known> cards = new ArrayList<>();
        for (Card card : rider.cards) {
            Optional<byte[]> block = block(card);
            if (block.isEmpty()) {
                file.problem(entry.line, "is of a rider with a sealed card that does not open with this vault's key");
                continue;
            }
            cards.add(new Known(keys.digest(block.get()), card.tapped));
            Arrays.fill(block.get(), (byte) 0);
        }
        VaultStore.Row row = new VaultStore.Row(
                rider.id, entry.home, entry.language, keys.wrap(rider.id, rider.key), false, nowMs, entry.cards.size());
        return new Prepared(entry, row, guardians, cards);
    }

    /** @param others gets whose a card is already that was opened for somebody else */
    private void add(Prepared rider, RiderFile file, List<ConsoleLedger.Opening> others) throws IOException {
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
        for (Known card : rider.cards) {
            Optional<VaultStore.Row> owner = store.rider(card.digest);
            if (owner.isEmpty()) {
                store.addCard(card.digest, row.id());
                continue;
            }
            file.problem(
                    rider.entry.line, "is of a rider one of whose cards the vault has already: erase that rider first");
            if (card.tapped.isPresent()) {
                byte[] id = owner.get().id();
                others.add(opening(id, keys.unwrap(id, owner.get().secret()), card.tapped.get()));
            }
        }
    }

    /** Of a number, or of what a unit sealed for a ride. */
    private Optional<byte[]> block(Card card) {
        if (card.tapped.isEmpty()) {
            return Optional.of(SealedCard.block(card.text.getBytes(StandardCharsets.US_ASCII)));
        }
        Riders.Sealed tapped = card.tapped.get();
        return keys.open(tapped.card(), tapped.unit(), tapped.ride());
    }

    private static Optional<Riders.Sealed> tapped(String card) {
        if (!card.startsWith(RiderFile.SEALED)) {
            return Optional.empty();
        }
        String[] parts = card.split(":", -1);
        return Optional.of(new Riders.Sealed(
                Id16.of(HexFormat.of().parseHex(parts[1])),
                Id8.of(HexFormat.of().parseHex(parts[2])),
                Bytes.of(HexFormat.of().parseHex(parts[3]))));
    }
}
