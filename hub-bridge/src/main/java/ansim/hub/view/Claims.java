package ansim.hub.view;

import ansim.hub.core.UnitRecord;
import ansim.trust.ClaimCode;
import ansim.wire.Id16;
import ansim.wire.Pos;
import ansim.wire.VerifyKey;
import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The rights to enrol one box each, and what comes of them, in {@code registry.db} (docs/enrolment.md).
 *
 * <p>Guarantees that a claim gives one unit to one serial and one key however often and from however many sides it is asked at once, and
 * that what a method returned for survives a power cut. Keeps no code, only what proves one. Thread rule as {@link Registry}.
 */
public final class Claims {
    /** How long a claim may wait for its box. */
    public static final Duration LIFE = Duration.ofDays(30);

    /** How long what a replaced box holds is still taken. */
    public static final Duration DRAIN = Duration.ofDays(30);

    private static final String SELECT =
            "SELECT id, vehicle, company, kind, lat_e7, lon_e7, district, grp, locator, pin_key, secret_hash, serial, unit,"
                    + " replaces, created_ms, expires_ms, used_ms, revoked_ms FROM claims ";

    private final Registry registry;
    private final Database database;

    Claims(Registry registry, Database database) {
        this.registry = registry;
        this.database = database;
    }

    /**
     * What proves a code without telling it.
     *
     * @param locator 16 hexadecimal digits
     * @param pinKey as {@link ClaimCode#pinKey}
     * @param secretHash as {@link ClaimCode#secretHash()}
     */
    public record Proof(String locator, byte[] pinKey, byte[] secretHash) {
        /** Of a code. */
        public static Proof of(ClaimCode code) {
            return new Proof(code.locator(), code.pinKey(), code.secretHash());
        }
    }

    /**
     * A claim as it stands.
     *
     * @param id for the commands
     * @param service what the box will be there for
     * @param proof of its code; empty while it has none
     * @param serial the box that it is for, or that has come first
     * @param unit the unit that was made of it
     * @param replaces the unit whose place that takes
     * @param createdMs when, ms since 1970 UTC
     * @param expiresMs no box can come first after it
     * @param usedMs when its unit's first message key was registered
     * @param revokedMs when it was taken back
     */
    public record Claim(
            long id,
            UnitRecord.Service service,
            Optional<Proof> proof,
            Optional<String> serial,
            Optional<Id16> unit,
            Optional<Id16> replaces,
            long createdMs,
            long expiresMs,
            OptionalLong usedMs,
            OptionalLong revokedMs) {
        public State state(long nowMs) {
            if (usedMs.isPresent()) {
                return State.USED;
            }
            if (revokedMs.isPresent()) {
                return State.REVOKED;
            }
            if (unit.isPresent()) {
                return State.BOUND;
            }
            return nowMs > expiresMs ? State.EXPIRED : State.OPEN;
        }
    }

    /** How far a claim has come. */
    public enum State {
        /** Waits for its box. */
        OPEN,
        /** A box has come, and has not finished. */
        BOUND,
        /** A unit works. */
        USED,
        /** No box came in time. */
        EXPIRED,
        /** Taken back. */
        REVOKED
    }

    /** Why a claim was not given. */
    public enum Denial {
        EXPIRED,
        REVOKED,
        USED,
        OTHER_SERIAL,
        OTHER_KEY
    }

    /**
     * What came of asking for a claim: one of the two.
     *
     * @param unit the unit that the box is
     * @param denial why it is none
     */
    public record Bound(Optional<Id16> unit, Optional<Denial> denial) {
        private static Bound to(Id16 unit) {
            return new Bound(Optional.of(unit), Optional.empty());
        }

        private static Bound not(Denial denial) {
            return new Bound(Optional.empty(), Optional.of(denial));
        }
    }

    /**
     * A claim to be made.
     *
     * @param service what the box will be there for
     * @param serial the only box that may have it
     * @param proof of its code; empty: it gets one later
     * @param replaces the unit whose place it takes
     * @param expiresMs as {@link Claim}
     */
    public record Wish(
            UnitRecord.Service service,
            Optional<String> serial,
            Optional<Proof> proof,
            Optional<Id16> replaces,
            long expiresMs) {}

