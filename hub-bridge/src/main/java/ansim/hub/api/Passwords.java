package ansim.hub.api;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * Passwords as argon2id (RFC 9106) of {@value #MEMORY_KIB} KiB, {@value #PASSES} passes and one lane, written
 * {@code $argon2id$v=19$m=..,t=..,p=1$SALT$HASH}. What is stored says its own cost, so that it may be raised later. Any thread; each check takes
 * that much memory, so whoever calls keeps them few at once.
 */
final class Passwords {
    static final int MEMORY_KIB = 19_456;
    static final int PASSES = 2;

    /** Characters of a password. */
    static final int SHORTEST = 12;

    static final int LONGEST = 200;

    private static final int SALT_BYTES = 16;
    private static final int HASH_BYTES = 32;
    private static final Pattern STORED = Pattern.compile(
            "\\$argon2id\\$v=19\\$m=([0-9]{1,7}),t=([0-9]{1,2}),p=1\\$([A-Za-z0-9+/]{22})\\$([A-Za-z0-9+/]{43})");
    private static final Base64.Encoder ENCODER = Base64.getEncoder().withoutPadding();

    /** Of no password: whoever asks for a name that is not there waits as long as for one that is. */
    static final String NOBODY =
            "$argon2id$v=19$m=" + MEMORY_KIB + ",t=" + PASSES + ",p=1$" + "A".repeat(22) + "$" + "A".repeat(43);

    private Passwords() {}

    /** What to store of a password. */
    static String stored(String password, SecureRandom random) {
        if (password.length() < SHORTEST || password.length() > LONGEST) {
            throw new IllegalArgumentException("a password must have " + SHORTEST + " to " + LONGEST
                    + " characters (got " + password.length() + ")");
        }
        byte[] salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        return "$argon2id$v=19$m=" + MEMORY_KIB + ",t=" + PASSES + ",p=1$" + ENCODER.encodeToString(salt) + "$"
                + ENCODER.encodeToString(hash(password, salt, MEMORY_KIB, PASSES));
    }

    /** Whether it is the password that this was made of. */
    static boolean matches(String password, String stored) {
        Matcher match = STORED.matcher(stored);
        if (!match.matches()) {
            throw new IllegalArgumentException("a stored password must be one of argon2id");
        }
        if (password.length() > LONGEST) {
            return false;
        }
        byte[] hash = hash(
                password,
                Base64.getDecoder().decode(match.group(3)),
                Integer.parseInt(match.group(1)),
                Integer.parseInt(match.group(2)));
        return MessageDigest.isEqual(hash, Base64.getDecoder().decode(match.group(4)));
    }

    private static byte[] hash(String password, byte[] salt, int memoryKib, int passes) {
        Argon2BytesGenerator argon2 = new Argon2BytesGenerator();
        argon2.init(new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                .withMemoryAsKB(memoryKib)
                .withIterations(passes)
                .withParallelism(1)
                .withSalt(salt)
                .build());
        byte[] hash = new byte[HASH_BYTES];
        argon2.generateBytes(password.getBytes(StandardCharsets.UTF_8), hash);
        return hash;
    }
}
