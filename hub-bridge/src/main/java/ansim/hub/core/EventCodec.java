package ansim.hub.core;

import ansim.wire.Id8;
import ansim.wire.Pos;
import ansim.wire.TimeQuality;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** What an output is made of, sealed or not: events, links, flags; see {@link EntryCodec} for how they lie there. */
final class EventCodec {
    private EventCodec() {}

    static void writePos(Cbor.Out out, Optional<Pos> pos) {
        if (pos.isEmpty()) {
            out.nothing();
            return;
        }
        OptionalInt haccDm = pos.get().haccDm();
        out.array(haccDm.isPresent() ? 3 : 2);
        out.number(pos.get().latE7());
        out.number(pos.get().lonE7());
        if (haccDm.isPresent()) {
            out.number(haccDm.getAsInt());
        }
    }

    static Optional<Pos> readPos(Cbor.In in) throws IOException {
        if (in.isNull()) {
            return Optional.empty();
        }
        in.array();
        int latE7 = in.integer();
        int lonE7 = in.integer();
        OptionalInt haccDm = OptionalInt.empty();
        if (in.more()) {
            haccDm = OptionalInt.of(in.integer());
            in.endArray();
        }
        return Optional.of(new Pos(latE7, lonE7, haccDm));
    }

    static long bits(Set<Flag> flags) {
        long bits = 0;
        for (Flag flag : flags) {
            bits |= 1L << flag.number();
        }
        return bits;
    }

    static Set<Flag> flags(long bits) {
        Set<Flag> flags = EnumSet.noneOf(Flag.class);
        for (Flag flag : Flag.values()) {
            if ((bits & 1L << flag.number()) != 0) {
                flags.add(flag);
            }
        }
        return flags;
    }

    static void writeLinks(Cbor.Out out, Links links) {
        if (links.equals(Links.NONE)) {
            out.nothing();
            return;
        }
        out.array(7);
        out.number(links.previous());
        out.number(links.previousN());
        out.number(links.block());
        out.number(links.blockN());
        out.number(links.superblock());
        out.number(links.superblockN());
        out.number(links.side());
    }

    static Links readLinks(Cbor.In in) throws IOException {
        if (in.isNull()) {
            return Links.NONE;
        }
        in.array();
        Links links =
                new Links(in.number(), in.number(), in.number(), in.number(), in.number(), in.number(), in.number());
        in.endArray();
        return links;
    }

    static void writeEvent(Cbor.Out out, Event event) {
        out.array(event.basis().isPresent() ? 13 : 12);
        out.number(event.type().number());
        out.texts(event.districts());
        out.bool(event.alarm());
        writeWhen(out, event.when());
        writePos(out, event.place());
        out.number(event.placeSource().number());
        out.text(event.vehicle());
        out.text(event.company());
        out.text(event.unitKind());
        if (event.ride().isPresent()) {
            out.bytes(event.ride().get().bytes());
        } else {
            out.nothing();
        }
        out.map(event.details());
        out.array(event.corrections().size());
        for (Event.Correction each : event.corrections()) {
            out.array(3);
            out.text(each.id());
            writeWhen(out, each.when());
            out.texts(each.districts());
        }
        if (event.basis().isPresent()) {
            writeBasis(out, event.basis().get());
        }
    }

    private static void writeBasis(Cbor.Out out, Basis basis) {
        boolean through = basis.ride().isPresent();
        out.array(through ? 3 : basis.text().isEmpty() ? 1 : 2);
        out.number(basis.why().number());
        if (through || !basis.text().isEmpty()) {
            out.text(basis.text());
        }
        if (through) {
            out.bytes(basis.ride().get().bytes());
        }
    }

    private static Basis readBasis(Cbor.In in) throws IOException {
        in.array();
        Basis.Why why = value(Basis.Why.values(), in.integer());
        if (!in.more()) {
            return new Basis(why, "", Optional.empty());
        }
        String text = in.text();
        Optional<Id8> ride = Optional.empty();
        if (in.more()) {
            ride = Optional.of(Id8.of(in.bytes()));
            in.endArray();
        }
        return new Basis(why, text, ride);
    }

    static Optional<Event> readEvent(Cbor.In in) throws IOException {
        if (in.isNull()) {
            return Optional.empty();
        }
        in.array();
        EventType type = value(EventType.values(), in.integer());
        List<String> districts = in.texts();
        boolean alarm = in.bool();
        When when = readWhen(in);
        Optional<Pos> place = readPos(in);
        Event.PlaceSource placeSource = value(Event.PlaceSource.values(), in.integer());
        String vehicle = in.text();
        String company = in.text();
        String unitKind = in.text();
        Optional<Id8> ride = in.isNull() ? Optional.empty() : Optional.of(Id8.of(in.bytes()));
        SortedMap<String, String> details = new TreeMap<>(in.map());
        List<Event.Correction> corrections = new ArrayList<>();
        in.array();
        while (in.more()) {
            in.array();
            String id = in.text();
            When better = readWhen(in);
            // Before it was written down who had been told of each, everybody was told all.
            boolean told = in.more();
            corrections.add(new Event.Correction(id, better, told ? in.texts() : districts));
            if (told) {
                in.endArray();
            }
        }
        Optional<Basis> basis = Optional.empty();
        if (in.more()) {
            basis = Optional.of(readBasis(in));
            in.endArray();
        }
        return Optional.of(new Event(
                type,
                districts,
                alarm,
                when,
                place,
                placeSource,
                vehicle,
                company,
                unitKind,
                ride,
                details,
                corrections,
                basis));
    }

    private static void writeWhen(Cbor.Out out, When when) {
        out.array(4);
        out.number(when.fromMs());
        out.number(when.toMs() - when.fromMs());
        out.number(when.quality().code());
        out.number(when.source().number());
    }

    private static When readWhen(Cbor.In in) throws IOException {
        in.array();
        long fromMs = in.number();
        long toMs = fromMs + in.number();
        TimeQuality quality = quality(in.integer());
        When when = new When(fromMs, toMs, quality, value(When.Source.values(), in.integer()));
        in.endArray();
        return when;
    }

    static <T extends Numbered> T value(T[] values, int number) throws IOException {
        for (T value : values) {
            if (value.number() == number) {
                return value;
            }
        }
        throw new IOException("a number that this version does not know (" + number + ")");
    }

    static TimeQuality quality(int code) throws IOException {
        for (TimeQuality quality : TimeQuality.values()) {
            if (quality.code() == code) {
                return quality;
            }
        }
        throw new IOException("no such time quality (" + code + ")");
    }
}
