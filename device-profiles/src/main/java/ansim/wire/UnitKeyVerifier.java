package ansim.wire;

/** Verifies under the keys that units have, each by its own kind: Ed25519 or ES256, both by BouncyCastle. Runs everywhere. */
public final class UnitKeyVerifier implements Verifier {
    /** Stateless, so one is enough for all threads. */
    public static final UnitKeyVerifier INSTANCE = new UnitKeyVerifier();

    private UnitKeyVerifier() {}

    @Override
    public boolean verify(VerifyKey key, byte[] toBeSigned, byte[] signature) {
        Verifier ofKind = switch (key.kind()) {
            case ED25519 -> Ed25519Verifier.INSTANCE;
            case P256 -> Es256Verifier.INSTANCE;
        };
        return ofKind.verify(key, toBeSigned, signature);
    }
}
