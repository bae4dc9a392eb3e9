package ansim.hub.keys;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.Set;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

class SealCipherTest {
    private static final SecureRandom RANDOM = new SecureRandom();

    private static byte[] run(Cipher cipher, int mode, byte[] key, byte[] nonce, byte[] content)
            throws GeneralSecurityException {
        cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, nonce));
        cipher.updateAAD(new byte[] {1, 2});
        cipher.updateAAD(new byte[] {3});
        return cipher.doFinal(content);
    }

    private static byte[] random(int bytes) {
        byte[] random = new byte[bytes];
        RANDOM.nextBytes(random);
        return random;
    }

    @Test
    void whatOneCipherSealsTheOtherOpensAndTheBytesAreTheSame() throws GeneralSecurityException {
        Cipher fastest = SealCipher.fastest();
        Cipher own = SealCipher.own();
        for (int length = 0; length < 600; length++) {
            byte[] key = random(32);
            byte[] nonce = random(Nonces.BYTES);
            byte[] content = random(length);
            byte[] sealed = run(fastest, Cipher.ENCRYPT_MODE, key, nonce, content);
            assertArrayEquals(run(own, Cipher.ENCRYPT_MODE, key, nonce, content), sealed);
            assertArrayEquals(content, run(own, Cipher.DECRYPT_MODE, key, nonce, sealed));
            assertArrayEquals(content, run(fastest, Cipher.DECRYPT_MODE, key, nonce, sealed));
        }
    }

    @Test
    void aCipherThatHasRefusedOnceStillOpensWhatIsRight() throws GeneralSecurityException {
        Cipher cipher = SealCipher.fastest();
        byte[] key = random(32);
        byte[] nonce = random(Nonces.BYTES);
        byte[] sealed = run(cipher, Cipher.ENCRYPT_MODE, key, nonce, new byte[40]);
        byte[] changed = sealed.clone();
        changed[5] ^= 1;
        assertThrows(AEADBadTagException.class, () -> run(cipher, Cipher.DECRYPT_MODE, key, nonce, changed));
        assertArrayEquals(new byte[40], run(cipher, Cipher.DECRYPT_MODE, key, nonce, sealed));
    }

    @Test
    void noNonceIsGivenOutTwice() {
        Nonces nonces = new Nonces(RANDOM);
        Set<ByteBuffer> seen = new HashSet<>();
        for (int i = 0; i < 2_000; i++) {
            byte[] nonce = new byte[Nonces.BYTES];
            nonces.put(nonce, 0);
            seen.add(ByteBuffer.wrap(nonce));
        }
        assertEquals(2_000, seen.size());
    }
}
