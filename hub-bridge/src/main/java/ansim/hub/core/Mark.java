package ansim.hub.core;

import ansim.wire.Id8;
import ansim.wire.Pos;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A moment of a unit: its place in the boot's monotonic time, its date as far as known, and where.
 *
 * @param boot the boot
 * @param monoMs CLOCK_MONOTONIC of that boot in ms
 * @param when the date
 * @param at where; null if the message did not say so
 */
record Mark(Id8 boot, long monoMs, When when, @Nullable Pos at) {
    Optional<Pos> pos() {
        return Optional.ofNullable(at);
    }

    /** By the boot's own clock within a boot, by date across boots. */
    boolean isBefore(Mark other) {
        return boot.equals(other.boot) ? monoMs < other.monoMs : when.ms() < other.when.ms();
    }

    /** A moment after it, anywhere. */
    Mark later(long ms) {
        return new Mark(boot, monoMs + ms, when.later(ms), null);
    }

    Mark dated(When better) {
        return new Mark(boot, monoMs, better, at);
    }
}
