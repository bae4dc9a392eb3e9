package ansim.journal;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;

/** Opens a journal in a process of its own and holds it until its input ends. */
final class JournalHolder {
    private JournalHolder() {}

    public static void main(String[] args) throws IOException {
        try (Journal journal = Journal.open(Path.of(args[0]), JournalOptions.unit(4096), JournalFiles.real())) {
            System.out.println("open " + journal.durableIndex());
            System.in.transferTo(OutputStream.nullOutputStream());
        }
    }
}
