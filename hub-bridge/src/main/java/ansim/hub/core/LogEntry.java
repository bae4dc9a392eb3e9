package ansim.hub.core;

import ansim.wire.UpMessage;
import java.io.IOException;

/**
 * One entry of the hub's log: an input and what the step decided on it. Its number is its index in the journal, from 1.
 *
 * <p>Encoded as CBOR; decoding parses the message's bytes again, without its signature, which was verified before it was logged.
 *
 * @param input what came
 * @param output what was decided; stored, so that an upgrade decides nothing again
 */
public record LogEntry(Input input, Output output) {
    /** An entry that cannot be read: damaged, or of a newer version. */
    public static final class Unreadable extends IOException {
        private static final long serialVersionUID = 1L;

        Unreadable(String message, Throwable cause) {
            super(message, cause);
        }
    }

    public Input.Type type() {
        return input.type();
    }

    public long arrivedMs() {
        return input.arrivedMs();
    }

    /** The message of an entry of {@link Input.Type#MESSAGE}. */
    public UpMessage message() {
        if (input instanceof Input.Arrival arrival) {
            return arrival.message();
        }
        throw new IllegalStateException("an entry of type " + type() + " has no message");
    }

    /** For the journal. */
    public byte[] encode() {
        return EntryCodec.encode(this);
    }

    public static LogEntry decode(byte[] bytes) throws Unreadable {
        return EntryCodec.decode(bytes);
    }
}
