package ansim.wire;

import java.math.BigInteger;
import java.util.Arrays;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;

/**
 * ES256 (RFC 9053 section 2.1: ECDSA on P-256 with SHA-256, r and s side by side) by BouncyCastle: refuses r and s outside [1, n - 1].
 * A secure element that knows no Ed25519 signs so; the hub itself never does.
 */
final class Es256Verifier implements Verifier {
    /** Stateless, so one is enough for all threads. */
    static final Es256Verifier INSTANCE = new Es256Verifier();

    private static final int HALF = 32;
    private static final byte UNCOMPRESSED = 4;
    private static final ECDomainParameters P256 = domain();
    private static final BigInteger HIGHEST_S = P256.getN().shiftRight(1);

    private Es256Verifier() {}

    private static ECDomainParameters domain() {
        X9ECParameters curve = CustomNamedCurves.getByName("secp256r1");
        return new ECDomainParameters(curve.getCurve(), curve.getG(), curve.getN(), curve.getH());
    }

    /** Decodes a point of SEC 1 section 2.3.3; its cofactor is 1, so one on the curve has the whole order. */
    static ECPublicKeyParameters decode(byte[] raw) {
        if (raw[0] != UNCOMPRESSED) {
            throw new IllegalArgumentException("not a valid P-256 public key: not an uncompressed point");
        }
        try {
            return new ECPublicKeyParameters(P256.getCurve().decodePoint(raw), P256);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("not a valid P-256 public key: not a point of the curve", e);
        }
    }

    /**
     * Whether s is in the upper half of the group order: whoever sees a signature can turn s into n - s, and it verifies still. With
     * one of the two refused a message has one form.
     */
    static boolean isHighS(byte[] signature) {
        return s(signature).compareTo(HIGHEST_S) > 0;
    }

    private static BigInteger s(byte[] signature) {
        return new BigInteger(1, Arrays.copyOfRange(signature, HALF, 2 * HALF));
    }

    @Override
    public boolean verify(VerifyKey key, byte[] toBeSigned, byte[] signature) {
        if (key.kind() != VerifyKey.Kind.P256 || signature.length != 2 * HALF) {
            return false;
        }
        ECDSASigner verifying = new ECDSASigner();
        verifying.init(false, key.parameters());
        BigInteger r = new BigInteger(1, Arrays.copyOf(signature, HALF));
        return verifying.verifySignature(Sha256.of(toBeSigned), r, s(signature));
    }
}
