package ansim.journal;

import java.util.List;

/**
 * What a journal has found damaged: at opening, and since then in older segments as they were read.
 *
 * @param cleanTail true when everything since the last known fsync reads well; false after a torn write, damage in the tail
 *     or a tail that was moved aside: then the last index and the newest state cannot be proved to be the last ones
 * @param lost ranges of indexes that were once stored, not removed, and cannot be read any more, in order
 * @param movedAside names of the files that were moved into the folder {@code aside} (never deleted), now or earlier with nothing newer
 *     written since
 */
public record Recovery(boolean cleanTail, List<Lost> lost, List<String> movedAside) {

    /** Indexes {@code first} to {@code last}, both included. */
    public record Lost(long first, long last) {}

    public Recovery {
        lost = List.copyOf(lost);
        movedAside = List.copyOf(movedAside);
    }

    public boolean nothingLost() {
        return cleanTail && lost.isEmpty() && movedAside.isEmpty();
    }
}
