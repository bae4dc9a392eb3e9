package ansim.hub.view;

import ansim.hub.core.Disposition;
import ansim.hub.core.District;
import ansim.hub.core.DistrictMap;
import ansim.hub.core.Event;
import ansim.hub.core.EventType;
import ansim.hub.core.Input;
import ansim.hub.core.LogEntry;
import ansim.hub.core.Logged;
import ansim.hub.core.Order;
import ansim.hub.core.Output;
import ansim.hub.core.UnitRecord;
import ansim.hub.core.UnitRide;
import ansim.wire.Batch;
import ansim.wire.CommandAck;
import ansim.wire.Id16;
import ansim.wire.UpRecord;
import java.io.IOException;
import java.time.ZoneId;
import java.util.Optional;
import java.util.Set;

/**
 * What each log entry does to the tables. Runs inside its caller's transaction. One thread.
 *
 * <p>What every message changes is {@link LatestWriter}'s; everything else is in the tables with the transaction that takes the entry.
 */
final class ViewWriter {
    /** What a list of events shows; positions and tracks are seen on the map. */
    private static final Set<EventType> LISTED = Set.of(
            EventType.RIDE_BOARDED,
            EventType.RIDE_UPDATED,
            EventType.RIDE_ALIGHTED,
            EventType.RIDE_ATTENTION,
            EventType.PANIC,
            EventType.TAMPER,
            EventType.CONTACT,
            EventType.GAP,
            EventType.UNKNOWN);

    private static final String NO_PLACE = """
            UPDATE heard SET lat_e7 = NULL, lon_e7 = NULL, place_kind = NULL, place_ms = NULL, district = NULL,
              place_key = NULL WHERE place_key = ?""";

    private static final String NOT_OPEN = """
            UPDATE heard SET open_lat_e7 = NULL, open_lon_e7 = NULL, open_kind = NULL, open_ms = NULL, open_district = NULL,
              open_key = NULL WHERE open_key = ?""";

    private final Database database;
    private final Unwritten unwritten;
    private final LatestWriter latest;
    private final RideWriter rides;
    private final EventWriter events;
    private final EmergencyWriter emergencies;

    ViewWriter(Database database, ZoneId zone, Unwritten unwritten) {
        this.database = database;
        this.unwritten = unwritten;
        this.latest = new LatestWriter(unwritten);
        this.rides = new RideWriter(database, unwritten);
        this.events = new EventWriter(database, zone);
        this.emergencies = new EmergencyWriter(database, events);
    }

    /** Takes an entry once more that the tables have, for those rows that are not written yet. */
    void again(Logged logged, DistrictMap map, Touched touched) throws IOException {
        LatestWriter.Step step = latest.apply(logged, map);
        LogEntry entry = logged.entry();
        if (entry.type() == Input.Type.MESSAGE) {
            touched.units.add(entry.unit());
            if (step != LatestWriter.Step.NONE) {
                touched.rides.add(new Touched.Part(
                        entry.unit(),
                        entry.output().event().orElseThrow().ride().orElseThrow()));
            }
        }
    }

    /** Takes one entry over; gives back the map in force after it. */
    DistrictMap apply(Logged logged, DistrictMap map, Touched touched) throws IOException {
        LogEntry entry = logged.entry();
        LatestWriter.Step step = latest.apply(logged, map);
        switch (entry.type()) {
            case UNIT -> register(((Input.UnitChange) entry.input()).unit(), touched);
            case DISTRICTS -> {
                // What is taken again after a crash is taken by the map that is stored.
                unwritten.writeAll(logged.index());
                DistrictMap imported = ((Input.DistrictsChange) entry.input()).map();
                database.update("INSERT OR REPLACE INTO districts VALUES (1, ?)", imported.source());
                return imported;
            }
            case MESSAGE -> message(logged, step, map, touched);
            case COMMAND -> {
                ordered(logged.index(), entry.arrivedMs(), ((Input.CommandOrdered) entry.input()).order());
                touched.ordered = true;
            }
            case APP_EMERGENCY -> {
                Optional<Event> event = entry.output().event();
                if (event.isPresent()) {
                    event(logged, step, event.get(), map, touched);
                }
            }
            case ERASED -> touched.units.add(entry.outline().unit());
            case ERASURE -> {
                unwritten.writeAll(logged.index());
                erase((Input.Erasure) entry.input(), touched);
                unwritten.forgetRides();
            }
            case VAULT -> known(logged, touched);
            case TICK, DESTINATION -> told(logged, step, touched);
            default -> {
                // The founding entry says nothing that anybody looks at, nor does what is left of a vault's answer.
            }
        }
        return map;
    }

    private void ordered(long index, long atMs, Order order) throws IOException {
        database.update(
                "INSERT OR REPLACE INTO commands VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, ?)",
                order.unit().bytes(),
                order.number(),
                order.verb().number(),
                order.verb().body().toByteArray(),
                order.request().bytes(),
                order.expS(),
                order.by(),
                atMs,
                index);
    }

    /** Lets the oldest events and commands go, where there are more now: finding them passes all that stay. */
    void forget(int kept, int commandsKept, Touched touched) throws IOException {
        if (touched.ordered) {
            database.update(
                    "DELETE FROM commands WHERE log_index <= (SELECT log_index FROM commands ORDER BY log_index DESC LIMIT 1 OFFSET ?)",
                    commandsKept);
        }
        if (!touched.events.isEmpty()) {
            events.forget(kept);
        }
    }

    private void register(UnitRecord unit, Touched touched) throws IOException {
        database.update("""
                INSERT INTO units VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (unit) DO UPDATE SET
                  vehicle = excluded.vehicle, company = excluded.company, kind = excluded.kind, revoked = excluded.revoked""", unit.unit().bytes(), unit.vehicle(), unit.company(), unit.kind(), unit.revoked() ? 1 : 0);
        touched.units.add(unit.unit());
    }

