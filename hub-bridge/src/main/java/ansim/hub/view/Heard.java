package ansim.hub.view;

import ansim.wire.Pos;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What a unit has said of itself, as far as only the newest counts: a row of the table {@code heard}, or what has come since the row was
 * written. Immutable.
 *
 * <p>Guarantees that {@link #then} of two of them is what all messages of both, one by one, would have made. So the messages between two
 * writes cost one row, and a reader gets the same from row and memory together, before a write and after it.
 *
 * @param seenMs arrival of the newest message, ms since 1970 UTC; 0 for none
 * @param place where it was last
 * @param duty by its newest presence
 * @param health its newest health record
 */
record Heard(long seenMs, Optional<Placed> place, Optional<Duty> duty, Optional<Healthy> health) {
    static final Heard NOTHING = new Heard(0, Optional.empty(), Optional.empty(), Optional.empty());

    /** Of {@code heard AS h}, in the order in which {@link #read} and {@link #values} have them. */
    static final String COLUMNS =
            "h.seen_ms, h.lat_e7, h.lon_e7, h.place_kind, h.place_ms, h.district, h.place_key, h.duty, h.duty_ms,"
                    + " h.health_ms, h.health, h.health_key";

    /** How many they are. */
    static final int WIDTH = 12;

    /** @param key what the message that says so was sealed under */
    record Placed(Picture.Place place, @Nullable Long key) {
        /** The newest by capture; where something was put up is better known than what it says of itself. */
        private Placed then(Placed later) {
            if (later.place.kind() == Picture.PlaceKind.REGISTERED) {
                return later;
            }
            boolean stays = place.kind() == Picture.PlaceKind.REGISTERED || place.atMs() > later.place.atMs();
            return stays ? this : later;
        }
    }

    /** @param atMs by capture */
    record Duty(boolean on, long atMs) {
        private Duty then(Duty later) {
            return atMs > later.atMs ? this : later;
        }
    }

    /** @param key as of {@link Placed} */
    record Healthy(Picture.Health health, @Nullable Long key) {
        private Healthy then(Healthy later) {
            return health.atMs() > later.health.atMs() ? this : later;
        }
    }

    Heard seen(long ms) {
        return new Heard(Math.max(seenMs, ms), place, duty, health);
    }

    Heard at(Picture.Place where, @Nullable Long key) {
        Placed later = new Placed(where, key);
        return new Heard(seenMs, place.map(before -> before.then(later)).or(() -> Optional.of(later)), duty, health);
    }

    Heard onDuty(boolean on, long atMs) {
        Duty later = new Duty(on, atMs);
        return new Heard(seenMs, place, duty.map(before -> before.then(later)).or(() -> Optional.of(later)), health);
    }

    Heard healthy(Picture.Health how, @Nullable Long key) {
        Healthy later = new Healthy(how, key);
        return new Heard(
                seenMs, place, duty, health.map(before -> before.then(later)).or(() -> Optional.of(later)));
    }

    /** This and what came after it. */
    Heard then(Heard later) {
        Heard both = seen(later.seenMs);
        if (later.place.isPresent()) {
            both = both.at(later.place.get().place, later.place.get().key);
        }
        if (later.duty.isPresent()) {
            both = both.onDuty(later.duty.get().on, later.duty.get().atMs);
        }
        if (later.health.isPresent()) {
            both = both.healthy(later.health.get().health, later.health.get().key);
        }
        return both;
    }

    /** {@link #COLUMNS} from a column on; all of them are null for a unit without a row. */
    static Heard read(ResultSet row, int at) throws SQLException {
        Optional<Placed> place = Optional.empty();
        int latE7 = row.getInt(at + 1);
        if (!row.wasNull()) {
            place = Optional.of(new Placed(
                    new Picture.Place(
                            Pos.of(latE7, row.getInt(at + 2)),
                            Picture.PlaceKind.valueOf(row.getString(at + 3)),
                            row.getLong(at + 4),
                            row.getString(at + 5)),
                    key(row, at + 6)));
        }
        boolean on = row.getBoolean(at + 7);
        Optional<Duty> duty = row.wasNull() ? Optional.empty() : Optional.of(new Duty(on, row.getLong(at + 8)));
        long healthMs = row.getLong(at + 9);
        Optional<Healthy> health = row.wasNull()
                ? Optional.empty()
                : Optional.of(new Healthy(new Picture.Health(healthMs, row.getString(at + 10)), key(row, at + 11)));
        return new Heard(row.getLong(at), place, duty, health);
    }

    private static @Nullable Long key(ResultSet row, int column) throws SQLException {
        long key = row.getLong(column);
        return row.wasNull() ? null : key;
    }

    /** As columns. */
    @Nullable
    Object[] values(byte[] unit) {
        @Nullable Object[] values = new @Nullable Object[1 + WIDTH];
        values[0] = unit;
        values[1] = seenMs == 0 ? null : seenMs;
        if (place.isPresent()) {
            Picture.Place where = place.get().place;
            values[2] = where.pos().latE7();
            values[3] = where.pos().lonE7();
            values[4] = where.kind().name();
            values[5] = where.atMs();
            values[6] = where.district();
            values[7] = place.get().key;
        }
        if (duty.isPresent()) {
            values[8] = duty.get().on ? 1 : 0;
            values[9] = duty.get().atMs;
        }
        if (health.isPresent()) {
            values[10] = health.get().health.atMs();
            values[11] = health.get().health.json();
            values[12] = health.get().key;
        }
        return values;
    }

    OptionalLong seen() {
        return seenMs == 0 ? OptionalLong.empty() : OptionalLong.of(seenMs);
    }
}
