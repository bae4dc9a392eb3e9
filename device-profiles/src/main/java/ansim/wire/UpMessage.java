package ansim.wire;

import java.util.Optional;

/**
 * A signed message from a unit: the bytes that were signed, and what they say.
 *
 * <p>Guarantees that {@link #bytes()} are the bytes as signed or as received, never encoded again, and that they obey the
 * contract. Does not guarantee that the signature is right: that is {@link #verify}'s answer, and nothing else's. Immutable.
 */
public final class UpMessage {
    /** Bytes of a whole message at most; a longer one is refused unread. */
    public static final int MAX_BYTES = 8 * 1024;

    /** The protected header's typ (RFC 9596): keeps a signature over this from passing as one over anything else. */
    public static final String TYP = "ansim.up.v1";

    private final byte[] bytes;
    private final CoseSign1 cose;
    private final Batch batch;
    private final Optional<String> flaw;
    private final Id16 payloadHash;

    private UpMessage(byte[] bytes, CoseSign1 cose, Batch batch, Optional<String> flaw) {
        this.bytes = bytes;
        this.cose = cose;
        this.batch = batch;
        this.flaw = flaw;
        this.payloadHash = Id16.first(Sha256.of(cose.payload()));
    }

    /**
     * Encodes and signs a batch.
     *
     * @throws IllegalArgumentException if what would be sent is not a message of the contract: too long, a wall time without a
     *     quality, records of several rides
     */
    public static UpMessage sign(Batch batch, SigningKey key) {
        if (batch.quality() == TimeQuality.UNKNOWN && batch.t0Ms() != 0) {
            throw new IllegalArgumentException(
                    "t0 must be 0 when the time quality is unknown (got " + batch.t0Ms() + ")");
        }
        byte[] bytes = CoseSign1.sign(CborOut.encode(batch.fields()), TYP, key);
        try {
            // Right before signing becomes storing: what our own decoder refuses must never reach a journal.
            return parse(bytes);
        } catch (WireException e) {
            throw new IllegalArgumentException("this batch cannot be sent: " + e.getMessage(), e);
        }
    }

    /** Reads a message and refuses whatever the contract does not allow. Does not check the signature. */
    public static UpMessage parse(byte[] bytes) throws WireException {
        UpMessage message = parseLeniently(bytes);
        if (message.flaw.isPresent()) {
            throw WireException.content(message.flaw.get());
        }
        return message;
    }

    /**
     * Reads a message as {@link #parse} does, but keeps a record whose body breaks its kind's rules as {@link Unknown} and says so
     * in {@link #flaw()}: an alarm that verifies is delivered even then (as suspect), other lanes are kept in quarantine. The
     * envelope, the encoding and unknown negative keys are as strict as ever.
     */
    public static UpMessage parseLeniently(byte[] bytes) throws WireException {
        CoseSign1 cose = CoseSign1.parse(bytes, TYP);
        Batch.Read read = Batch.read(StrictCbor.item(cose.payload(), 0));
        return new UpMessage(bytes.clone(), cose, read.batch(), read.flaw());
    }

    /** A copy of the message as signed or received. */
    public byte[] bytes() {
        return bytes.clone();
    }

    /** The key that the message names. */
    public Id8 kid() {
        return cose.kid();
    }

    public Batch batch() {
        return batch;
    }

    /** What breaks the contract's rules though it could be read; always empty after {@link #parse}. */
    public Optional<String> flaw() {
        return flaw;
    }

    /** First 16 bytes of SHA-256 over the payload: {@code previous} of the next message. */
    public Id16 payloadHash() {
        return payloadHash;
    }

    /** First 8 bytes of SHA-256 over the payload: what a receipt names. */
    public Id8 payloadHash8() {
        return new Id8(payloadHash.hi());
    }

    /** First 16 bytes of SHA-256 over the whole message: what a refusal names. */
    public Id16 messageHash() {
        return messageHash(bytes);
    }

    /** {@link #messageHash()} of bytes that may not even be a message. */
    public static Id16 messageHash(byte[] received) {
        return Id16.first(Sha256.of(received));
    }

    /** Whether it is signed by ES256 with a high s, which {@link #verify} refuses: for those who want to say so. */
    public boolean hasHighS() {
        return cose.hasHighS();
    }

    /** Whether {@code key} is the one that the message names and its signature verifies. */
    public boolean verify(Verifier verifier, VerifyKey key) {
        return cose.verify(verifier, key);
    }

    /** Which message this is and nothing of what it says, so that it may stand in a log. */
    @Override
    public String toString() {
        return batch.unit() + "/" + batch.chain() + "/" + batch.lane().number() + "/" + batch.n();
    }
}