    private void add(Wish wish, long nowMs) throws IOException {
        UnitRecord.Service service = wish.service();
        database.update(
                "INSERT INTO claims (vehicle, company, kind, lat_e7, lon_e7, district, grp, locator, pin_key, secret_hash,"
                        + " serial, replaces, created_ms, expires_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                service.vehicle(),
                service.company(),
                service.kind(),
                service.place().map(Pos::latE7).orElse(null),
                service.place().map(Pos::lonE7).orElse(null),
                service.district(),
                service.group(),
                wish.proof()
                        .map(each -> HexFormat.of().parseHex(each.locator()))
                        .orElse(null),
                wish.proof().map(Proof::pinKey).orElse(null),
                wish.proof().map(Proof::secretHash).orElse(null),
                wish.serial().orElse(null),
                wish.replaces().map(Id16::bytes).orElse(null),
                nowMs,
                wish.expiresMs());
    }

    /** Boxes of which only the serial is known: a fitter's phone gives them a claim. Known ones stay. Says how many are new. */
    public int addBoxes(List<String> serials, long nowMs) throws IOException {
        synchronized (registry) {
            return database.transaction(() -> {
                int added = 0;
                for (String each : serials) {
                    added += database.update("INSERT OR IGNORE INTO boxes VALUES (?, ?)", each, nowMs);
                }
                return added;
            });
        }
    }

    /** Serials of boxes that were imported without a claim. */
    public List<String> boxes() throws IOException {
        synchronized (registry) {
            return database.list(row -> row.getString(1), "SELECT serial FROM boxes ORDER BY serial");
        }
    }

    /** Vehicles and sites that a unit serves: neither revoked nor replaced. */
    public Set<String> served() throws IOException {
        synchronized (registry) {
            return new HashSet<>(database.list(
                    row -> row.getString(1),
                    "SELECT vehicle FROM units WHERE revoked_ms IS NULL AND replaced_by IS NULL"));
        }
    }

    /**
     * Makes and changes claims, all or none.
     *
     * @param fresh to be made
     * @param changes of claims that no box has come for; one that has come meanwhile stays as it is
     */
    public void take(List<Wish> fresh, Map<Long, Wish> changes, long nowMs) throws IOException {
        synchronized (registry) {
            database.transaction(() -> {
                for (Wish each : fresh) {
                    add(each, nowMs);
                }
                for (Map.Entry<Long, Wish> each : changes.entrySet()) {
                    change(each.getKey(), each.getValue());
                }
                return fresh.size() + changes.size();
            });
        }
    }

    private void change(long id, Wish wish) throws IOException {
        UnitRecord.Service service = wish.service();
        database.update(
                "UPDATE claims SET company = ?, kind = ?, lat_e7 = ?, lon_e7 = ?, district = ?, grp = ?, serial = ?,"
                        + " expires_ms = ? WHERE id = ? AND unit IS NULL",
                service.company(),
                service.kind(),
                service.place().map(Pos::latE7).orElse(null),
                service.place().map(Pos::lonE7).orElse(null),
                service.district(),
                service.group(),
                wish.serial().orElse(null),
                wish.expiresMs(),
                id);
        if (wish.proof().isPresent()) {
            Proof proof = wish.proof().get();
            database.update(
                    "UPDATE claims SET locator = ?, pin_key = ?, secret_hash = ? WHERE id = ? AND unit IS NULL",
                    HexFormat.of().parseHex(proof.locator()),
                    proof.pinKey(),
                    proof.secretHash(),
                    id);
        }
    }

    /** Open claims whose vehicle or site has this in its name, blanks aside: what a fitter sees. The first {@code most}. */
    public List<Claim> openLike(String part, int most, long nowMs) throws IOException {
        String pattern = "%" + part.replaceAll("[%_\\\\\\s]", "") + "%";
        synchronized (registry) {
            return database.list(
                    Claims::read,
                    SELECT + "WHERE replace(vehicle, ' ', '') LIKE ? AND unit IS NULL AND revoked_ms IS NULL"
                            + " AND expires_ms >= ? ORDER BY vehicle LIMIT ?",
                    pattern,
                    nowMs,
                    most);
        }
    }

