package ansim.journal;

import java.util.Objects;
import java.util.OptionalLong;

/**
 * What a caller hands to {@link Journal#append}: a message, or the state that goes with it.
 *
 * <p>A {@link Type#MESSAGE} takes the next index of the journal. A {@link Type#STATE} takes none: it is the caller's own
 * record of where it stands, the newest one replaces all older ones, and {@link Journal#state} returns it.
 *
 * <p>The payload is not copied: it must not be changed before the append has returned.
 *
 * @param type what the payload is to the journal
 * @param keyId the key under which the payload is sealed (8 bytes), empty when it is not; the journal only keeps it
 * @param payload the bytes to keep, 0 to {@link JournalOptions#MAX_PAYLOAD_BYTES}
 */
public record Entry(Type type, OptionalLong keyId, byte[] payload) {

    /** What an entry is to the journal. */
    public enum Type {
        /** Numbered, read back in order, kept until it is removed. */
        MESSAGE(1),
        /** Unnumbered; only the newest matters, and it survives the removal of everything else. */
        STATE(2);

        private final int code;

        Type(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }
    }

    public Entry {
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(keyId, "keyId");
        if (payload.length > JournalOptions.MAX_PAYLOAD_BYTES) {
            throw new IllegalArgumentException("payload must be at most " + JournalOptions.MAX_PAYLOAD_BYTES
                    + " bytes (got " + payload.length + ")");
        }
    }

    /** A message that takes the next index. */
    public static Entry message(byte[] payload) {
        return new Entry(Type.MESSAGE, OptionalLong.empty(), payload);
    }

    /** A message whose payload is sealed under the given key. */
    public static Entry message(byte[] payload, long keyId) {
        return new Entry(Type.MESSAGE, OptionalLong.of(keyId), payload);
    }

    /** The caller's state; replaces every earlier one. */
    public static Entry state(byte[] payload) {
        return new Entry(Type.STATE, OptionalLong.empty(), payload);
    }
}
