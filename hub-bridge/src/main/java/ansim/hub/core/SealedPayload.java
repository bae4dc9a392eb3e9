package ansim.hub.core;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * How a sealed entry lies in the journal: length of the clear part (2 bytes), the clear part, what is sealed. The arrays are the caller's.
 *
 * @param clear see {@link EntryParts}
 * @param sealed the rest, as whoever has the key sealed it
 */
public record SealedPayload(byte[] clear, byte[] sealed) {
    private static final int LENGTH = 2;
    private static final int MAX_CLEAR = 0xffff;

    /**
     * A payload of just the right length with its clear part in place; what is sealed is to be put behind.
     *
     * @param parts begin with the clear part
     */
    public static ByteBuffer begin(byte[] parts, int clearBytes, int sealedBytes) {
        if (clearBytes > MAX_CLEAR) {
            throw new IllegalArgumentException(
                    "the clear part must have at most " + MAX_CLEAR + " bytes (got " + clearBytes + ")");
        }
        return ByteBuffer.allocate(LENGTH + clearBytes + sealedBytes)
                .putShort((short) clearBytes)
                .put(parts, 0, clearBytes);
    }

    public static SealedPayload of(byte[] payload) throws LogEntry.Unreadable {
        int length = payload.length < LENGTH
                ? MAX_CLEAR
                : Short.toUnsignedInt(ByteBuffer.wrap(payload).getShort());
        if (LENGTH + length > payload.length) {
            throw new LogEntry.Unreadable("a sealed log entry ends too early");
        }
        return new SealedPayload(
                Arrays.copyOfRange(payload, LENGTH, LENGTH + length),
                Arrays.copyOfRange(payload, LENGTH + length, payload.length));
    }
}
