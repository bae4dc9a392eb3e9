package ansim.hub.core;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * A {@link HubState} as it was at one entry, as the bytes that {@link HubState#read} reads, made piece by piece while further entries are
 * applied: a unit that an entry is about to change is encoded first, so that nothing stands still for it and nothing is in memory twice.
 *
 * <p>Guarantees that what it gives is the state at {@link #applied}, whatever is applied meanwhile; only the units' order is another one than in
 * {@link HubState#write}. What was encoded and not taken yet is in memory, at most the whole encoded state. The state's thread.
 */
public final class StateCopy {
    private final long applied;
    private final long generation;
    private final UnitState[] units;
    private final byte[] rest;
    private final int number;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final DataOutputStream out = new DataOutputStream(bytes);
    private int next;
    private boolean complete;

    /** @param number other than that of every earlier copy of the state, and not 0 */
    StateCopy(HubState state, int number) {
        this.applied = state.applied;
        this.generation = state.generation;
        this.units = state.units.values().toArray(UnitState[]::new);
        this.number = number;
        ByteArrayOutputStream behind = new ByteArrayOutputStream();
        try {
            StateCodec.writeHead(state, out);
            StateCodec.writeTail(state, new DataOutputStream(behind));
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        this.rest = behind.toByteArray();
    }

    /** The log index of the entry that it is of. */
    public long applied() {
        return applied;
    }

    public long generation() {
        return generation;
    }

    /** Whether all of it is encoded. */
    public boolean isComplete() {
        return complete;
    }

    /** Encodes some more units, or what comes behind the last. */
    public void advance(int many) {
        int until = (int) Math.min(units.length, (long) next + many);
        for (; next < until; next++) {
            before(units[next]);
        }
        if (next == units.length && !complete) {
            complete = true;
            bytes.writeBytes(rest);
        }
    }

    /** What was encoded since the last call. */
    public byte[] take() {
        byte[] taken = bytes.toByteArray();
        bytes.reset();
        return taken;
    }

    /** A unit is about to change. */
    void before(UnitState unit) {
        if (unit.copied == number) {
            return;
        }
        unit.copied = number;
        try {
            UnitStateCodec.write(unit, out);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
    }

    /** Every unit is about to change. */
    void beforeAll() {
        advance(units.length);
    }

    /** A unit that was not there yet is none of it. */
    void born(UnitState unit) {
        unit.copied = number;
    }
}
