package ansim.journal;

import ansim.journal.JournalFiles.OpenFile;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A place in the journal from which durable messages are read in order. Not thread-safe; holds one file open until
 * {@link #close}.
 */
public final class JournalReader implements AutoCloseable {
    private final Journal journal;
    private final Segments segments;
    private final SegmentMaps maps;
    private final long throughIndex;
    /** With a twin: what comes next for the caller; this journal itself may be read further. */
    private long asked;

    private long nextIndex;
    private Optional<Stored> behindHole = Optional.empty();
    private @Nullable Segment segment;
    private @Nullable OpenFile file;
    private @Nullable Scan scan;

    JournalReader(Journal journal, Segments segments, SegmentMaps maps, long fromIndex, long throughIndex) {
        this.journal = journal;
        this.segments = segments;
        this.maps = maps;
        this.throughIndex = throughIndex;
        this.nextIndex = Math.max(1, fromIndex);
        this.asked = nextIndex;
    }

    /** The index that comes next if nothing is missing. */
    public long nextIndex() {
        return asked;
    }

    /**
     * The next durable message. Its index is higher than {@link #nextIndex} was where messages are lost, or were dropped with
     * their segment. Empty at the durable end: more may come. Empty at the end of what was asked for.
     */
    public Optional<Stored> next() throws JournalException {
        Journal twin = journal.twin();
        Optional<Stored> found = twin == null ? nextHere() : nextOfEither(twin);
        asked = found.isPresent() ? found.get().index() + 1 : nextIndex;
        return found;
    }

    /** What is missing before this journal's next message is asked from the twin, one by one: holes are rare. */
    private Optional<Stored> nextOfEither(Journal twin) throws JournalException {
        try {
            behindHole = behindHole.isPresent() ? behindHole : nextHere();
        } catch (JournalException e) {
            Optional<Stored> there = twin.read(asked);
            if (there.isEmpty()) {
                throw e;
            }
            nextIndex = asked + 1;
            return there;
        }
        long through = behindHole.isPresent() ? behindHole.get().index() - 1 : nextIndex - 1;
        for (long index = asked; index <= through; index++) {
            Optional<Stored> there = twin.read(index);
            if (there.isPresent()) {
                return there;
            }
        }
        Optional<Stored> found = behindHole;
        behindHole = Optional.empty();
        return found;
    }

    private Optional<Stored> nextHere() throws JournalException {
        while (nextIndex <= Math.min(throughIndex, journal.durableIndex())) {
            try {
                Segment from = segment;
                Optional<Stored> found = from == null ? enter() : inSegment(from);
                if (found.isPresent()) {
                    return found;
                }
            } catch (IOException e) {
                Segment from = segment;
                closeQuietly(e);
                throw from == null ? JournalException.of("cannot read the journal", e) : journal.unreadable(from, e);
            }
        }
        return Optional.empty();
    }

    private Optional<Stored> enter() throws IOException {
        nextIndex = Math.max(nextIndex, journal.firstIndex());
        Optional<Segment> holding = segments.holding(nextIndex);
        if (holding.isPresent()) {
            Segment found = holding.get();
            segment = found;
            file = segments.files.open(found.path, false);
            scan = new Scan(file, found.header, maps.offset(found, nextIndex));
        }
        return Optional.empty();
    }

    private Optional<Stored> inSegment(Segment from) throws IOException {
        // In this order: what was durable before a newer segment was seen lies in this one or an older one.
        long durable = journal.durableIndex();
        Optional<Segment> after = segments.after(from);
        long lastHere = Math.min(throughIndex, after.isPresent() ? after.get().firstIndex() - 1 : durable);
        Scan here = scan;
        while (here != null && nextIndex <= lastHere && segments.contains(from) && here.next(from.end)) {
            if (here.type == Frame.MESSAGE && here.index >= nextIndex && here.index <= lastHere) {
                Stored found = new Stored(here.index, here.keyId(), here.payload());
                skipTo(from, found.index());
                nextIndex++;
                return Optional.of(found);
            }
        }
        if (!segments.contains(from)) {
            leave();
            return Optional.empty();
        }
        skipTo(from, lastHere + 1);
        if (after.isPresent()) {
            leave();
        }
        return Optional.empty();
    }

    /** What is missing here is lost, unless the segment was dropped while it was read. */
    private void skipTo(Segment from, long index) {
        if (index > nextIndex && segments.contains(from)) {
            journal.missing(nextIndex, index - 1);
        }
        nextIndex = Math.max(nextIndex, index);
    }

    private void leave() throws IOException {
        if (file != null) {
            file.close();
        }
        file = null;
        scan = null;
        segment = null;
    }

    private void closeQuietly(IOException first) {
        try {
            leave();
        } catch (IOException alsoFailed) {
            first.addSuppressed(alsoFailed);
        }
    }

    @Override
    public void close() throws JournalException {
        try {
            leave();
        } catch (IOException e) {
            throw JournalException.of("cannot close a reader", e);
        }
    }
}
