package ansim.hub.core;

import ansim.wire.Id16;
import ansim.wire.UpMessage;
import java.io.IOException;
import java.util.Optional;

/**
 * One entry of the hub's log: an input and what the step decided on it. Its number is its index in the journal, from 1.
 *
 * <p>Encoded as CBOR; decoding parses the message's bytes again, without its signature, which was verified before it was logged. What belongs to
 * a ride or a day is encoded in two parts, of which the second is sealed: {@link EntryParts}.
 *
 * @param input what came
 * @param output what was decided; stored, so that an upgrade decides nothing again
 */
public record LogEntry(Input input, Output output) {
    /** An entry that cannot be read: damaged, of a newer version, or without the key that should be there. */
    public static final class Unreadable extends IOException {
        private static final long serialVersionUID = 1L;

        /** What to do, when it is not the log that is to be mended. */
        private final String tryThis;

        private final boolean passing;

        Unreadable(String message, Throwable cause) {
            super(message, cause);
            this.tryThis = "";
            this.passing = false;
        }

        Unreadable(String message) {
            this(message, "");
        }

        /** Of an entry whose key is not as it should be. */
        public Unreadable(String message, String tryThis) {
            super(message);
            this.tryThis = tryThis;
            this.passing = false;
        }

        private Unreadable(IOException cause, String tryThis) {
            super(cause.getMessage(), cause);
            this.tryThis = tryThis;
            this.passing = true;
        }

        /** Of an entry whose key could not be looked up now. */
        public static Unreadable passing(IOException cause, String tryThis) {
            return new Unreadable(cause, tryThis);
        }

        /** Whether it may read a moment later: who follows the log waits, instead of going on without it. */
        public boolean isPassing() {
            return passing;
        }

        /** What to do about the keys; empty when it is the log that does not read. */
        public String tryThis() {
            return tryThis;
        }
    }

    public Input.Type type() {
        return input.type();
    }

    public long arrivedMs() {
        return input.arrivedMs();
    }

    /** The message of an entry of {@link Input.Type#MESSAGE}, and that which one of {@link Input.Type#VAULT} is about. */
    public UpMessage message() {
        if (input instanceof Input.Arrival arrival) {
            return arrival.message();
        }
        if (input instanceof Input.VaultAnswer answer) {
            return answer.message();
        }
        throw new IllegalStateException("an entry of type " + type() + " has no message");
    }

    /** Whether {@link #message} has one. */
    public boolean hasMessage() {
        return input instanceof Input.Arrival || input instanceof Input.VaultAnswer;
    }

    /** The ride that the hub or the city's app itself speaks of, without a message. */
    public Optional<UnitRide> ride() {
        if (input instanceof Input.Tick tick) {
            return Optional.of(tick.ride());
        }
        return input instanceof Input.DestinationSaid said ? Optional.of(said.ride()) : Optional.empty();
    }

    /** The unit that an entry with an event is of; zeros for what is of none. */
    public Id16 unit() {
        if (input instanceof Input.AppEmergency app) {
            return app.unit();
        }
        return ride().map(UnitRide::unit).orElseGet(() -> message().batch().unit());
    }

    /** Whether it is what is left of one without its key. */
    public boolean isErased() {
        return type() == Input.Type.ERASED || type() == Input.Type.ERASED_ANSWER;
    }

    /** Where the message of an entry stands, erased or not. */
    public Outline outline() {
        if (input instanceof Input.Erased erased) {
            return erased.outline();
        }
        return Outline.of(message(), output.numbersAlarm().isPresent());
    }

    /** For the journal, with nothing sealed. */
    public byte[] encode() {
        return EntryCodec.encode(this);
    }

    /**
     * For the journal: what stays readable when the rest is sealed.
     *
     * @param whole whether the message itself is in the rest, or only what the hub says of it
     */
    public byte[] encodeClear(boolean whole) {
        Cbor.Out out = new Cbor.Out();
        SealedCodec.writeClear(out, this, whole);
        return out.bytes();
    }

    /** The rest. */
    public byte[] encodeSecret(boolean whole) {
        Cbor.Out out = new Cbor.Out();
        SealedCodec.writeSecret(out, this, whole);
        return out.bytes();
    }

    public static LogEntry decode(byte[] bytes) throws Unreadable {
        return EntryCodec.decode(bytes);
    }

    /** An entry in two parts, both readable. */
    public static LogEntry decode(byte[] clear, byte[] secret) throws Unreadable {
        return SealedCodec.decode(clear, secret);
    }

    /** What is left of a sealed entry without its key. */
    public static LogEntry decodeErased(byte[] clear) throws Unreadable {
        return SealedCodec.decodeErased(clear);
    }
}
