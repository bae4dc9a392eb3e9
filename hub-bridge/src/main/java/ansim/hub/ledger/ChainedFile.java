package ansim.hub.ledger;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.io.SerializedString;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Lines that are appended and never changed, one JSON object each, for their owner's eyes only (0600).
 *
 * <pre>
 * {"n":2, ..., "hash":".."}
 * </pre>
 *
 * <p>{@code hash} is SHA-256 over the hash of the line before (32 zero bytes for the very first) and the bytes of the line up to
 * {@code ,"hash"}: a line that is changed, taken out or put in breaks the chain at that place. Guarantee: lines are on disk when
 * {@link #append} returns. Not guaranteed: that lines cut off at the end are noticed; the last number and hash, kept elsewhere, show that. Nor
 * is it a signature: whoever can write the file can write another whole chain, and again only what is kept elsewhere shows it.
 *
 * <p>One process writes at a time. Thread-safe.
 */
public final class ChainedFile implements AutoCloseable {
    /** No line is longer: what is longer is none of ours. */
    public static final int MAX_LINE_BYTES = 4_096;

    private static final String HASH = ",\"hash\":\"";
    private static final int HASH_DIGITS = 64;
    /** So much of the end is read to go on: some lines, whatever the length of the whole. */
    private static final int TAIL_BYTES = 4 * MAX_LINE_BYTES;

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final SerializedString NOTHING = new SerializedString("");

    /** Where a chain stands: the number of its last line, and that line's hash. */
    public record Head(long n, String hash) {
        public static final Head NONE = new Head(0, "0".repeat(HASH_DIGITS));
    }

    /** Another process writes it. */
    public static final class InUse extends IOException {
        private static final long serialVersionUID = 1L;

        InUse(Path file) {
            super("another process has this ledger open (" + file + ")");
        }
    }

    /** A line that is not as it was written. */
    public static final class Broken extends IOException {
        private static final long serialVersionUID = 1L;

        public Broken(long line, String how) {
            super("line " + line + " of the ledger " + how);
        }
    }

    private final FileChannel channel;
    private final FileLock lock;
    private Head head;
    private boolean failed;

    private ChainedFile(FileChannel channel, FileLock lock, Head head) {
        this.channel = channel;
        this.lock = lock;
        this.head = head;
    }

    /**
     * Opens it to append, or creates it; cuts off a last line that a crash tore, for nobody got an answer for it. Only the last lines are
     * checked.
     *
     * @param before what its first line follows
     * @throws Broken when one of the last lines is not as it was written
     */
    public static ChainedFile open(Path file, Head before) throws IOException {
        try {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (FileAlreadyExistsException there) {
            // Goes on with it.
        }
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            FileLock lock = locked(channel, file);
            byte[] tail = tail(channel);
            int whole = whole(tail);
            Head head = tail.length == channel.size() ? before : Head.NONE;
            head = head(tail, whole, tail.length == channel.size(), head);
            channel.truncate(channel.size() - tail.length + whole);
            channel.position(channel.size());
            channel.force(true);
            return new ChainedFile(channel, lock, head);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Where a file ends that somebody else may be writing; {@code before} when it has no line. */
    static Head headOf(Path file, Head before) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            byte[] tail = tail(channel);
            return head(tail, whole(tail), tail.length == channel.size(), before);
        }
    }

    private static byte[] tail(FileChannel channel) throws IOException {
        byte[] tail = new byte[(int) Math.min(channel.size(), TAIL_BYTES)];
        channel.read(ByteBuffer.wrap(tail), channel.size() - tail.length);
        return tail;
    }

    /** Where the last whole line ends. */
    private static int whole(byte[] tail) throws Broken {
        int whole = tail.length;
        while (whole > 0 && tail[whole - 1] != '\n') {
            whole--;
        }
        if (whole == 0 && tail.length == TAIL_BYTES) {
            throw new Broken(0, "at the end is too long to be one");
        }
        return whole;
    }

    /** The head at the end of some whole lines, of which the first may have lost its beginning. */
    private static Head head(byte[] lines, int end, boolean all, Head before) throws IOException {
        Head head = before;
        boolean linked = all;
        int from = 0;
        for (int at = 0; at < end; at++) {
            if (lines[at] != '\n') {
                continue;
            }
            byte[] line = Arrays.copyOfRange(lines, from, at);
            if (linked) {
                head = checked(head, line);
            } else if (from > 0) {
                JsonNode said = JSON.readTree(line);
                head = new Head(said.path("n").asLong(), said.path("hash").asText());
                linked = true;
            }
            from = at + 1;
        }
        return head;
    }

    private static FileLock locked(FileChannel channel, Path file) throws IOException {
        FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            throw new InUse(file);
        }
        return lock;
    }

    /** Writes what a line says, field by field, without number and hash. */
    @FunctionalInterface
    public interface Line {
        void write(JsonGenerator json) throws IOException;
    }

    /** The same as {@link #appendLines}, of lines that are there as trees. */
    public Head append(List<ObjectNode> lines) throws IOException {
        return appendLines(lines.stream().map(ChainedFile::line).toList());
    }

    /** What a tree says. */
    public static Line line(ObjectNode node) {
        return json -> {
            for (Map.Entry<String, JsonNode> each : node.properties()) {
                json.writeFieldName(each.getKey());
                json.writeTree(each.getValue());
            }
        };
    }

    /**
     * Writes lines down, all on disk before it returns, with one fsync. After a failure nothing more: the file's end is not known until it is
     * opened again.
     */
    public synchronized Head appendLines(List<Line> lines) throws IOException {
        if (failed) {
            throw new IOException("the ledger could not be written before, it must be opened again");
        }
        Lines all = new Lines(lines.size() * 512);
        Head now = head;
        try (JsonGenerator json = JSON.createGenerator(all).setRootValueSeparator(NOTHING)) {
            for (Line each : lines) {
                int from = all.size();
                json.writeStartObject();
                json.writeNumberField("n", now.n() + 1);
                each.write(json);
                json.flush();
                if (all.size() - from + HASH.length() + HASH_DIGITS + 3 > MAX_LINE_BYTES) {
                    throw new IllegalArgumentException("a line must have at most " + MAX_LINE_BYTES + " bytes");
                }
                now = new Head(now.n() + 1, all.hash(now.hash(), from));
                json.writeStringField("hash", now.hash());
                json.writeEndObject();
                json.writeRaw('\n');
                json.flush();
            }
        }
        failed = true;
        ByteBuffer bytes = all.written();
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        channel.force(false);
        failed = false;
        head = now;
        return now;
    }

    /** Lines on their way to the disk. */
    private static final class Lines extends ByteArrayOutputStream {
        Lines(int size) {
            super(size);
        }

        /** Over a hash and what was written since. */
        String hash(String before, int from) {
            return ChainedFile.hash(before, ByteBuffer.wrap(buf, from, count - from));
        }

        ByteBuffer written() {
            return ByteBuffer.wrap(buf, 0, count);
        }
    }

    public synchronized Head head() {
        return head;
    }

    /** Bytes so far. */
    public synchronized long size() throws IOException {
        return channel.size();
    }

    /** What to do about an end without a line's end. */
    public enum End {
        /** A crash may have torn it: it is passed over. */
        MAY_BE_TORN,
        /** Every byte counts. */
        WHOLE
    }

    /**
     * Reads a file through and checks its chain.
     *
     * @param before what its first line follows
     * @param line told of each whole line, without its end
     * @throws Broken at the first line that is not as it was written
     */
    public static Head read(Path file, Head before, End end, Consumer<byte[]> line) throws IOException {
        Head head = before;
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
            for (int next = in.read(); next >= 0; next = in.read()) {
                if (next != '\n') {
                    bytes.write(next);
                    if (bytes.size() > MAX_LINE_BYTES) {
                        throw new Broken(head.n() + 1, "is too long to be one");
                    }
                    continue;
                }
                head = checked(head, bytes.toByteArray());
                line.accept(bytes.toByteArray());
                bytes.reset();
            }
            if (end == End.WHOLE && bytes.size() > 0) {
                throw new Broken(
                        head.n() + 1,
                        "has no end: it was changed, or a crash tore it, which its writer mends when it goes on");
            }
        }
        return head;
    }

    private static Head checked(Head before, byte[] line) throws Broken {
        long n = before.n() + 1;
        int contentEnd = line.length - HASH.length() - HASH_DIGITS - 2;
        String tail =
                contentEnd < 1 ? "" : new String(line, contentEnd, line.length - contentEnd, StandardCharsets.UTF_8);
        if (!tail.startsWith(HASH) || !tail.endsWith("\"}")) {
            throw new Broken(n, "is not one");
        }
        String hash = tail.substring(HASH.length(), HASH.length() + HASH_DIGITS);
        byte[] content = Arrays.copyOf(line, contentEnd);
        if (!hash(before.hash(), ByteBuffer.wrap(content)).equals(hash)) {
            throw new Broken(n, "does not follow from the one before: it or what stood before it was changed");
        }
        try {
            JsonNode said = JSON.readTree(line).path("n");
            if (said.asLong() != n) {
                throw new Broken(n, "says that it is number " + said.asText());
            }
        } catch (JsonProcessingException e) {
            throw new Broken(n, "is no JSON");
        } catch (Broken e) {
            throw e;
        } catch (IOException e) {
            throw new Broken(n, "cannot be read");
        }
        return new Head(n, hash);
    }

    private static String hash(String before, ByteBuffer content) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(HexFormat.of().parseHex(before));
            sha.update(content);
            return HexFormat.of().formatHex(sha.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    @Override
    public void close() throws IOException {
        try (channel) {
            lock.release();
        }
    }
}
