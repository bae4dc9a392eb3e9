package ansim.hub.vault;

import ansim.wire.Bytes;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.SealedCard;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What an operator, or the city's app by the hub's API, does with the riders of a vault: brings them in, looks at them, records their word,
 * suspends and erases them. Beside a vault that answers. One thread.
 */
public final class Riders implements AutoCloseable {
    private static final int ID_BYTES = 16;
    private static final int PAGE = 1_000;
    /** Riders of a file that are written in one transaction: some ten milliseconds. */
    static final int PIECE = 500;

    private static final String SEALED = "SEALED:";

    /** What an import did: nothing when there are problems. */
    public record Imported(long riders, long cards, List<String> problems) {}

    /**
     * A rider as an operator sees one.
     *
     * @param id the vault's own, 32 hexadecimal digits: it names nobody
     * @param guardians how many there are, without the rider's own address
     * @param consented of how many the rider's consent counts now
     */
    public record Listed(
            String id,
            String home,
            String language,
            int cards,
            int guardians,
            int consented,
            boolean suspended,
            Instant added) {}

    /**
     * A guardian of a rider.
     *
     * @param id 32 hexadecimal digits
     * @param guardian with the address: not for a log
     * @param consented whether the rider's consent counts now
     */
    public record Kept(String id, Guardian guardian, boolean consented) {}

    /** All that the vault has of a rider; a card is no more than a count. */
    public record Export(
            Listed rider,
            List<Kept> guardians,
            List<Consent> consents,
            List<Outbox.Listed> letters,
            List<Long> openings) {}

    private final Path folder;
    private final VaultKeys keys;
    private final VaultStore store;
    private final SecureRandom random = new SecureRandom();

    private Riders(Path folder, VaultKeys keys, VaultStore store) {
        this.folder = folder;
        this.keys = keys;
        this.store = store;
    }

    /** Opens those of a vault. */
    public static Riders open(Path folder) throws IOException {
        VaultKeys keys = Vault.keys(folder);
        return new Riders(folder, keys, VaultStore.open(folder, keys));
    }

