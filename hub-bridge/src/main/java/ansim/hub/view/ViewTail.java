package ansim.hub.view;

import ansim.hub.core.EntryReader;
import ansim.hub.core.LogEntry;
import ansim.hub.core.Logged;
import ansim.hub.log.LogFollower;
import ansim.journal.Journal;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.tinylog.Logger;

/**
 * Keeps {@link Views} at the end of the log, on a thread named {@code views}, and tells what has changed.
 *
 * <p>Holds nothing up: intake does not wait for it. When the disk fails it it tries again every {@value #RETRY_MS} ms from where the
 * file stands. An entry that this version cannot read is counted and passed over.
 */
public final class ViewTail implements AutoCloseable {
    /** Entries in one transaction at most. */
    static final int BATCH = 1_000;

    /** The least time from one transaction to the next: screens need no more than ten pictures a second. */
    static final long PACE_MS = 100;

    static final long RETRY_MS = 2_000;
    private static final Duration WAIT = Duration.ofMillis(500);

    private final Journal journal;
    private final EntryReader reader;
    private final Views views;
    private final List<Screen> screens = new CopyOnWriteArrayList<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final AtomicLong unreadable = new AtomicLong();
    private final Thread thread;
    private volatile String trouble = "";

    /** Somebody who shows what has changed. Called on the thread of the views; must not block. */
    public interface Screen {
        /** Whether anybody looks at it, or may come back to where they were. */
        boolean looks();

        /** Rows that have changed, while {@link #looks}. */
        void changed(Picture rows);

        /** Rows have changed up to a log index and are not told of, for nobody looks: whoever comes needs everything. */
        void passed(long index);
    }

    private ViewTail(Journal journal, EntryReader reader, Views views) {
        this.journal = journal;
        this.reader = reader;
        this.views = views;
        this.thread = new Thread(this::run, "views");
    }

    /**
     * Starts the thread.
     *
     * @param journal the hub's log; stays open until this is closed
     * @param reader reads its entries
     * @param views what to keep up to date
     */
    public static ViewTail start(Journal journal, EntryReader reader, Views views) {
        ViewTail tail = new ViewTail(journal, reader, views);
        tail.thread.start();
        return tail;
    }

    public Views views() {
        return views;
    }

    /**
     * Tells a screen of every change from now on, on the thread of the views; it must not block.
     *
     * @return the index of the log after which the screen misses no change
     */
    public long tell(Screen screen) {
        screens.add(screen);
        // In this order: a change that comes between the two is told, and not only counted as known.
        return views.position();
    }

    /** Ends what {@link #tell} began; it may be told once more meanwhile. */
    public void hush(Screen screen) {
        screens.remove(screen);
    }

    /** What keeps the views from following the log; empty when nothing does. */
    public Optional<String> trouble() {
        return trouble.isEmpty() ? Optional.empty() : Optional.of(trouble);
    }

    /** Entries passed over because this version could not read them. */
    public long unreadable() {
        return unreadable.get();
    }

    private void run() {
        try {
            while (!closed(0)) {
                try {
                    follow();
                } catch (IOException | RuntimeException e) {
                    // Also a defect of ours: the hub goes on without its screen, and says so.
                    stumbled(e);
                    closed(RETRY_MS);
                }
            }
        } catch (InterruptedException e) {
            Logger.debug("views: stopped");
        }
    }

    private void stumbled(Exception problem) {
        String text = String.valueOf(problem.getMessage());
        if (!trouble.equals(text)) {
            Logger.error(
                    problem,
                    "views do not follow the log (views.db may be deleted: it is made again at the next start)");
        }
        trouble = text;
    }

    private void follow() throws IOException, InterruptedException {
        try (LogFollower log = new LogFollower(journal, reader, views.next())) {
            while (!closed(0)) {
                if (!journal.awaitDurable(views.next(), WAIT)) {
                    if (views.owes()) {
                        // What failed on its way to the screens: they are not to wait for the next message.
                        show(views.take(List.of(), views.next() - 1));
                    } else {
                        views.rest();
                    }
                    continue;
                }
                List<Logged> entries = read(log);
                Views.Taken taken = views.take(entries, log.nextIndex() - 1);
                trouble = "";
                show(taken);
                if (entries.size() < BATCH) {
                    closed(PACE_MS);
                }
            }
        }
    }

    /** Asks who looks only behind the new position: who comes now and does not see that position yet is seen here. */
    private void show(Views.Taken taken) throws IOException {
        List<Screen> looking = new ArrayList<>();
        for (Screen each : screens) {
            if (each.looks()) {
                looking.add(each);
            } else {
                each.passed(taken.through());
            }
        }
        if (!looking.isEmpty()) {
            Picture changed = views.rows(taken);
            looking.forEach(each -> each.changed(changed));
        }
        views.told();
    }

    private List<Logged> read(LogFollower log) throws IOException {
        List<Logged> entries = new ArrayList<>();
        for (int i = 0; i < BATCH; i++) {
            try {
                Optional<Logged> next = log.next();
                if (next.isEmpty()) {
                    break;
                }
                entries.add(next.get());
            } catch (LogEntry.Unreadable e) {
                if (e.isPassing()) {
                    throw e;
                }
                if (unreadable.getAndIncrement() == 0) {
                    Logger.error("views: entry {} of the log is passed over: {}", log.nextIndex() - 1, e.getMessage());
                }
            }
        }
        return entries;
    }

    private boolean closed(long waitMs) throws InterruptedException {
        return closing.await(waitMs, TimeUnit.MILLISECONDS);
    }

    /** Stops after the transaction at hand. */
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
