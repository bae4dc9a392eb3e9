package ansim.edge;

import ansim.profile.Reading.Fix;
import ansim.wire.Pos;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Where the unit is: the last fix and its age, or the place where a pole stands. The recorder's thread only.
 */
final class Whereabouts {
    /** A boarding carries a position at most this old; an alarm carries the last one at any age, and says how old. */
    static final long FRESH_MS = 10_000;
    /** Decimetres of error for an HDOP of 1: a user range error of 5 m, common practice. */
    private static final int HACC_DM_PER_HDOP = 50;

    private final Optional<Pos> place;
    private @Nullable Fix last;
    private long lastMs;
    private boolean lost;

    Whereabouts(Optional<Pos> place) {
        this.place = place;
    }

    /** A fix that was told at this CLOCK_MONOTONIC time. */
    void fix(Fix fix, long monoMs) {
        last = fix;
        lastMs = monoMs;
        lost = false;
    }

    /** The receiver says that it has no fix: the last one stands for now no longer. */
    void lost() {
        lost = true;
    }

    /** When the last fix was told, CLOCK_MONOTONIC ms. */
    long fixMs() {
        return lastMs;
    }

    /** The last fix, if it is not older than this and none has been lost since. */
    Optional<Fix> fix(long nowMs, long maxAgeMs) {
        return last == null || lost || nowMs - lastMs > maxAgeMs ? Optional.empty() : Optional.of(last);
    }

    /** A position that may stand for now: a fresh fix, or the place. */
    Optional<Pos> fresh(long nowMs) {
        return fix(nowMs, FRESH_MS).map(Whereabouts::pos).or(() -> place);
    }

    /** The last known position at any age. */
    Optional<Pos> lastKnown() {
        return Optional.ofNullable(last).map(Whereabouts::pos).or(() -> place);
    }

    /** Seconds since the last fix; empty when there was none. */
    OptionalLong fixAgeS(long nowMs) {
        return last == null ? OptionalLong.empty() : OptionalLong.of(Math.max(0, nowMs - lastMs) / 1_000);
    }

    /** Seconds since {@link #lastKnown}; 0 for a place, empty when nothing is known. */
    OptionalLong ageS(long nowMs) {
        return last == null && place.isPresent() ? OptionalLong.of(0) : fixAgeS(nowMs);
    }

    static Pos pos(Fix fix) {
        OptionalInt told = fix.quality().accuracyDm();
        OptionalInt hdop = fix.quality().hdopE2();
        OptionalInt byHdop =
                hdop.isPresent() ? OptionalInt.of(hdop.getAsInt() * HACC_DM_PER_HDOP / 100) : OptionalInt.empty();
        return new Pos(fix.latE7(), fix.lonE7(), told.isPresent() ? told : byHdop);
    }
}
