package ansim.wire;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.params.X25519PrivateKeyParameters;

/**
 * A rider vault's X25519 key pair (RFC 7748): opens what was sealed to its public half. Immutable and safe for all threads;
 * {@code toString} shows the public half only.
 */
public final class OpeningKey {
    private final byte[] secret;
    private final SealingKey sealingKey;

    private OpeningKey(byte[] secret) {
        this.secret = secret;
        this.sealingKey = new SealingKey(key().generatePublicKey().getEncoded());
    }

    public static OpeningKey generate(SecureRandom random) {
        return new OpeningKey(new X25519PrivateKeyParameters(random).getEncoded());
    }

    /** Reads a PEM PKCS#8 key ({@code BEGIN PRIVATE KEY}), as openssl writes it. */
    public static OpeningKey fromPem(String pem) {
        return new OpeningKey(Pem.OPENING_KEY.key(pem));
    }

    /** The private key: for a file that only its owner may read. */
    public String toPem() {
        return Pem.OPENING_KEY.text(secret);
    }

    public SealingKey sealingKey() {
        return sealingKey;
    }

    /** A copy of the 32 bytes: what other secrets of the same owner are derived from. */
    public byte[] secret() {
        return secret.clone();
    }

    /**
     * Opens a card that was sealed for this ride.
     *
     * @return its {@link SealedCard#block}, for the caller to wipe; empty when it was sealed to another key, for another ride or unit, or
     *     is no sealed card
     */
    public Optional<byte[]> open(Bytes sealed, Id16 unit, Id8 ride) {
        byte[] bytes = sealed.toByteArray();
        if (bytes.length != SealedCard.BYTES || bytes[0] != sealingKey.kid().bytes()[0]) {
            return Optional.empty();
        }
        int encapsulatedEnd = 1 + SealedCard.ENCAPSULATED_BYTES;
        try {
            return Optional.of(SealedCard.suite()
                    .setupBaseR(
                            Arrays.copyOfRange(bytes, 1, encapsulatedEnd),
                            new AsymmetricCipherKeyPair(key().generatePublicKey(), key()),
                            SealedCard.INFO)
                    .open(SealedCard.aad(unit, ride), Arrays.copyOfRange(bytes, encapsulatedEnd, SealedCard.BYTES)));
        } catch (InvalidCipherTextException | IllegalStateException e) {
            // The second: an encapsulated key of small order, RFC 9180 section 7.1.4.
            return Optional.empty();
        }
    }

    private X25519PrivateKeyParameters key() {
        return new X25519PrivateKeyParameters(secret);
    }

    @Override
    public String toString() {
        return "private half of " + sealingKey;
    }
}
