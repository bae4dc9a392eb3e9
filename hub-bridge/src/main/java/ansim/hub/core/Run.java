package ansim.hub.core;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Fixes one after the other in one district: a stay.
 *
 * @param district its code, or {@link Event#OUTSIDE}
 * @param sinceMs when the first of them was, in the time of whoever keeps it
 * @param insideMs when the last of them was that lay {@link DistrictMap#INSIDE_M} or more inside; {@link #NEVER} for none
 */
record Run(String district, long sinceMs, long insideMs) {
    static final long NEVER = Long.MIN_VALUE;

    /** How long a taxi must have been in a district, and then be well inside it, before that district's centre owns its ride. */
    static final long SETTLED_MS = 30_000;

    /** Whether whoever stays so has settled: noise along a border never lasts so long and reaches so far. */
    boolean settled() {
        return insideMs != NEVER && insideMs - sinceMs >= SETTLED_MS;
    }

    /** This and what follows it in the same district. */
    Run with(Run next) {
        return new Run(district, sinceMs, next.insideMs == NEVER ? insideMs : next.insideMs);
    }

    Run shifted(long ms) {
        return new Run(district, sinceMs + ms, insideMs == NEVER ? NEVER : insideMs + ms);
    }

    static void write(DataOutput out, @Nullable Run run) throws IOException {
        out.writeBoolean(run != null);
        if (run != null) {
            out.writeUTF(run.district);
            out.writeLong(run.sinceMs);
            out.writeLong(run.insideMs);
        }
    }

    static @Nullable Run read(DataInput in) throws IOException {
        return in.readBoolean() ? new Run(in.readUTF().intern(), in.readLong(), in.readLong()) : null;
    }
}
