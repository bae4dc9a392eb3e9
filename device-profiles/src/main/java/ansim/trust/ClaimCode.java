package ansim.trust;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The twelve characters that let one box enrol once, and what both sides derive from them (docs/enrolment.md): who has only the
 * locator, or the hash of the secret, cannot find the code in less than 1,000 rounds a try, over 60 random bits: some 2^71 hashes.
 *
 * <p>Immutable; {@code toString} shows nothing of the code.
 */
public final class ClaimCode {
    /** Characters of a code, five random bits each. */
    public static final int LENGTH = 12;

    /** Characters of a typed text at most; what is longer is refused unread. */
    private static final int TYPED_MAX = 64;

    /** Douglas Crockford's base 32: no I, L, O and U. */
    private static final String DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    private static final byte[] SALT = "ansim.claim.v1".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] PIN_CONTEXT = "ansim.pin.v1".getBytes(StandardCharsets.US_ASCII);
    private static final int ROUNDS = 1_000;
    private static final int DERIVED_BYTES = 48;
    private static final int SECRET_AT = 8;
    private static final int PIN_KEY_AT = 32;

    private final String digits;
    private final byte[] derived;

    private ClaimCode(String digits) {
        this.digits = digits;
        this.derived = derive(digits);
    }

    public static ClaimCode random(SecureRandom random) {
        StringBuilder digits = new StringBuilder();
        for (int i = 0; i < LENGTH; i++) {
            digits.append(DIGITS.charAt(random.nextInt(DIGITS.length())));
        }
        return new ClaimCode(digits.toString());
    }

    /**
     * Reads what a person typed: either case, spaces and dashes anywhere, I and L for 1, O for 0.
     *
     * @throws IllegalArgumentException if it is no code; the message does not repeat it
     */
    public static ClaimCode parse(String typed) {
        if (typed.length() > TYPED_MAX) {
            throw new IllegalArgumentException("a code has " + LENGTH + " characters (got " + typed.length() + ")");
        }
        StringBuilder digits = new StringBuilder();
        for (char each : typed.toUpperCase(Locale.ROOT).toCharArray()) {
            if (each == '-' || Character.isWhitespace(each)) {
                continue;
            }
            char digit = each == 'I' || each == 'L' ? '1' : each == 'O' ? '0' : each;
            if (DIGITS.indexOf(digit) < 0) {
                throw new IllegalArgumentException(
                        "a code has no character " + (each == 'U' ? "U (perhaps V)" : "but letters, digits and dashes")
                                + ": look at character " + (digits.length() + 1));
            }
            digits.append(digit);
        }
        if (digits.length() != LENGTH) {
            throw new IllegalArgumentException("a code has " + LENGTH + " characters (got " + digits.length() + ")");
        }
        return new ClaimCode(digits.toString());
    }

    private static byte[] derive(String digits) {
        try {
            SecretKeyFactory factory = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256");
            return factory.generateSecret(new PBEKeySpec(digits.toCharArray(), SALT, ROUNDS, DERIVED_BYTES * Byte.SIZE))
                    .getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no PBKDF2", e);
        }
    }

    /** The twelve characters, for the claim's file. */
    public String digits() {
        return digits;
    }

    /** For people: {@code 7K3M-Q2XA-9RTD}. */
    public String grouped() {
        return digits.substring(0, 4) + "-" + digits.substring(4, 8) + "-" + digits.substring(8);
    }

    /** Finds the claim at the hub: 16 lower-case hexadecimal digits; public. */
    public String locator() {
        return HexFormat.of().formatHex(derived, 0, SECRET_AT);
    }

    /** The password of {@code simpleenroll}: 32 characters of base64url. */
    public String secret() {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(secretBytes());
    }

    /** What the hub keeps instead of the secret: SHA-256 over its 24 bytes. */
    public byte[] secretHash() {
        return hash(secretBytes());
    }

    private byte[] secretBytes() {
        return Arrays.copyOfRange(derived, SECRET_AT, PIN_KEY_AT);
    }

    /** Proves the hub to the box: 16 bytes, kept by the hub for {@link #pin}. */
    public byte[] pinKey() {
        return Arrays.copyOfRange(derived, PIN_KEY_AT, DERIVED_BYTES);
    }

    /**
     * The hub's proof that {@code keyHash} is its authority: HMAC-SHA256.
     *
     * @param nonce 16 bytes, the box's
     * @param keyHash {@link Certificates#keyHash}
     */
    public static byte[] pin(byte[] pinKey, byte[] nonce, byte[] keyHash) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(pinKey, "HmacSHA256"));
            mac.update(PIN_CONTEXT);
            mac.update(nonce);
            mac.update(keyHash);
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no HMAC-SHA256", e);
        }
    }

    /**
     * What the hub keeps of a password that came over HTTP, to be compared with {@link MessageDigest#isEqual}.
     *
     * @throws IllegalArgumentException if it is not 24 bytes in base64url
     */
    public static byte[] secretHash(String secret) {
        byte[] bytes = Base64.getUrlDecoder().decode(secret);
        if (bytes.length != PIN_KEY_AT - SECRET_AT) {
            throw new IllegalArgumentException("a claim's secret has 24 bytes (got " + bytes.length + ")");
        }
        return hash(bytes);
    }

    private static byte[] hash(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }

    @Override
    public String toString() {
        return "ClaimCode[]";
    }
}
