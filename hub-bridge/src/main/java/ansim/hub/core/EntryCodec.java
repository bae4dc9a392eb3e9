package ansim.hub.core;

import ansim.wire.Bytes;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.OtherVerb;
import ansim.wire.Pos;
import ansim.wire.TimeQuality;
import ansim.wire.UpMessage;
import ansim.wire.VerifyKey;
import ansim.wire.WireException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A log entry in CBOR: {@code [version, type, arrivedMs, input, output]}. Arrays with fields by position and no names: the log holds
 * hundreds of millions of them. What follows from the message itself (id, receipt) is not written twice.
 *
 * <pre>
 * output = [disposition, flags: bits, reason / null, links / null, event / null, ? numbers alarm: event / null, ? [+ again]]
 * again  = [index, [+ district]]
 * links  = [7* uint]
 * event  = [type, [+ district], alarm, when, pos / null, place source, vehicle, company, unit kind, ride / null,
 *           {* detail}, [* [id, when, ? [* district]]]]
 * when   = [from, to - from, quality, source]
 * command = [unit, number, request, verb, body, exp, who ordered it]
 * app     = [key, at, gesture, pos / null, ? unit, ride]
 * settings = [[+ to], [+ to], [+ to], catch-all / null, every ride / null, [5* uint]]
 * tick   = [unit, ride]
 * destination = [[unit, ride], pos / null, district, request]
 * erasure = [hash of the one before, cause, reason, [+ [key id, ? unit, ride]]]
 * </pre>
 *
 * <p>What is sealed is in {@link SealedCodec}.
 */
final class EntryCodec {
    private static final int VERSION = 1;

    private EntryCodec() {}

