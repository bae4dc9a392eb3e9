package ansim.hub.view;

import ansim.hub.core.Disposition;
import ansim.hub.core.District;
import ansim.hub.core.DistrictMap;
import ansim.hub.core.Event;
import ansim.hub.core.Flag;
import ansim.hub.core.Input;
import ansim.hub.core.LogEntry;
import ansim.hub.core.Logged;
import ansim.hub.core.Output;
import ansim.hub.core.UnitRecord;
import ansim.hub.core.UnitRide;
import ansim.hub.core.When;
import ansim.wire.Batch;
import ansim.wire.Body;
import ansim.wire.Health;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Pos;
import ansim.wire.Position;
import ansim.wire.Presence;
import ansim.wire.TimeQuality;
import ansim.wire.Track;
import ansim.wire.UpRecord;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What each log entry does to {@link Unwritten}: of a unit what is newest, of a ride how far it has come. Depends on nothing but the entries,
 * their order and the map of districts: so that after a crash the entries behind the rows of a slice can be taken again while the other tables
 * stand at a later one. One thread.
 */
final class LatestWriter {
    /** The one kind of unit for which a registered place would say nothing. */
    private static final String MOVES = "taxi";

    /** What an entry is to a ride. */
    enum Step {
        /** It is of none. */
        NONE,
        /** A fitter's test of the id of a real ride: it changes nothing. */
        IGNORED,
        /** It is the first of the ride, or the first real one where only a fitter has tried before. */
        FIRST,
        FURTHER
    }

    private final Unwritten unwritten;

    LatestWriter(Unwritten unwritten) {
        this.unwritten = unwritten;
    }

    /** Takes one entry over unless it is in the rows. */
    Step apply(Logged logged, DistrictMap map) throws IOException {
        LogEntry entry = logged.entry();
        switch (entry.type()) {
            case UNIT -> register(logged.index(), entry.arrivedMs(), ((Input.UnitChange) entry.input()).unit(), map);
            case ERASED -> {
                Id16 unit = entry.outline().unit();
                if (!unwritten.isWritten(unit, logged.index())) {
                    unwritten.put(unit, unwritten.since(unit).seen(entry.arrivedMs()));
                }
            }
            case MESSAGE -> {
                if (!unwritten.isWritten(entry.unit(), logged.index())) {
                    return message(logged, map);
                }
            }
            case VAULT -> named(logged);
            case TICK, DESTINATION -> {
                UnitRide of = entry.ride().orElseThrow();
                Optional<Event> event = entry.output().event();
                if (event.isPresent() && !unwritten.isWritten(of.unit(), logged.index())) {
                    return follow(new Touched.Part(of.unit(), of.ride()), logged, event.get(), map);
                }
            }
            default -> {
                // Of no unit, or nothing that the newest takes the place of.
            }
        }
        return Step.NONE;
    }

    private void register(long index, long atMs, UnitRecord unit, DistrictMap map) {
        if (unit.place().isPresent() && !unit.kind().equals(MOVES) && !unwritten.isWritten(unit.unit(), index)) {
            Heard.Placed place = placed(unit.place().get(), Picture.PlaceKind.REGISTERED, atMs, map, null);
            unwritten.put(unit.unit(), unwritten.since(unit.unit()).at(place));
        }
    }

    private Step message(Logged logged, DistrictMap map) throws IOException {
        LogEntry entry = logged.entry();
        Batch batch = entry.message().batch();
        Heard heard = unwritten.since(batch.unit()).seen(entry.arrivedMs());
        if (entry.output().disposition() == Disposition.QUARANTINED) {
            unwritten.put(batch.unit(), heard);
            return Step.NONE;
        }
        for (UpRecord record : batch.records()) {
            heard = newest(heard, logged, record, map);
        }
        unwritten.put(batch.unit(), heard);
        Optional<Event> event = entry.output().event();
        if (event.isEmpty()) {
            return Step.NONE;
        }
        Step step = Step.NONE;
        if (event.get().ride().isPresent() && movesARide(event.get())) {
            Touched.Part ride =
                    new Touched.Part(batch.unit(), event.get().ride().get());
            step = follow(ride, logged, event.get(), map);
        }
        drive(batch, event.get(), entry.output().has(Flag.TEST), map);
        return step;
    }

    private static boolean movesARide(Event event) {
        return switch (event.type()) {
            case RIDE_BOARDED, RIDE_UPDATED, RIDE_ALIGHTED, POSITION, TRACK -> true;
            default -> false;
        };
    }

