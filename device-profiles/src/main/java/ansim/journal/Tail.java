package ansim.journal;

import ansim.journal.JournalFiles.OpenFile;
import ansim.journal.JournalOptions.TornTail;
import ansim.journal.Recovery.Lost;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What still stands in the segment that was written last.
 *
 * <p>Frames before the last one that is marked {@link Frame#AFTER_FORCE} were durable once: every good one of them counts.
 * From that frame on is the last write: a crash may have torn it anywhere, so a group counts only when it is whole, and with
 * {@link TornTail#CUT} only up to the first damage.
 */
final class Tail {
    private record Member(int type, long index, OptionalLong removed, byte @Nullable [] state, long end) {}

    private final TornTail tornTail;
    private final List<Member> group = new ArrayList<>();
    private final List<Lost> holes = new ArrayList<>();
    private long lastIndex;
    private long end;
    private long lastWrite = SegmentHeader.BYTES;
    private long removed;
    private byte @Nullable [] state;
    private boolean damaged;

    private Tail(SegmentHeader header, TornTail tornTail) {
        this.tornTail = tornTail;
        this.lastIndex = header.firstIndex() - 1;
        this.end = SegmentHeader.BYTES;
        this.removed = header.removedThrough();
    }

    static Tail of(OpenFile file, Segment segment, TornTail tornTail) throws IOException {
        Tail tail = new Tail(segment.header, tornTail);
        Scan scan = new Scan(file, segment.header, SegmentHeader.BYTES);
        while (scan.next(segment.limit)) {
            tail.lastWrite = scan.afterForce ? scan.offset : tail.lastWrite;
        }
        scan.seek(SegmentHeader.BYTES);
        tail.walk(scan, segment.limit);
        return tail;
    }

    private void walk(Scan scan, long limit) throws IOException {
        while (scan.next(limit)) {
            damaged |= scan.damageBefore;
            if (scan.offset < lastWrite) {
                accept(member(scan));
            } else if (tornTail == TornTail.CUT && scan.damageBefore && scan.offset > lastWrite) {
                return;
            } else {
                inLastWrite(scan);
            }
        }
        damaged |= scan.damageBefore || !group.isEmpty();
    }

    private void inLastWrite(Scan scan) {
        boolean continues = !scan.damageBefore && scan.before == group.size();
        if (!continues) {
            damaged |= !group.isEmpty() || scan.before != 0;
            group.clear();
        }
        if (scan.before == group.size()) {
            group.add(member(scan));
            if (scan.following == 0) {
                group.forEach(this::accept);
                group.clear();
            }
        }
    }

    private static Member member(Scan scan) {
        byte[] state = scan.type == Frame.STATE ? scan.payload() : null;
        return new Member(scan.type, scan.index, scan.removed, state, scan.position());
    }

    private void accept(Member member) {
        long missingThrough = member.type == Frame.MESSAGE ? member.index - 1 : member.index;
        if (missingThrough > lastIndex) {
            holes.add(new Lost(lastIndex + 1, missingThrough));
        }
        lastIndex = Math.max(lastIndex, member.index);
        removed = Math.max(removed, member.removed.orElse(0));
        end = member.end;
        if (member.state != null) {
            state = member.state;
        }
    }

    long lastIndex() {
        return lastIndex;
    }

    /** Where the last write begins: what lies before it was durable once. */
    long lastWrite() {
        return lastWrite;
    }

    /** Behind the last frame that counts. */
    long end() {
        return end;
    }

    long removed() {
        return removed;
    }

    byte @Nullable [] state() {
        return state;
    }

    /** Something did not read well, or did not count. */
    boolean damaged() {
        return damaged;
    }

    List<Lost> holes() {
        return holes;
    }
}
