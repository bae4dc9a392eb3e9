package ansim.hub.vault;

import ansim.wire.Bytes;
import ansim.wire.Id16;
import ansim.wire.Id8;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What an operator, or the city's app by the hub's API, does with the riders of a vault: adds one, looks at them, records their word,
 * suspends and erases them; {@link RidersImport} brings many in. Beside a vault that answers. One thread.
 */
public final class Riders implements AutoCloseable {
    private static final int ID_BYTES = 16;
    private static final int PAGE = 1_000;
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

    /**
     * All that the vault has of a rider; a card is no more than a count.
     *
     * @param openings lines of each ledger
     */
    public record Export(
            Listed rider,
            List<Kept> guardians,
            List<Consent> consents,
            List<LetterBook.Listed> letters,
            Map<LedgerFile, List<Long>> openings) {}

    private final VaultKeys keys;
    private final VaultStore store;
    private final SecureRandom random = new SecureRandom();

    Riders(VaultKeys keys, VaultStore store) {
        this.keys = keys;
        this.store = store;
    }

    /** Opens those of a vault. */
    public static Riders open(Path folder) throws IOException {
        VaultKeys keys = Vault.keys(folder);
        return new Riders(keys, VaultStore.open(folder, keys));
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
     * Adds one rider, or nothing; again under the same id it changes nothing.
     *
     * @param key of the rider to be
     * @param cards digests
     */
    Added add(byte[] id, RiderKey key, NewRider rider, List<byte[]> cards, String by, long nowMs) throws IOException {
        return store.transaction(() -> added(id, key, rider, cards, by, nowMs));
    }

    private Added added(byte[] id, RiderKey key, NewRider rider, List<byte[]> cards, String by, long nowMs)
            throws IOException {
        if (store.byId(id).isPresent()) {
            return Added.DONE;
        }
        for (byte[] card : cards) {
            if (store.hasCard(card)) {
                return Added.CARD_TAKEN;
            }
        }
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

    byte[] newId() {
        byte[] id = new byte[ID_BYTES];
        random.nextBytes(id);
        return id;
    }

    private byte[] addGuardian(byte[] rider, RiderKey key, Guardian guardian) throws IOException {
        VaultStore.GuardianRow row = guardianRow(rider, key, guardian);
        store.addGuardian(row, subscriber(guardian));
        return row.id();
    }

    VaultStore.GuardianRow guardianRow(byte[] rider, RiderKey key, Guardian guardian) throws IOException {
        byte[] contact = key.seal(RiderKey.CONTACT, ContactJson.bytes(guardian));
        return new VaultStore.GuardianRow(
                newId(), rider, guardian.channel(), contact, guardian.bits(), guardian.own(), guardian.every(), false);
    }

    byte @Nullable [] subscriber(Guardian guardian) {
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

    /** Those behind an id, at most so many, in the order of the ids. */
    List<Listed> page(String after, int most, InstantSource clock) throws IOException {
        List<Listed> page = new ArrayList<>();
        for (VaultStore.Row row : store.riders(id(after), most)) {
            page.add(listed(row, store.guardians(row.id(), clock.millis())));
        }
        return page;
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
        Map<LedgerFile, List<Long>> openings = new EnumMap<>(LedgerFile.class);
        for (LedgerFile each : LedgerFile.values()) {
            openings.put(each, store.openings(each, found.id()));
        }
        return Optional.of(new Export(
                listed(found, guardians),
                kept,
                store.consents(found.id()),
                new LetterBook(store).of(found.id()),
                openings));
    }

    /** What became of the letters to guardians. */
    public LetterBook letters() {
        return new LetterBook(store);
    }

    /**
     * Whom a line of a ledger is about.
     *
     * @param person as it stands there
     * @return the rider's id; empty when that rider is erased
     * @throws IOException when the line is about another rider than the database says
     */
    public Optional<String> riderOf(LedgerFile file, long line, String person) throws IOException {
        Optional<VaultStore.Row> row = store.openedBy(file, line);
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
