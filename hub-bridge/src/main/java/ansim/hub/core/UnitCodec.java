package ansim.hub.core;

import ansim.wire.Id16;
import ansim.wire.VerifyKey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** A unit of the registry as a log entry has it, see {@link EntryCodec}. */
final class UnitCodec {
    private UnitCodec() {}

    static void writeUnit(Cbor.Out out, UnitRecord unit) {
        boolean plain = isPlain(unit);
        out.array(plain ? 7 : 8);
        out.bytes(unit.unit().bytes());
        out.bytes(unit.key().raw());
        out.text(unit.vehicle());
        out.text(unit.company());
        out.text(unit.kind());
        EventCodec.writePos(out, unit.place());
        out.bool(unit.revoked());
        if (!plain) {
            writeMore(out, unit);
        }
    }

    /** As every unit was before units enrolled by themselves: written as then. */
    private static boolean isPlain(UnitRecord unit) {
        return unit.keys().size() == 1
                && unit.service().district().isEmpty()
                && unit.service().group().isEmpty()
                && unit.past().isEmpty()
                && unit.standing().drainsUntilMs().isEmpty();
    }

    private static void writeMore(Cbor.Out out, UnitRecord unit) {
        out.array(5);
        List<VerifyKey> older = unit.keys().subList(0, unit.keys().size() - 1);
        out.array(older.size());
        for (VerifyKey each : older) {
            out.bytes(each.raw());
        }
        out.text(unit.service().district());
        out.text(unit.service().group());
        out.array(unit.past().size());
        for (UnitRecord.Past each : unit.past()) {
            out.array(3);
            out.number(each.untilMs());
            out.text(each.vehicle());
            out.text(each.company());
        }
        if (unit.standing().drainsUntilMs().isPresent()) {
            out.number(unit.standing().drainsUntilMs().getAsLong());
        } else {
            out.nothing();
        }
    }

    static UnitRecord readUnit(Cbor.In in) throws IOException {
        in.array();
        UnitRecord unit = new UnitRecord(
                Id16.of(in.bytes()),
                VerifyKey.stored(in.bytes()),
                in.text(),
                in.text(),
                in.text(),
                EventCodec.readPos(in),
                in.bool());
        if (in.more()) {
            unit = readMore(in, unit);
            in.endArray();
        }
        return unit;
    }

    private static UnitRecord readMore(Cbor.In in, UnitRecord plain) throws IOException {
        in.array();
        List<VerifyKey> keys = new ArrayList<>();
        in.array();
        while (in.more()) {
            keys.add(VerifyKey.stored(in.bytes()));
        }
        keys.add(plain.key());
        UnitRecord.Service service = new UnitRecord.Service(
                plain.vehicle(), plain.company(), plain.kind(), plain.place(), in.text(), in.text());
        List<UnitRecord.Past> past = new ArrayList<>();
        in.array();
        while (in.more()) {
            in.array();
            past.add(new UnitRecord.Past(in.number(), in.text(), in.text()));
            in.endArray();
        }
        OptionalLong drainsUntilMs = in.isNull() ? OptionalLong.empty() : OptionalLong.of(in.number());
        in.endArray();
        return new UnitRecord(
                plain.unit(), keys, service, past, new UnitRecord.Standing(plain.revoked(), drainsUntilMs));
    }
}
