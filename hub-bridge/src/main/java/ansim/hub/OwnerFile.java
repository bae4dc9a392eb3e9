package ansim.hub;

import ansim.journal.JournalFiles;
import ansim.settings.CommandFailure;
import ansim.settings.Problem;
import ansim.settings.SettingsException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Text in files that only their owner may read (0600): secrets, and what stands beside them. */
final class OwnerFile {
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> TOO_WIDE =
            EnumSet.complementOf(EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE));

    private OwnerFile() {}

    /**
     * Reads a secret, if it is there.
     *
     * @throws SettingsException when others may read the file
     */
    static Optional<String> read(Path file) throws IOException {
        try {
            if (Files.getPosixFilePermissions(file).stream().anyMatch(TOO_WIDE::contains)) {
                throw refused(file, "must be readable by its owner only: chmod 600 " + file);
            }
            return Optional.of(Files.readString(file, StandardCharsets.ISO_8859_1));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    static SettingsException refused(Path file, String rule) {
        return new SettingsException(List.of(new Problem(file.toString(), 0, "", "", rule)));
    }

    /** Makes a file, durable; complete under another name first: nobody ever sees half of it, and two starts never make two. */
    static void create(Path file, String text) throws IOException {
        Path draft = draft(file, text);
        try {
            Files.createLink(file, draft);
        } catch (FileAlreadyExistsException e) {
            throw new CommandFailure(
                    "another hub has just made " + file, "give each hub a data folder of its own, or start again");
        } finally {
            Files.deleteIfExists(draft);
        }
        JournalFiles.real().forceDirectory(folder(file));
    }

    /** Writes a file anew, durable; whoever reads it sees the old one or the new one. */
    static void replace(Path file, String text) throws IOException {
        Files.move(draft(file, text), file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        JournalFiles.real().forceDirectory(folder(file));
    }

    private static Path draft(Path file, String text) throws IOException {
        Path draft = Files.createTempFile(
                folder(file),
                String.valueOf(file.getFileName()),
                ".new",
                PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        try (JournalFiles.OpenFile open = JournalFiles.real().open(draft, true)) {
            open.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), 0);
            open.force(true);
        }
        return draft;
    }

    private static Path folder(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null) {
            throw new CommandFailure(file + " is no place for a secret", "give a data folder in hub.yaml");
        }
        return folder;
    }
}
