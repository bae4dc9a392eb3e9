package ansim.hub.guardian;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The ways of one route: as many as are lent at once, and one that stays with its connection while nobody has it, so that a quiet channel costs no
 * more than that. Any thread.
 */
final class Ways implements AutoCloseable {
    private final Supplier<Way> maker;
    private @Nullable Way kept;
    private boolean closed;

    Ways(Supplier<Way> maker) {
        this.maker = maker;
    }

    /** For one thread, until it is given back. */
    synchronized Way lend() {
        Way way = kept;
        kept = null;
        return way == null ? maker.get() : way;
    }

    void giveBack(Way way) {
        if (!keeps(way)) {
            way.close();
        }
    }

    private synchronized boolean keeps(Way way) {
        if (closed || kept != null) {
            return false;
        }
        kept = way;
        return true;
    }

    /** Those that are lent end when they are given back. */
    @Override
    public void close() {
        Way last;
        synchronized (this) {
            closed = true;
            last = kept;
            kept = null;
        }
        if (last != null) {
            last.close();
        }
    }
}
