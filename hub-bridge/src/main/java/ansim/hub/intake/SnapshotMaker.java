package ansim.hub.intake;

import ansim.hub.core.EntryReader;
import ansim.hub.core.HubState;
import ansim.journal.Journal;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.tinylog.Logger;

/**
 * Makes a snapshot every so many entries, on a thread named {@code snapshots}: from the newest one and the
 * committed log since, in a state of its own that goes afterwards. The committer never waits for it.
 *
 * <p>A failing disk is told and tried again; the hub goes on and starts a little more slowly. While it works the state is in memory
 * twice.
 */
final class SnapshotMaker implements AutoCloseable {
    /** Entries from one snapshot to the next: a few seconds of replay. */
    static final long EVERY = 1_000_000;

    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final Duration RETRY = Duration.ofMinutes(1);

    private final Journal log;
    private final EntryReader entries;
    private final Snapshots snapshots;
    private final long every;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "snapshots");
    private volatile long newest;

    /** @param newest the index of the newest snapshot that reads, 0 for none */
    SnapshotMaker(Journal log, EntryReader entries, Snapshots snapshots, long every, long newest) {
        this.log = log;
        this.entries = entries;
        this.snapshots = snapshots;
        this.every = every;
        this.newest = newest;
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try {
            while (closing.getCount() > 0) {
                if (!log.awaitDurable(newest + every, LOOK)) {
                    var unused = closing.await(LOOK.toMillis(), TimeUnit.MILLISECONDS);
                } else if (!make()) {
                    var unused = closing.await(RETRY.toMillis(), TimeUnit.MILLISECONDS);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean make() {
        try {
            make(false);
            return true;
        } catch (IOException | RuntimeException e) {
            Logger.error(e, "no snapshot could be made; it is tried again in a minute");
            return false;
        }
    }

    /**
     * Makes one now and lets go every older one: they hold what was erased since.
     *
     * @return false when it could not be finished, because this is being closed
     */
    boolean replace() throws IOException {
        return make(true);
    }

    private synchronized boolean make(boolean alone) throws IOException {
        HubState state = Replay.through(log, entries, snapshots, log.durableIndex(), () -> closing.getCount() == 0);
        if (closing.getCount() == 0) {
            return false;
        }
        snapshots.write(state);
        if (alone) {
            snapshots.keepNewest();
        }
        newest = state.applied();
        return true;
    }

    /** The index of the newest snapshot that reads or was made, 0 for none. */
    long newest() {
        return newest;
    }

    @Override
    public void close() {
        closing.countDown();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
