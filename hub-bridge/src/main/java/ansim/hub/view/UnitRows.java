package ansim.hub.view;

import ansim.hub.core.UnitRecord;
import ansim.wire.Id16;
import ansim.wire.Pos;
import ansim.wire.VerifyKey;
import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A unit as one row of a query: its keys and what it was before, too. */
final class UnitRows {
    private static final String KEYS =
            "(SELECT group_concat(hex(public_key), ' ') FROM (SELECT public_key FROM message_keys AS k"
                    + " WHERE k.unit = u.unit ORDER BY number))";

    /** Fields of a move apart by U+001F, moves by U+001E: texts have no control characters. */
    private static final String PAST =
            "(SELECT group_concat(until_ms || char(31) || vehicle || char(31) || company, char(30)) FROM (SELECT"
                    + " until_ms, vehicle, company FROM (SELECT * FROM past_services AS p WHERE p.unit = u.unit"
                    + " ORDER BY number DESC LIMIT " + UnitRecord.MAX_PAST + ") ORDER BY number))";

    private static final String COLUMNS =
            "SELECT unit, vehicle, company, kind, lat_e7, lon_e7, district, grp, added_ms, revoked_ms,"
                    + " drains_until_ms, replaced_by, serial, certificate_until_ms, seq";

    /** To be followed by conditions on {@code u}. */
    static final String SELECT = COLUMNS + ", " + KEYS + ", " + PAST + " FROM units AS u ";

    private UnitRows() {}

    static Registry.Registered read(ResultSet row) throws SQLException {
        return read(row, keys(row.getString(16)), past(row.getString(17)));
    }

    private record Move(Id16 unit, UnitRecord.Past past) {}

    private record Key(Id16 unit, VerifyKey key) {}

    /**
     * The units with a message key that were changed after a sequence number. Three queries whatever their number: with one for each unit's keys
     * and moves a start with 112,000 units took twice as long.
     */
    static List<Registry.Registered> changedSince(Database database, long seq) throws IOException {
        String changed = " WHERE unit IN (SELECT unit FROM units WHERE seq > ?)";
        Map<Id16, List<VerifyKey>> keys = new HashMap<>();
        database.list(
                        row -> new Key(Id16.of(row.getBytes(1)), VerifyKey.storedSpki(row.getBytes(2))),
                        "SELECT unit, public_key FROM message_keys" + (seq == 0 ? " WHERE ? = 0" : changed)
                                + " ORDER BY number",
                        seq)
                .forEach(each -> keys.computeIfAbsent(each.unit, unit -> new ArrayList<>(1))
                        .add(each.key));
        Map<Id16, List<UnitRecord.Past>> past = new HashMap<>();
        database.list(
                        row -> new Move(
                                Id16.of(row.getBytes(1)),
                                new UnitRecord.Past(row.getLong(2), row.getString(3), row.getString(4))),
                        "SELECT unit, until_ms, vehicle, company FROM past_services" + changed + " ORDER BY number",
                        seq)
                .forEach(each -> past.computeIfAbsent(each.unit, unit -> new ArrayList<>(1))
                        .add(each.past));
        return database
                .list(
                        row -> {
                            Id16 unit = Id16.of(row.getBytes(1));
                            return read(row, keys.getOrDefault(unit, List.of()), newest(past.get(unit)));
                        },
                        COLUMNS + " FROM units WHERE seq > ?",
                        seq)
                .stream()
                .filter(each -> !each.unit().keys().isEmpty())
                .toList();
    }

    private static List<UnitRecord.Past> newest(@Nullable List<UnitRecord.Past> all) {
        if (all == null) {
            return List.of();
        }
        return all.subList(Math.max(0, all.size() - UnitRecord.MAX_PAST), all.size());
    }

    private static Registry.Registered read(ResultSet row, List<VerifyKey> keys, List<UnitRecord.Past> past)
            throws SQLException {
        OptionalLong revokedMs = number(row, 10);
        UnitRecord unit = new UnitRecord(
                Id16.of(row.getBytes(1)),
                keys,
                service(row, 2),
                past,
                new UnitRecord.Standing(revokedMs.isPresent(), number(row, 11)));
        Registry.Box box = new Registry.Box(
                Optional.ofNullable(row.getString(13)),
                number(row, 14),
                Optional.ofNullable(row.getBytes(12)).map(Id16::of));
        return new Registry.Registered(unit, row.getLong(9), revokedMs, row.getLong(15), box);
    }

    /** Seven columns from {@code at} on. */
    static UnitRecord.Service service(ResultSet row, int at) throws SQLException {
        int latE7 = row.getInt(at + 3);
        Optional<Pos> place = row.wasNull() ? Optional.empty() : Optional.of(Pos.of(latE7, row.getInt(at + 4)));
        return new UnitRecord.Service(
                row.getString(at),
                row.getString(at + 1),
                row.getString(at + 2),
                place,
                row.getString(at + 5),
                row.getString(at + 6));
    }

    static OptionalLong number(ResultSet row, int at) throws SQLException {
        long number = row.getLong(at);
        return row.wasNull() ? OptionalLong.empty() : OptionalLong.of(number);
    }

    private static List<VerifyKey> keys(@Nullable String hex) {
        return hex == null
                ? List.of()
                : Arrays.stream(hex.split(" ", -1))
                        .map(each -> VerifyKey.storedSpki(HexFormat.of().parseHex(each)))
                        .toList();
    }

    private static List<UnitRecord.Past> past(@Nullable String joined) {
        if (joined == null) {
            return List.of();
        }
        List<UnitRecord.Past> found = new ArrayList<>();
        for (String each : joined.split("\u001e", -1)) {
            String[] parts = each.split("\u001f", -1);
            found.add(new UnitRecord.Past(Long.parseLong(parts[0]), parts[1], parts[2]));
        }
        return found;
    }
}
