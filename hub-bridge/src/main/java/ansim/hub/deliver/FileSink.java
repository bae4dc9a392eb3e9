package ansim.hub.deliver;

import ansim.hub.deliver.Destination.Format;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.tinylog.Logger;

/**
 * Appends each event as a JSON line to {@code NAME.jsonl} in a folder, readable by its owner only (0600), on disk before it counts as
 * delivered. With a new UTC day of the hub's clock, or when the file has {@value #MAX_BYTES} bytes, it is renamed to
 * {@code NAME.DAY.NUMBER.jsonl} and a new one is begun; from then on the hub does not touch it, and whoever reads it may take it away.
 *
 * <p>In the format {@code cose} a line has the CloudEvent's attributes and {@code signed}, base64. A last line that a crash tore is cut off
 * at the next start. A full disk is a failed delivery: it is tried again.
 *
 * <p>Not bounded: the files that were begun before; take them away. One thread of its own writes what has come together, with one fsync.
 */
final class FileSink implements Sink {
    static final long MAX_BYTES = 64L * 1024 * 1024;
    private static final int WINDOW = 256;
    private static final long LOOK_MS = 500;
    private static final long CLOSE_MS = 5_000;
    private static final JsonFactory JSON = new JsonFactory();

    private record Due(byte[] line, CompletableFuture<Outcome> taken) {}

    private final Path folder;
    private final String name;
    private final InstantSource clock;
    private final BlockingQueue<Due> due = new LinkedBlockingQueue<>(2 * WINDOW);
    private final Thread thread;
    private volatile boolean closed;

    private @Nullable FileChannel channel;
    private LocalDate day = LocalDate.EPOCH;

    FileSink(Path folder, String name, InstantSource clock) {
        this.folder = folder;
        this.name = name;
        this.clock = clock;
        this.thread = new Thread(this::run, "deliver-file-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public CompletableFuture<Outcome> send(Parcel parcel) {
        CompletableFuture<Outcome> taken = new CompletableFuture<>();
        if (closed || !due.offer(new Due(line(parcel), taken))) {
            taken.complete(new Outcome(Verdict.FAILED, closed ? "closed" : "the disk does not keep up"));
        }
        return taken;
    }

    private static byte[] line(Parcel parcel) {
        Body body = parcel.body();
        ByteArrayOutputStream out = new ByteArrayOutputStream(body.bytes().length + 256);
        if (body.format() == Format.CLOUDEVENTS) {
            out.writeBytes(body.bytes());
        } else {
            try (JsonGenerator json = JSON.createGenerator(out)) {
                json.writeStartObject();
                for (Map.Entry<String, String> each : body.attributes().entrySet()) {
                    json.writeStringField(each.getKey(), each.getValue());
                }
                json.writeBinaryField("signed", body.bytes());
                json.writeEndObject();
            } catch (IOException e) {
                throw new IllegalStateException("writing to memory failed", e);
            }
        }
        out.write('\n');
        return out.toByteArray();
    }

    private void run() {
        try {
            while (!closed) {
                Due first = due.poll(LOOK_MS, TimeUnit.MILLISECONDS);
                if (first != null) {
                    List<Due> all = new ArrayList<>();
                    all.add(first);
                    due.drainTo(all);
                    write(all);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            shut();
            due.forEach(each -> each.taken.complete(new Outcome(Verdict.FAILED, "closed")));
        }
    }

    private void write(List<Due> all) {
        Outcome outcome = Outcome.TAKEN;
        try {
            FileChannel file = open();
            for (Due each : all) {
                ByteBuffer bytes = ByteBuffer.wrap(each.line);
                while (bytes.hasRemaining()) {
                    file.write(bytes);
                }
            }
            file.force(false);
        } catch (IOException | RuntimeException | Error e) {
            outcome = Outcome.failed(e);
            // Its end is not known: the next one cuts it back.
            shut();
        }
        for (Due each : all) {
            each.taken.complete(outcome);
        }
    }

    private FileChannel open() throws IOException {
        LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
        FileChannel file = channel;
        if (file == null) {
            file = begin();
            day = LocalDate.ofInstant(Files.getLastModifiedTime(current()).toInstant(), ZoneOffset.UTC);
            if (file.size() == 0) {
                day = today;
            }
        }
        if (file.size() >= MAX_BYTES || (!day.equals(today) && file.size() > 0)) {
            file.close();
            channel = null;
            Files.move(current(), setAside());
            file = begin();
            day = today;
        }
        channel = file;
        return file;
    }

    private Path current() {
        return folder.resolve(name + ".jsonl");
    }

    private Path setAside() {
        int number = 1;
        Path free = folder.resolve(name + "." + day + "." + number + ".jsonl");
        while (Files.exists(free)) {
            number++;
            free = folder.resolve(name + "." + day + "." + number + ".jsonl");
        }
        return free;
    }

    private FileChannel begin() throws IOException {
        Files.createDirectories(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        FileChannel file = FileChannel.open(
                current(),
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        long end = file.size();
        ByteBuffer one = ByteBuffer.allocate(1);
        while (end > 0 && file.read(one.clear(), end - 1) == 1 && one.get(0) != '\n') {
            end--;
        }
        file.truncate(end);
        file.position(end);
        return file;
    }

    private void shut() {
        FileChannel file = channel;
        channel = null;
        if (file != null) {
            try {
                file.close();
            } catch (IOException e) {
                Logger.warn("{}: {}", current(), Problems.words(e));
            }
        }
    }

    @Override
    public int window() {
        return WINDOW;
    }

    @Override
    public int windowAfterFailure() {
        return 1;
    }

    @Override
    public void close() {
        closed = true;
        try {
            thread.join(CLOSE_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
