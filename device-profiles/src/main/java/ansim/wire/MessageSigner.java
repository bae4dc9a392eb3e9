package ansim.wire;

/** Makes the signatures of one key: BouncyCastle everywhere, and a native provider at the hub, which signs a receipt for nearly every message. */
@FunctionalInterface
public interface MessageSigner {
    /** The Ed25519 signature (RFC 8032 section 5.1.6) over exactly these bytes; deterministic, so every signer of a key gives the same. */
    byte[] sign(byte[] toBeSigned);

    /** By BouncyCastle. */
    static MessageSigner of(SigningKey key) {
        return key::sign;
    }
}
