package ansim.hub;

import ansim.journal.JournalFiles;
import ansim.settings.CommandFailure;
import ansim.settings.Problem;
import ansim.settings.SettingsException;
import ansim.wire.SigningKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The hub's signing key: {@value HubFolder#KEY} in its data folder, PKCS#8 PEM, readable by its owner only. */
final class HubKey {
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> TOO_WIDE =
            EnumSet.complementOf(EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE));

    private HubKey() {}

    /** Reads the key; the first time makes it, durable before it returns. */
    static SigningKey open(Path file, SecureRandom random) throws IOException {
        Optional<SigningKey> known = read(file);
        if (known.isPresent()) {
            return known.get();
        }
        SigningKey made = SigningKey.generate(random);
        write(file, made);
        return made;
    }

    /**
     * Keeps a copy of the key, durable before it returns; nothing when the same key is there.
     *
     * @throws CommandFailure when another key is there
     */
    static void keep(Path file, SigningKey key) throws IOException {
        Optional<SigningKey> known = read(file);
        if (known.isEmpty()) {
            write(file, key);
        } else if (!MirrorFolder.sameKey(known.get(), key)) {
            throw new CommandFailure(file + " is another key", "moving it away if it is of no use, then again");
        }
    }

    /**
     * Reads the key, if there is one.
     *
     * @throws SettingsException when others may read the file, or it holds no key
     */
    static Optional<SigningKey> read(Path file) throws IOException {
        String pem;
        try {
            if (Files.getPosixFilePermissions(file).stream().anyMatch(TOO_WIDE::contains)) {
                throw refused(file, "must be readable by its owner only: chmod 600 " + file);
            }
            pem = Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        try {
            return Optional.of(SigningKey.fromPem(pem));
        } catch (IllegalArgumentException e) {
            throw refused(
                    file,
                    "must be an Ed25519 private key in PKCS#8 PEM (" + e.getMessage()
                            + "): put the hub's own key back; with another one every unit must be configured anew");
        }
    }

    private static SettingsException refused(Path file, String rule) {
        return new SettingsException(List.of(new Problem(file.toString(), 0, "", "", rule)));
    }

    /** Complete and durable under another name first: nobody ever sees half a key, and two starts never make two. */
    private static void write(Path file, SigningKey key) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null) {
            throw new CommandFailure(file + " is no place for a key", "give a data folder in hub.yaml");
        }
        JournalFiles files = JournalFiles.real();
        Path draft =
                Files.createTempFile(folder, HubFolder.KEY, ".new", PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        try {
            try (JournalFiles.OpenFile open = files.open(draft, true)) {
                open.write(ByteBuffer.wrap(key.toPem().getBytes(StandardCharsets.US_ASCII)), 0);
                open.force(true);
            }
            Files.createLink(file, draft);
        } catch (FileAlreadyExistsException e) {
            throw new CommandFailure(
                    "another hub has just made " + file, "give each hub a data folder of its own, or start again");
        } finally {
            Files.deleteIfExists(draft);
        }
        files.forceDirectory(folder);
    }
}
