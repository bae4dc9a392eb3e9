import ansim.journal.Journal;
import ansim.journal.JournalFiles;
import ansim.journal.JournalOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Opens one journal in a fresh process and prints {@code durableIndex openMs heapBytes rssBytes}. Usage: Reopen DIRECTORY SEGMENT_BYTES. */
final class Reopen {
    private static final int COLLECTIONS = 3;

    private Reopen() {}

    public static void main(String[] args) throws IOException {
        long startNs = System.nanoTime();
        try (Journal journal = Journal.open(Path.of(args[0]), JournalOptions.unit(Integer.parseInt(args[1])), JournalFiles.real())) {
            long openMs = (System.nanoTime() - startNs) / 1_000_000;
            for (int i = 0; i < COLLECTIONS; i++) {
                System.gc();
            }
            long heap = Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
            System.out.println(journal.durableIndex() + " " + openMs + " " + heap + " " + rssBytes());
        }
    }

    private static long rssBytes() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
            }
        }
        throw new IOException("/proc/self/status has no VmRSS");
    }
}
