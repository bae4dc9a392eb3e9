package ansim.wire;

import java.util.Arrays;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/**
 * The public half of a key that signs messages: Ed25519 (RFC 8032), or P-256 (FIPS 186-5) for a unit whose secure element knows nothing
 * else. Only points of the prime-order subgroup are accepted, each in one encoding: canonical for Ed25519, uncompressed (SEC 1 section
 * 2.3.3) for P-256.
 *
 * <p>Immutable; the decoded point is kept, so that many messages of one unit cost one decoding.
 */
public final class VerifyKey {
    /** What kind of key it is, which decides how it signs: the only algorithm that a message under it may name. */
    public enum Kind {
        /** Signs by EdDSA (RFC 9053 section 2.2). */
        ED25519(-8),
        /** Signs by ES256 (RFC 9053 section 2.1). */
        P256(-7);

        private final int algorithm;

        Kind(int algorithm) {
            this.algorithm = algorithm;
        }

        /** Its number in the COSE registry. */
        int algorithm() {
            return algorithm;
        }
    }

    /** The decoded point; the classes of the other curve are not even loaded. */
    private sealed interface Point {
        Kind kind();

        Pem pem();
    }

    private record Edwards(Ed25519.PublicPoint point) implements Point {
        static Edwards of(byte[] raw) {
            Ed25519.PublicPoint decoded = Ed25519.validatePublicKeyFullExport(raw, 0);
            if (decoded == null) {
                throw new IllegalArgumentException(
                        "not a valid Ed25519 public key: not a point of the prime-order subgroup");
            }
            return new Edwards(decoded);
        }

        @Override
        public Kind kind() {
            return Kind.ED25519;
        }

        @Override
        public Pem pem() {
            return Pem.PUBLIC_KEY;
        }
    }

    private record Weierstrass(ECPublicKeyParameters key) implements Point {
        @Override
        public Kind kind() {
            return Kind.P256;
        }

        @Override
        public Pem pem() {
            return Pem.P256_PUBLIC_KEY;
        }
    }

    private final byte[] raw;
    private final Point point;
    private final Id8 kid;

    private VerifyKey(byte[] raw, Point point) {
        this.raw = raw;
        this.point = point;
        this.kid = Id8.first(Sha256.of(spki()));
    }

    /** Reads a PEM SubjectPublicKeyInfo ({@code BEGIN PUBLIC KEY}). */
    public static VerifyKey fromPem(String pem) {
        return fromSpki(Pem.PUBLIC_KEY.der(pem));
    }

    /** Reads a DER SubjectPublicKeyInfo. */
    public static VerifyKey fromSpki(byte[] der) {
        if (Pem.P256_PUBLIC_KEY.fits(der)) {
            return of(Kind.P256, Pem.P256_PUBLIC_KEY.keyFromDer(der));
        }
        if (Pem.PUBLIC_KEY.fits(der)) {
            return of(Kind.ED25519, Pem.PUBLIC_KEY.keyFromDer(der));
        }
        throw new IllegalArgumentException("neither an Ed25519 public key nor an uncompressed one on P-256");
    }

    /** Reads the 32 bytes of RFC 8032 section 5.1.5, or the 65 of SEC 1 section 2.3.3 on P-256. */
    public static VerifyKey fromRaw(byte[] raw) {
        return switch (raw.length) {
            case Pem.ED25519_BYTES -> of(Kind.ED25519, raw.clone());
            case Pem.P256_POINT_BYTES -> of(Kind.P256, raw.clone());
            default ->
                throw new IllegalArgumentException("a public key must have " + Pem.ED25519_BYTES
                        + " bytes (Ed25519) or " + Pem.P256_POINT_BYTES + " (P-256) (got " + raw.length + ")");
        };
    }

    private static VerifyKey of(Kind kind, byte[] raw) {
        return new VerifyKey(raw, kind == Kind.P256 ? new Weierstrass(Es256Verifier.decode(raw)) : Edwards.of(raw));
    }

    public Kind kind() {
        return point.kind();
    }

    /** The first 8 bytes of SHA-256 over {@link #spki()}. */
    public Id8 kid() {
        return kid;
    }

    /** A copy of the bytes that {@link #fromRaw} reads. */
    public byte[] raw() {
        return raw.clone();
    }

    /** The DER SubjectPublicKeyInfo. */
    public byte[] spki() {
        return point.pem().der(raw);
    }

    public String toPem() {
        return point.pem().text(raw);
    }

    /** Of a key that is known to be Ed25519. */
    Ed25519.PublicPoint point() {
        return ((Edwards) point).point();
    }

    /** Of a key that is known to be on P-256. */
    ECPublicKeyParameters parameters() {
        return ((Weierstrass) point).key();
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
