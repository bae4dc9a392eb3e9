package ansim.hub.core;

import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Pos;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The inputs of settings, ticks and destinations in an entry of the log, and what goes out again; see {@link EntryCodec}. */
final class RideInputs {
    private RideInputs() {}

    static void writePolicy(Cbor.Out out, Policy policy) {
        out.array(6);
        for (List<Policy.To> places : List.of(policy.ride(), policy.position(), policy.emergency())) {
            out.array(places.size());
            for (Policy.To to : places) {
                out.number(to.number());
            }
        }
        out.maybeText(policy.catchAll());
        out.maybeText(policy.everyRide());
        long[] values = policy.attention().values();
        out.array(values.length);
        for (long each : values) {
            out.number(each);
        }
    }

    static Policy readPolicy(Cbor.In in) throws IOException {
        in.array();
        List<Policy.To> ride = places(in);
        List<Policy.To> position = places(in);
        List<Policy.To> emergency = places(in);
        Optional<String> catchAll = in.maybeText();
        Optional<String> everyRide = in.maybeText();
        in.array();
        Policy.Attention attention =
                new Policy.Attention(in.number(), in.number(), in.number(), in.number(), in.number());
        in.endArray();
        in.endArray();
        return new Policy(ride, position, emergency, catchAll, everyRide, attention);
    }

    private static List<Policy.To> places(Cbor.In in) throws IOException {
        List<Policy.To> places = new ArrayList<>(2);
        in.array();
        while (in.more()) {
            places.add(EventCodec.value(Policy.To.values(), in.integer()));
        }
        return places;
    }

    static void writeRide(Cbor.Out out, UnitRide ride) {
        out.array(2);
        out.bytes(ride.unit().bytes());
        out.bytes(ride.ride().bytes());
    }

    static UnitRide readRide(Cbor.In in) throws IOException {
        in.array();
        UnitRide ride = new UnitRide(Id16.of(in.bytes()), Id8.of(in.bytes()));
        in.endArray();
        return ride;
    }

    static void writeDestination(Cbor.Out out, Input.DestinationSaid said) {
        out.array(5);
        writeRide(out, said.ride());
        EventCodec.writePos(out, said.place());
        out.text(said.district());
        out.text(said.request());
        out.number(said.atMs());
    }

    static Input.DestinationSaid readDestination(Cbor.In in, long arrivedMs) throws IOException {
        in.array();
        UnitRide ride = readRide(in);
        Optional<Pos> place = EventCodec.readPos(in);
        String district = in.text();
        String request = in.text();
        // Before it was written down when the rider said so, it was said when it came.
        boolean dated = in.more();
        long atMs = dated ? in.number() : arrivedMs;
        if (dated) {
            in.endArray();
        }
        return new Input.DestinationSaid(arrivedMs, ride, place, district, request, atMs);
    }

    static void writeAgain(Cbor.Out out, List<Output.Again> again) {
        out.array(again.size());
        for (Output.Again each : again) {
            out.array(2);
            out.number(each.index());
            out.texts(each.districts());
        }
    }

    static List<Output.Again> readAgain(Cbor.In in) throws IOException {
        List<Output.Again> again = new ArrayList<>(2);
        in.array();
        while (in.more()) {
            in.array();
            again.add(new Output.Again(in.number(), in.texts()));
            in.endArray();
        }
        return again;
    }
}
