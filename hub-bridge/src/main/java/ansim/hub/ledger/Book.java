package ansim.hub.ledger;

import ansim.hub.ledger.ChainedFile.Broken;
import ansim.hub.ledger.ChainedFile.End;
import ansim.hub.ledger.ChainedFile.Head;
import ansim.journal.JournalFiles;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One class of a ledger's lines: a chain that goes through files {@code CLASS-NNNNNNNNNNNN.jsonl}, each named by its first line's number and begun
 * with a new UTC day or at {@value #FILE_BYTES} bytes; and beside it {@code CLASS-dropped.jsonl}, a chain of its own that says for each file
 * that was deleted at its end which lines it had, from when to when, what they followed and the last one's hash. The first line that is left
 * follows from that: what was deleted, and that nothing else was, is proven by two chains that fit.
 *
 * <p>Not thread-safe.
 */
public final class Book implements AutoCloseable {
    public static final long FILE_BYTES = 16L * 1024 * 1024;
    private static final int DIGITS = 12;
    private static final String SUFFIX = ".jsonl";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path folder;
    private final String name;
    private final ChainedFile dropped;
    private @Nullable ChainedFile current;
    /** What the oldest line that is left follows. */
    private Head start;

    private LocalDate day = LocalDate.EPOCH;

    /** Opens it to append, and ends a deletion that a crash interrupted. */
    public Book(Path folder, String name) throws IOException {
        this.folder = folder;
        this.name = name;
        this.dropped = ChainedFile.open(droppedFile(folder, name), Head.NONE);
        try {
            start = start(folder, name);
            for (Path each : files(folder, name)) {
                if (first(each) <= start.n()) {
                    Files.delete(each);
                }
            }
        } catch (IOException | RuntimeException e) {
            dropped.close();
            throw e;
        }
    }

    private static Path droppedFile(Path folder, String name) {
        return folder.resolve(name + "-dropped" + SUFFIX);
    }

    /** Oldest first. */
    private static List<Path> files(Path folder, String name) throws IOException {
        List<Path> all = new ArrayList<>();
        if (!Files.isDirectory(folder)) {
            return all;
        }
        try (DirectoryStream<Path> files =
                Files.newDirectoryStream(folder, name + "-" + "[0-9]".repeat(DIGITS) + SUFFIX)) {
            files.forEach(all::add);
        }
        Collections.sort(all);
        return all;
    }

    private static long first(Path file) {
        String text = String.valueOf(file.getFileName());
        return Long.parseLong(
                text.substring(text.length() - SUFFIX.length() - DIGITS, text.length() - SUFFIX.length()));
    }

    /** What the oldest line that is left follows. */
    private static Head start(Path folder, String name) throws IOException {
        List<Head> last = new ArrayList<>(List.of(Head.NONE));
        Path file = droppedFile(folder, name);
        if (Files.exists(file)) {
            ChainedFile.read(file, Head.NONE, End.MAY_BE_TORN, line -> last.set(0, dropHead(line)));
        }
        return last.get(0);
    }

    private static Head dropHead(byte[] line) {
        JsonNode said = json(line);
        return new Head(said.path("through").asLong(), said.path("last").asText());
    }

    private static JsonNode json(byte[] line) {
        try {
            return JSON.readTree(line);
        } catch (IOException e) {
            throw new IllegalStateException("a line of a chain is JSON, for it was checked", e);
        }
    }

    /** Lines on disk when it returns. */
    public void append(List<ChainedFile.Line> lines, Instant now) throws IOException {
        LocalDate today = LocalDate.ofInstant(now, ZoneOffset.UTC);
        ChainedFile file = current;
        if (file == null) {
            file = goOn(today);
        }
        boolean full = file.size() >= FILE_BYTES;
        if (file.size() > 0 && (full || !day.equals(today))) {
            Head head = file.head();
            file.close();
            current = null;
            file = begin(head, today);
        }
        current = file;
        try {
            file.appendLines(lines);
        } catch (IOException e) {
            // Opened again the next time, which cuts off what was written in part.
            current = null;
            file.close();
            throw e;
        }
    }

    private ChainedFile goOn(LocalDate today) throws IOException {
        List<Path> files = files(folder, name).stream()
                .filter(each -> first(each) > start.n())
                .toList();
        Head before = start;
        if (files.isEmpty()) {
            return begin(before, today);
        }
        Path newest = files.get(files.size() - 1);
        if (files.size() > 1) {
            Path last = files.get(files.size() - 2);
            before = ChainedFile.headOf(last, headBefore(files, files.size() - 2));
        }
        day = LocalDate.ofInstant(Files.getLastModifiedTime(newest).toInstant(), ZoneOffset.UTC);
        return ChainedFile.open(newest, before);
    }

    /** Needed only of files that are short enough to be read whole. */
    private Head headBefore(List<Path> files, int index) throws IOException {
        return index == 0 ? start : ChainedFile.headOf(files.get(index - 1), headBefore(files, index - 1));
    }

    private static Path file(Path folder, String name, Head before) {
        return folder.resolve(name + "-" + String.format(Locale.ROOT, "%0" + DIGITS + "d", before.n() + 1) + SUFFIX);
    }

    private ChainedFile begin(Head before, LocalDate today) throws IOException {
        ChainedFile begun = ChainedFile.open(file(folder, name, before), before);
        try {
            JournalFiles.real().forceDirectory(folder);
        } catch (IOException e) {
            begun.close();
            throw e;
        }
        day = today;
        return begun;
    }

    /**
     * Deletes the oldest file when its last line is from before a moment, after a line that says so; never the newest. Returns how many lines
     * that were: none when there is no such file.
     */
    public long drop(Instant before, Instant now, String why) throws IOException {
        List<Path> files = files(folder, name);
        if (files.size() < 2) {
            return 0;
        }
        Path oldest = files.get(0);
        if (first(oldest) <= start.n()) {
            // Its deletion failed after it was written down.
            Files.delete(oldest);
            return 0;
        }
        List<JsonNode> ends = new ArrayList<>();
        Head end = ChainedFile.read(oldest, start, End.WHOLE, line -> keepEnds(ends, json(line)));
        if (ends.isEmpty()
                || !Instant.parse(ends.get(ends.size() - 1).path("at").asText()).isBefore(before)) {
            return 0;
        }
        long gone = end.n() - start.n();
        ObjectNode line = JSON.createObjectNode();
        line.put("at", now.toString()).put("why", why);
        line.put("from", start.n() + 1).put("through", end.n()).put("count", gone);
        line.put("first", ends.get(0).path("at").asText());
        line.put("newest", ends.get(ends.size() - 1).path("at").asText());
        line.put("before", start.hash()).put("last", end.hash());
        dropped.append(List.of(line));
        start = end;
        Files.delete(oldest);
        JournalFiles.real().forceDirectory(folder);
        return gone;
    }

    private static void keepEnds(List<JsonNode> ends, JsonNode line) {
        if (ends.size() == 2) {
            ends.remove(1);
        }
        ends.add(line);
    }

    /**
     * What a whole book comes to.
     *
     * @param name its class
     * @param lines that are left
     * @param dropped lines that were deleted at their end
     * @param head where it stands
     */
    public record Verified(String name, long lines, long dropped, Head head) {}

    /**
     * Reads a book through, beside a hub that writes it, and checks both chains and that they fit.
     *
     * @param mark a head that was kept elsewhere and must be in it
     * @param line told of each line that is left
     */
    public static Verified read(Path folder, String name, Optional<Head> mark, Consumer<String> line)
            throws IOException {
        List<Head> found = new ArrayList<>();
        mark.filter(Head.NONE::equals).ifPresent(found::add);
        List<Head> start = new ArrayList<>(List.of(Head.NONE));
        List<Broken> misfit = new ArrayList<>();
        Path droppedFile = droppedFile(folder, name);
        if (Files.exists(droppedFile)) {
            ChainedFile.read(droppedFile, Head.NONE, End.WHOLE, bytes -> {
                JsonNode said = json(bytes);
                Head before = start.get(0);
                if (said.path("from").asLong() != before.n() + 1
                        || !said.path("before").asText().equals(before.hash())) {
                    misfit.add(new Broken(said.path("n").asLong(), "of what was dropped does not follow"));
                }
                start.set(0, dropHead(bytes));
                mark.filter(start.get(0)::equals).ifPresent(found::add);
            });
        }
        if (!misfit.isEmpty()) {
            throw misfit.get(0);
        }
        Head head = start.get(0);
        for (Path each : files(folder, name)) {
            if (first(each) <= start.get(0).n()) {
                // A crash came between the record of the deletion and the deletion: the next start ends it.
                continue;
            }
            if (first(each) != head.n() + 1) {
                throw new Broken(head.n() + 1, "is missing: the next file begins with " + first(each));
            }
            head = ChainedFile.read(each, head, End.WHOLE, bytes -> {
                String text = new String(bytes, StandardCharsets.UTF_8);
                mark.filter(kept -> text.contains("\"hash\":\"" + kept.hash() + "\"}"))
                        .ifPresent(found::add);
                line.accept(text);
            });
        }
        if (mark.isPresent() && found.isEmpty()) {
            throw new Broken(
                    mark.get().n(), "is not the one that was kept: the end was cut off, or all of it was written anew");
        }
        return new Verified(name, head.n() - start.get(0).n(), start.get(0).n(), head);
    }

    /**
     * Some whole lines as they stand, without a look at the chains: of the file that has the first of them no more is read than is needed.
     *
     * @param after number of the last line that is known; 0 from the oldest that is left
     */
    public static List<String> lines(Path folder, String name, long after, int most) throws IOException {
        List<Path> files = files(folder, name);
        int from = 0;
        for (int i = 1; i < files.size(); i++) {
            from = first(files.get(i)) <= after + 1 ? i : from;
        }
        List<String> found = new ArrayList<>();
        for (Path each : files.subList(Math.min(from, files.size()), files.size())) {
            long n = first(each);
            try (InputStream in = new BufferedInputStream(Files.newInputStream(each), 1 << 16)) {
                ByteArrayOutputStream line = new ByteArrayOutputStream(512);
                for (int next = in.read(); next >= 0 && found.size() < most; next = in.read()) {
                    if (next != '\n') {
                        line.write(next);
                        continue;
                    }
                    if (n > after) {
                        found.add(line.toString(StandardCharsets.UTF_8));
                    }
                    n++;
                    line.reset();
                }
            }
        }
        return found;
    }

    /** Takes over a ledger that was one file from its first line on; false when this book has begun already. */
    public static boolean adopt(Path whole, Path folder, String name) throws IOException {
        if (Files.exists(droppedFile(folder, name)) || !files(folder, name).isEmpty()) {
            return false;
        }
        Files.move(whole, file(folder, name, Head.NONE), StandardCopyOption.ATOMIC_MOVE);
        JournalFiles.real().forceDirectory(folder);
        return true;
    }

    @Override
    public void close() throws IOException {
        try (dropped) {
            ChainedFile file = current;
            if (file != null) {
                file.close();
            }
        }
    }
}
