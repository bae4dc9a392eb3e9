package ansim.hub.view;

import ansim.hub.core.Event;
import ansim.hub.core.Flag;
import ansim.hub.core.LogEntry;
import ansim.hub.core.Logged;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Pos;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The table of calls for help. Runs inside its caller's transaction. One thread. */
final class EmergencyWriter {
    private final Database database;
    private final EventWriter events;

    EmergencyWriter(Database database, EventWriter events) {
        this.database = database;
        this.events = events;
    }

    void panic(Logged logged, Event event, Touched touched) throws IOException {
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
        if (!test && before.filter(EmergencyWriter::isTest).isPresent()) {
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
                EventWriter.words(entry.output().flags()),
                logged.key());
        if (before.isEmpty() && !test) {
            events.count(event, event.owner(), "emergencies", touched);
        }
    }

    private static boolean isTest(String words) {
        return List.of(words.split(" ")).contains(Flag.TEST.word());
    }
}
