package ansim.hub.load;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** What the hub's process has used so far, from Linux's /proc, and how long its log is. */
final class HubFigures {
    /** USER_HZ, which is 100 on every Linux for the machines that matter here. */
    private static final double TICK_US = 10_000;

    private static final int UTIME = 11;
    private static final int BLOCK = 64 * 1024;

    private final Path process;
    private final Path log;

    /**
     * Of one process.
     *
     * @param pid its number
     * @param log the folder of the hub's log
     */
    HubFigures(long pid, Path log) {
        this.process = Path.of("/proc", Long.toString(pid));
        this.log = log;
    }

    /**
     * At one moment.
     *
     * @param cpuUs user and system time since its start
     * @param rssBytes resident now
     * @param logBytes of the log, without what is preallocated
     * @param writtenBytes handed to any disk
     */
    record Now(double cpuUs, long rssBytes, long logBytes, long writtenBytes) {}

    Now now() throws IOException {
        String stat = Files.readString(process.resolve("stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        double cpuUs = (Long.parseLong(fields[UTIME]) + Long.parseLong(fields[UTIME + 1])) * TICK_US;
        return new Now(cpuUs, kib("VmRSS:") * 1024, logBytes(), written());
    }

    /** The most that was ever resident. */
    long peakRssBytes() throws IOException {
        return kib("VmHWM:") * 1024;
    }

    private long kib(String name) throws IOException {
        for (String line : Files.readAllLines(process.resolve("status"))) {
            if (line.startsWith(name)) {
                return Long.parseLong(line.replaceAll("[^0-9]", ""));
            }
        }
        return 0;
    }

    private long written() throws IOException {
        for (String line : Files.readAllLines(process.resolve("io"))) {
            if (line.startsWith("write_bytes:")) {
                return Long.parseLong(line.substring("write_bytes:".length()).strip());
            }
        }
        return 0;
    }

    /** Segments are preallocated with zeros: the last one counts up to its last byte that is none, but for the header at its end. */
    private long logBytes() throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(log)) {
            files = all.filter(Files::isRegularFile).sorted().toList();
        }
        long bytes = 0;
        for (Path file : files) {
            bytes += filled(file);
        }
        return bytes;
    }

    private static long filled(Path file) throws IOException {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "r")) {
            long low = 0;
            long high = open.length() / BLOCK;
            byte[] block = new byte[BLOCK];
            byte[] zeros = new byte[BLOCK];
            // What is written is written from the front: the first block of zeros ends it.
            while (low < high) {
                long middle = (low + high) >>> 1;
                open.seek(middle * BLOCK);
                open.readFully(block);
                if (Arrays.equals(block, zeros)) {
                    high = middle;
                } else {
                    low = middle + 1;
                }
            }
            return low * BLOCK;
        }
    }
}
