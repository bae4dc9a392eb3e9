package ansim.edge;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a lane's state record holds.
 *
 * <p>Format: version (1 byte), the hub's highest generation (8), number of chains (2) and the chains ({@link Chain#write}),
 * number of slots (1), and per slot its number (1), length (4) and bytes. All big-endian.
 *
 * @param generation the highest that the hub has shown
 * @param chains oldest first
 * @param slots small states of the rules, by number
 */
record LaneState(long generation, List<Chain> chains, Map<Integer, byte[]> slots) {
    private static final int VERSION = 1;
    private static final int SLOT_BYTES_MAX = 1 << 20;

    byte[] encode() {
        return encode(true);
    }

    /** Everything but the end of the newest chain, which its messages tell themselves. */
    byte[] encodeBeside() {
        return encode(false);
    }

    private byte[] encode(boolean whole) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            out.writeLong(generation);
            out.writeShort(chains.size());
            for (int i = 0; i < chains.size(); i++) {
                chains.get(i).write(out, whole || i < chains.size() - 1);
            }
            out.writeByte(slots.size());
            for (Map.Entry<Integer, byte[]> slot : slots.entrySet()) {
                out.writeByte(slot.getKey());
                out.writeInt(slot.getValue().length);
                out.write(slot.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory does not fail", e);
        }
        return bytes.toByteArray();
    }

    static LaneState decode(byte[] state) throws IOException {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(state))) {
            int version = in.readUnsignedByte();
            if (version != VERSION) {
                throw new IOException("lane state must be version " + VERSION + " (got " + version + ")");
            }
            long generation = in.readLong();
            List<Chain> chains = new ArrayList<>();
            int count = in.readUnsignedShort();
            for (int i = 0; i < count; i++) {
                chains.add(Chain.read(in));
            }
            Map<Integer, byte[]> slots = new TreeMap<>();
            int named = in.readUnsignedByte();
            for (int i = 0; i < named; i++) {
                int slot = in.readUnsignedByte();
                int length = in.readInt();
                if (length < 0 || length > SLOT_BYTES_MAX) {
                    throw new IOException("a slot must have 0 to " + SLOT_BYTES_MAX + " bytes (got " + length + ")");
                }
                slots.put(slot, in.readNBytes(length));
            }
            return new LaneState(generation, chains, slots);
        }
    }
}
