package ansim.profile;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * What the UBX-NAV messages of one time of week (iTOW) add up to: at most one fix. Where several of them tell the same, the best
 * source stands, whatever the order: the order of these constants is from worst to best.
 */
final class UbxEpoch {
    /** Who tells it. */
    enum Source {
        NOBODY,
        STATUS,
        SOL,
        TIMEGPS,
        POSLLH,
        TIMEUTC,
        PVT,
        HPPOSLLH
    }

    private static final long NOTHING = NmeaSentence.NOTHING;

    /** 99.99: the receiver has none. */
    private static final int NO_DOP_E2 = 9_999;

    private static final long NO_ACCURACY_MM = 0xFFFF_FFFFL;

    private final long notBeforeMs;

    private long timeOfWeekMs = NOTHING;
    private long toldMs;
    private Source vouchedBy = Source.NOBODY;
    private boolean vouched;
    private long mode = NOTHING;
    private Source timedBy = Source.NOBODY;
    private long timeMs;
    private Source placedBy = Source.NOBODY;
    private int latE7;
    private int lonE7;
    private long altitudeDm = NOTHING;
    private long speedCms = NOTHING;
    private long courseCdeg = NOTHING;
    private long satellites = NOTHING;
    private long hdopE2 = NOTHING;
    private long accuracyMm = NOTHING;

    UbxEpoch(long notBeforeMs) {
        this.notBeforeMs = notBeforeMs;
    }

    /** Is it of another time of week than this? */
    boolean otherThan(long iTowMs) {
        return iTowMs != timeOfWeekMs;
    }

    /** Has it had this message, of those that come once an epoch and make a fix alone? A time of week may stand still. */
    boolean toldBy(UbxMessage message) {
        return (message == UbxMessage.NAV_PVT && vouchedBy == Source.PVT)
                || (message == UbxMessage.NAV_SOL && vouchedBy == Source.SOL);
    }

    void begin(long iTowMs, long monoMs) {
        timeOfWeekMs = iTowMs;
        toldMs = monoMs;
        vouchedBy = Source.NOBODY;
        vouched = false;
        mode = NOTHING;
        timedBy = Source.NOBODY;
        placedBy = Source.NOBODY;
        altitudeDm = NOTHING;
        speedCms = NOTHING;
        courseCdeg = NOTHING;
        satellites = NOTHING;
        hdopE2 = NOTHING;
        accuracyMm = NOTHING;
    }

    /** Nothing is begun: what comes next is a new epoch. */
    void clear(long monoMs) {
        begin(NOTHING, monoMs);
    }

    /** The receiver says whether it has a fix (gnssFixOK and a type of 2 to 4). */
    void vouch(Source by, boolean ok, int fixType) {
        if (by.compareTo(vouchedBy) >= 0) {
            vouchedBy = by;
            vouched = ok && fixType >= 2 && fixType <= 4;
            mode = Math.min(fixType, 3);
        }
    }

    void time(Source by, long utcMs) {
        if (by.compareTo(timedBy) >= 0) {
            timedBy = by;
            timeMs = utcMs;
        }
    }

    /** Degrees must be in range. */
    void place(Source by, int lat, int lon) {
        if (by.compareTo(placedBy) >= 0) {
            placedBy = by;
            latE7 = lat;
            lonE7 = lon;
        }
    }

    void altitude(int aboveSeaMm) {
        altitudeDm = Math.floorDiv(aboveSeaMm + 50L, 100);
    }

    /** Speed over ground, and course in 1e-5 degree. */
    void motion(long cms, int courseE5) {
        speedCms = cms;
        courseCdeg = Math.floorMod(Math.floorDiv(courseE5 + 500L, 1_000), (long) NmeaEpoch.FULL_CIRCLE_CDEG);
    }

    void satellites(int used) {
        satellites = used;
    }

    void hdop(int e2) {
        hdopE2 = e2;
    }

    /** The receiver's estimate of the horizontal error; 0 and the most are none. */
    void accuracy(long mm) {
        accuracyMm = mm == 0 || mm == NO_ACCURACY_MM ? NOTHING : mm;
    }

    long rolledForward(long ms) {
        return NmeaEpoch.rolledForward(ms, notBeforeMs);
    }

    /** Has the receiver said both whether it has a fix and where: could this epoch make one? */
    boolean complete() {
        return vouchedBy != Source.NOBODY && placedBy != Source.NOBODY;
    }

    /** Rounded up: it must not promise more than the receiver did. */
    private OptionalInt accuracyDm() {
        return accuracyMm == NOTHING ? OptionalInt.empty() : OptionalInt.of((int) ((accuracyMm + 99) / 100));
    }

    /** The fix of what has come so far. */
    Optional<Reading.Fix> fix(long monoMs) {
        if (!vouched || timedBy == Source.NOBODY || placedBy == Source.NOBODY) {
            return Optional.empty();
        }
        long utcMs = rolledForward(timeMs);
        Reading.Quality quality = new Reading.Quality(
                NmeaEpoch.within(satellites, 0, 999),
                NmeaEpoch.within(hdopE2, 0, NO_DOP_E2 - 1),
                NmeaEpoch.within(altitudeDm, -20_000, 1_000_000),
                NmeaEpoch.within(mode, 2, 3),
                accuracyDm());
        return Optional.of(new Reading.Fix(
                utcMs,
                utcMs != timeMs,
                latE7,
                lonE7,
                NmeaEpoch.within(speedCms, 0, NmeaEpoch.FASTEST_CMS),
                NmeaEpoch.within(courseCdeg, 0, NmeaEpoch.FULL_CIRCLE_CDEG - 1),
                quality,
                monoMs - toldMs));
    }
}
