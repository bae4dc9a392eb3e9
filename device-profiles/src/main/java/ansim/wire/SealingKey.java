package ansim.wire;

import java.security.SecureRandom;
import java.util.Arrays;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.hpke.HPKEContextWithEncapsulation;
import org.bouncycastle.crypto.params.X25519PrivateKeyParameters;
import org.bouncycastle.crypto.params.X25519PublicKeyParameters;

/**
 * The public half of a rider vault's X25519 key (RFC 7748): what a unit seals cards to. Keys with which every secret would be the same
 * (points of small order) are refused. Immutable and safe for all threads.
 */
public final class SealingKey {
    private final byte[] raw;
    private final Id8 kid;

    SealingKey(byte[] raw) {
        this.raw = raw.clone();
        try {
            byte[] scalar = new byte[X25519PrivateKeyParameters.KEY_SIZE];
            scalar[0] = 1;
            new X25519PrivateKeyParameters(scalar).generateSecret(key(), new byte[raw.length], 0);
        } catch (IllegalStateException e) {
            throw new IllegalArgumentException("not a valid X25519 public key: a point of small order", e);
        }
        this.kid = Id8.first(Sha256.of(Pem.SEALING_KEY.der(raw)));
    }

    /** Reads a PEM SubjectPublicKeyInfo ({@code BEGIN PUBLIC KEY}), as {@code hub-bridge vault key show} and openssl write it. */
    public static SealingKey fromPem(String pem) {
        return new SealingKey(Pem.SEALING_KEY.key(pem));
    }

    /** Reads a DER SubjectPublicKeyInfo. */
    public static SealingKey fromSpki(byte[] der) {
        return new SealingKey(Pem.SEALING_KEY.keyFromDer(der));
    }

    /** The DER SubjectPublicKeyInfo. */
    public byte[] spki() {
        return Pem.SEALING_KEY.der(raw);
    }

    public String toPem() {
        return Pem.SEALING_KEY.text(raw);
    }

    /** The first 8 bytes of SHA-256 over the SubjectPublicKeyInfo. */
    public Id8 kid() {
        return kid;
    }

    /**
     * Seals a card for one ride; see {@link SealedCard}.
     *
     * @param card the characters of its number; left as it is, for the caller to wipe
     * @param random gives the key of this one sealing
     */
    public Bytes seal(byte[] card, Id16 unit, Id8 ride, SecureRandom random) {
        X25519PrivateKeyParameters once = new X25519PrivateKeyParameters(random);
        byte[] block = SealedCard.block(card);
        try {
            HPKEContextWithEncapsulation context = SealedCard.suite()
                    .setupBaseS(key(), SealedCard.INFO, new AsymmetricCipherKeyPair(once.generatePublicKey(), once));
            byte[] ciphertext = context.seal(SealedCard.aad(unit, ride), block);
            byte[] sealed = new byte[SealedCard.BYTES];
            sealed[0] = kid.bytes()[0];
            System.arraycopy(context.getEncapsulation(), 0, sealed, 1, SealedCard.ENCAPSULATED_BYTES);
            System.arraycopy(ciphertext, 0, sealed, 1 + SealedCard.ENCAPSULATED_BYTES, ciphertext.length);
            return Bytes.of(sealed);
        } catch (InvalidCipherTextException e) {
            throw new IllegalStateException("only opening can fail so", e);
        } finally {
            SealedCard.wipe(block);
        }
    }

    private X25519PublicKeyParameters key() {
        return new X25519PublicKeyParameters(raw);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SealingKey that && Arrays.equals(raw, that.raw);
    }

    @Override
    public int hashCode() {
        return kid.hashCode();
    }

    @Override
    public String toString() {
        return "vault key " + kid.hex();
    }
}
