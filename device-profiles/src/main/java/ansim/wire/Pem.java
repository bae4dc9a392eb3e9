package ansim.wire;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;

/**
 * The textual encodings of RFC 7468, for the public and private Ed25519 and X25519 keys of RFC 8410, and public
 * keys on P-256.
 */
final class Pem {
    /** SubjectPublicKeyInfo, RFC 8410 section 4. */
    static final Pem PUBLIC_KEY = new Pem("Ed25519", "PUBLIC KEY", "302a300506032b6570032100");

    /** PKCS#8 PrivateKeyInfo version 1, RFC 8410 section 7. */
    static final Pem PRIVATE_KEY = new Pem("Ed25519", "PRIVATE KEY", "302e020100300506032b657004220420");

    /** The same for a key to seal to, id-X25519. */
    static final Pem SEALING_KEY = new Pem("X25519", "PUBLIC KEY", "302a300506032b656e032100");

    /** The same for a key to open with, id-X25519. */
    static final Pem OPENING_KEY = new Pem("X25519", "PRIVATE KEY", "302e020100300506032b656e04220420");

    /** SubjectPublicKeyInfo, RFC 5480 section 2: id-ecPublicKey, secp256r1 and an uncompressed point. */
    static final Pem P256_PUBLIC_KEY = new Pem(
            "P-256", "PUBLIC KEY", "3059301306072a8648ce3d020106082a8648ce3d030107034200", Pem.P256_POINT_BYTES);

    static final int ED25519_BYTES = 32;
    static final int P256_POINT_BYTES = 65;

    private final String algorithm;
    private final String label;
    private final byte[] prefix;
    private final int keyBytes;

    private Pem(String algorithm, String label, String prefix) {
        this(algorithm, label, prefix, ED25519_BYTES);
    }

    private Pem(String algorithm, String label, String prefix, int keyBytes) {
        this.algorithm = algorithm;
        this.label = label;
        this.prefix = HexFormat.of().parseHex(prefix);
        this.keyBytes = keyBytes;
    }

    byte[] der(byte[] key) {
        byte[] der = Arrays.copyOf(prefix, prefix.length + keyBytes);
        System.arraycopy(key, 0, der, prefix.length, keyBytes);
        return der;
    }

    String text(byte[] key) {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der(key));
        return "-----BEGIN " + label + "-----\n" + base64 + "\n-----END " + label + "-----\n";
    }

    /** The bytes of the key in the first block of this kind; text around it is allowed. */
    byte[] key(String text) {
        return keyFromDer(der(text));
    }

    /** The content of the first block of this kind. */
    byte[] der(String text) {
        String begin = "-----BEGIN " + label + "-----";
        int from = text.indexOf(begin);
        int to = from < 0 ? -1 : text.indexOf("-----END " + label + "-----", from);
        if (to < 0) {
            throw new IllegalArgumentException("not PEM: no block between '" + begin + "' and its end");
        }
        return Base64.getMimeDecoder()
                .decode(text.substring(from + begin.length(), to).getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Whether it has the length and the beginning of such a key. */
    boolean fits(byte[] der) {
        return der.length == prefix.length + keyBytes && Arrays.equals(prefix, 0, prefix.length, der, 0, prefix.length);
    }

    byte[] keyFromDer(byte[] der) {
        if (!fits(der)) {
            throw new IllegalArgumentException("not an " + algorithm + " " + label.toLowerCase(Locale.ROOT));
        }
        return Arrays.copyOfRange(der, prefix.length, der.length);
    }
}
