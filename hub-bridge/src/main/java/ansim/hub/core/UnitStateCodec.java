package ansim.hub.core;

import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.VerifyKey;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;

/** A {@link UnitState} as bytes, in an encoded {@link HubState}: {@link StateCodec}. Reads back whatever it writes, and refuses what no unit can have. */
final class UnitStateCodec {
    private static final int MAX_CHAINS = 3 * UnitState.CHAINS_KEPT + UnitState.STATUS_CHAINS;

    private static final long DRAINS_NOT = -1;

    private UnitStateCodec() {}

    static void write(UnitState unit, DataOutput out) throws IOException {
        writeRegistered(unit.registered, out);
        List<Chain> sorted = unit.chains()
                .sorted(Comparator.comparing((Chain chain) -> chain.lane).thenComparingLong(chain -> chain.id.bits()))
                .toList();
        out.writeInt(sorted.size());
        for (Chain chain : sorted) {
            chain.write(out);
        }
        out.writeByte(unit.forgotten);
        out.writeInt(unit.boots.size());
        for (Boot boot : unit.boots) {
            boot.write(out);
        }
        out.writeInt(unit.rides.size());
        for (Ride ride : unit.rides) {
            ride.write(out);
            ride.writeTold(out);
        }
        unit.pastRides.write(out);
        out.writeInt(unit.alarms.size());
        for (UnitState.OpenAlarm alarm : unit.alarms) {
            out.writeLong(alarm.id().bits());
            Encoding.texts(out, alarm.districts());
            Encoding.id(out, alarm.ride());
        }
        Encoding.longs(out, unit.calledFrom.stream().mapToLong(Id8::bits).toArray());
        out.writeInt(unit.undated.size());
        for (UnitState.Undated each : unit.undated) {
            out.writeUTF(each.id());
            out.writeLong(each.boot().bits());
            out.writeLong(each.monoMs());
            Encoding.when(out, each.when());
            Encoding.texts(out, each.districts());
            out.writeBoolean(each.alarm());
            Encoding.id(out, each.ride());
        }
        unit.lastKnown.write(out);
        Encoding.id(out, unit.lastKnownRide());
        out.writeLong(unit.lastKnownHeardMs);
        out.writeLong(unit.heardMs);
        out.writeLong(unit.newChainsDay);
        out.writeInt(unit.newChains);
        unit.numbersAlarm.write(out);
    }

    private static void writeRegistered(UnitRecord registered, DataOutput out) throws IOException {
        out.write(registered.unit().bytes());
        out.writeInt(registered.keys().size());
        for (VerifyKey key : registered.keys()) {
            byte[] raw = key.raw();
            out.writeByte(raw.length);
            out.write(raw);
        }
        out.writeUTF(registered.vehicle());
        out.writeUTF(registered.company());
        out.writeUTF(registered.kind());
        Encoding.pos(out, registered.place());
        out.writeUTF(registered.service().district());
        out.writeUTF(registered.service().group());
        out.writeInt(registered.past().size());
        for (UnitRecord.Past past : registered.past()) {
            out.writeLong(past.untilMs());
            out.writeUTF(past.vehicle());
            out.writeUTF(past.company());
        }
        out.writeBoolean(registered.revoked());
        out.writeLong(registered.standing().drainsUntilMs().orElse(DRAINS_NOT));
    }

    static UnitState read(DataInput in) throws IOException {
        UnitState unit = new UnitState(readRegistered(in));
        for (int left = Encoding.count(in, "chains of a unit", MAX_CHAINS); left > 0; left--) {
            unit.put(Chain.read(in));
        }
        unit.forgotten = in.readUnsignedByte();
        for (int left = Encoding.count(in, "boots of a unit", UnitState.BOOTS_KEPT); left > 0; left--) {
            unit.boots.add(Boot.read(in));
        }
        for (int left = Encoding.count(in, "rides of a unit", UnitState.RIDES_KEPT); left > 0; left--) {
            Ride ride = Ride.read(in);
            ride.readTold(in);
            unit.rides.add(ride);
        }
        unit.pastRides.read(in);
        for (int left = Encoding.count(in, "alarms of a unit", UnitState.ALARMS_KEPT); left > 0; left--) {
            Id8 id = new Id8(in.readLong());
            List<String> told = List.copyOf(Encoding.texts(in, "districts of an alarm", Routing.MAX_DISTRICTS));
            unit.alarms.add(new UnitState.OpenAlarm(id, told, Encoding.id(in)));
        }
        for (long ride : Encoding.longs(in, "calls for help by the app", UnitState.CALLS_KEPT)) {
            unit.calledFrom.add(new Id8(ride));
        }
        for (int left = Encoding.count(in, "undated events of a unit", UnitState.UNDATED_KEPT); left > 0; left--) {
            unit.undated.add(readUndated(in));
        }
        unit.lastKnown.read(in);
        unit.lastKnownRide = Encoding.id(in).orElse(null);
        unit.lastKnownHeardMs = in.readLong();
        unit.heardMs = in.readLong();
        unit.newChainsDay = in.readLong();
        unit.newChains = in.readInt();
        unit.numbersAlarm = NumbersAlarm.read(in);
        return unit;
    }

    private static UnitRecord readRegistered(DataInput in) throws IOException {
        Id16 id = new Id16(in.readLong(), in.readLong());
        List<VerifyKey> keys = new ArrayList<>(1);
        for (int left = Encoding.count(in, "keys of a unit", UnitRecord.MAX_KEYS); left > 0; left--) {
            byte[] key = new byte[in.readUnsignedByte()];
            in.readFully(key);
            keys.add(VerifyKey.stored(key));
        }
        UnitRecord.Service service = new UnitRecord.Service(
                in.readUTF(), in.readUTF(), in.readUTF(), Encoding.pos(in), in.readUTF(), in.readUTF());
        List<UnitRecord.Past> past = new ArrayList<>(0);
        for (int left = Encoding.count(in, "moves of a unit", UnitRecord.MAX_PAST); left > 0; left--) {
            past.add(new UnitRecord.Past(in.readLong(), in.readUTF(), in.readUTF()));
        }
        boolean revoked = in.readBoolean();
        long drains = in.readLong();
        OptionalLong drainsUntilMs = drains == DRAINS_NOT ? OptionalLong.empty() : OptionalLong.of(drains);
        return new UnitRecord(id, keys, service, past, new UnitRecord.Standing(revoked, drainsUntilMs));
    }

    private static UnitState.Undated readUndated(DataInput in) throws IOException {
        String id = in.readUTF();
        Id8 boot = new Id8(in.readLong());
        long monoMs = in.readLong();
        When when = Encoding.when(in);
        List<String> districts = List.copyOf(Encoding.texts(in, "districts of an event", Ride.MAX_DISTRICTS));
        return new UnitState.Undated(id, boot, monoMs, when, districts, in.readBoolean(), Encoding.id(in));
    }
}
