package ansim.journal;

import ansim.journal.JournalFiles.OpenFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The writing end: stages frames, writes them in one piece, forces them, rolls to the next segment. Not thread-safe.
 *
 * <p>After a failed write or force the segment is given up: what it holds behind its durable end is never looked at again,
 * because the next segment begins with the same index. A force is never tried twice, since a kernel that has dropped the
 * dirty pages answers the second one with success.
 */
final class Writer {
    /** Zeros behind the last frame: they end it also in a file that was used before. */
    static final int TERMINATOR = 16;

    /** What a device writes at least. */
    private static final int PAGE = 4096;

    /** So much of a page is given up at most. */
    private static final int FILL_MOST = PAGE / 4;

    private static final int STAGE_BYTES = 64 * 1024;
    private static final int FLUSH_BYTES = 256 * 1024;

    private final Segments segments;
    private @Nullable Segment active;
    private @Nullable OpenFile file;
    private ByteBuffer stage = ByteBuffer.allocate(STAGE_BYTES);
    private long stagedAt;
    private boolean unforced;

    private long lastGroup;
    private long durableGroup;
    private long lastIndex;
    private long durableIndex;
    private byte @Nullable [] lastState;
    private byte @Nullable [] durableState;
    private long lastRemoved;
    private long durableRemoved;

    Writer(Segments segments, Opening opened) {
        this.segments = segments;
        this.lastIndex = opened.lastIndex();
        this.durableIndex = lastIndex;
        this.lastState = opened.state();
        this.durableState = lastState;
        this.lastRemoved = opened.removedThrough();
        this.durableRemoved = lastRemoved;
        opened.active().ifPresent(open -> {
            active = open.segment();
            file = open.file();
            stagedAt = open.segment().end;
        });
    }

    long lastIndex() {
        return lastIndex;
    }

    long durableIndex() {
        return durableIndex;
    }

    long durableRemoved() {
        return durableRemoved;
    }

    byte @Nullable [] durableState() {
        return durableState;
    }

    /** Counts groups written, from 1; one is durable when {@link #durableGroup} has reached it. */
    long lastGroup() {
        return lastGroup;
    }

    long durableGroup() {
        return durableGroup;
    }

    /** Stages a group. */
    void write(Entry[] group, long removedThrough) throws IOException {
        long need = 0;
        for (Entry entry : group) {
            need += Frame.sizeOf(entry);
        }
        ensureRoom(need, removedThrough);
        for (int i = 0; i < group.length; i++) {
            stage(group[i], i, group.length - 1 - i, removedThrough);
        }
        lastGroup++;
    }

    /** Stages the remove position alone. */
    void writePosition(long removedThrough) throws IOException {
        ensureRoom(Frame.HEADER + 16, removedThrough);
        encode(Frame.POSITION, 0, 0, removedThrough, OptionalLong.empty(), new byte[0]);
    }

    private void stage(Entry entry, int before, int following, long removedThrough) {
        if (entry.type() == Entry.Type.STATE) {
            lastState = entry.payload();
        } else {
            lastIndex++;
        }
        encode(entry.type().code(), before, following, removedThrough, entry.keyId(), entry.payload());
    }

    private void encode(int type, int before, int following, long removedThrough, OptionalLong key, byte[] payload) {
        boolean moved = removedThrough != lastRemoved;
        OptionalLong removed = moved ? OptionalLong.of(removedThrough) : OptionalLong.empty();
        lastRemoved = removedThrough;
        Frame.encode(
                stage, header(), new Frame.Head(type, !unforced, before, following, lastIndex, removed), key, payload);
        unforced = true;
    }

    private SegmentHeader header() {
        if (active == null) {
            throw new IllegalStateException("no segment is open");
        }
        return active.header;
    }

    private void ensureRoom(long need, long removedThrough) throws IOException {
        if (active == null || active.limit - stagedAt - stage.position() < need) {
            roll(removedThrough);
        }
        reserve(need);
    }

