package ansim.journal;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/** A process of its own: opens a journal and holds it until its input ends, or appends numbers until it is killed. */
final class JournalHolder {
    private JournalHolder() {}

    public static void main(String[] args) throws IOException {
        try (Journal journal = Journal.open(Path.of(args[0]), JournalOptions.unit(4096), JournalFiles.real())) {
            System.out.println("open " + journal.durableIndex());
            while (args.length > 1) {
                byte[] payload = ByteBuffer.allocate(100)
                        .putLong(journal.durableIndex() + 1)
                        .array();
                System.out.println(journal.append(Entry.message(payload), Entry.state(payload)));
            }
            System.in.transferTo(OutputStream.nullOutputStream());
        }
    }

    static Process start(Path directory, String... more) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                ProcessHandle.current().info().command().orElse("java"),
                "-cp",
                System.getProperty("java.class.path"),
                JournalHolder.class.getName(),
                directory.toString());
        builder.command().addAll(List.of(more));
        return builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }
}
