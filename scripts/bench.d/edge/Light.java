package ansim.edge.sim;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.concurrent.TimeUnit;

/** A simulated light in a folder of its own, seen by inotify: a look costs nothing while nothing changes. One thread. */
public final class Light implements AutoCloseable {
    private final Path file;
    private final WatchService watch;

    Light(Path folder) throws IOException {
        file = folder.resolve("light");
        watch = folder.getFileSystem().newWatchService();
        folder.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
    }

    /** How often it has been on. */
    public long times() throws IOException {
        try {
            String text = Files.readString(file).strip();
            return Long.parseLong(text.substring(text.indexOf(' ') + 1));
        } catch (NoSuchFileException notYet) {
            return 0;
        }
    }

    /** Waits until it has been on so often; false when the patience ends first. */
    public boolean await(long times, long patienceMs) throws IOException, InterruptedException {
        long endNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(patienceMs);
        while (times() < times) {
            WatchKey changed = watch.poll(Math.max(0, endNs - System.nanoTime()), TimeUnit.NANOSECONDS);
            if (changed == null) {
                return times() >= times;
            }
            changed.pollEvents();
            changed.reset();
        }
        return true;
    }

    @Override
    public void close() throws IOException {
        watch.close();
    }
}
