package ansim.wire;

import java.util.Arrays;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/**
 * The public half of an Ed25519 key. Only points of the prime-order subgroup in canonical encoding are accepted.
 *
 * <p>Immutable; the decoded point is kept, so that many messages of one unit cost one decoding.
 */
public final class VerifyKey {
    private final byte[] raw;
    private final Ed25519.PublicPoint point;
    private final Id8 kid;

    private VerifyKey(byte[] raw) {
        Ed25519.PublicPoint decoded = Ed25519.validatePublicKeyFullExport(raw, 0);
        if (decoded == null) {
            throw new IllegalArgumentException(
                    "not a valid Ed25519 public key: not a point of the prime-order subgroup");
        }
        this.raw = raw;
        this.point = decoded;
        this.kid = Id8.first(Sha256.of(spki()));
    }

    /** Reads a PEM SubjectPublicKeyInfo ({@code BEGIN PUBLIC KEY}). */
    public static VerifyKey fromPem(String pem) {
        return new VerifyKey(Pem.PUBLIC_KEY.key(pem));
    }

    /** Reads a DER SubjectPublicKeyInfo. */
    public static VerifyKey fromSpki(byte[] der) {
        return new VerifyKey(Pem.PUBLIC_KEY.keyFromDer(der));
    }

    /** Reads the 32 bytes of RFC 8032 section 5.1.5. */
    public static VerifyKey fromRaw(byte[] raw) {
        if (raw.length != Ed25519.PUBLIC_KEY_SIZE) {
            throw new IllegalArgumentException("an Ed25519 public key has 32 bytes (got " + raw.length + ")");
        }
        return new VerifyKey(raw.clone());
    }

    /** The first 8 bytes of SHA-256 over {@link #spki()}. */
    public Id8 kid() {
        return kid;
    }

    /** A copy of the 32 bytes. */
    public byte[] raw() {
        return raw.clone();
    }

    /** The DER SubjectPublicKeyInfo. */
    public byte[] spki() {
        return Pem.PUBLIC_KEY.der(raw);
    }

    public String toPem() {
        return Pem.PUBLIC_KEY.text(raw);
    }

    Ed25519.PublicPoint point() {
        return point;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof VerifyKey that && Arrays.equals(raw, that.raw);
    }

    @Override
    public int hashCode() {
        return kid.hashCode();
    }

    @Override
    public String toString() {
        return "key " + kid.hex();
    }
}
