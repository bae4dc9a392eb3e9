package ansim.edge;

import ansim.profile.Reading.ContactChange;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What each contact was last recorded as, so that a door that opened or closed while the agent was dead is told when it runs
 * again, and one that did not is not told twice.
 *
 * <p>Guarantee: {@link #state} given to {@link #restore} goes on as if nothing had happened, on any boot: a contact has a level,
 * not a time. At most {@value #MAX} contacts are remembered, more than a unit has ports. The recorder's thread only.
 */
final class Contacts {
    static final int MAX = 32;
    private static final int STATE_VERSION = 1;

    private final Map<String, Boolean> closed = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > MAX;
        }
    };

    /** Remembers a contact's level, and says whether it is news: a change, or an alarm found at the first look ever. */
    boolean news(ContactChange change) {
        Boolean before = closed.put(change.name(), change.closed());
        return before == null ? !change.initial() || change.alarm() : before != change.closed();
    }

    /** Whether this contact has been looked at before. */
    boolean knows(String name) {
        return closed.containsKey(name);
    }

    byte[] state() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(64);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(STATE_VERSION);
            out.writeByte(closed.size());
            for (Map.Entry<String, Boolean> each : closed.entrySet()) {
                out.writeUTF(each.getKey());
                out.writeBoolean(each.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return bytes.toByteArray();
    }

    void restore(byte[] state) throws IOException {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(state))) {
            int version = in.readUnsignedByte();
            if (version != STATE_VERSION) {
                throw new IOException("contacts of version " + version);
            }
            int count = in.readUnsignedByte();
            for (int i = 0; i < count; i++) {
                closed.put(in.readUTF(), in.readBoolean());
            }
        }
    }
}
