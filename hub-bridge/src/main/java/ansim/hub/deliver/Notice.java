package ansim.hub.deliver;

import ansim.hub.core.Event;
import ansim.hub.core.Flag;
import ansim.hub.core.LogEntry;
import ansim.hub.core.Output;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One of the things that a log entry has to say to centres: what its message says, what the hub itself has to say of the message, and what an earlier
 * entry said that somebody may see only now.
 *
 * @param id the same at every repeat
 * @param event what is sent
 * @param flags what else is to be known of it
 * @param entry whose message it is of
 * @param to who gets it; empty for all that the event names, and {@link Destination#ALL}
 */
record Notice(String id, Event event, Set<Flag> flags, LogEntry entry, List<String> to) {
    /** Finds earlier entries. */
    interface Earlier {
        /** Empty for one that does not read; one that is erased says nothing. */
        Optional<LogEntry> entry(long index) throws IOException;
    }

    /**
     * All of an entry, in the order in which they are sent; most have one, none has more than four. Nothing of what is withheld: an alarm never is.
     *
     * @param entry of the log
     * @param earlier asked only for what goes out again
     */
    static List<Notice> of(LogEntry entry, Earlier earlier) throws IOException {
        List<Notice> all = new ArrayList<>(1);
        Output output = entry.output();
        for (Output.Again again : output.again()) {
            Optional<LogEntry> first = earlier.entry(again.index());
            first.flatMap(each -> each.output().event())
                    // They may see it on the ground on which they see what is told now, not on that on which it stayed
                    // here.
                    .map(event -> output.event().isEmpty()
                            ? event
                            : event.on(output.event().get().basis()))
                    .ifPresent(event -> all.add(again(first.get(), event, again.districts())));
        }
        if (output.event().isPresent() && !output.has(Flag.WITHHELD)) {
            all.add(new Notice(output.id(), output.event().get(), output.flags(), entry, List.of()));
        }
        output.numbersAlarm()
                .ifPresent(alarm -> all.add(
                        new Notice(output.numbersAlarmId(), alarm, output.numbersAlarmFlags(), entry, List.of())));
        return all;
    }

    /** The first of its districts owns it still. */
    private static Notice again(LogEntry first, Event event, List<String> to) {
        Set<String> codes = new LinkedHashSet<>(event.districts());
        codes.addAll(to);
        codes.remove(Destination.ALL);
        return new Notice(
                first.output().id(),
                event.to(List.copyOf(codes)),
                first.output().flags(),
                first,
                to);
    }

    /** As a destination is told of it: of better dates only those of events that it was sent. */
    Notice as(String district) {
        if (event.corrections().isEmpty()) {
            return this;
        }
        List<Event.Correction> theirs = event.corrections().stream()
                .filter(each -> district.equals(Destination.ALL)
                        ? !each.districts().isEmpty()
                        : each.districts().contains(district))
                .toList();
        return new Notice(id, event.correcting(theirs), flags, entry, to);
    }

    boolean goes(String district, boolean alarm) {
        if (event.alarm() != alarm) {
            return false;
        }
        return to.isEmpty()
                ? district.equals(Destination.ALL) || event.districts().contains(district)
                : to.contains(district);
    }
}