    private Step follow(Touched.Part ride, Logged logged, Event event, DistrictMap map) throws IOException {
        boolean test = logged.entry().output().has(Flag.TEST);
        Optional<Driven> known = unwritten.ride(ride);
        if (test && known.isPresent() && !known.get().test()) {
            return Step.IGNORED;
        }
        boolean first = known.isEmpty() || (known.get().test() && !test);
        Driven before = first ? Driven.begun(test) : known.get();
        List<String> here = event.placeSource() == Event.PlaceSource.MESSAGE
                ? event.place().flatMap(map::locate).map(District::code).stream()
                        .toList()
                : List.of();
        // What the hub itself or the app says is no word of the taxi, least of all that it is lost.
        long heardMs =
                logged.entry().type() == Input.Type.MESSAGE ? logged.entry().arrivedMs() : before.seenMs();
        unwritten.put(
                ride,
                sent(before.heard(here, event.owner(), heardMs), logged.entry().output()));
        return first ? Step.FIRST : Step.FURTHER;
    }

    /** A rider was named: from now on others may see the ride, and what they were not sent before goes out again. */
    private void named(Logged logged) throws IOException {
        Output output = logged.entry().output();
        Optional<Id8> ride = output.event().flatMap(Event::ride);
        if (ride.isPresent() && !unwritten.isWritten(logged.entry().unit(), logged.index())) {
            Touched.Part part = new Touched.Part(logged.entry().unit(), ride.get());
            Optional<Driven> known = unwritten.ride(part);
            if (known.isPresent()) {
                unwritten.put(part, sent(known.get(), output));
            }
        }
    }

    /** With the districts that an entry goes to. */
    private static Driven sent(Driven ride, Output output) {
        Driven sent = ride;
        if (output.event().isPresent() && !output.has(Flag.WITHHELD)) {
            for (String code : output.event().get().districts()) {
                sent = sent.sentTo(code);
            }
        }
        for (Output.Again again : output.again()) {
            for (String code : again.districts()) {
                sent = code.equals(Output.Again.EVERYBODY) ? sent : sent.sentTo(code);
            }
        }
        return sent;
    }

    /** The tracks in a message, by the date of its first record; of rides that are known. */
    private void drive(Batch batch, Event event, boolean test, DistrictMap map) throws IOException {
        long firstMs = batch.records().get(0).dtMs();
        for (UpRecord record : batch.records()) {
            if (record.body() instanceof Track track && track.ride().isPresent()) {
                Touched.Part ride = new Touched.Part(batch.unit(), track.ride().get());
                Optional<Driven> known = unwritten.ride(ride);
                if (known.isPresent() && (!test || known.get().test())) {
                    When when = event.when().later(record.dtMs() - firstMs);
                    List<String> passed = List.copyOf(
                            known.get().course().add(map, batch.boot(), batch.m0Ms() + record.dtMs(), when, track));
                    unwritten.put(ride, known.get().passed(passed));
                }
            }
        }
    }

    private static Heard newest(Heard heard, Logged logged, UpRecord record, DistrictMap map) {
        Batch batch = logged.entry().message().batch();
        long arrivedMs = logged.entry().arrivedMs();
        Long key = logged.key();
        long atMs = captureMs(batch, record.dtMs(), arrivedMs);
        Body body = record.body();
        return switch (body.kind()) {
            case POSITION -> heard.at(placed(((Position) body).pos(), Picture.PlaceKind.PRECISE, atMs, map, key));
            case TRACK -> {
                Track track = (Track) body;
                List<Pos> fixes = track.fixes();
                long lastMs = captureMs(batch, record.dtMs() + (long) track.stepMs() * (fixes.size() - 1), arrivedMs);
                yield heard.at(placed(fixes.get(fixes.size() - 1), Picture.PlaceKind.PRECISE, lastMs, map, key));
            }
            case PRESENCE -> {
                Presence presence = (Presence) body;
                Pos cell = Pos.of(presence.latE7(), presence.lonE7());
                yield heard.at(placed(cell, Picture.PlaceKind.CELL, atMs, map, key))
                        .onDuty(presence.onDuty(), atMs);
            }
            case HEALTH ->
                heard.healthy(new Heard.Healthy(new Picture.Health(atMs, HealthJson.of((Health) body)), key));
            default -> heard;
        };
    }

    /**
     * When a record was made, never after it arrived: a clock that runs ahead must not keep what comes later from the screen. Without a
     * clock the arrival has to do.
     */
    private static long captureMs(Batch batch, long dtMs, long arrivedMs) {
        return batch.quality() == TimeQuality.UNKNOWN ? arrivedMs : Math.min(batch.t0Ms() + dtMs, arrivedMs);
    }

    private static Heard.Placed placed(
            Pos pos, Picture.PlaceKind kind, long atMs, DistrictMap map, @Nullable Long key) {
        return new Heard.Placed(pos.latE7(), pos.lonE7(), kind, atMs, map.codeAt(pos), key);
    }
}
