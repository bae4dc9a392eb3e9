package ansim.journal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Files of a device that may fail for a while: see {@link JournalFiles#patient}.
 *
 * <p>A page that cannot be read, or a file that is not there, is {@link NotNowException} until it has failed at least
 * {@value #TRIES_LEAST} times over {@value #PATIENCE_MS} ms without once succeeding; then it is what the device says, a bad sector. Who
 * tries less often than every {@value #FORGOTTEN_MS} ms never comes that far. Not guaranteed: more than {@value #PLACES_MAX} such pages at
 * a time; the others stay {@link NotNowException}. Thread-safe.
 */
final class PatientFiles implements JournalFiles {
    static final long PATIENCE_MS = 120_000;
    static final int TRIES_LEAST = 4;
    static final long FORGOTTEN_MS = 300_000;
    static final int PLACES_MAX = 4_096;

    private static final int PAGE = 4_096;
    /** In the place of a page: the file itself. */
    private static final long WHOLE = -1;

    private record Place(Path file, long page) {}

    private record Failing(long firstMs, long lastMs, int tries) {
        Failing again(long nowMs) {
            return nowMs - lastMs > FORGOTTEN_MS
                    ? new Failing(nowMs, nowMs, 1)
                    : new Failing(firstMs, nowMs, tries + 1);
        }

        boolean lasts() {
            return tries >= TRIES_LEAST && lastMs - firstMs >= PATIENCE_MS;
        }
    }

    private final JournalFiles files;
    private final LongSupplier monoMs;
    /** Guarded by itself. */
    private final Map<Place, Failing> failing = new HashMap<>();

    PatientFiles(JournalFiles files, LongSupplier monoMs) {
        this.files = files;
        this.monoMs = monoMs;
    }

    private final class PatientFile implements OpenFile {
        private final Path path;
        private final OpenFile file;

        PatientFile(Path path, OpenFile file) {
            this.path = path;
            this.file = file;
        }

        @Override
        public int read(ByteBuffer into, long position) throws IOException {
            long end = position + into.remaining();
            try {
                int read = file.read(into, position);
                works(path, position, position + read);
                return read;
            } catch (ClosedChannelException e) {
                throw e;
            } catch (IOException e) {
                if (fails(path, position, end)) {
                    throw e;
                }
                throw new NotNowException(path, e);
            }
        }

        @Override
        public void write(ByteBuffer from, long position) throws IOException {
            file.write(from, position);
        }

        @Override
        public void force(boolean metadata) throws IOException {
            file.force(metadata);
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }

    private void works(Path file, long from, long end) {
        synchronized (failing) {
            for (long page = from / PAGE; !failing.isEmpty() && page * PAGE < end; page++) {
                failing.remove(new Place(file, page));
            }
        }
    }

    /** Whether one of these pages has failed for so long that it is to be believed. */
    private boolean fails(Path file, long from, long end) {
        boolean lasts = false;
        for (long page = from / PAGE; page * PAGE < end; page++) {
            lasts |= fails(new Place(file, page));
        }
        return lasts;
    }

    private boolean fails(Place place) {
        long nowMs = monoMs.getAsLong();
        synchronized (failing) {
            @Nullable Failing known = failing.get(place);
            if (known == null && failing.size() >= PLACES_MAX) {
                failing.values().removeIf(each -> nowMs - each.lastMs > FORGOTTEN_MS);
            }
            if (known == null && failing.size() >= PLACES_MAX) {
                return false;
            }
            Failing now = known == null ? new Failing(nowMs, nowMs, 1) : known.again(nowMs);
            failing.put(place, now);
            return now.lasts();
        }
    }

    @Override
    public OpenFile open(Path file, boolean write) throws IOException {
        try {
            OpenFile open = files.open(file, write);
            synchronized (failing) {
                failing.remove(new Place(file, WHOLE));
            }
            return new PatientFile(file, open);
        } catch (NoSuchFileException e) {
            if (fails(new Place(file, WHOLE))) {
                throw e;
            }
            throw new NotNowException(file, e);
        }
    }

    @Override
    public void createDirectories(Path directory) throws IOException {
        files.createDirectories(directory);
    }

    @Override
    public List<String> list(Path directory) throws IOException {
        return files.list(directory);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        files.rename(from, to);
    }

    @Override
    public void delete(Path file) throws IOException {
        files.delete(file);
    }

    @Override
    public void forceDirectory(Path directory) throws IOException {
        files.forceDirectory(directory);
    }

    @Override
    public Closeable lock(Path directory) throws IOException {
        return files.lock(directory);
    }

    @Override
    public long nowS() {
        return files.nowS();
    }

    @Override
    public long randomLong() {
        return files.randomLong();
    }
}
