package ansim.edge;

import ansim.profile.Reading.Fix;
import ansim.wire.Id8;
import ansim.wire.Pos;
import ansim.wire.Track;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The fixes of a ride, or of an alarm, that are not sealed yet: what a power cut loses.
 *
 * <p>Sealed they are one message of as many track records as the fixes have gaps: within a record each fix stands less than
 * half a step from where its place in the row says, so that a time is never more than {@value #JITTER_MS} ms off. A jump that is no
 * 32-bit difference, half around the globe, begins a record, too.
 *
 * <p>Holds {@value #FIXES_MAX} fixes; who adds seals when {@link #isFull}. The recorder's thread only.
 */
final class TrackBuffer {
    /** A message of this many fixes, each a record of its own, is still shorter than the longest message. */
    static final int FIXES_MAX = 200;

    static final long JITTER_MS = 500;
    private static final long STEP_UNIT_MS = 100;
    private static final long STEP_LONGEST_MS = 10_000;

    private final List<Fix> fixes = new ArrayList<>();
    private final List<Long> times = new ArrayList<>();
    private Optional<Id8> ride = Optional.empty();

    /** Adds a fix that was read at this CLOCK_MONOTONIC time. All fixes until the next {@link #seal} are of one ride. */
    void add(Fix fix, long monoMs, Optional<Id8> of) {
        ride = of;
        fixes.add(fix);
        times.add(monoMs);
    }

    /** Whether the oldest fix has waited this long, or there are as many as a message takes. */
    boolean due(long nowMs, long sealAfterMs) {
        return !fixes.isEmpty() && (nowMs - times.get(0) >= sealAfterMs || isFull());
    }

    /** Whether it holds as many as a message takes. */
    boolean isFull() {
        return fixes.size() >= FIXES_MAX;
    }

    boolean isEmpty() {
        return fixes.isEmpty();
    }

    /** The records of one message; empty when there is nothing. The buffer is empty afterwards. */
    List<Draft> seal() {
        try {
            return records();
        } finally {
            fixes.clear();
            times.clear();
        }
    }

    private List<Draft> records() {
        List<Draft> records = new ArrayList<>();
        int first = 0;
        while (first < fixes.size()) {
            long stepMs = step(first);
            int end = first + 1;
            while (end < fixes.size() && fits(first, end, stepMs)) {
                end++;
            }
            List<Pos> run = fixes.subList(first, end).stream()
                    .map(fix -> Pos.of(fix.latE7(), fix.lonE7()))
                    .toList();
            records.add(new Draft(Track.through(run, (int) stepMs, List.of(), ride), times.get(first)));
            first = end;
        }
        return records;
    }

    private long step(int first) {
        if (first + 1 >= times.size()) {
            return 1_000;
        }
        long difference = times.get(first + 1) - times.get(first);
        long rounded = (difference + STEP_UNIT_MS / 2) / STEP_UNIT_MS * STEP_UNIT_MS;
        return Math.min(
                STEP_LONGEST_MS, Math.max(STEP_UNIT_MS, Math.abs(rounded - 1_000) <= JITTER_MS ? 1_000 : rounded));
    }

    private boolean fits(int first, int next, long stepMs) {
        long expected = times.get(first) + (next - first) * stepMs;
        long limit = Math.min(JITTER_MS, Math.max(STEP_UNIT_MS, stepMs / 2));
        return Math.abs(times.get(next) - expected) <= limit
                && isDifference(fixes.get(next - 1).latE7(), fixes.get(next).latE7())
                && isDifference(fixes.get(next - 1).lonE7(), fixes.get(next).lonE7());
    }

    private static boolean isDifference(int from, int to) {
        long difference = (long) to - from;
        return difference == (int) difference;
    }
}