    static byte[] encode(LogEntry entry) {
        try (Cbor.Out out = new Cbor.Out()) {
            out.array(5);
            out.number(VERSION);
            out.number(entry.type().number());
            out.number(entry.arrivedMs());
            writeInput(out, entry.input());
            writeOutput(out, entry.output());
            return out.bytes();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
    }

    static LogEntry decode(byte[] bytes) throws LogEntry.Unreadable {
        try (Cbor.In in = new Cbor.In(bytes)) {
            in.array();
            int version = in.integer();
            if (version != VERSION) {
                throw new IOException("version " + version + " of the log, this program reads " + VERSION);
            }
            int type = in.integer();
            long arrivedMs = in.number();
            Input input = readInput(in, type, arrivedMs);
            Output output = readOutput(in, input);
            in.end();
            return new LogEntry(input, output);
        } catch (IOException | IllegalArgumentException | WireException e) {
            throw new LogEntry.Unreadable("a log entry cannot be read: " + e.getMessage(), e);
        }
    }

    private static void writeInput(Cbor.Out out, Input input) throws IOException {
        switch (input.type()) {
            case FOUNDING -> out.number(((Input.Founding) input).generation());
            case UNIT -> writeUnit(out, ((Input.UnitChange) input).unit());
            case DISTRICTS -> out.bytes(((Input.DistrictsChange) input).map().sourceShared());
            case MESSAGE -> out.bytes(((Input.Arrival) input).message().bytes());
            case ERASURE -> writeErasure(out, (Input.Erasure) input);
            case VAULT -> writeAnswer(out, (Input.VaultAnswer) input);
            case COMMAND -> writeOrder(out, ((Input.CommandOrdered) input).order());
            case APP_EMERGENCY -> writeApp(out, (Input.AppEmergency) input);
            case SETTINGS -> RideInputs.writePolicy(out, ((Input.SettingsChange) input).policy());
            case TICK -> RideInputs.writeRide(out, ((Input.Tick) input).ride());
            case DESTINATION -> RideInputs.writeDestination(out, (Input.DestinationSaid) input);
            default -> throw new IllegalStateException("no such input " + input.type());
        }
    }

    private static Input readInput(Cbor.In in, int type, long arrivedMs) throws IOException, WireException {
        return switch (type) {
            case 1 -> new Input.Founding(arrivedMs, in.number());
            case 2 -> new Input.UnitChange(arrivedMs, readUnit(in));
            case 3 -> {
                DistrictMap.Parsed parsed = DistrictMap.parse(in.bytes());
                yield new Input.DistrictsChange(
                        arrivedMs,
                        parsed.map()
                                .orElseThrow(() -> new IOException("a logged map of districts does not read: "
                                        + parsed.problems().get(0))));
            }
            case 4 -> new Input.Arrival(arrivedMs, UpMessage.parseLeniently(in.bytes()));
            case 6 -> readErasure(in, arrivedMs);
            case 5 -> readAnswer(in, arrivedMs);
            case 7 -> new Input.CommandOrdered(arrivedMs, readOrder(in));
            case 8 -> readApp(in, arrivedMs);
            case 9 -> new Input.SettingsChange(arrivedMs, RideInputs.readPolicy(in));
            case 10 -> new Input.Tick(arrivedMs, RideInputs.readRide(in));
            case 11 -> RideInputs.readDestination(in, arrivedMs);
            default -> throw new IOException("an unknown type of entry (" + type + ")");
        };
    }

    private static void writeErasure(Cbor.Out out, Input.Erasure erasure) throws IOException {
        out.array(4);
        out.bytes(erasure.previous().bytes());
        out.number(erasure.cause().number());
        out.text(erasure.reason());
        out.array(erasure.items().size());
        for (Input.Erasure.Item item : erasure.items()) {
            out.array(item.ride().isPresent() ? 3 : 1);
            out.number(item.keyId());
            if (item.ride().isPresent()) {
                out.bytes(item.ride().get().unit().bytes());
                out.bytes(item.ride().get().ride().bytes());
            }
        }
    }

    private static Input.Erasure readErasure(Cbor.In in, long arrivedMs) throws IOException {
        in.array();
        Id16 previous = Id16.of(in.bytes());
        Input.Erasure.Cause cause = value(Input.Erasure.Cause.values(), in.integer());
        String reason = in.text();
        List<Input.Erasure.Item> items = new ArrayList<>();
        in.array();
        while (in.more()) {
            in.array();
            long keyId = in.number();
            Optional<UnitRide> ride = Optional.empty();
            if (in.more()) {
                ride = Optional.of(new UnitRide(Id16.of(in.bytes()), Id8.of(in.bytes())));
                in.endArray();
            }
            items.add(new Input.Erasure.Item(keyId, ride));
        }
        in.endArray();
        return new Input.Erasure(arrivedMs, previous, cause, reason, items);
    }

    private static void writeAnswer(Cbor.Out out, Input.VaultAnswer answer) throws IOException {
        out.array(3);
        out.number(answer.asked());
        out.bytes(answer.message().bytes());
        out.array(answer.riders().size());
        for (NamedRider rider : answer.riders()) {
            out.array(2);
            out.text(rider.handle());
            out.text(rider.home());
        }
    }

    private static Input readAnswer(Cbor.In in, long arrivedMs) throws IOException, WireException {
        in.array();
        long asked = in.number();
        UpMessage message = UpMessage.parseLeniently(in.bytes());
        List<NamedRider> riders = new ArrayList<>();
        in.array();
        while (in.more()) {
            in.array();
            riders.add(new NamedRider(in.text(), in.text()));
            in.endArray();
        }
        in.endArray();
        return new Input.VaultAnswer(arrivedMs, asked, message, riders);
    }

    private static void writeOrder(Cbor.Out out, Order order) throws IOException {
        out.array(7);
        out.bytes(order.unit().bytes());
        out.number(order.number());
        out.bytes(order.request().bytes());
        out.number(order.verb().number());
        out.bytes(order.verb().body().toByteArray());
        out.number(order.expS());
        out.text(order.by());
    }

    private static Order readOrder(Cbor.In in) throws IOException {
        in.array();
        Id16 unit = Id16.of(in.bytes());
        long number = in.number();
        Id8 request = Id8.of(in.bytes());
        OtherVerb verb = new OtherVerb(in.integer(), Bytes.of(in.bytes()));
        Order order = new Order(unit, number, request, verb, in.number(), in.text());
        in.endArray();
        return order;
    }

    private static void writeApp(Cbor.Out out, Input.AppEmergency app) throws IOException {
        out.array(app.ride().isPresent() ? 6 : 4);
        out.bytes(app.key().bytes());
        out.number(app.atMs());
        out.number(app.gesture().number());
        writePos(out, app.pos());
        if (app.ride().isPresent()) {
            out.bytes(app.ride().get().unit().bytes());
            out.bytes(app.ride().get().ride().bytes());
        }
    }

    private static Input readApp(Cbor.In in, long arrivedMs) throws IOException {
        in.array();
        Id16 key = Id16.of(in.bytes());
        long atMs = in.number();
        Input.AppEmergency.Gesture gesture = value(Input.AppEmergency.Gesture.values(), in.integer());
        Optional<Pos> pos = readPos(in);
        Optional<UnitRide> ride = Optional.empty();
        if (in.more()) {
            ride = Optional.of(new UnitRide(Id16.of(in.bytes()), Id8.of(in.bytes())));
            in.endArray();
        }
        return new Input.AppEmergency(arrivedMs, key, atMs, gesture, pos, ride);
    }

    private static void writeUnit(Cbor.Out out, UnitRecord unit) throws IOException {
        boolean plain = isPlain(unit);
        out.array(plain ? 7 : 8);
        out.bytes(unit.unit().bytes());
        out.bytes(unit.key().raw());
        out.text(unit.vehicle());
        out.text(unit.company());
        out.text(unit.kind());
        writePos(out, unit.place());
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

    private static void writeMore(Cbor.Out out, UnitRecord unit) throws IOException {
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

    private static UnitRecord readUnit(Cbor.In in) throws IOException {
        in.array();
        UnitRecord unit = new UnitRecord(
                Id16.of(in.bytes()),
                VerifyKey.stored(in.bytes()),
                in.text(),
                in.text(),
                in.text(),
                readPos(in),
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

    static void writePos(Cbor.Out out, Optional<Pos> pos) throws IOException {
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

    private static void writeOutput(Cbor.Out out, Output output) throws IOException {
        if (!output.disposition().logged()) {
            throw new IllegalArgumentException("a " + output.disposition() + " does not go into the log");
        }
        boolean again = !output.again().isEmpty();
        out.array(again ? 7 : output.numbersAlarm().isPresent() ? 6 : 5);
        out.number(output.disposition().number());
        out.number(bits(output.flags()));
        out.maybeText(output.reason());
        writeLinks(out, output.links());
        if (output.event().isPresent()) {
            writeEvent(out, output.event().get());
        } else {
            out.nothing();
        }
        if (output.numbersAlarm().isPresent()) {
            writeEvent(out, output.numbersAlarm().get());
        } else if (again) {
            out.nothing();
        }
        if (again) {
            RideInputs.writeAgain(out, output.again());
        }
    }

    private static Output readOutput(Cbor.In in, Input input) throws IOException {
        in.array();
        Disposition disposition = value(Disposition.values(), in.integer());
        Set<Flag> flags = flags(in.number());
        Optional<String> reason = in.maybeText();
        Links links = readLinks(in);
        Optional<Event> event = readEvent(in);
        Optional<Event> numbersAlarm = Optional.empty();
        List<Output.Again> again = List.of();
        if (in.more()) {
            numbersAlarm = readEvent(in);
            if (in.more()) {
                again = RideInputs.readAgain(in);
                in.endArray();
            }
        }
        if (input instanceof Input.Arrival arrival) {
            return Output.logged(disposition, arrival.message(), flags, reason, links, event)
                    .with(numbersAlarm);
        }
        if (input instanceof Input.AppEmergency app) {
            return Output.app(app, event);
        }
        if (input instanceof Input.VaultAnswer answer) {
            return Output.named(answer.message(), flags, event).with(again);
        }
        if (input instanceof Input.DestinationSaid said) {
            return Output.destined(said, flags, event).with(again);
        }
        return input instanceof Input.Tick tick ? Output.ticked(tick, flags, event) : Output.plain();
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

    static void writeLinks(Cbor.Out out, Links links) throws IOException {
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

    static void writeEvent(Cbor.Out out, Event event) throws IOException {
        out.array(12);
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
        in.endArray();
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
                corrections));
    }

    private static void writeWhen(Cbor.Out out, When when) throws IOException {
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