    /**
     * Brings the riders of a CSV file in, all or none; see {@link RiderFile}. However many they are, the vault is kept from writing anything else
     * only for {@value #PIECE} of them at a time: until the last is there all are nobody, and what an import that was killed has left is let go
     * by the next one.
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
        FileChannel alone = alone();
        try (alone) {
            store.letGoOfPending(PIECE);
            long cards = 0;
            long riders = 0;
            List<RiderFile.Entry> all = file.riders();
            while (riders < all.size()) {
                List<Prepared> piece = new ArrayList<>();
                for (RiderFile.Entry each : all.subList((int) riders, (int) Math.min(riders + PIECE, all.size()))) {
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
                    adding.accept(++riders);
                }
            }
            if (!file.problems().isEmpty()) {
                store.letGoOfPending(PIECE);
                return new Imported(0, 0, file.problems());
            }
            store.pendingAreThere();
            return new Imported(riders, cards, List.of());
        }
    }

    /** One import at a time. */
    private FileChannel alone() throws IOException {
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

    /**
     * A card as a unit sealed it for a ride of its own.
     *
     * @param ride for which
     */
    public record Sealed(Id16 unit, Id8 ride, Bytes card) {}

    /**
     * A guardian of a rider to be, or the rider's own address.
     *
     * @param consent since when the rider wants that told; nothing is sent without
     */
    public record Wanted(Guardian guardian, Optional<Instant> consent) {}

    /** A rider to be. */
    public record NewRider(String home, String language, List<Sealed> cards, List<Wanted> guardians) {
        public NewRider {
            check(RiderFile.isHome(home), RiderFile.HOME_RULE);
            check(RiderFile.isLanguage(language), RiderFile.LANGUAGE_RULE);
            boolean count = !cards.isEmpty() && cards.size() <= RiderFile.MOST_CARDS;
            check(count, "a rider must have 1 to " + RiderFile.MOST_CARDS + " cards (got " + cards.size() + ")");
            check(
                    guardians.size() <= RiderFile.MOST_GUARDIANS,
                    "a rider may have at most " + RiderFile.MOST_GUARDIANS + " guardians (got " + guardians.size()
                            + ")");
            long own = guardians.stream().filter(each -> each.guardian().own()).count();
            check(own <= 1, "a rider may have one own address");
            cards = List.copyOf(cards);
            guardians = List.copyOf(guardians);
        }

        private static void check(boolean good, String rule) {
            if (!good) {
                throw new IllegalArgumentException(rule);
            }
        }
    }

    /** What became of one. */
    public enum Added {
        DONE,
        CARD_TAKEN,
        CARD_SEALED
    }

    /**
     * Adds one rider, or nothing; whoever asks again under the same id gets the same answer and no second rider.
     *
     * @param id 32 hexadecimal digits
     * @param by who took the consents down
     */
    public Added add(String id, NewRider rider, String by, InstantSource clock) throws IOException {
        List<byte[]> digests = new ArrayList<>();
        for (Sealed each : rider.cards()) {
            Optional<byte[]> block = keys.open(each.card(), each.unit(), each.ride());
            if (block.isEmpty()) {
                return Added.CARD_SEALED;
            }
            byte[] digest = keys.digest(block.get());
            Arrays.fill(block.get(), (byte) 0);
            if (digests.stream().noneMatch(known -> Arrays.equals(known, digest))) {
                digests.add(digest);
            }
        }
        return store.transaction(() -> add(id(id), rider, digests, by, clock.millis()));
    }

    private Added add(byte[] id, NewRider rider, List<byte[]> cards, String by, long nowMs) throws IOException {
        if (store.byId(id).isPresent()) {
            return Added.DONE;
        }
        for (byte[] card : cards) {
            if (store.hasCard(card)) {
                return Added.CARD_TAKEN;
            }
        }
        RiderKey key = keys.newRiderKey();
        store.add(
                new VaultStore.Row(id, rider.home(), rider.language(), keys.wrap(id, key), false, nowMs, cards.size()));
        for (Wanted wanted : rider.guardians()) {
            byte[] guardian = addGuardian(id, key, wanted.guardian());
            if (wanted.consent().isPresent()) {
                store.consent(id, guardian, true, by, wanted.consent().get().toEpochMilli(), nowMs);
            }
        }
        for (byte[] card : cards) {
            store.addCard(card, id);
        }
        return Added.DONE;
    }

    /** A rider of a file, with all that takes time done. */
    private record Prepared(
            RiderFile.Entry entry, VaultStore.Row row, List<VaultStore.GuardianRow> guardians, List<byte[]> cards) {}

    private Prepared prepared(RiderFile.Entry entry, RiderFile file, long nowMs) throws IOException {
        byte[] id = newId();
        RiderKey key = keys.newRiderKey();
        List<VaultStore.GuardianRow> guardians = new ArrayList<>();
        for (RiderFile.Wanted wanted : entry.guardians) {
            guardians.add(guardianRow(id, key, wanted.guardian()));
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
        store.addPending(row);
        for (int i = 0; i < rider.guardians.size(); i++) {
            VaultStore.GuardianRow guardian = rider.guardians.get(i);
            RiderFile.Wanted wanted = rider.entry.guardians.get(i);
            store.addGuardian(guardian, subscriber(wanted.guardian()));
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

    private byte[] newId() {
        byte[] id = new byte[ID_BYTES];
        random.nextBytes(id);
        return id;
    }

    private byte[] addGuardian(byte[] rider, RiderKey key, Guardian guardian) throws IOException {
        VaultStore.GuardianRow row = guardianRow(rider, key, guardian);
        store.addGuardian(row, subscriber(guardian));
        return row.id();
    }

    private VaultStore.GuardianRow guardianRow(byte[] rider, RiderKey key, Guardian guardian) throws IOException {
        byte[] contact = key.seal(RiderKey.CONTACT, ContactJson.bytes(guardian));
        return new VaultStore.GuardianRow(
                newId(), rider, guardian.channel(), contact, guardian.bits(), guardian.own(), guardian.every(), false);
    }

    private byte @Nullable [] subscriber(Guardian guardian) {
        return guardian.channel().equals(Guardian.API) ? keys.subscriber(guardian.address()) : null;
    }

    /** Adds a guardian, or the rider's own address, to a rider; nothing is sent there before {@link #consent}. Gives its id; empty when there is no such rider. */
    public Optional<String> addGuardian(String rider, Guardian guardian) throws IOException {
        return store.transaction(() -> {
            Optional<VaultStore.Row> row = store.byId(id(rider));
            if (row.isEmpty()) {
                return Optional.<String>empty();
            }
            RiderKey key = keys.unwrap(row.get().id(), row.get().secret());
            List<VaultStore.GuardianRow> there = store.guardians(row.get().id(), 0);
            if (there.size() >= RiderFile.MOST_GUARDIANS) {
                throw new IllegalArgumentException(
                        "a rider may have at most " + RiderFile.MOST_GUARDIANS + " guardians");
            }
            if (guardian.own() && there.stream().anyMatch(VaultStore.GuardianRow::own)) {
                throw new IllegalArgumentException("the rider has an own address already: remove that first");
            }
            return Optional.of(HexFormat.of().formatHex(addGuardian(row.get().id(), key, guardian)));
        });
    }

    /** Removes a guardian with all that waits for that address; false when there is none. */
    public boolean removeGuardian(String rider, String guardian) throws IOException {
        return store.removeGuardian(id(rider), id(guardian));
    }

    /**
     * Records a rider's consent to tell a guardian, or its withdrawal. What counts is the last word whose day has come.
     *
     * @return false when there is no such guardian
     */
    public boolean consent(String rider, String guardian, boolean given, String by, Instant from, InstantSource clock)
            throws IOException {
        return store.transaction(() -> {
            byte[] whom = id(guardian);
            boolean there = store.guardians(id(rider), 0).stream().anyMatch(each -> Arrays.equals(each.id(), whom));
            if (there) {
                store.consent(id(rider), whom, given, by, from.toEpochMilli(), clock.millis());
            }
            return there;
        });
    }

    /** Suspends a rider, or lets one be known again: one who is suspended is nobody to the hub, and nobody is told. False when there is none. */
    public boolean suspend(String rider, boolean suspended, String by, InstantSource clock) throws IOException {
        return store.transaction(() -> {
            Optional<VaultStore.Row> row = store.byId(id(rider));
            if (row.isEmpty()) {
                return false;
            }
            store.suspend(row.get().id(), suspended);
            store.consent(row.get().id(), null, !suspended, by, clock.millis(), clock.millis());
            return true;
        });
    }

    /** Goes through all of them, in no order that says anything. */
    public void forEach(InstantSource clock, Consumer<Listed> taker) throws IOException {
        byte[] after = {};
        List<VaultStore.Row> page = store.riders(after, PAGE);
        while (!page.isEmpty()) {
            for (VaultStore.Row row : page) {
                taker.accept(listed(row, store.guardians(row.id(), clock.millis())));
            }
            page = store.riders(page.get(page.size() - 1).id(), PAGE);
        }
    }

    private static Listed listed(VaultStore.Row row, List<VaultStore.GuardianRow> all) {
        List<VaultStore.GuardianRow> guardians =
                all.stream().filter(each -> !each.own()).toList();
        return new Listed(
                row.hex(),
                row.home(),
                row.language(),
                row.cards(),
                guardians.size(),
                (int) guardians.stream()
                        .filter(VaultStore.GuardianRow::consented)
                        .count(),
                row.suspended(),
                Instant.ofEpochMilli(row.addedMs()));
    }

    /** All of one rider, for the rider; empty when there is none. */
    public Optional<Export> export(String rider, InstantSource clock) throws IOException {
        Optional<VaultStore.Row> row = store.byId(id(rider));
        if (row.isEmpty()) {
            return Optional.empty();
        }
        VaultStore.Row found = row.get();
        RiderKey key = keys.unwrap(found.id(), found.secret());
        List<VaultStore.GuardianRow> guardians = store.guardians(found.id(), clock.millis());
        List<Kept> kept = new ArrayList<>();
        for (VaultStore.GuardianRow each : guardians) {
            kept.add(new Kept(each.hex(), ContactJson.guardian(each, key), each.consented()));
        }
        return Optional.of(new Export(
                listed(found, guardians),
                kept,
                store.consents(found.id()),
                new Outbox(keys, store, clock).of(found.id()),
                store.openings(found.id())));
    }

    /** What became of the letters to guardians. */
    public Outbox outbox(InstantSource clock) {
        return new Outbox(keys, store, clock);
    }

    /**
     * Whom a line of the ledger is about.
     *
     * @param person as it stands there
     * @return the rider's id; empty when that rider is erased
     * @throws IOException when the line is about another rider than the database says
     */
    public Optional<String> riderOf(long line, String person) throws IOException {
        Optional<VaultStore.Row> row = store.openedBy(line);
        if (row.isEmpty()) {
            return Optional.empty();
        }
        RiderKey key = keys.unwrap(row.get().id(), row.get().secret());
        byte[] said = key.unseal(RiderKey.LEDGER, Base64.getDecoder().decode(person));
        if (!ByteBuffer.wrap(said, 0, ID_BYTES).equals(ByteBuffer.wrap(row.get().id()))) {
            throw new IOException("line " + line + " of the ledger is not about the rider whom the database names");
        }
        return Optional.of(row.get().hex());
    }

    /**
     * Erases a rider: key, cards, guardians and letters. The ledger's lines stay, and neither they nor anything else can be told to be of one
     * person. False when there is none of this id.
     */
    public boolean erase(String id) throws IOException {
        return store.erase(id(id));
    }

    private static byte[] id(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    public long count() throws IOException {
        return store.count();
    }

    @Override
    public void close() throws IOException {
        store.close();
    }
}
