package ansim.hub.view;

import ansim.hub.core.Disposition;
import ansim.hub.core.District;
import ansim.hub.core.DistrictMap;
import ansim.hub.core.Event;
import ansim.hub.core.EventType;
import ansim.hub.core.Flag;
import ansim.hub.core.Input;
import ansim.hub.core.LogEntry;
import ansim.hub.core.Order;
import ansim.hub.core.Output;
import ansim.hub.core.UnitRecord;
import ansim.hub.core.UnitRide;
import ansim.hub.core.When;
import ansim.wire.Batch;
import ansim.wire.Body;
import ansim.wire.CommandAck;
import ansim.wire.Health;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Pos;
import ansim.wire.Position;
import ansim.wire.Presence;
import ansim.wire.TimeQuality;
import ansim.wire.Track;
import ansim.wire.UpRecord;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What each log entry does to the tables. Runs inside its caller's transaction. One thread. */
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

    /** The one kind of unit for which a registered place would say nothing. */
    private static final String MOVES = "taxi";

    private static final String NO_PLACE = """
            UPDATE units SET lat_e7 = NULL, lon_e7 = NULL, place_kind = NULL, place_ms = NULL, district = NULL,
              place_key = NULL WHERE place_key = ?""";

    private final Database database;
    private final ZoneId zone;
    private final RideWriter rides;

    ViewWriter(Database database, ZoneId zone) {
        this.database = database;
        this.zone = zone;
        this.rides = new RideWriter(database);
    }

    /** Takes one entry over; gives back the map in force after it. */
    DistrictMap apply(Views.Logged logged, DistrictMap map, Touched touched) throws IOException {
        LogEntry entry = logged.entry();
        switch (entry.type()) {
            case UNIT -> {
                UnitRecord unit = ((Input.UnitChange) entry.input()).unit();
                register(unit, entry.arrivedMs(), map);
                touched.units.add(unit.unit());
            }
            case DISTRICTS -> {
                DistrictMap imported = ((Input.DistrictsChange) entry.input()).map();
                database.update("INSERT OR REPLACE INTO districts VALUES (1, ?)", imported.source());
                return imported;
            }
            case MESSAGE -> message(logged, map, touched);
            case COMMAND -> ordered(logged.index(), entry.arrivedMs(), ((Input.CommandOrdered) entry.input()).order());
            case APP_EMERGENCY -> {
                Optional<Event> event = entry.output().event();
                if (event.isPresent()) {
                    event(logged, event.get(), map, touched);
                }
            }
            case ERASED -> seen(entry.arrivedMs(), entry.outline().unit(), touched);
            case ERASURE -> erase((Input.Erasure) entry.input(), touched);
            case VAULT -> {
                Optional<Event> event = entry.output().event();
                if (event.isPresent()) {
                    Id16 unit = entry.unit();
                    if (event.get().ride().isPresent()) {
                        rides.know(new Touched.Part(unit, event.get().ride().get()));
                    }
                    list(
                            logged,
                            entry.output().id(),
                            event.get(),
                            entry.output().flags(),
                            touched);
                }
            }
            case TICK, DESTINATION -> told(logged, map, touched);
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

    /** Lets the oldest events and commands go. */
    void forget(int kept, int commandsKept) throws IOException {
        database.update(
                "DELETE FROM commands WHERE log_index <= (SELECT log_index FROM commands ORDER BY log_index DESC LIMIT 1 OFFSET ?)",
                commandsKept);
        database.update(
                "DELETE FROM events WHERE log_index <= (SELECT log_index FROM events ORDER BY log_index DESC LIMIT 1 OFFSET ?)",
                kept);
    }

    private void register(UnitRecord unit, long atMs, DistrictMap map) throws IOException {
        database.update("""
                INSERT INTO units (unit, vehicle, company, kind, revoked) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (unit) DO UPDATE SET
                  vehicle = excluded.vehicle, company = excluded.company, kind = excluded.kind, revoked = excluded.revoked""", unit.unit().bytes(), unit.vehicle(), unit.company(), unit.kind(), unit.revoked() ? 1 : 0);
        if (unit.place().isPresent() && !unit.kind().equals(MOVES)) {
            place(unit.unit(), unit.place().get(), Picture.PlaceKind.REGISTERED, atMs, map, null);
        }
    }

    private void message(Views.Logged logged, DistrictMap map, Touched touched) throws IOException {
        LogEntry entry = logged.entry();
        Batch batch = entry.message().batch();
        seen(entry.arrivedMs(), batch.unit(), touched);
        if (entry.output().disposition() == Disposition.QUARANTINED) {
            return;
        }
        for (UpRecord record : batch.records()) {
            follow(logged, record, map);
        }
        Optional<Event> event = entry.output().event();
        if (event.isPresent()) {
            event(logged, event.get(), map, touched);
            drive(batch, event.get(), map);
        }
        Optional<Event> alarm = entry.output().numbersAlarm();
        if (alarm.isPresent()) {
            // A row per entry: the alarm takes the place of the event that shows it.
            database.update("DELETE FROM events WHERE log_index = ?", logged.index());
            list(
                    logged,
                    entry.output().numbersAlarmId(),
                    alarm.get(),
                    entry.output().numbersAlarmFlags(),
                    touched);
        }
    }

    /** The tracks in a message, by the date of its first record. */
    private void drive(Batch batch, Event event, DistrictMap map) throws IOException {
        long firstMs = batch.records().get(0).dtMs();
        for (UpRecord record : batch.records()) {
            if (record.body() instanceof Track track && track.ride().isPresent()) {
                Touched.Part ride = new Touched.Part(batch.unit(), track.ride().get());
                When when = event.when().later(record.dtMs() - firstMs);
                rides.drive(ride, batch, record.dtMs(), when, track, map);
            }
        }
    }

    /** What the hub itself or the city's app says of a ride. */
    private void told(Views.Logged logged, DistrictMap map, Touched touched) throws IOException {
        Optional<Event> event = logged.entry().output().event();
        if (event.isEmpty()) {
            return;
        }
        UnitRide of = logged.entry().ride().orElseThrow();
        Touched.Part ride = new Touched.Part(of.unit(), of.ride());
        touched.rides.add(ride);
        rides.follow(ride, logged, event.get(), map);
        if (event.get().type() == EventType.RIDE_ATTENTION) {
            rides.attend(ride, event.get());
        } else {
            rides.goTo(ride, event.get().details().getOrDefault("destination", ""));
        }
        Output output = logged.entry().output();
        list(logged, output.id(), event.get(), output.flags(), touched);
    }

    private void seen(long arrivedMs, Id16 unit, Touched touched) throws IOException {
        touched.units.add(unit);
        database.update(
                "UPDATE units SET seen_ms = max(coalesce(seen_ms, 0), ?) WHERE unit = ?", arrivedMs, unit.bytes());
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
                database.update("DELETE FROM emergencies WHERE unit = ? AND ride = ?", unit, ride);
                database.update(NO_PLACE + " AND unit = ?", key, unit);
                touched.units.add(item.ride().get().unit());
            } else {
                database.update("DELETE FROM emergencies WHERE key = ?", key);
                database.update(NO_PLACE, key);
                database.update(
                        "UPDATE units SET health = NULL, health_ms = NULL, health_key = NULL WHERE health_key = ?",
                        key);
            }
        }
    }

    private void follow(Views.Logged logged, UpRecord record, DistrictMap map) throws IOException {
        Batch batch = logged.entry().message().batch();
        long arrivedMs = logged.entry().arrivedMs();
        Long key = logged.key();
        Id16 unit = batch.unit();
        long atMs = captureMs(batch, record.dtMs(), arrivedMs);
        Body body = record.body();
        switch (body.kind()) {
            case POSITION -> place(unit, ((Position) body).pos(), Picture.PlaceKind.PRECISE, atMs, map, key);
            case TRACK -> {
                Track track = (Track) body;
                List<Pos> fixes = track.fixes();
                long lastMs = captureMs(batch, record.dtMs() + (long) track.stepMs() * (fixes.size() - 1), arrivedMs);
                place(unit, fixes.get(fixes.size() - 1), Picture.PlaceKind.PRECISE, lastMs, map, key);
            }
            case PRESENCE -> {
                Presence presence = (Presence) body;
                place(unit, Pos.of(presence.latE7(), presence.lonE7()), Picture.PlaceKind.CELL, atMs, map, key);
                database.update(
                        "UPDATE units SET duty = ?, duty_ms = ? WHERE unit = ? AND coalesce(duty_ms, 0) <= ?",
                        presence.onDuty() ? 1 : 0,
                        atMs,
                        unit.bytes(),
                        atMs);
            }
            case HEALTH ->
                database.update(
                        "UPDATE units SET health = ?, health_ms = ?, health_key = ? WHERE unit = ? AND coalesce(health_ms, 0) <= ?",
                        HealthJson.of((Health) body),
                        atMs,
                        key,
                        unit.bytes(),
                        atMs);
            case COMMAND_ACK -> {
                CommandAck ack = (CommandAck) body;
                database.update(
                        "UPDATE commands SET outcome = ?, answered_ms = ? WHERE unit = ? AND number = ? AND outcome IS NULL",
                        ack.outcome().code(),
                        arrivedMs,
                        unit.bytes(),
                        ack.command());
            }
            default -> {
                // What else there is comes as an event.
            }
        }
    }

    /**
     * When a record was made, never after it arrived: a clock that runs ahead must not keep what comes later from the screen. Without a
     * clock the arrival has to do.
     */
    private static long captureMs(Batch batch, long dtMs, long arrivedMs) {
        return batch.quality() == TimeQuality.UNKNOWN ? arrivedMs : Math.min(batch.t0Ms() + dtMs, arrivedMs);
    }

    /** The newest by capture; where something was put up is better known than what it says of itself. */
    private void place(Id16 unit, Pos pos, Picture.PlaceKind kind, long atMs, DistrictMap map, @Nullable Long key)
            throws IOException {
        database.update(
                """
                UPDATE units SET lat_e7 = ?, lon_e7 = ?, place_kind = ?, place_ms = ?, district = ?, place_key = ?
                WHERE unit = ? AND (? OR (coalesce(place_ms, 0) <= ? AND place_kind IS NOT 'REGISTERED'))""",
                pos.latE7(),
                pos.lonE7(),
                kind.name(),
                atMs,
                map.locate(pos).map(District::code).orElse(Event.OUTSIDE),
                key,
                unit.bytes(),
                kind == Picture.PlaceKind.REGISTERED ? 1 : 0,
                atMs);
    }

    private void event(Views.Logged logged, Event event, DistrictMap map, Touched touched) throws IOException {
        switch (event.type()) {
            case RIDE_BOARDED, RIDE_UPDATED, RIDE_ALIGHTED, POSITION, TRACK -> ride(logged, event, map, touched);
            case PANIC -> panic(logged, event, touched);
            case CORRECTION -> correct(logged.entry().message().batch().unit(), event, touched);
            default -> {
                // Listed below, nothing to follow.
            }
        }
        if (LISTED.contains(event.type())) {
            Output output = logged.entry().output();
            list(logged, output.id(), event, output.flags(), touched);
        }
    }

    private void ride(Views.Logged logged, Event event, DistrictMap map, Touched touched) throws IOException {
        if (event.ride().isEmpty()) {
            return;
        }
        Touched.Part ride = new Touched.Part(
                logged.entry().message().batch().unit(), event.ride().get());
        touched.rides.add(ride);
        RideWriter.News news = rides.follow(ride, logged, event, map);
        // Where it happened, whoever owns the ride.
        String here = event.place().flatMap(map::locate).map(District::code).orElse(event.owner());
        if (news == RideWriter.News.BOARDED) {
            count(event, here, "boarded", touched);
        } else if (news == RideWriter.News.ALIGHTED) {
            count(event, here, "alighted", touched);
        }
    }

    private void panic(Views.Logged logged, Event event, Touched touched) throws IOException {
        Map<String, String> details = event.details();
        LogEntry entry = logged.entry();
        Id16 unit = entry.unit();
        // A panic whose body breaks its rules names no alarm; it is one all the same.
        Id8 alarm = Optional.ofNullable(details.get("alarm"))
                .map(Id8::parse)
                .orElseGet(() -> entry.message().payloadHash8());
        touched.emergencies.add(new Touched.Part(unit, alarm));
        boolean test = entry.output().has(Flag.TEST);
        Optional<String> before = database.first(
                row -> row.getString(1),
                "SELECT flags FROM emergencies WHERE unit = ? AND alarm = ?",
                unit.bytes(),
                alarm.bytes());
        if (test && before.isPresent() && !isTest(before.get())) {
            // A fitter's test hides no real call, whatever id it names.
            return;
        }
        if (!test && before.filter(ViewWriter::isTest).isPresent()) {
            database.update("DELETE FROM emergencies WHERE unit = ? AND alarm = ?", unit.bytes(), alarm.bytes());
            before = Optional.empty();
        }
        long atMs = Math.min(event.when().ms(), entry.arrivedMs());
        boolean cancelled = "cancelled".equals(details.get("phase"));
        database.update(
                """
                INSERT INTO emergencies VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (unit, alarm) DO UPDATE SET
                  raised_ms = min(raised_ms, excluded.raised_ms),
                  newest_ms = max(newest_ms, excluded.newest_ms),
                  cancelled_ms = coalesce(excluded.cancelled_ms, cancelled_ms),
                  presses = presses + excluded.presses,
                  districts = excluded.districts,
                  lat_e7 = coalesce(excluded.lat_e7, lat_e7),
                  lon_e7 = coalesce(excluded.lon_e7, lon_e7),
                  ride = coalesce(excluded.ride, ride),
                  flags = excluded.flags""",
                unit.bytes(),
                alarm.bytes(),
                event.vehicle(),
                event.company(),
                event.unitKind(),
                atMs,
                atMs,
                cancelled ? atMs : null,
                cancelled ? 0 : 1,
                details.getOrDefault("origin", "unknown"),
                String.join(" ", event.districts()),
                event.place().map(Pos::latE7).orElse(null),
                event.place().map(Pos::lonE7).orElse(null),
                event.ride().map(Id8::bytes).orElse(null),
                words(entry.output().flags()),
                logged.key());
        if (before.isEmpty() && !test) {
            count(event, event.owner(), "emergencies", touched);
        }
    }

    private static boolean isTest(String words) {
        return List.of(words.split(" ")).contains(Flag.TEST.word());
    }

    /** Better dates for what was shown before. */
    private void correct(Id16 unit, Event event, Touched touched) throws IOException {
        for (Event.Correction each : event.corrections()) {
            long ms = each.when().ms();
            database.update("UPDATE events SET at_ms = ? WHERE id = ?", ms, each.id());
            touched.events.addAll(
                    database.list(row -> row.getLong(1), "SELECT log_index FROM events WHERE id = ?", each.id()));
            touched.rides.addAll(rides.correct(unit, each.id(), ms));
        }
    }

    private void list(Views.Logged logged, String id, Event event, Set<Flag> flags, Touched touched)
            throws IOException {
        touched.events.add(logged.index());
        LogEntry entry = logged.entry();
        ObjectNode details = JsonNodeFactory.instance.objectNode();
        event.details().forEach(details::put);
        database.update(
                "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                logged.index(),
                id,
                event.type().word(),
                entry.unit().bytes(),
                event.vehicle(),
                String.join(" ", event.districts()),
                event.alarm() ? 1 : 0,
                event.when().ms(),
                entry.arrivedMs(),
                event.ride().map(Id8::bytes).orElse(null),
                details.toString(),
                words(flags),
                logged.key());
    }

    private void count(Event event, String district, String column, Touched touched) throws IOException {
        String day = Instant.ofEpochMilli(event.when().ms())
                .atZone(zone)
                .toLocalDate()
                .toString();
        database.update("INSERT OR IGNORE INTO counts VALUES (?, ?, 0, 0, 0)", day, district);
        database.update(
                "UPDATE counts SET " + column + " = " + column + " + 1 WHERE day = ? AND district = ?", day, district);
        touched.days.add(new Touched.Day(day, district));
    }

    static String words(Set<Flag> flags) {
        return flags.stream()
                .map(Flag::word)
                .sorted()
                .collect(Collectors.joining(" "))
                .toLowerCase(Locale.ROOT);
    }
}
