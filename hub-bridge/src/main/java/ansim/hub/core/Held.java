package ansim.hub.core;

import ansim.wire.Id8;
import ansim.wire.Pos;
import ansim.wire.TimeQuality;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The newest {@link Mark} of something, if any, kept in place. Each message of a city brings new ones: as objects of their own they lived until the unit's
 * next message, and the collector of garbage copied and followed them for a tenth of the hub's time. Changed only by {@link HubState#apply}.
 */
final class Held {
    private static final int NOT_SAID = -1;

    private @Nullable Id8 boot;
    private long monoMs;
    private long fromMs;
    private long toMs;
    private TimeQuality quality = TimeQuality.UNKNOWN;
    private When.Source source = When.Source.UNIT;
    private boolean placed;
    private int latE7;
    private int lonE7;
    private int haccDm;

    void set(Mark mark) {
        // What is the same already is not written: a reference costs the collector something, too.
        if (!mark.boot().equals(boot)) {
            boot = mark.boot();
        }
        monoMs = mark.monoMs();
        When when = mark.when();
        fromMs = when.fromMs();
        toMs = when.toMs();
        if (quality != when.quality()) {
            quality = when.quality();
        }
        if (source != when.source()) {
            source = when.source();
        }
        Pos pos = mark.at();
        placed = pos != null;
        if (pos != null) {
            latE7 = pos.latE7();
            lonE7 = pos.lonE7();
            haccDm = pos.haccDm().orElse(NOT_SAID);
        }
    }

    void clear() {
        boot = null;
    }

    boolean isSet() {
        return boot != null;
    }

    /** Whether there is none, or an earlier one. */
    boolean isBefore(Mark other) {
        Id8 mine = boot;
        return mine == null
                || (mine.equals(other.boot())
                        ? monoMs < other.monoMs()
                        : toMs < other.when().ms());
    }

    /** As {@link When#ms}; of one that is set. */
    long ms() {
        return toMs;
    }

    /** CLOCK_MONOTONIC of its boot, ms. */
    long monoMs() {
        return monoMs;
    }

    /** Whether it is of a boot. */
    boolean isOf(Id8 other) {
        return boot != null && boot.equals(other);
    }

    Optional<Pos> pos() {
        return boot == null || !placed
                ? Optional.empty()
                : Optional.of(new Pos(latE7, lonE7, haccDm == NOT_SAID ? OptionalInt.empty() : OptionalInt.of(haccDm)));
    }

    /** As an object of its own; null if there is none. */
    @Nullable
    Mark mark() {
        Id8 of = boot;
        return of == null ? null : new Mark(of, monoMs, new When(fromMs, toMs, quality, source), pos().orElse(null));
    }

    void redate(Boot by) {
        Mark mark = mark();
        if (mark != null) {
            set(Dating.redate(mark, by));
        }
    }

    void write(DataOutput out) throws IOException {
        Encoding.mark(out, mark());
    }

    void read(DataInput in) throws IOException {
        Mark mark = Encoding.mark(in);
        clear();
        if (mark != null) {
            set(mark);
        }
    }
}
