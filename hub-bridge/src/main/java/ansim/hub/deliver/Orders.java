package ansim.hub.deliver;

import ansim.journal.JournalFiles;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * What operators asked of one cursor and is not done yet: ranges of the log to deliver again, entries to skip. On disk before an order
 * is taken; what was begun when the hub stopped is begun again. Thread-safe.
 */
final class Orders {
    static final int MAX_RANGES = 64;
    static final int MAX_SKIPS = 256;
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Of the log, first and last. */
    record Range(long from, long through) {}

    /** There are too many already. */
    static final class TooMany extends IOException {
        private static final long serialVersionUID = 1;

        TooMany(String message) {
            super(message);
        }
    }

    private final Path file;
    private final List<Range> again = new ArrayList<>();
    private final TreeSet<Long> skips = new TreeSet<>();

    Orders(Path file) throws IOException {
        this.file = file;
        if (Files.exists(file)) {
            JsonNode all = JSON.readTree(Files.readAllBytes(file));
            for (JsonNode each : all.path("again")) {
                again.add(new Range(each.path(0).asLong(), each.path(1).asLong()));
            }
            all.path("skip").forEach(each -> skips.add(each.asLong()));
        }
    }

    synchronized void again(Range range) throws IOException {
        if (again.contains(range)) {
            return;
        }
        if (again.size() >= MAX_RANGES) {
            throw new TooMany("at most " + MAX_RANGES + " ranges wait to be delivered again");
        }
        again.add(range);
        save();
    }

    synchronized void skip(long logIndex) throws IOException {
        if (skips.size() >= MAX_SKIPS && !skips.contains(logIndex)) {
            throw new TooMany("at most " + MAX_SKIPS + " entries wait to be skipped");
        }
        skips.add(logIndex);
        save();
    }

    /** What is to be delivered again next. */
    synchronized Optional<Range> next() {
        return again.isEmpty() ? Optional.empty() : Optional.of(again.get(0));
    }

    synchronized List<Range> all() {
        return List.copyOf(again);
    }

    /** The first range is done up to there. Returns whether that is all of it. */
    synchronized boolean doneThrough(long logIndex) throws IOException {
        Range first = again.get(0);
        boolean all = logIndex >= first.through;
        if (all) {
            again.remove(0);
        } else {
            again.set(0, new Range(logIndex + 1, first.through));
        }
        save();
        return all;
    }

    synchronized boolean skips(long logIndex) {
        return skips.contains(logIndex);
    }

    /** The cursor is there: what is behind it needs no skipping any more. */
    synchronized void passed(long logIndex) throws IOException {
        if (!skips.isEmpty() && skips.first() <= logIndex) {
            skips.headSet(logIndex, true).clear();
            save();
        }
    }

    private void save() throws IOException {
        ObjectNode all = JSON.createObjectNode();
        var ranges = all.putArray("again");
        again.forEach(each -> ranges.addArray().add(each.from).add(each.through));
        var list = all.putArray("skip");
        skips.forEach(list::add);
        Path draft = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(draft);
        try (JournalFiles.OpenFile open = JournalFiles.real().open(draft, true)) {
            open.write(ByteBuffer.wrap(JSON.writeValueAsBytes(all)), 0);
            open.force(true);
        }
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
