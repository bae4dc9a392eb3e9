package ansim.hub.ledger;

import ansim.journal.JournalFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Brings a copy of a ledger up to date while the hub writes it: whole lines that are not there yet are appended, and what was deleted at the end
 * of its time is deleted there, too. To be done after the cursors were copied, so that no copied cursor is ahead of the copied ledger.
 */
public final class LedgerCopy {
    private static final String LINES = ".jsonl";
    private static final String DROPPED = "-dropped" + LINES;
    private static final int PIECE = 1 << 20;

    private LedgerCopy() {}

    /** Does nothing when there is no ledger. */
    public static void copy(Path from, Path to) throws IOException {
        if (!Files.isDirectory(from)) {
            return;
        }
        Files.createDirectories(to, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        List<String> names = names(from);
        // The record of a deletion before the deletion.
        List<String> ordered = new ArrayList<>(
                names.stream().filter(each -> each.endsWith(DROPPED)).toList());
        names.stream().filter(each -> !each.endsWith(DROPPED)).forEach(ordered::add);
        for (String name : ordered) {
            copyLines(from.resolve(name), to.resolve(name));
        }
        for (String name : names(to)) {
            if (!names.contains(name)) {
                Files.delete(to.resolve(name));
            }
        }
        JournalFiles.real().forceDirectory(to);
    }

    /** Of one file of lines: appends what is not there yet. A copy that is no beginning of it is begun anew. */
    public static void copyLines(Path from, Path to) throws IOException {
        if (Files.exists(to) && !endsAlike(from, to)) {
            Files.delete(to);
        }
        append(from, to);
    }

    /** By the last line that both have: its hash is over all before it. */
    private static boolean endsAlike(Path from, Path to) throws IOException {
        try (FileChannel source = FileChannel.open(from, StandardOpenOption.READ);
                FileChannel copy = FileChannel.open(to, StandardOpenOption.READ)) {
            long end = Math.min(wholeLines(source), copy.size());
            int length = (int) Math.min(end, ChainedFile.MAX_LINE_BYTES);
            return piece(source, end - length, length).equals(piece(copy, end - length, length));
        }
    }

    private static ByteBuffer piece(FileChannel from, long at, int length) throws IOException {
        ByteBuffer piece = ByteBuffer.allocate(length);
        while (piece.hasRemaining() && from.read(piece, at + piece.position()) >= 0) {
            // Until it is whole.
        }
        return piece.flip();
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(each -> String.valueOf(each.getFileName()))
                    .filter(each -> each.endsWith(LINES))
                    .sorted()
                    .toList();
        }
    }

    private static void append(Path from, Path to) throws IOException {
        try (FileChannel source = FileChannel.open(from, StandardOpenOption.READ);
                FileChannel copy = FileChannel.open(
                        to,
                        Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            long whole = wholeLines(source);
            long at = Math.min(copy.size(), whole);
            copy.truncate(at);
            boolean more = at < whole;
            while (at < whole) {
                ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE, whole - at));
                while (piece.hasRemaining()) {
                    if (source.read(piece, at + piece.position()) < 0) {
                        throw new IOException(from + " became shorter while it was copied");
                    }
                }
                piece.flip();
                while (piece.hasRemaining()) {
                    at += copy.write(piece, at);
                }
            }
            if (more) {
                copy.force(true);
            }
        }
    }

    private static long wholeLines(FileChannel source) throws IOException {
        long end = source.size();
        ByteBuffer one = ByteBuffer.allocate(1);
        while (end > 0 && source.read(one.clear(), end - 1) == 1 && one.get(0) != '\n') {
            end--;
        }
        return end;
    }
}
