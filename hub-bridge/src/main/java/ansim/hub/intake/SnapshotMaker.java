package ansim.hub.intake;

import ansim.journal.Journal;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.tinylog.Logger;

/**
 * Makes a snapshot every so many entries, on a thread named {@code snapshots}: of a copy that the committer makes between its batches
 * ({@link StateCopying}). The committer never waits for the disk of it.
 *
 * <p>A failing disk is told and tried again; the hub goes on and starts a little more slowly.
 */
final class SnapshotMaker implements AutoCloseable {
    /** Entries from one snapshot to the next: a few seconds of replay. */
    static final long EVERY = 1_000_000;

    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final Duration RETRY = Duration.ofMinutes(1);

    private final Journal log;
    private final Committer committer;
    private final Snapshots snapshots;
    private final long every;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "snapshots");
    private volatile long newest;

    /** @param newest the index of the newest snapshot that reads, 0 for none */
    SnapshotMaker(Journal log, Committer committer, Snapshots snapshots, long every, long newest) {
        this.log = log;
        this.committer = committer;
        this.snapshots = snapshots;
        this.every = every;
        this.newest = newest;
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try {
            while (isOpen()) {
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

    private boolean isOpen() {
        return closing.getCount() > 0;
    }

    private boolean make() throws InterruptedException {
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
    boolean replace() throws IOException, InterruptedException {
        return make(true);
    }

    private synchronized boolean make(boolean alone) throws IOException, InterruptedException {
        if (!isOpen()) {
            return false;
        }
        StateCopying copying = begun();
        if (copying == null) {
            return false;
        }
        try {
            snapshots.write(copying.applied(), copying.generation(), out -> copying.writeTo(out, this::isOpen));
        } catch (IOException e) {
            if (!isOpen()) {
                return false;
            }
            throw e;
        } finally {
            copying.giveUp();
        }
        if (alone) {
            snapshots.keepNewest();
        }
        newest = copying.applied();
        return true;
    }

    /** Not before the batch at work is durable, and never where its disk does not answer; null when this is closed meanwhile. */
    private @Nullable StateCopying begun() throws IOException, InterruptedException {
        CompletableFuture<StateCopying> begun = committer.copy();
        while (isOpen()) {
            try {
                return begun.get(LOOK.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                Logger.debug("the committer has not come to it yet");
            } catch (ExecutionException e) {
                throw new IOException("the committer has ended", e);
            }
        }
        return null;
    }

    /** The index of the newest snapshot that reads or was made, 0 for none. */
    long newest() {
        return newest;
    }

    /** While the committer still works. */
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
