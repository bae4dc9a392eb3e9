package ansim.hub.core;

import ansim.wire.Id16;
import ansim.wire.Pos;
import ansim.wire.VerifyKey;
import java.util.Optional;

/**
 * What the registry says of a unit.
 *
 * @param unit its id
 * @param key the public half of its message key
 * @param vehicle the vehicle number, or the pole's; shown to centres, never in topics, logs or file names
 * @param company who runs it
 * @param kind taxi, cctv-pole or locker-site
 * @param place where it stands, for what does not move
 * @param revoked whether its messages are refused from this place of the log on
 */
public record UnitRecord(
        Id16 unit, VerifyKey key, String vehicle, String company, String kind, Optional<Pos> place, boolean revoked) {
    /** Characters in vehicle, company and kind at most. */
    public static final int MAX_TEXT = 120;

    public UnitRecord {
        check("vehicle", vehicle);
        check("company", company);
        check("kind", kind);
    }

    private static void check(String what, String text) {
        if (text.length() > MAX_TEXT) {
            throw new IllegalArgumentException(
                    what + " must have at most " + MAX_TEXT + " characters (got " + text.length() + ")");
        }
    }

    /** The same unit, its messages refused from now on. */
    public UnitRecord revoke() {
        return new UnitRecord(unit, key, vehicle, company, kind, place, true);
    }
}
