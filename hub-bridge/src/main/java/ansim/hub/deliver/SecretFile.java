package ansim.hub.deliver;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;

/** A secret in a file that only its owner may read. What stands in it is in no message. */
final class SecretFile {
    static final int MIN_BYTES = 24;
    private static final int MAX_BYTES = 4_096;
    private static final Set<PosixFilePermission> TOO_WIDE =
            EnumSet.complementOf(EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE));

    private SecretFile() {}

    /** A secret that is ours to choose: its bytes without blanks and line ends around them. */
    static byte[] read(Path file) throws IOException {
        byte[] secret = bytes(file, "make it with (umask 077; openssl rand -base64 32 > " + file + ")");
        if (secret.length < MIN_BYTES || secret.length > MAX_BYTES) {
            throw new IOException(
                    file + " must hold " + MIN_BYTES + " to " + MAX_BYTES + " bytes: openssl rand -base64 32");
        }
        return secret;
    }

    /** A password that others have chosen, which may be short: one line, without blanks and line ends around it. */
    static byte[] password(Path file) throws IOException {
        byte[] password = bytes(file, "write the password into it, readable by its owner only (umask 077)");
        if (password.length == 0 || password.length > MAX_BYTES) {
            throw new IOException(file + " must hold a password of 1 to " + MAX_BYTES + " bytes");
        }
        for (byte each : password) {
            if (each == '\n' || each == '\r') {
                throw new IOException(file + " must hold one line, the password and nothing else");
            }
        }
        return password;
    }

    /** A private key in PEM. */
    static String pem(Path file) throws IOException {
        return text(file, "put the private key there, PEM, readable by its owner only (umask 077)");
    }

    private static byte[] bytes(Path file, String toMake) throws IOException {
        return text(file, toMake).strip().getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String text(Path file, String toMake) throws IOException {
        if (!Files.exists(file)) {
            throw new IOException(file + " is not there: " + toMake);
        }
        if (Files.getPosixFilePermissions(file).stream().anyMatch(TOO_WIDE::contains)) {
            throw new IOException(file + " must be readable by its owner only: chmod 600 " + file);
        }
        return Files.readString(file, StandardCharsets.ISO_8859_1);
    }
}
