package ansim.hub.deliver;

import ansim.hub.core.Event;
import ansim.hub.core.LogEntry;
import java.util.ArrayList;
import java.util.List;

/**
 * One of the things that a log entry has to say to centres: what its message says, and what the hub itself has to say of the message.
 *
 * @param id the same at every repeat
 * @param event what is sent
 */
record Notice(String id, Event event) {
    /** All of an entry, in the order in which they are sent; most have one, none has more than two. */
    static List<Notice> of(LogEntry entry) {
        List<Notice> all = new ArrayList<>(1);
        entry.output()
                .event()
                .ifPresent(event -> all.add(new Notice(entry.output().id(), event)));
        entry.output()
                .numbersAlarm()
                .ifPresent(alarm -> all.add(new Notice(entry.output().numbersAlarmId(), alarm)));
        return all;
    }

    boolean goes(String district, boolean alarm) {
        return event.alarm() == alarm
                && (district.equals(Destination.ALL) || event.districts().contains(district));
    }
}
