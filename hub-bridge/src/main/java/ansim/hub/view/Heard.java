package ansim.hub.view;

import ansim.wire.Pos;
import java.sql.ResultSet;
import java.sql.SQLException;
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
 * @param place where it was last; null if it has not said, as the others
 * @param open the same without what it said while it was hired or called for help: what does not tell of a rider
 * @param duty by its newest presence
 * @param health its newest health record
 */
record Heard(
        long seenMs,
        @Nullable Placed place,
        @Nullable Placed open,
        @Nullable Duty duty,
        @Nullable Healthy health) {
    static final Heard NOTHING = new Heard(0, null, null, null, null);

    /** Of {@code heard AS h}, in the order in which {@link #read} and {@link #values} have them. */
    static final String COLUMNS =
            "h.seen_ms, h.lat_e7, h.lon_e7, h.place_kind, h.place_ms, h.district, h.place_key, h.duty, h.duty_ms,"
                    + " h.health_ms, h.health, h.health_key, h.open_lat_e7, h.open_lon_e7, h.open_kind, h.open_ms,"
                    + " h.open_district, h.open_key";

    /** How many they are. */
    static final int WIDTH = 18;

    /**
     * A {@link Picture.Place}, in one object: there is one of each unit of a city.
     *
     * @param key what the message that says so was sealed under
     */
    record Placed(
            int latE7,
            int lonE7,
            Picture.PlaceKind kind,
            long atMs,
            String district,
            @Nullable Long key) {
        Picture.Place picture() {
            return new Picture.Place(Pos.of(latE7, lonE7), kind, atMs, district);
        }

        /** The newest by capture; where something was put up is better known than what it says of itself. */
        private Placed then(Placed later) {
            if (later.kind == Picture.PlaceKind.REGISTERED) {
                return later;
            }
            boolean stays = kind == Picture.PlaceKind.REGISTERED || atMs > later.atMs;
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
        return new Heard(Math.max(seenMs, ms), place, open, duty, health);
    }

    Heard at(Placed where) {
        return places(where, where.kind == Picture.PlaceKind.PRECISE ? null : where);
    }

    private Heard places(@Nullable Placed last, @Nullable Placed told) {
        return new Heard(seenMs, newest(place, last), newest(open, told), duty, health);
    }

    private static @Nullable Placed newest(@Nullable Placed before, @Nullable Placed later) {
        return before == null ? later : later == null ? before : before.then(later);
    }

    Heard onDuty(boolean on, long atMs) {
        return onDuty(new Duty(on, atMs));
    }

    private Heard onDuty(Duty later) {
        return new Heard(seenMs, place, open, duty == null ? later : duty.then(later), health);
    }

    Heard healthy(Healthy how) {
        return new Heard(seenMs, place, open, duty, health == null ? how : health.then(how));
    }

    /** This and what came after it. */
    Heard then(Heard later) {
        Heard both = seen(later.seenMs).places(later.place, later.open);
        both = later.duty == null ? both : both.onDuty(later.duty);
        return later.health == null ? both : both.healthy(later.health);
    }

    /** {@link #COLUMNS} from a column on; all of them are null for a unit without a row. */
    static Heard read(ResultSet row, int at) throws SQLException {
        boolean on = row.getBoolean(at + 7);
        Duty duty = row.wasNull() ? null : new Duty(on, row.getLong(at + 8));
        long healthMs = row.getLong(at + 9);
        Healthy health = row.wasNull()
                ? null
                : new Healthy(new Picture.Health(healthMs, row.getString(at + 10)), key(row, at + 11));
        return new Heard(row.getLong(at), placed(row, at + 1), placed(row, at + 12), duty, health);
    }

    /** Of six columns. */
    private static @Nullable Placed placed(ResultSet row, int at) throws SQLException {
        int latE7 = row.getInt(at);
        return row.wasNull()
                ? null
                : new Placed(
                        latE7,
                        row.getInt(at + 1),
                        Picture.PlaceKind.valueOf(row.getString(at + 2)),
                        row.getLong(at + 3),
                        row.getString(at + 4).intern(),
                        key(row, at + 5));
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
        put(values, 2, place);
        put(values, 13, open);
        if (duty != null) {
            values[8] = duty.on ? 1 : 0;
            values[9] = duty.atMs;
        }
        if (health != null) {
            values[10] = health.health.atMs();
            values[11] = health.health.json();
            values[12] = health.key;
        }
        return values;
    }

    private static void put(@Nullable Object[] values, int at, @Nullable Placed place) {
        if (place != null) {
            values[at] = place.latE7;
            values[at + 1] = place.lonE7;
            values[at + 2] = place.kind.name();
            values[at + 3] = place.atMs;
            values[at + 4] = place.district;
            values[at + 5] = place.key;
        }
    }

    OptionalLong seen() {
        return seenMs == 0 ? OptionalLong.empty() : OptionalLong.of(seenMs);
    }
}
