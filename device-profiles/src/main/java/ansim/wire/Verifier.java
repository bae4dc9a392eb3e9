package ansim.wire;

/** Checks Ed25519 signatures. Two real ones: {@link Ed25519Verifier} everywhere, and a native provider at the hub. */
@FunctionalInterface
public interface Verifier {
    /**
     * Whether {@code signature} over {@code toBeSigned} verifies under {@code key} (RFC 8032 section 5.1.7). False for every input
     * that does not, also of a wrong length; never throws for what came from outside.
     */
    boolean verify(VerifyKey key, byte[] toBeSigned, byte[] signature);
}
