package ansim.hub.intake;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Tells of an fsync that does not come back: while a disk hangs the hub answers no unit and says nothing else, and with two disks nobody
 * would know which it is. Each is told once, and again when it has come back.
 *
 * <p>{@link #begin} and {@link #end} on the thread that waits for the disk, {@link #look} on one other.
 */
final class ForceWatch {
    /** An fsync that takes longer is told of. */
    static final Duration SLOW = Duration.ofSeconds(5);

    /** One fsync. */
    private static final class Running {
        final long sinceNanos;

        Running(long sinceNanos) {
            this.sinceNanos = sinceNanos;
        }
    }

    private final String disk;
    private final LongSupplier nanoTime;
    private final Consumer<String> warning;
    private volatile @Nullable Running running;
    private volatile @Nullable Running told;

    /**
     * Creates a watch.
     *
     * @param disk what to call it
     * @param warning gets each sentence
     */
    ForceWatch(String disk, LongSupplier nanoTime, Consumer<String> warning) {
        this.disk = disk;
        this.nanoTime = nanoTime;
        this.warning = warning;
    }

    void begin() {
        running = new Running(nanoTime.getAsLong());
    }

    /** The disk has answered, or failed; nothing if it was not asked. */
    void end() {
        Running ended = running;
        running = null;
        if (ended != null && ended == told) {
            warning.accept(disk + " has answered after " + seconds(ended) + " s");
        }
    }

    /** To be called every second or so. */
    void look() {
        Running now = running;
        if (now != null && now != told && nanoTime.getAsLong() - now.sinceNanos >= SLOW.toNanos()) {
            told = now;
            warning.accept(disk + " has not answered for " + seconds(now)
                    + " s: no unit gets a receipt until it does, they keep what they have");
        }
    }

    /** Whether it does not answer for longer than it should. Any thread. */
    boolean isSlow() {
        Running now = running;
        return now != null && nanoTime.getAsLong() - now.sinceNanos >= SLOW.toNanos();
    }

    private long seconds(Running since) {
        return TimeUnit.NANOSECONDS.toSeconds(nanoTime.getAsLong() - since.sinceNanos);
    }
}
