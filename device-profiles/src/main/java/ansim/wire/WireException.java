package ansim.wire;

/**
 * Bytes that are not a message of the contract, and which kind of wrong they are.
 *
 * <p>The reason decides what the receiver may answer; the message says where and why, for a person. It never holds a field's
 * text or bytes that could identify somebody.
 */
public final class WireException extends Exception {
    private static final long serialVersionUID = 1L;

    /** What was wrong. */
    public enum Reason {
        /** Longer than {@link UpMessage#MAX_BYTES}. */
        TOO_LONG,
        /** Breaks RFC 9052 or the strict rules on RFC 8949: the hub answers a known, valid kid with <i>refused, encoding</i>. */
        ENCODING,
        /** The protected header is not exactly alg, kid and typ, or names another type of message. */
        HEADER,
        /** Another major version of the contract, or an algorithm that this one does not know: neither receipt nor refusal. */
        VERSION,
        /** A negative key that this version does not know and therefore must not skip: neither receipt nor refusal. */
        UNKNOWN_KEY,
        /** Good CBOR, but a field is missing, of another type or out of its range. */
        CONTENT,
        /** The signature does not verify under the given key. */
        SIGNATURE
    }

    private final Reason reason;

    WireException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }

    static WireException content(String message) {
        return new WireException(Reason.CONTENT, message);
    }

    /** A signature that does not verify, for those who ask {@code verify} and want to say so. */
    public static WireException signature(String message) {
        return new WireException(Reason.SIGNATURE, message);
    }

    static WireException encoding(String message) {
        return new WireException(Reason.ENCODING, message);
    }
}