    /**
     * Gives an open claim a new code, for one box alone; its old code is void then.
     *
     * @return false when it is not open any more
     */
    public boolean pick(long id, String serial, Proof proof, long nowMs) throws IOException {
        synchronized (registry) {
            return database.transaction(() -> {
                boolean open = database.update(
                                "UPDATE claims SET serial = ?, locator = ?, pin_key = ?, secret_hash = ? WHERE id = ?"
                                        + " AND unit IS NULL AND revoked_ms IS NULL AND expires_ms >= ?"
                                        + " AND (serial IS NULL OR serial = ?)",
                                serial,
                                HexFormat.of().parseHex(proof.locator()),
                                proof.pinKey(),
                                proof.secretHash(),
                                id,
                                nowMs,
                                serial)
                        == 1;
                if (open) {
                    database.update("DELETE FROM boxes WHERE serial = ?", serial);
                }
                return open;
            });
        }
    }

    /**
     * Takes a claim back.
     *
     * @return false when there is none, or it is used or was taken back
     */
    public boolean revoke(long id, long nowMs) throws IOException {
        synchronized (registry) {
            return database.transaction(() -> database.update(
                            "UPDATE claims SET revoked_ms = ? WHERE id = ? AND used_ms IS NULL AND revoked_ms IS NULL",
                            nowMs,
                            id)
                    == 1);
        }
    }

