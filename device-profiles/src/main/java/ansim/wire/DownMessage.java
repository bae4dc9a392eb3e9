package ansim.wire;

/**
 * A signed message from the hub to a unit. As {@link UpMessage}: the bytes stay what they were, and only {@link #verify} vouches
 * for them. Immutable.
 */
public final class DownMessage {
    /** The protected header's typ (RFC 9596). */
    public static final String TYP = "ansim.down.v1";

    private final byte[] bytes;
    private final CoseSign1 cose;
    private final Command command;

    private DownMessage(byte[] bytes, CoseSign1 cose, Command command) {
        this.bytes = bytes;
        this.cose = cose;
        this.command = command;
    }

    /**
     * Encodes and signs a command.
     *
     * @throws IllegalArgumentException if what would be sent is not a message of the contract
     */
    public static DownMessage sign(Command command, SigningKey key) {
        byte[] bytes = CoseSign1.sign(CborOut.encode(command.fields()), TYP, key);
        try {
            return parse(bytes);
        } catch (WireException e) {
            throw new IllegalArgumentException("this command cannot be sent: " + e.getMessage(), e);
        }
    }

    /**
     * Encodes and signs a command of which there is one for nearly every message: it is not read again, its records have checked what they hold.
     *
     * @param key the public half of the signer's
     * @return the message's bytes
     */
    public static byte[] sign(Command command, VerifyKey key, MessageSigner signer) {
        return CoseSign1.sign(CborOut.encode(command.fields()), TYP, key, signer);
    }

    /** Reads a message and refuses whatever the contract does not allow. Does not check the signature. */
    public static DownMessage parse(byte[] bytes) throws WireException {
        CoseSign1 cose = CoseSign1.parse(bytes, TYP);
        return new DownMessage(bytes.clone(), cose, Command.read(StrictCbor.item(cose.payload(), 0)));
    }

    /** A copy of the message as signed or received. */
    public byte[] bytes() {
        return bytes.clone();
    }

    /** The hub key that the message names. */
    public Id8 kid() {
        return cose.kid();
    }

    public Command command() {
        return command;
    }

    /** Whether {@code key} is the one that the message names and its signature verifies. */
    public boolean verify(Verifier verifier, VerifyKey key) {
        return cose.verify(verifier, key);
    }

    @Override
    public String toString() {
        return "verb " + command.verb().number() + " to " + command.aud();
    }
}
