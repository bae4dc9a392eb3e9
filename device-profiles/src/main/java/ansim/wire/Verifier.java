package ansim.wire;

/**
 * Checks signatures: {@link Ed25519Verifier} for what the hub says, {@link UnitKeyVerifier} for what units say, and a native provider at
 * the hub.
 */
@FunctionalInterface
public interface Verifier {
    /**
     * Whether {@code signature} over {@code toBeSigned} verifies under {@code key} (RFC 8032 section 5.1.7, FIPS 186-5
     * section 6.4.2). False for every input that does not, also of a wrong length and under a key of a kind that this one does not know;
     * never throws for what came from outside. A high s is refused before, where the message's one form is looked after.
     */
    boolean verify(VerifyKey key, byte[] toBeSigned, byte[] signature);
}
