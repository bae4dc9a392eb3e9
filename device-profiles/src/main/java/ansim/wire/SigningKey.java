package ansim.wire;

import java.security.SecureRandom;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/**
 * An Ed25519 key pair (RFC 8032). Signing is deterministic. Immutable and safe for all threads; {@code toString} shows the public
 * half only.
 */
public final class SigningKey {
    private final byte[] seed;
    private final VerifyKey verifyKey;

    private SigningKey(byte[] seed) {
        this.seed = seed;
        byte[] raw = new byte[Ed25519.PUBLIC_KEY_SIZE];
        Ed25519.generatePublicKey(seed, 0, raw, 0);
        this.verifyKey = VerifyKey.ofOwn(raw);
    }

    public static SigningKey generate(SecureRandom random) {
        byte[] seed = new byte[Ed25519.SECRET_KEY_SIZE];
        random.nextBytes(seed);
        return new SigningKey(seed);
    }

    /** The key of a 32-byte seed. */
    public static SigningKey fromSeed(byte[] seed) {
        if (seed.length != Ed25519.SECRET_KEY_SIZE) {
            throw new IllegalArgumentException("an Ed25519 private key has 32 bytes (got " + seed.length + ")");
        }
        return new SigningKey(seed.clone());
    }

    /** Reads a PEM PKCS#8 key ({@code BEGIN PRIVATE KEY}), as openssl and {@code edge-agent keygen} write it. */
    public static SigningKey fromPem(String pem) {
        return new SigningKey(Pem.PRIVATE_KEY.key(pem));
    }

    /** The private key: for a file that only its owner may read. */
    public String toPem() {
        return Pem.PRIVATE_KEY.text(seed);
    }

    public VerifyKey verifyKey() {
        return verifyKey;
    }

    byte[] sign(byte[] toBeSigned) {
        byte[] signature = new byte[Ed25519.SIGNATURE_SIZE];
        // With the public half at hand: without it every signature would compute it again, as much work as signing.
        Ed25519.sign(seed, 0, verifyKey.rawShared(), 0, toBeSigned, 0, toBeSigned.length, signature, 0);
        return signature;
    }

    @Override
    public String toString() {
        return "private half of " + verifyKey;
    }
}
