package ansim.hub.deliver;

import ansim.hub.core.Event;
import ansim.hub.core.Flag;
import ansim.hub.core.LogEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * One of the things that a log entry has to say to centres: what its message says, and what the hub itself has to say of the message.
 *
 * @param id the same at every repeat
 * @param event what is sent
 * @param flags what else is to be known of it
 */
record Notice(String id, Event event, Set<Flag> flags) {
    /** All of an entry, in the order in which they are sent; most have one, none has more than two. */
    static List<Notice> of(LogEntry entry) {
        List<Notice> all = new ArrayList<>(1);
        entry.output()
                .event()
                .ifPresent(event -> all.add(
                        new Notice(entry.output().id(), event, entry.output().flags())));
        entry.output()
                .numbersAlarm()
                .ifPresent(alarm -> all.add(new Notice(
                        entry.output().numbersAlarmId(), alarm, entry.output().numbersAlarmFlags())));
        return all;
    }

    boolean goes(String district, boolean alarm) {
        return event.alarm() == alarm
                && (district.equals(Destination.ALL) || event.districts().contains(district));
    }
}
