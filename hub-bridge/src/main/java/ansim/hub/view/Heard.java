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
 * @param duty by its newest presence
 * @param health its newest health record
 */
record Heard(
        long seenMs,
        @Nullable Placed place,
        @Nullable Duty duty,
        @Nullable Healthy health) {
    static final Heard NOTHING = new Heard(0, null, null, null);

    /** Of {@code heard AS h}, in the order in which {@link #read} and {@link #values} have them. */
    static final String COLUMNS =
            "h.seen_ms, h.lat_e7, h.lon_e7, h.place_kind, h.place_ms, h.district, h.place_key, h.duty, h.duty_ms,"
                    + " h.health_ms, h.health, h.health_key";

    /** How many they are. */
    static final int WIDTH = 12;

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
        return new Heard(Math.max(seenMs, ms), place, duty, health);
    }

    Heard at(Placed where) {
        return new Heard(seenMs, place == null ? where : place.then(where), duty, health);
    }

    Heard onDuty(boolean on, long atMs) {
        return onDuty(new Duty(on, atMs));
    }

    private Heard onDuty(Duty later) {
        return new Heard(seenMs, place, duty == null ? later : duty.then(later), health);
    }

    Heard healthy(Healthy how) {
        return new Heard(seenMs, place, duty, health == null ? how : health.then(how));
    }

    /** This and what came after it. */
    Heard then(Heard later) {
        Heard both = seen(later.seenMs);
        both = later.place == null ? both : both.at(later.place);
        both = later.duty == null ? both : both.onDuty(later.duty);
        return later.health == null ? both : both.healthy(later.health);
    }

    /** {@link #COLUMNS} from a column on; all of them are null for a unit without a row. */
    static Heard read(ResultSet row, int at) throws SQLException {
        int latE7 = row.getInt(at + 1);
        Placed place = row.wasNull()
                ? null
                : new Placed(
                        latE7,
                        row.getInt(at + 2),
                        Picture.PlaceKind.valueOf(row.getString(at + 3)),
                        row.getLong(at + 4),
                        row.getString(at + 5).intern(),
                        key(row, at + 6));
        boolean on = row.getBoolean(at + 7);
        Duty duty = row.wasNull() ? null : new Duty(on, row.getLong(at + 8));
        long healthMs = row.getLong(at + 9);
        Healthy health = row.wasNull()
                ? null
                : new Healthy(new Picture.Health(healthMs, row.getString(at + 10)), key(row, at + 11));
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
        if (place != null) {
            values[2] = place.latE7;
            values[3] = place.lonE7;
            values[4] = place.kind.name();
            values[5] = place.atMs;
            values[6] = place.district;
            values[7] = place.key;
        }
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

    OptionalLong seen() {
        return seenMs == 0 ? OptionalLong.empty() : OptionalLong.of(seenMs);
    }
}