    private void reserve(long need) throws IOException {
        long wanted = need + FILL_MOST + TERMINATOR;
        if (stage.remaining() >= wanted) {
            return;
        }
        if (stage.position() + wanted > FLUSH_BYTES) {
            flush();
        }
        if (stage.remaining() < wanted) {
            long capacity = Math.max(stage.position() + wanted, 2L * stage.capacity());
            ByteBuffer larger = ByteBuffer.allocate((int) Math.max(STAGE_BYTES, capacity));
            stage = larger.put(stage.flip());
        }
    }

    /**
     * The old segment is durable before the new one exists, so that only the newest can be torn. While there is no room for a
     * new file the old one stays in use for what still fits; once a new one may exist, nothing more may go into the old.
     */
    private void roll(long removedThrough) throws IOException {
        force();
        Segments.Spare ready = segments.takeSpare();
        try {
            Segment next = segments.create(ready, lastIndex + 1, removedThrough, lastState != null);
            closeFile();
            file = segments.files.open(next.path, true);
            active = next;
            stagedAt = next.end;
        } catch (IOException e) {
            giveUp(e);
            throw e;
        }
        lastRemoved = removedThrough;
        if (lastState != null) {
            reserve(Frame.sizeOf(Entry.state(lastState)));
            encode(Frame.STATE, 0, 0, removedThrough, OptionalLong.empty(), lastState);
        }
    }

    private void flush() throws IOException {
        if (file == null || active == null || stage.position() == 0) {
            return;
        }
        int staged = stage.position();
        try {
            file.write(stage.flip(), stagedAt);
        } catch (IOException e) {
            giveUp(e);
            throw e;
        }
        stagedAt += staged;
        stage.clear();
        if (stage.capacity() > FLUSH_BYTES) {
            stage = ByteBuffer.allocate(STAGE_BYTES);
        }
    }

    /** Makes everything staged durable. */
    void force() throws IOException {
        if (!unforced || file == null || active == null) {
            return;
        }
        if (active.zeros) {
            fillPage(active);
        }
        int zeros = active.zeros ? 0 : (int) Math.min(TERMINATOR, active.limit - stagedAt - stage.position());
        long end = stagedAt + stage.position();
        stage.put(new byte[Math.max(0, zeros)]);
        flush();
        try {
            file.force(false);
        } catch (IOException e) {
            giveUp(e);
            throw e;
        }
        stagedAt = end;
        unforced = false;
        durableGroup = lastGroup;
        durableIndex = lastIndex;
        durableState = lastState;
        durableRemoved = lastRemoved;
        active.end = end;
        if (end > active.limit / 2) {
            segments.prepareSpare();
        }
    }

    /**
     * Where another write like this one would begin in the rest of this page and touch a page more for it, an empty frame takes the
     * rest: the page is written now in any case. In a file that was used before, the zeros behind the last frame would spoil it.
     */
    private void fillPage(Segment open) {
        long end = stagedAt + stage.position();
        long written = end - open.end;
        int rest = Math.floorMod(-end, PAGE);
        boolean onePageMore = pages(PAGE - rest + written) > pages(written);
        if (onePageMore && rest > Frame.HEADER && rest <= FILL_MOST && rest <= open.limit - end) {
            encode(Frame.POSITION, 0, 0, lastRemoved, OptionalLong.empty(), new byte[rest - Frame.HEADER]);
        }
    }

    private static long pages(long bytes) {
        return (bytes + PAGE - 1) / PAGE;
    }

    private void giveUp(IOException cause) {
        try {
            closeFile();
        } catch (IOException alsoFailed) {
            cause.addSuppressed(alsoFailed);
        }
        active = null;
        file = null;
        stage.clear();
        unforced = false;
        lastIndex = durableIndex;
        lastState = durableState;
        lastRemoved = durableRemoved;
    }

    private void closeFile() throws IOException {
        if (file != null) {
            file.close();
        }
    }

    void close() throws IOException {
        try {
            force();
        } finally {
            closeFile();
            file = null;
            active = null;
        }
    }
}
