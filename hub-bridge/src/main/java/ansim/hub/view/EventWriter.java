package ansim.hub.view;

import ansim.hub.core.Event;
import ansim.hub.core.Flag;
import ansim.hub.core.LogEntry;
import ansim.hub.core.Logged;
import ansim.wire.Id8;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** The tables of recent events and of counts. Runs inside its caller's transaction. One thread. */
final class EventWriter {
    private final Database database;
    private final ZoneId zone;

    EventWriter(Database database, ZoneId zone) {
        this.database = database;
        this.zone = zone;
    }

    /** A row. */
    void list(Logged logged, String id, Event event, Set<Flag> flags, Touched touched) throws IOException {
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

    /** The hub's own alarm about a message's number takes the place of the event that shows it: a row per entry. */
    void replace(Logged logged, String id, Event event, Set<Flag> flags, Touched touched) throws IOException {
        database.update("DELETE FROM events WHERE log_index = ?", logged.index());
        list(logged, id, event, flags, touched);
    }

    /** Better dates for what was shown before. */
    void correct(Event.Correction correction, Touched touched) throws IOException {
        database.update(
                "UPDATE events SET at_ms = ? WHERE id = ?", correction.when().ms(), correction.id());
        touched.events.addAll(
                database.list(row -> row.getLong(1), "SELECT log_index FROM events WHERE id = ?", correction.id()));
    }

    /** Lets all but the newest go. */
    void forget(int kept) throws IOException {
        database.update(
                "DELETE FROM events WHERE log_index <= (SELECT log_index FROM events ORDER BY log_index DESC LIMIT 1 OFFSET ?)",
                kept);
    }

    /** One more. */
    void count(Event event, String district, String column, Touched touched) throws IOException {
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
