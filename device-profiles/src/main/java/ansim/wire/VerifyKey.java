package ansim.wire;

import java.util.Arrays;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.jspecify.annotations.Nullable;

/**
 * The public half of a key that signs messages: Ed25519 (RFC 8032), or P-256 (FIPS 186-5) for a unit whose secure element knows nothing
 * else. Only points of the prime-order subgroup are accepted, each in one encoding: canonical for Ed25519, uncompressed (SEC 1 section
 * 2.3.3) for P-256.
 *
 * <p>Immutable; the decoded point is kept, so that many messages of one unit cost one decoding. What comes from outside is decoded, and so
 * checked, when it is read. What {@link #stored} reads was checked before it was stored, and is decoded when it is first used: the check of a
 * subgroup costs as much as verifying a message, and a hub that starts knows 112,000 keys. Any thread.
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
    private sealed interface Point {}

    private record Edwards(Ed25519.PublicPoint point) implements Point {
        static Edwards of(byte[] raw) {
            Ed25519.PublicPoint decoded = Ed25519.validatePublicKeyFullExport(raw, 0);
            if (decoded == null) {
                throw new IllegalArgumentException(
                        "not a valid Ed25519 public key: not a point of the prime-order subgroup");
            }
            return new Edwards(decoded);
        }

        /** Of a public half that was computed from its private half here: a multiple of the base point, so the order needs no proof. */
        static Edwards ofOwn(byte[] raw) {
            Ed25519.PublicPoint decoded = Ed25519.validatePublicKeyPartialExport(raw, 0);
            if (decoded == null) {
                throw new IllegalStateException("a public half that was just computed does not decode");
            }
            return new Edwards(decoded);
        }
    }

    private record Weierstrass(ECPublicKeyParameters key) implements Point {
        static Weierstrass of(byte[] raw) {
            return new Weierstrass(Es256Verifier.decode(raw));
        }
    }

    private final byte[] raw;
    private final Kind kind;
    /** Null until it is asked for: a hub that starts reads every key twice, and most are only compared. */
    private @Nullable Id8 kid;
    /** Null until it is needed, for a key that was proved earlier. Two threads may decode it at once: to the same. */
    private volatile @Nullable Point point;

    private VerifyKey(byte[] raw, Kind kind, @Nullable Point point) {
        this.raw = raw;
        this.kind = kind;
        this.point = point;
    }

    /** Reads a PEM SubjectPublicKeyInfo ({@code BEGIN PUBLIC KEY}). */
    public static VerifyKey fromPem(String pem) {
        return fromSpki(Pem.PUBLIC_KEY.der(pem));
    }

    /** Reads a DER SubjectPublicKeyInfo. */
    public static VerifyKey fromSpki(byte[] der) {
        byte[] raw = raw(der);
        return of(kind(raw), raw);
    }

    private static byte[] raw(byte[] der) {
        if (Pem.P256_PUBLIC_KEY.fits(der)) {
            return Pem.P256_PUBLIC_KEY.keyFromDer(der);
        }
        if (Pem.PUBLIC_KEY.fits(der)) {
            return Pem.PUBLIC_KEY.keyFromDer(der);
        }
        throw new IllegalArgumentException("neither an Ed25519 public key nor an uncompressed one on P-256");
    }

    /** Reads the 32 bytes of RFC 8032 section 5.1.5, or the 65 of SEC 1 section 2.3.3 on P-256. */
    public static VerifyKey fromRaw(byte[] raw) {
        return of(kind(raw), raw.clone());
    }

    private static Kind kind(byte[] raw) {
        return switch (raw.length) {
            case Pem.ED25519_BYTES -> Kind.ED25519;
            case Pem.P256_POINT_BYTES -> Kind.P256;
            default ->
                throw new IllegalArgumentException("a public key must have " + Pem.ED25519_BYTES
                        + " bytes (Ed25519) or " + Pem.P256_POINT_BYTES + " (P-256) (got " + raw.length + ")");
        };
    }

    /** The public half that a private half has just given. */
    static VerifyKey ofOwn(byte[] raw) {
        return new VerifyKey(raw, Kind.ED25519, Edwards.ofOwn(raw));
    }

    private static VerifyKey of(Kind kind, byte[] raw) {
        return new VerifyKey(raw, kind, kind == Kind.P256 ? Weierstrass.of(raw) : Edwards.of(raw));
    }

    /**
     * Takes the raw bytes of a key that {@link #fromRaw} or {@link #fromSpki} took before it was stored: for the hub's own registry, log and
     * snapshots, where all of a city are read at each start. It is proved when it is first asked to verify something, and fails then if it is no
     * key.
     */
    public static VerifyKey stored(byte[] raw) {
        return new VerifyKey(raw.clone(), kind(raw), null);
    }

    /** The same from a DER SubjectPublicKeyInfo. */
    public static VerifyKey storedSpki(byte[] der) {
        return stored(raw(der));
    }

    /** Whether its point has been decoded yet. */
    boolean isDecoded() {
        return point != null;
    }

    private Point decoded() {
        Point known = point;
        if (known == null) {
            try {
                known = kind == Kind.P256 ? Weierstrass.of(raw) : Edwards.of(raw);
            } catch (IllegalArgumentException e) {
                throw new IllegalStateException("the stored " + this + " is not as it was stored", e);
            }
            point = known;
        }
        return known;
    }

    public Kind kind() {
        return kind;
    }

    private Pem pem() {
        return kind == Kind.P256 ? Pem.P256_PUBLIC_KEY : Pem.PUBLIC_KEY;
    }

    /** The first 8 bytes of SHA-256 over {@link #spki()}. */
    public Id8 kid() {
        Id8 known = kid;
        if (known == null) {
            known = Id8.first(Sha256.of(spki()));
            kid = known;
        }
        return known;
    }

    /** A copy of the bytes that {@link #fromRaw} reads. */
    public byte[] raw() {
        return raw.clone();
    }

    /** The DER SubjectPublicKeyInfo. */
    public byte[] spki() {
        return pem().der(raw);
    }

    public String toPem() {
        return pem().text(raw);
    }

    /** The same bytes, not to be changed. */
    byte[] rawShared() {
        return raw;
    }

    /** Of a key that is known to be Ed25519. */
    Ed25519.PublicPoint point() {
        return ((Edwards) decoded()).point();
    }

    /** Of a key that is known to be on P-256. */
    ECPublicKeyParameters parameters() {
        return ((Weierstrass) decoded()).key();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof VerifyKey that && Arrays.equals(raw, that.raw);
    }

    @Override
    public int hashCode() {
        return kid().hashCode();
    }

    @Override
    public String toString() {
        return "key " + kid().hex();
    }
}