    private void message(Logged logged, LatestWriter.Step step, DistrictMap map, Touched touched) throws IOException {
        LogEntry entry = logged.entry();
        Batch batch = entry.message().batch();
        touched.units.add(batch.unit());
        if (entry.output().disposition() == Disposition.QUARANTINED) {
            return;
        }
        for (UpRecord record : batch.records()) {
            if (record.body() instanceof CommandAck ack) {
                answered(batch.unit(), ack, entry.arrivedMs());
            }
        }
        Optional<Event> event = entry.output().event();
        if (event.isPresent()) {
            event(logged, step, event.get(), map, touched);
        }
        Optional<Event> alarm = entry.output().numbersAlarm();
        if (alarm.isPresent()) {
            Output output = entry.output();
            events.replace(logged, output.numbersAlarmId(), alarm.get(), output.numbersAlarmFlags(), touched);
        }
    }

    private void answered(Id16 unit, CommandAck ack, long arrivedMs) throws IOException {
        database.update(
                "UPDATE commands SET outcome = ?, answered_ms = ? WHERE unit = ? AND number = ? AND outcome IS NULL",
                ack.outcome().code(),
                arrivedMs,
                unit.bytes(),
                ack.command());
    }

    private void known(Logged logged, Touched touched) throws IOException {
        Output output = logged.entry().output();
        if (output.event().isPresent()) {
            Event event = output.event().get();
            if (event.ride().isPresent()) {
                rides.know(new Touched.Part(logged.entry().unit(), event.ride().get()));
            }
            events.list(logged, output.id(), event, output.flags(), touched);
        }
    }

    /** What the hub itself or the city's app says of a ride. */
    private void told(Logged logged, LatestWriter.Step step, Touched touched) throws IOException {
        Output output = logged.entry().output();
        if (output.event().isEmpty()) {
            return;
        }
        Event event = output.event().get();
        UnitRide of = logged.entry().ride().orElseThrow();
        Touched.Part ride = new Touched.Part(of.unit(), of.ride());
        touched.rides.add(ride);
        rides.follow(ride, step, logged, event);
        if (event.type() == EventType.RIDE_ATTENTION) {
            rides.attend(ride, event);
        } else {
            rides.goTo(ride, event.details().getOrDefault("destination", ""));
        }
        events.list(logged, output.id(), event, output.flags(), touched);
    }

    /** The rows of what was erased, and where it brought its unit. The counts of a day stay: they name nobody. */
    private void erase(Input.Erasure erasure, Touched touched) throws IOException {
        touched.erased = true;
        touched.onScreen |= erasure.cause() == Input.Erasure.Cause.REQUEST;
        for (Input.Erasure.Item item : erasure.items()) {
            long key = item.keyId();
            database.update("DELETE FROM events WHERE key = ?", key);
            if (item.ride().isPresent()) {
                byte[] unit = item.ride().get().unit().bytes();
                byte[] ride = item.ride().get().ride().bytes();
                database.update("DELETE FROM rides WHERE unit = ? AND ride = ?", unit, ride);
                database.update("DELETE FROM driven WHERE unit = ? AND ride = ?", unit, ride);
                database.update("DELETE FROM emergencies WHERE unit = ? AND ride = ?", unit, ride);
                database.update(NO_PLACE + " AND unit = ?", key, unit);
                database.update(NOT_OPEN + " AND unit = ?", key, unit);
                touched.units.add(item.ride().get().unit());
            } else {
                database.update("DELETE FROM emergencies WHERE key = ?", key);
                database.update(NO_PLACE, key);
                database.update(NOT_OPEN, key);
                database.update(
                        "UPDATE heard SET health = NULL, health_ms = NULL, health_key = NULL WHERE health_key = ?",
                        key);
            }
        }
    }

    private void event(Logged logged, LatestWriter.Step step, Event event, DistrictMap map, Touched touched)
            throws IOException {
        switch (event.type()) {
            case RIDE_BOARDED, RIDE_UPDATED, RIDE_ALIGHTED -> ride(logged, step, event, map, touched);
            case POSITION, TRACK -> {
                if (event.ride().isPresent()) {
                    Touched.Part ride =
                            new Touched.Part(logged.entry().unit(), event.ride().get());
                    touched.rides.add(ride);
                    if (step == LatestWriter.Step.FIRST) {
                        rides.follow(ride, step, logged, event);
                    }
                }
            }
            case PANIC -> emergencies.panic(logged, event, touched);
            case CORRECTION -> {
                for (Event.Correction each : event.corrections()) {
                    events.correct(each, touched);
                    touched.rides.addAll(rides.correct(
                            logged.entry().unit(), each.id(), each.when().ms()));
                }
            }
            default -> {
                // Listed below, nothing to follow.
            }
        }
        if (LISTED.contains(event.type())) {
            Output output = logged.entry().output();
            events.list(logged, output.id(), event, output.flags(), touched);
        }
    }

    private void ride(Logged logged, LatestWriter.Step step, Event event, DistrictMap map, Touched touched)
            throws IOException {
        if (event.ride().isEmpty()) {
            return;
        }
        Touched.Part ride = new Touched.Part(logged.entry().unit(), event.ride().get());
        touched.rides.add(ride);
        RideWriter.News news = rides.follow(ride, step, logged, event);
        if (news != RideWriter.News.NOTHING) {
            // Where it happened, whoever owns the ride.
            String here = event.place().flatMap(map::locate).map(District::code).orElse(event.owner());
            events.count(event, here, news == RideWriter.News.BOARDED ? "boarded" : "alighted", touched);
        }
    }
}
