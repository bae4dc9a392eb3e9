package ansim.hub.vault;

import com.fasterxml.jackson.core.JsonProcessingException;
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
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Who opened what, when and why: {@value #FILE} in the vault's folder, one JSON object a line, appended and never changed.
 *
 * <pre>
 * {"n":2,"at":"2026-11-27T03:04:05.678Z","who":"hub","why":"boarded","unit":"..","ride":"..","person":"..","hash":".."}
 * </pre>
 *
 * <p>{@code person} is base64 of rider and handle sealed under the rider's own key ({@link RiderKey}): when that is destroyed, the line
 * stands and names nobody. It is missing when the card was nobody's. {@code hash} is SHA-256 over the hash of the line before (32
 * zero bytes for the first) and the bytes of the line up to {@code ,"hash"}: a line that is changed, taken out or put in breaks the chain
 * at that place. Guarantee: a line is on disk when {@link #append} returns. Not guaranteed: that lines cut off at the end are noticed;
 * {@code ledger verify} prints the last number and hash, to be kept elsewhere.
 *
 * <p>One process writes at a time. Thread-safe.
 */
final class Ledger implements AutoCloseable {
    static final String FILE = "vault-ledger.jsonl";

    /** No line is longer: what is longer is none of ours. */
    static final int MAX_LINE_BYTES = 4_096;

    private static final String HASH = ",\"hash\":\"";
    private static final int HASH_DIGITS = 64;
    /** So much of the end is read to go on: some lines, whatever the length of the whole. */
    private static final int TAIL_BYTES = 4 * MAX_LINE_BYTES;

    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * One opening.
     *
     * @param who asked
     * @param why in a word or two
     * @param unit whose card it was, hex
     * @param ride in which ride, hex
     * @param person who it was, sealed, base64; empty when the card was nobody's
     */
    record Opening(String who, String why, String unit, String ride, Optional<String> person) {}

    /** Where the chain stands. */
    record Head(long n, String hash) {
        static final Head NONE = new Head(0, "0".repeat(HASH_DIGITS));
    }

    /** A line that is not as it was written. */
    static final class Broken extends IOException {
        private static final long serialVersionUID = 1L;

        Broken(long line, String how) {
            super("line " + line + " of the ledger " + how);
        }
    }

    private final FileChannel channel;
    private final FileLock lock;
    private Head head;
    private boolean failed;

    private Ledger(FileChannel channel, FileLock lock, Head head) {
        this.channel = channel;
        this.lock = lock;
        this.head = head;
    }

    /**
     * Opens it to append; cuts off a last line that a crash tore, for nobody got an answer for it. Only the last lines are checked.
     *
     * @throws Broken when one of them is not as it was written
     */
    static Ledger open(Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        try {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (FileAlreadyExistsException there) {
            // Goes on with it.
        }
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            FileLock lock = locked(channel, file);
            byte[] tail = new byte[(int) Math.min(channel.size(), TAIL_BYTES)];
            channel.read(ByteBuffer.wrap(tail), channel.size() - tail.length);
            int whole = tail.length;
            while (whole > 0 && tail[whole - 1] != '\n') {
                whole--;
            }
            if (whole == 0 && tail.length == TAIL_BYTES) {
                throw new Broken(0, "at the end is too long to be one");
            }
            Head head = head(tail, whole, tail.length == channel.size());
            channel.truncate(channel.size() - tail.length + whole);
            channel.position(channel.size());
            channel.force(true);
            return new Ledger(channel, lock, head);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** The head at the end of some whole lines, of which the first may have lost its beginning. */
    private static Head head(byte[] lines, int end, boolean all) throws IOException {
        Head head = Head.NONE;
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
            throw new IOException("another process has this vault open (" + file + ")");
        }
        return lock;
    }

    /**
     * Writes an opening down, on disk before it returns. After a failure nothing more: the file's end is not known.
     *
     * @return the line's number
     */
    synchronized long append(Instant at, Opening opening) throws IOException {
        if (failed) {
            throw new IOException("the ledger could not be written before, the vault must be started again");
        }
        long n = head.n() + 1;
        ObjectNode line = JSON.createObjectNode();
        line.put("n", n).put("at", at.toString()).put("who", opening.who()).put("why", opening.why());
        line.put("unit", opening.unit()).put("ride", opening.ride());
        opening.person().ifPresent(person -> line.put("person", person));
        String text = JSON.writeValueAsString(line);
        byte[] content = text.substring(0, text.length() - 1).getBytes(StandardCharsets.UTF_8);
        String hash = hash(head.hash(), content);
        failed = true;
        ByteBuffer bytes = ByteBuffer.allocate(content.length + HASH.length() + HASH_DIGITS + 3)
                .put(content)
                .put((HASH + hash + "\"}\n").getBytes(StandardCharsets.US_ASCII))
                .flip();
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        channel.force(false);
        failed = false;
        head = new Head(n, hash);
        return n;
    }

    synchronized Head head() {
        return head;
    }

    /**
     * Reads a ledger through and checks its chain; a last line without an end is passed over.
     *
     * @param line told of each whole line, without its end
     * @throws Broken at the first line that is not as it was written
     */
    static Head read(Path file, Consumer<byte[]> line) throws IOException {
        Head head = Head.NONE;
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
        byte[] content = new byte[contentEnd];
        System.arraycopy(line, 0, content, 0, contentEnd);
        if (!hash(before.hash(), content).equals(hash)) {
            throw new Broken(n, "does not follow from the one before: it or what stood before it was changed");
        }
        try {
            JsonNode said = JSON.readTree(line).path("n");
            if (said.asLong() != n) {
                throw new Broken(n, "says that it is number " + said.asText());
            }
        } catch (JsonProcessingException e) {
            throw new Broken(n, "is no JSON");
        } catch (IOException e) {
            throw new Broken(n, "cannot be read");
        }
        return new Head(n, hash);
    }

    private static String hash(String before, byte[] content) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(HexFormat.of().parseHex(before));
            return HexFormat.of().formatHex(sha.digest(content));
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
