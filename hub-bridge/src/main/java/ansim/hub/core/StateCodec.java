package ansim.hub.core;

import ansim.wire.Id16;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * A {@link HubState} as bytes: version, last index, generation, whether it was raised, newest key, what was erased, GeoJSON of the districts, units ({@link UnitStateCodec}) in the
 * order of their ids, or in any that a {@link StateCopy} met them in, boardings that no vault has answered, commands, the policy and since when the hub listens.
 *
 * <p>Guarantees that whatever is written reads, that by {@link #write} two states that behave the same have the same bytes, and that what no state can have been is an
 * IOException and asks for no memory. The state's thread.
 */
final class StateCodec {
    /** Another one is not read, the state is then built from the log. */
    private static final int VERSION = 8;

    /** Units that an encoding may have, ten times what a city needs. */
    private static final int MAX_UNITS = 2_000_000;

    private StateCodec() {}

    static void write(HubState state, DataOutput out) throws IOException {
        writeHead(state, out);
        for (UnitState unit : sorted(state)) {
            UnitStateCodec.write(unit, out);
        }
        writeTail(state, out);
    }

    /** What stands before the units, their number included. */
    static void writeHead(HubState state, DataOutput out) throws IOException {
        out.writeInt(VERSION);
        out.writeLong(state.applied);
        out.writeLong(state.generation);
        out.writeBoolean(state.restored);
        out.writeLong(state.newestKey);
        out.writeLong(state.erasures);
        out.write(state.erasureHead.bytes());
        Encoding.longs(out, state.erasedLast.stream().mapToLong(Long::longValue).toArray());
        byte[] districts = state.districts.sourceShared();
        out.writeInt(districts.length);
        out.write(districts);
        out.writeInt(state.units.size());
    }

    /** What stands behind the units. */
    static void writeTail(HubState state, DataOutput out) throws IOException {
        state.unanswered.write(out);
        state.orders.write(out);
        state.policy.write(out);
        out.writeLong(state.watch.listeningMs);
    }

    private static List<UnitState> sorted(HubState state) {
        return state.units.values().stream()
                .sorted(Comparator.comparing(unit -> unit.registered.unit().hex()))
                .toList();
    }

    static HubState read(DataInput in) throws IOException {
        int version = in.readInt();
        if (version != VERSION) {
            throw new IOException("version " + version + " of the state, this program reads " + VERSION);
        }
        try {
            return readBody(in);
        } catch (IllegalArgumentException e) {
            throw new IOException("no state reads so: " + e.getMessage(), e);
        }
    }

    private static HubState readBody(DataInput in) throws IOException {
        long applied = in.readLong();
        long generation = in.readLong();
        boolean restored = in.readBoolean();
        long newestKey = in.readLong();
        long erasures = in.readLong();
        Id16 erasureHead = new Id16(in.readLong(), in.readLong());
        long[] erasedLast = Encoding.longs(in, "keys of an erasure", Input.Erasure.MAX_ITEMS);
        byte[] geojson = new byte[Encoding.count(in, "bytes of districts", DistrictMap.MAX_BYTES)];
        in.readFully(geojson);
        HubState state = new HubState(DistrictMap.parse(geojson)
                .map()
                .orElseThrow(() -> new IOException("the districts of the state do not read")));
        state.applied = applied;
        state.generation = generation;
        state.restored = restored;
        state.newestKey = newestKey;
        state.erasures = erasures;
        state.erasureHead = erasureHead;
        state.erasedLast = Arrays.stream(erasedLast).boxed().toList();
        for (int left = Encoding.count(in, "units", MAX_UNITS); left > 0; left--) {
            UnitState unit = UnitStateCodec.read(in);
            if (state.units.put(unit.registered.unit(), unit) != null) {
                throw new IOException("unit " + unit.registered.unit() + " is there twice");
            }
        }
        state.unanswered = Unanswered.read(in);
        state.orders = Orders.read(in);
        state.policy = Policy.read(in);
        state.watch.listeningMs = in.readLong();
        state.units.values().forEach(unit -> state.watch.look(state.policy, unit, unit.heardMs));
        return state;
    }
}
