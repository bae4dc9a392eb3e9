package ansim.hub.vault;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The key of one rider: under it stands everything that the vault has of that rider, in the database and in the ledger. With it goes all of
 * it. AES-256-GCM, a random nonce of {@value #NONCE_BYTES} bytes in front; what a text is for is part of what it opens for. Immutable.
 */
final class RiderKey {
    /** Addresses and names of guardians. */
    static final String CONTACT = "contact";
    /** Whom a line of the ledger is about. */
    static final String LEDGER = "ledger";
    /** What is to be told of a ride. */
    static final String NOTICE = "notice";

    private static final String AES = "AES/GCM/NoPadding";
    private static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;

    private final byte[] key;
    private final SecureRandom random;

    private RiderKey(byte[] key, SecureRandom random) {
        this.key = key;
        this.random = random;
    }

    static RiderKey generate(SecureRandom random) {
        byte[] key = new byte[KEY_BYTES];
        random.nextBytes(key);
        return new RiderKey(key, random);
    }

    static RiderKey of(byte[] key, SecureRandom random) {
        return new RiderKey(key.clone(), random);
    }

    /** For {@link VaultKeys} to wrap. */
    byte[] bytes() {
        return key.clone();
    }

    byte[] seal(String what, byte[] plain) {
        return seal(key, what.getBytes(StandardCharsets.US_ASCII), plain, random);
    }

    byte[] unseal(String what, byte[] sealed) throws IOException {
        return unseal(key, what.getBytes(StandardCharsets.US_ASCII), sealed);
    }

    static byte[] seal(byte[] key, byte[] opensFor, byte[] plain, SecureRandom random) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, key, nonce, opensFor).doFinal(plain);
            return ByteBuffer.allocate(nonce.length + sealed.length)
                    .put(nonce)
                    .put(sealed)
                    .array();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(AES + " is in every Java runtime", e);
        }
    }

    static byte[] unseal(byte[] key, byte[] opensFor, byte[] sealed) throws IOException {
        try {
            return cipher(Cipher.DECRYPT_MODE, key, Arrays.copyOf(sealed, NONCE_BYTES), opensFor)
                    .doFinal(sealed, NONCE_BYTES, sealed.length - NONCE_BYTES);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException("what the vault holds of a rider does not open with its key", e);
        }
    }

    private static Cipher cipher(int mode, byte[] key, byte[] nonce, byte[] opensFor) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(AES);
        cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(opensFor);
        return cipher;
    }
}
