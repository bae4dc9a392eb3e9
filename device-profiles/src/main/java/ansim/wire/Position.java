package ansim.wire;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * Kind 1: one live fix (lane 4). Precise only while a ride is on or an alarm is open.
 *
 * @param pos where, key 1
 * @param speedCmS speed over ground in cm/s, key 2, not negative
 * @param courseCdeg course over ground in 1/100 degree, key 3, not negative
 * @param fix kind of fix, key 4, 0 to 5
 * @param altitudeDm altitude in decimetres, key 5
 * @param ride the ride it belongs to, key 10
 */
public record Position(
        Pos pos,
        OptionalInt speedCmS,
        OptionalInt courseCdeg,
        OptionalInt fix,
        OptionalInt altitudeDm,
        Optional<Id8> ride)
        implements Body {
    public Position {
        Range.check("speed", speedCmS, 0, Integer.MAX_VALUE);
        Range.check("course", courseCdeg, 0, Integer.MAX_VALUE);
        Range.check("fix", fix, 0, 5);
    }

    @Override
    public Kind kind() {
        return Kind.POSITION;
    }

    static Position read(Fields in) throws WireException {
        return new Position(
                Pos.read(in.get(1), in.name(1)),
                in.maybeInt(2, 0, Integer.MAX_VALUE),
                in.maybeInt(3, 0, Integer.MAX_VALUE),
                in.maybeInt(4, 0, 5),
                in.maybeInt(5, Integer.MIN_VALUE, Integer.MAX_VALUE),
                in.maybeId8(10));
    }

    MapOut fields() {
        return new MapOut()
                .put(1, pos::write)
                .putInt(2, speedCmS)
                .putInt(3, courseCdeg)
                .putInt(4, fix)
                .putInt(5, altitudeDm)
                .putId8(10, ride);
    }
}
