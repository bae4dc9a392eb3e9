package ansim.wire;

import org.bouncycastle.math.ec.rfc8032.Ed25519;

/** Ed25519 by BouncyCastle: refuses S not below the group order, and R or keys that are not canonical or of small order. */
public final class Ed25519Verifier implements Verifier {
    /** Stateless, so one is enough for all threads. */
    public static final Ed25519Verifier INSTANCE = new Ed25519Verifier();

    private Ed25519Verifier() {}

    @Override
    public boolean verify(VerifyKey key, byte[] toBeSigned, byte[] signature) {
        return key.kind() == VerifyKey.Kind.ED25519
                && signature.length == Ed25519.SIGNATURE_SIZE
                && Ed25519.verify(signature, 0, key.point(), toBeSigned, 0, toBeSigned.length);
    }
}
