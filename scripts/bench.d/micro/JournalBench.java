package ansim.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A unit's journal with messages of 300 bytes, on the disk of {@code bench.dir}: the forced appends are that disk's speed. */
public class JournalBench {
    private static final int MESSAGE_BYTES = 300;
    private static final int SEGMENT_BYTES = 2 * 1024 * 1024;
    private static final int STORED = 20_000;
    /** Before what was written is let go. */
    private static final int KEPT = 4_096;

    private static Path folder(String name) {
        return Path.of(System.getProperty("bench.dir", ""), name);
    }

    private static Entry[] group(int messages) {
        Entry[] group = new Entry[messages];
        Arrays.setAll(group, i -> Entry.message(new byte[MESSAGE_BYTES]));
        return group;
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(each);
                }
            }
        }
    }

    /** A journal that grows; segments go when their messages are let go, so that the disk does not fill up. */
    @State(Scope.Thread)
    public static class Growing {
        private final Entry[] one = group(1);
        private final Entry[] sixteen = group(Journal.MAX_GROUP);
        private Journal journal;

        @Setup(Level.Iteration)
        public void open() throws IOException {
            delete(folder("growing"));
            journal = Journal.open(
                    folder("growing"),
                    new JournalOptions(SEGMENT_BYTES, false, JournalOptions.TornTail.SALVAGE),
                    JournalFiles.real());
            journal.append(one);
        }

        @TearDown(Level.Iteration)
        public void close() throws IOException {
            journal.close();
            delete(folder("growing"));
        }

        long added(long index) {
            if (index % KEPT < Journal.MAX_GROUP) {
                journal.remove(journal.durableIndex());
            }
            return index;
        }
    }

    /** A journal that is full of messages, read over and over. */
    @State(Scope.Thread)
    public static class Full {
        private Journal journal;
        private JournalReader reader;

        @Setup
        public void fill() throws IOException {
            delete(folder("full"));
            journal = Journal.open(folder("full"), JournalOptions.unit(SEGMENT_BYTES), JournalFiles.real());
            for (int i = 0; i < STORED; i += Journal.MAX_GROUP) {
                journal.write(group(Journal.MAX_GROUP));
            }
            journal.force();
            reader = journal.reader(1);
        }

        @TearDown
        public void close() throws IOException {
            reader.close();
            journal.close();
            delete(folder("full"));
        }

        Stored next() throws IOException {
            Optional<Stored> next = reader.next();
            if (next.isPresent()) {
                return next.get();
            }
            reader.close();
            reader = journal.reader(1);
            return reader.next().orElseThrow();
        }
    }

    @Benchmark
    public long appendForced(Growing growing) throws IOException {
        return growing.added(growing.journal.append(growing.one));
    }

    @Benchmark
    @OperationsPerInvocation(16)
    public long appendForcedSixteen(Growing growing) throws IOException {
        return growing.added(growing.journal.append(growing.sixteen));
    }

    @Benchmark
    public long write(Growing growing) throws IOException {
        return growing.added(growing.journal.write(growing.one));
    }

    @Benchmark
    public Stored read(Full full) throws IOException {
        return full.next();
    }
}
