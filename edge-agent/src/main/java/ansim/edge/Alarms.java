package ansim.edge;

import ansim.profile.Reading.Origin;
import ansim.profile.Reading.PanicPress;
import ansim.wire.Id8;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * The unit's open alarms: at most one per origin, since a rider's button and the driver's hidden one are two calls.
 *
 * <p>The first press raises an alarm under a random id; further presses repeat it under the same id. An alarm closes ten
 * minutes ({@link #OPEN_MS}) after its last press; nothing is sent then: a cancel is a record of its own and never follows
 * from silence. While one is open the unit's positions are precise and its live position is quick. After a new boot an
 * open alarm is open for the full time again: in doubt it goes on.
 *
 * <p>Pure: time and randomness come in. Not thread-safe: the recorder's thread only.
 */
final class Alarms {
    /** An alarm is open this long after its last press. */
    static final long OPEN_MS = 600_000;
    /** Repeats closer than this to the last one on record are confirmed but get no record of their own. */
    static final long REPEAT_MS = 1_000;

    private static final int STATE_VERSION = 1;
    private static final Origin[] ORIGINS = Origin.values();

    private final RandomGenerator random;
    private final Map<Origin, Alarm> open = new EnumMap<>(Origin.class);

    private record Alarm(Id8 id, boolean silent, long lastPressMs, long recordedMs) {}

    /**
     * What a press is.
     *
     * @param alarm the alarm's id
     * @param raised the first press of it, otherwise a repeat
     * @param recorded whether it becomes a record
     * @param silent whether nothing on the unit may show it
     */
    record Press(Id8 alarm, boolean raised, boolean recorded, boolean silent) {}

    Alarms(RandomGenerator random) {
        this.random = random;
    }

    Press press(PanicPress press, long nowMs) {
        close(nowMs);
        Alarm known = open.get(press.origin());
        boolean recorded = known == null || nowMs - known.recordedMs >= REPEAT_MS;
        Alarm alarm = known == null
                ? new Alarm(new Id8(random.nextLong()), press.silent(), nowMs, nowMs)
                : new Alarm(known.id, known.silent || press.silent(), nowMs, recorded ? nowMs : known.recordedMs);
        open.put(press.origin(), alarm);
        return new Press(alarm.id, known == null, recorded, alarm.silent);
    }

    /** A press while commissioning: on record under an id of its own, and nothing is open after it. */
    Press test(PanicPress press) {
        return new Press(new Id8(random.nextLong()), true, true, press.silent());
    }

    /** Whether any alarm is open. */
    boolean open(long nowMs) {
        close(nowMs);
        return !open.isEmpty();
    }

    /** Whether an alarm is open that nothing on the unit may show. */
    boolean silent(long nowMs) {
        close(nowMs);
        return open.values().stream().anyMatch(Alarm::silent);
    }

    private void close(long nowMs) {
        open.values().removeIf(alarm -> nowMs - alarm.lastPressMs > OPEN_MS);
    }

    byte[] state(Id8 boot) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(64);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(STATE_VERSION);
            out.writeLong(boot.bits());
            out.writeByte(open.size());
            for (Map.Entry<Origin, Alarm> entry : open.entrySet()) {
                Alarm alarm = entry.getValue();
                out.writeByte(entry.getKey().code());
                out.writeLong(alarm.id.bits());
                out.writeBoolean(alarm.silent);
                out.writeLong(alarm.lastPressMs);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory does not fail", e);
        }
        return bytes.toByteArray();
    }

    /**
     * Goes on from a stored state.
     *
     * @throws IOException when the bytes are not a state of this version; nothing has changed then
     */
    void restore(byte[] state, Id8 boot, long nowMs) throws IOException {
        Map<Origin, Alarm> read = new EnumMap<>(Origin.class);
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(state))) {
            int version = in.readUnsignedByte();
            if (version != STATE_VERSION) {
                throw new IOException("alarm state must be version " + STATE_VERSION + " (got " + version + ")");
            }
            boolean sameBoot = in.readLong() == boot.bits();
            int count = in.readUnsignedByte();
            for (int i = 0; i < count; i++) {
                int code = in.readUnsignedByte();
                if (code < 1 || code > ORIGINS.length) {
                    throw new IOException("alarm origin must be 1 to " + ORIGINS.length + " (got " + code + ")");
                }
                Id8 id = new Id8(in.readLong());
                boolean silent = in.readBoolean();
                long pressedMs = in.readLong();
                long lastMs = sameBoot ? pressedMs : nowMs;
                read.put(ORIGINS[code - 1], new Alarm(id, silent, lastMs, lastMs));
            }
        }
        open.putAll(read);
    }
}
