package ansim.hub.view;

import ansim.hub.core.UnitRecord;
import ansim.wire.Id16;
import ansim.wire.Pos;
import ansim.wire.VerifyKey;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

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

    /** To be followed by conditions on {@code u}. */
    static final String SELECT =
            "SELECT unit, vehicle, company, kind, lat_e7, lon_e7, district, grp, added_ms, revoked_ms,"
                    + " drains_until_ms, replaced_by, serial, certificate_until_ms, seq, " + KEYS + ", " + PAST
                    + " FROM units AS u ";

    private UnitRows() {}

    static Registry.Registered read(ResultSet row) throws SQLException {
        OptionalLong revokedMs = number(row, 10);
        UnitRecord unit = new UnitRecord(
                Id16.of(row.getBytes(1)),
                keys(row.getString(16)),
                service(row, 2),
                past(row.getString(17)),
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

    private static List<VerifyKey> keys(@org.jspecify.annotations.Nullable String hex) {
        return hex == null
                ? List.of()
                : Arrays.stream(hex.split(" ", -1))
                        .map(each -> VerifyKey.storedSpki(HexFormat.of().parseHex(each)))
                        .toList();
    }

    private static List<UnitRecord.Past> past(@org.jspecify.annotations.Nullable String joined) {
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
