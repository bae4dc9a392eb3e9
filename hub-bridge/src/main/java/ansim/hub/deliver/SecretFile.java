package ansim.hub.deliver;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;

/** A secret in a file that only its owner may read. */
final class SecretFile {
    static final int MIN_BYTES = 24;
    private static final int MAX_BYTES = 4_096;
    private static final Set<PosixFilePermission> TOO_WIDE =
            EnumSet.complementOf(EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE));

    private SecretFile() {}

    /** Its bytes without blanks and line ends around them. */
    static byte[] read(Path file) throws IOException {
        if (!Files.exists(file)) {
            throw new IOException(
                    file + " is not there: make it with (umask 077; openssl rand -base64 32 > " + file + ")");
        }
        if (Files.getPosixFilePermissions(file).stream().anyMatch(TOO_WIDE::contains)) {
            throw new IOException(file + " must be readable by its owner only: chmod 600 " + file);
        }
        byte[] secret =
                Files.readString(file, StandardCharsets.ISO_8859_1).strip().getBytes(StandardCharsets.ISO_8859_1);
        if (secret.length < MIN_BYTES || secret.length > MAX_BYTES) {
            throw new IOException(
                    file + " must hold " + MIN_BYTES + " to " + MAX_BYTES + " bytes: openssl rand -base64 32");
        }
        return secret;
    }
}
