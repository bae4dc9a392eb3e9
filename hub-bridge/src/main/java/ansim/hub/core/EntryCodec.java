package ansim.hub.core;

import ansim.wire.Bytes;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.OtherVerb;
import ansim.wire.Pos;
import ansim.wire.UpMessage;
import ansim.wire.WireException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A log entry in CBOR: {@code [version, type, arrivedMs, input, output]}. Arrays with fields by position and no names: the log holds
 * hundreds of millions of them. What follows from the message itself (id, receipt) is not written twice.
 *
 * <pre>
 * output = [disposition, flags: bits, reason / null, links / null, event / null, ? numbers alarm: event / null, ? [+ again]]
 * again  = [index, [+ district]]
 * links  = [7* uint]
 * event  = [type, [+ district], alarm, when, pos / null, place source, vehicle, company, unit kind, ride / null,
 *           {* detail}, [* [id, when, ? [* district]]], ? basis]
 * basis  = [why, ? text, ? ride]
 * when   = [from, to - from, quality, source]
 * command = [unit, number, request, verb, body, exp, who ordered it]
 * app     = [key, at, gesture, pos / null, ? unit, ride]
 * settings = [[+ to], [+ to], [+ to], catch-all / null, every ride / null, [5* uint]]
 * tick   = [unit, ride]
 * destination = [[unit, ride], pos / null, district, request, ? at]
 * erasure = [hash of the one before, cause, reason, [+ [key id, ? unit, ride]]]
 * </pre>
 *
 * <p>What is sealed is in {@link SealedCodec}.
 */
final class EntryCodec {
    private static final int VERSION = 1;

    private EntryCodec() {}

    static byte[] encode(LogEntry entry) {
        Cbor.Out out = new Cbor.Out();
        write(out, entry);
        return out.bytes();
    }

    static void write(Cbor.Out out, LogEntry entry) {
        out.array(5);
        out.number(VERSION);
        out.number(entry.type().number());
        out.number(entry.arrivedMs());
        writeInput(out, entry.input());
        writeOutput(out, entry.output());
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

    private static void writeInput(Cbor.Out out, Input input) {
        switch (input.type()) {
            case FOUNDING -> out.number(((Input.Founding) input).generation());
            case UNIT -> UnitCodec.writeUnit(out, ((Input.UnitChange) input).unit());
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
            case 2 -> new Input.UnitChange(arrivedMs, UnitCodec.readUnit(in));
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

    private static void writeErasure(Cbor.Out out, Input.Erasure erasure) {
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
        Input.Erasure.Cause cause = EventCodec.value(Input.Erasure.Cause.values(), in.integer());
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

    private static void writeAnswer(Cbor.Out out, Input.VaultAnswer answer) {
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

    private static void writeOrder(Cbor.Out out, Order order) {
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

    private static void writeApp(Cbor.Out out, Input.AppEmergency app) {
        out.array(app.ride().isPresent() ? 6 : 4);
        out.bytes(app.key().bytes());
        out.number(app.atMs());
        out.number(app.gesture().number());
        EventCodec.writePos(out, app.pos());
        if (app.ride().isPresent()) {
            out.bytes(app.ride().get().unit().bytes());
            out.bytes(app.ride().get().ride().bytes());
        }
    }

    private static Input readApp(Cbor.In in, long arrivedMs) throws IOException {
        in.array();
        Id16 key = Id16.of(in.bytes());
        long atMs = in.number();
        Input.AppEmergency.Gesture gesture = EventCodec.value(Input.AppEmergency.Gesture.values(), in.integer());
        Optional<Pos> pos = EventCodec.readPos(in);
        Optional<UnitRide> ride = Optional.empty();
        if (in.more()) {
            ride = Optional.of(new UnitRide(Id16.of(in.bytes()), Id8.of(in.bytes())));
            in.endArray();
        }
        return new Input.AppEmergency(arrivedMs, key, atMs, gesture, pos, ride);
    }

    private static void writeOutput(Cbor.Out out, Output output) {
        if (!output.disposition().logged()) {
            throw new IllegalArgumentException("a " + output.disposition() + " does not go into the log");
        }
        boolean again = !output.again().isEmpty();
        out.array(again ? 7 : output.numbersAlarm().isPresent() ? 6 : 5);
        out.number(output.disposition().number());
        out.number(EventCodec.bits(output.flags()));
        out.maybeText(output.reason());
        EventCodec.writeLinks(out, output.links());
        if (output.event().isPresent()) {
            EventCodec.writeEvent(out, output.event().get());
        } else {
            out.nothing();
        }
        if (output.numbersAlarm().isPresent()) {
            EventCodec.writeEvent(out, output.numbersAlarm().get());
        } else if (again) {
            out.nothing();
        }
        if (again) {
            RideInputs.writeAgain(out, output.again());
        }
    }

    private static Output readOutput(Cbor.In in, Input input) throws IOException {
        in.array();
        Disposition disposition = EventCodec.value(Disposition.values(), in.integer());
        Set<Flag> flags = EventCodec.flags(in.number());
        Optional<String> reason = in.maybeText();
        Links links = EventCodec.readLinks(in);
        Optional<Event> event = EventCodec.readEvent(in);
        Optional<Event> numbersAlarm = Optional.empty();
        List<Output.Again> again = List.of();
        if (in.more()) {
            numbersAlarm = EventCodec.readEvent(in);
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
            return Output.app(app, flags, event);
        }
        if (input instanceof Input.VaultAnswer answer) {
            return Output.named(answer.message(), flags, event).with(again);
        }
        if (input instanceof Input.DestinationSaid said) {
            return Output.destined(said, flags, event).with(again);
        }
        return input instanceof Input.Tick tick ? Output.ticked(tick, flags, event) : Output.plain();
    }
}
