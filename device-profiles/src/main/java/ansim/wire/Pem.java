package ansim.wire;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;

/** The textual encodings of RFC 7468, for the public and private Ed25519 and X25519 keys of RFC 8410. */
final class Pem {
    /** SubjectPublicKeyInfo, RFC 8410 section 4. */
    static final Pem PUBLIC_KEY = new Pem("Ed25519", "PUBLIC KEY", "302a300506032b6570032100");

    /** PKCS#8 PrivateKeyInfo version 1, RFC 8410 section 7. */
    static final Pem PRIVATE_KEY = new Pem("Ed25519", "PRIVATE KEY", "302e020100300506032b657004220420");

    /** The same for a key to seal to, id-X25519. */
    static final Pem SEALING_KEY = new Pem("X25519", "PUBLIC KEY", "302a300506032b656e032100");

    /** The same for a key to open with, id-X25519. */
    static final Pem OPENING_KEY = new Pem("X25519", "PRIVATE KEY", "302e020100300506032b656e04220420");

    private static final int KEY_BYTES = 32;

    private final String algorithm;
    private final String label;
    private final byte[] prefix;

    private Pem(String algorithm, String label, String prefix) {
        this.algorithm = algorithm;
        this.label = label;
        this.prefix = HexFormat.of().parseHex(prefix);
    }

    byte[] der(byte[] key) {
        byte[] der = Arrays.copyOf(prefix, prefix.length + KEY_BYTES);
        System.arraycopy(key, 0, der, prefix.length, KEY_BYTES);
        return der;
    }

    String text(byte[] key) {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der(key));
        return "-----BEGIN " + label + "-----\n" + base64 + "\n-----END " + label + "-----\n";
    }

    /** The 32 bytes of the key in the first block of this kind; text around it is allowed. */
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

    byte[] keyFromDer(byte[] der) {
        if (der.length != prefix.length + KEY_BYTES
                || !Arrays.equals(prefix, 0, prefix.length, der, 0, prefix.length)) {
            throw new IllegalArgumentException("not an " + algorithm + " " + label.toLowerCase(Locale.ROOT));
        }
        return Arrays.copyOfRange(der, prefix.length, der.length);
    }
}
