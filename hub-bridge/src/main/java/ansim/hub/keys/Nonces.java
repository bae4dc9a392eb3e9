package ansim.hub.keys;

import java.security.SecureRandom;

/** Random nonces of 12 bytes (NIST SP 800-38D section 8.2.2), drawn many at a time: each draw costs more than its bytes. Each is given out once. One thread. */
final class Nonces {
    static final int BYTES = 12;
    private static final int AT_ONCE = 256;

    private final SecureRandom random;
    private final byte[] drawn = new byte[AT_ONCE * BYTES];
    private int used = drawn.length;

    Nonces(SecureRandom random) {
        this.random = random;
    }

    /** Puts one into {@code to}. */
    void put(byte[] to, int at) {
        if (used == drawn.length) {
            random.nextBytes(drawn);
            used = 0;
        }
        System.arraycopy(drawn, used, to, at, BYTES);
        used += BYTES;
    }
}
