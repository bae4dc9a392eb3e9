package ansim.hub.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * The provisions by the API: {@value #FILE} in the data folder, one JSON object a line, appended and never changed.
 *
 * <pre>
 * {"n":1,"at":"2026-11-27T03:04:05.678Z","who":"gangnam","role":"centre","unit":"..","ride":"..","reason":"..","hash":".."}
 * </pre>
 *
 * <p>{@code hash} is SHA-256 over the hash of the line before (32 zero bytes for the first) and the bytes of the line up to {@code ,"hash"}: a line
 * that is changed, taken out or put in breaks the chain at that place, and the ledger does not open. Guarantee: lines are on disk when
 * {@link #append} returns. Not guaranteed: that lines cut off at the end are noticed. Opening reads all of it. Any thread; one process.
 */
public final class AccessLedger implements ProvisionLedger, AutoCloseable {
    /** Its name in the data folder. */
    public static final String FILE = "access-ledger.jsonl";

    /** No line is longer. */
    static final int MAX_LINE_BYTES = 4_096;

    private static final String HASH = ",\"hash\":\"";
    private static final int HASH_DIGITS = 64;
    /** The place of every so many lines is known. */
    private static final int STRIDE = 1_024;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final FileChannel channel;
    private final List<Long> places = new ArrayList<>();
    private long lines;
    private long end;
    private String hash = "0".repeat(HASH_DIGITS);
    private boolean failed;

    private AccessLedger(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Opens it, and checks its chain; a last line that a crash tore is cut off, for nobody was given anything for it.
     *
     * @throws IOException also when a line is not as it was written
     */
    public static AccessLedger open(Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        try {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (FileAlreadyExistsException there) {
            // Goes on with it.
        }
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        AccessLedger ledger = new AccessLedger(channel);
        try {
            ledger.readThrough();
            channel.truncate(ledger.end);
            return ledger;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private void readThrough() throws IOException {
        scan(0, line -> {
            String text = new String(line, StandardCharsets.UTF_8);
            int contentEnd = text.lastIndexOf(HASH);
            if (contentEnd < 0 || !text.equals(text.substring(0, contentEnd) + closing(next(text, contentEnd)))) {
                throw new IOException("line " + (lines + 1) + " of the ledger of provisions was changed, or what stood"
                        + " before it");
            }
            advance(line.length + 1, next(text, contentEnd));
            return true;
        });
    }

    private String next(String text, int contentEnd) {
        return hash(hash, text.substring(0, contentEnd).getBytes(StandardCharsets.UTF_8));
    }

    private void advance(int bytes, String next) {
        if (lines % STRIDE == 0) {
            places.add(end);
        }
        lines++;
        end += bytes;
        hash = next;
    }

    private static String closing(String hash) {
        return HASH + hash + "\"}";
    }

    @Override
    public synchronized void append(List<Provision> provisions) throws IOException {
        if (failed) {
            throw new IOException(
                    "the ledger of provisions could not be written before, the hub must be started again");
        }
        if (provisions.isEmpty()) {
            return;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream(512);
        List<Integer> sizes = new ArrayList<>();
        List<String> hashes = new ArrayList<>();
        String before = hash;
        for (Provision each : provisions) {
            String text = JSON.writeValueAsString(json(lines + hashes.size() + 1, each));
            byte[] content = text.substring(0, text.length() - 1).getBytes(StandardCharsets.UTF_8);
            before = hash(before, content);
            byte[] rest = (closing(before) + "\n").getBytes(StandardCharsets.UTF_8);
            out.writeBytes(content);
            out.writeBytes(rest);
            sizes.add(content.length + rest.length);
            hashes.add(before);
        }
        failed = true;
        ByteBuffer bytes = ByteBuffer.wrap(out.toByteArray());
        long at = end;
        while (bytes.hasRemaining()) {
            at += channel.write(bytes, at);
        }
        channel.force(false);
        failed = false;
        for (int i = 0; i < sizes.size(); i++) {
            advance(sizes.get(i), hashes.get(i));
        }
    }

    private static ObjectNode json(long n, Provision each) {
        return JSON.createObjectNode()
                .put("n", n)
                .put("at", each.at().toString())
                .put("who", each.who())
                .put("role", each.role())
                .put("unit", each.ride().unit().hex())
                .put("ride", each.ride().ride().hex())
                .put("reason", each.reason());
    }

    @Override
    public synchronized List<JsonNode> lines(long after, int most) throws IOException {
        List<JsonNode> found = new ArrayList<>();
        if (after >= lines) {
            return found;
        }
        scan(places.get((int) (after / STRIDE)), line -> {
            JsonNode read = JSON.readTree(line);
            if (read.path("n").asLong() > after) {
                found.add(read);
            }
            return found.size() < most;
        });
        return found;
    }

    /** Takes a line; false ends it. */
    private interface Taker {
        boolean take(byte[] line) throws IOException;
    }

    private void scan(long from, Taker taker) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
        ByteArrayOutputStream line = new ByteArrayOutputStream(512);
        long at = from;
        boolean more = true;
        for (int read = channel.read(buffer, at); more && read > 0; read = channel.read(buffer, at)) {
            at += read;
            buffer.flip();
            while (more && buffer.hasRemaining()) {
                byte next = buffer.get();
                if (next == '\n') {
                    more = taker.take(line.toByteArray());
                    line.reset();
                } else {
                    line.write(next);
                }
                if (line.size() > MAX_LINE_BYTES) {
                    throw new IOException("a line of the ledger of provisions is too long to be one");
                }
            }
            buffer.clear();
        }
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
    public synchronized void close() throws IOException {
        channel.close();
    }
}