    /** The claim that a locator finds. */
    public Optional<Claim> find(String locator) throws IOException {
        byte[] bytes;
        try {
            bytes = HexFormat.of().parseHex(locator);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        synchronized (registry) {
            return database.first(Claims::read, SELECT + "WHERE locator = ?", bytes);
        }
    }

    /** All claims in the order in which they were made. */
    public List<Claim> all() throws IOException {
        synchronized (registry) {
            return database.list(Claims::read, SELECT + "ORDER BY id");
        }
    }

    /**
     * Gives a claim, whose secret was shown, to a box. The same box with the same key gets the same answer until its claim is used.
     *
     * @param keyHash SHA-256 over the SubjectPublicKeyInfo of its TLS key
     * @param fresh the id of the unit, if it is made now
     */
    public Bound bind(long id, String serial, byte[] keyHash, Id16 fresh, long nowMs) throws IOException {
        synchronized (registry) {
            return database.transaction(() -> {
                Claim claim = database.first(Claims::read, SELECT + "WHERE id = ?", id)
                        .orElseThrow(() -> new IOException("claim " + id + " is gone"));
                Optional<Denial> denial = denial(claim, serial, keyHash, nowMs);
                if (denial.isPresent()) {
                    return Bound.not(denial.get());
                }
                if (claim.unit().isPresent()) {
                    return Bound.to(claim.unit().get());
                }
                registry.insert(fresh, claim.service(), Optional.of(serial), nowMs);
                database.update("UPDATE units SET tls_key = ? WHERE unit = ?", keyHash, fresh.bytes());
                database.update(
                        "UPDATE claims SET serial = ?, unit = ?, tls_key = ? WHERE id = ?",
                        serial,
                        fresh.bytes(),
                        keyHash,
                        id);
                return Bound.to(fresh);
            });
        }
    }

    private Optional<Denial> denial(Claim claim, String serial, byte[] keyHash, long nowMs) throws IOException {
        switch (claim.state(nowMs)) {
            case USED -> {
                return Optional.of(Denial.USED);
            }
            case REVOKED -> {
                return Optional.of(Denial.REVOKED);
            }
            case EXPIRED -> {
                return Optional.of(Denial.EXPIRED);
            }
            default -> {
                // What is open or begun may go on.
            }
        }
        if (!claim.serial().map(serial::equals).orElse(true)) {
            return Optional.of(Denial.OTHER_SERIAL);
        }
        boolean otherKey = claim.unit().isPresent()
                && database.number("SELECT count(*) FROM claims WHERE id = ? AND tls_key = ?", claim.id(), keyHash)
                        == 0;
        return otherKey ? Optional.of(Denial.OTHER_KEY) : Optional.empty();
    }

    /**
     * Whether a certificate's key is the unit's present one, or the one that it was given last; then that becomes the present one. A key
     * before those opens nothing more.
     */
    public boolean isPresentKey(Id16 unit, byte[] keyHash) throws IOException {
        synchronized (registry) {
            return database.transaction(() -> {
                database.update(
                        "UPDATE units SET tls_key = tls_next, tls_next = NULL WHERE unit = ? AND tls_next = ?",
                        unit.bytes(),
                        keyHash);
                return database.number(
                                "SELECT count(*) FROM units WHERE unit = ? AND (tls_key IS NULL OR tls_key = ?)",
                                unit.bytes(),
                                keyHash)
                        == 1;
            });
        }
    }

    /** Remembers the certificate that a unit is given now. */
    public void issued(Id16 unit, byte[] keyHash, long untilMs) throws IOException {
        synchronized (registry) {
            database.transaction(() -> database.update(
                    "UPDATE units SET certificate_until_ms = ?, tls_next = CASE WHEN tls_key = ? THEN tls_next ELSE ? END"
                            + " WHERE unit = ?",
                    untilMs,
                    keyHash,
                    keyHash,
                    unit.bytes()));
        }
    }

    /** Since when a message key is the unit's, ms since 1970 UTC; empty when it is not. */
    public OptionalLong keySince(Id16 unit, VerifyKey key) throws IOException {
        synchronized (registry) {
            return database
                    .list(
                            row -> row.getLong(1),
                            "SELECT registered_ms FROM message_keys WHERE unit = ? AND kid = ?",
                            unit.bytes(),
                            key.kid().bytes())
                    .stream()
                    .mapToLong(Long::longValue)
                    .findFirst();
        }
    }

    /**
     * Registers a message key; the claim that the unit came by is used then, and the unit whose place it takes drains from now on.
     *
     * @param first whether it must be the unit's first: no other has signed for it
     * @return false when the key is somebody's, or not the first, or the unit has {@link UnitRecord#MAX_KEYS}
     */
    public boolean register(Id16 unit, VerifyKey key, boolean first, long nowMs) throws IOException {
        synchronized (registry) {
            return database.transaction(() -> {
                boolean taken = database.number(
                                "SELECT count(*) FROM message_keys WHERE kid = ?",
                                key.kid().bytes())
                        > 0;
                long keys = database.number("SELECT count(*) FROM message_keys WHERE unit = ?", unit.bytes());
                if (taken || keys >= (first ? 1 : UnitRecord.MAX_KEYS)) {
                    return false;
                }
                registry.insertKey(unit, key, nowMs);
                database.update("UPDATE units SET seq = ? WHERE unit = ?", registry.nextSeq(), unit.bytes());
                finish(unit, nowMs);
                return true;
            });
        }
    }

    private void finish(Id16 unit, long nowMs) throws IOException {
        List<Claim> open = database.list(Claims::read, SELECT + "WHERE unit = ? AND used_ms IS NULL", unit.bytes());
        for (Claim claim : open) {
            database.update("UPDATE claims SET used_ms = ? WHERE id = ?", nowMs, claim.id());
            if (claim.replaces().isPresent()) {
                registry.replaced(claim.replaces().get(), unit, nowMs + DRAIN.toMillis());
            }
        }
    }

    private static Claim read(ResultSet row) throws SQLException {
        byte[] locator = row.getBytes(9);
        Optional<Proof> proof = locator == null
                ? Optional.empty()
                : Optional.of(new Proof(
                        HexFormat.of().formatHex(locator),
                        Arrays.copyOf(row.getBytes(10), 16),
                        Arrays.copyOf(row.getBytes(11), 32)));
        return new Claim(
                row.getLong(1),
                UnitRows.service(row, 2),
                proof,
                Optional.ofNullable(row.getString(12)),
                Optional.ofNullable(row.getBytes(13)).map(Id16::of),
                Optional.ofNullable(row.getBytes(14)).map(Id16::of),
                row.getLong(15),
                row.getLong(16),
                UnitRows.number(row, 17),
                UnitRows.number(row, 18));
    }
}
