package ansim.hub.keys;

import java.security.GeneralSecurityException;
import java.security.Provider;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.tinylog.Logger;

/** AES-GCM by the {@link Corretto} provider where it gives the same bytes as Java's own, and by that elsewhere. */
final class SealCipher {
    private static final String CIPHER = "AES/GCM/NoPadding";

    /** Asked for once: it is a comparison of bytes. */
    private static final Optional<Provider> NATIVE = Corretto.provider().filter(SealCipher::isRight);

    private SealCipher() {}

    static Cipher fastest() {
        return NATIVE.map(SealCipher::of).orElseGet(SealCipher::own);
    }

    /** Java's own. */
    static Cipher own() {
        try {
            return Cipher.getInstance(CIPHER);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + CIPHER, e);
        }
    }

    private static Cipher of(Provider provider) {
        try {
            return Cipher.getInstance(CIPHER, provider);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(provider + " has no " + CIPHER + " any more", e);
        }
    }

    private static boolean isRight(Provider provider) {
        try {
            boolean right = Arrays.equals(sample(Cipher.getInstance(CIPHER, provider)), sample(own()));
            if (!right) {
                Logger.warn("{} seals otherwise than Java does: not used for it", provider);
            }
            return right;
        } catch (GeneralSecurityException e) {
            Logger.debug("{} does not seal here: {}", provider, e.toString());
            return false;
        }
    }

    private static byte[] sample(Cipher cipher) throws GeneralSecurityException {
        byte[] key = new byte[32];
        Arrays.fill(key, (byte) 0x5a);
        cipher.init(
                Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, new byte[Nonces.BYTES]));
        cipher.updateAAD(new byte[] {1, 2, 3});
        return cipher.doFinal(new byte[50]);
    }
}
