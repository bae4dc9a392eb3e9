package ansim.edge;

import ansim.profile.Counters;
import ansim.profile.Reading;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;

/** What {@code replay} prints for people. */
final class ReplayTable {
    private ReplayTable() {}

    static String row(Reading reading) {
        return switch (reading.type()) {
            case FIX -> fix((Reading.Fix) reading);
            case NO_FIX -> "no fix";
            case TAP -> "tap      " + ((Reading.Tap) reading).card().text();
            case LAMP -> {
                Reading.Lamp lamp = (Reading.Lamp) reading;
                yield "lamp     " + (lamp.hired() ? "hired" : "vacant") + initial(lamp.initial());
            }
            case CONTACT -> {
                Reading.ContactChange contact = (Reading.ContactChange) reading;
                yield "contact  " + contact.name() + (contact.closed() ? " closed" : " open")
                        + (contact.alarm() ? ", alarm" : "") + initial(contact.initial());
            }
            case MEASURE -> {
                Reading.Measure measure = (Reading.Measure) reading;
                yield String.format(
                        Locale.ROOT, "measure  %s %.3f %s", measure.name(), measure.valueE3() / 1e3, measure.unit());
            }
            case FAULT -> {
                Reading.Fault fault = (Reading.Fault) reading;
                yield "fault    " + fault.what().name().toLowerCase(Locale.ROOT) + (fault.raised() ? "" : " ended");
            }
            case PANIC -> {
                Reading.PanicPress panic = (Reading.PanicPress) reading;
                yield String.format(
                                        Locale.ROOT,
                                        "panic    %s, %s, press %d",
                                        panic.origin(),
                                        panic.pattern(),
                                        panic.press())
                                .toLowerCase(Locale.ROOT)
                        + (panic.silent() ? ", silent" : "");
            }
        };
    }

    static String counters(Counters counters) {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "%d readings from %d frames, %d accepted",
                counters.readings(),
                counters.frames(),
                counters.accepted()));
        for (Map.Entry<String, Long> reason : counters.rejected().entrySet()) {
            if (reason.getValue() > 0) {
                text.append(", ").append(reason.getValue()).append(' ').append(reason.getKey());
            }
        }
        return text.append("; ")
                .append(counters.noiseBytes())
                .append(" bytes of noise")
                .toString();
    }

    private static String fix(Reading.Fix fix) {
        return String.format(
                Locale.ROOT,
                "fix      %s  %11.7f %12.7f  %7s km/h  %7s deg  %3s satellites%s",
                Instant.ofEpochMilli(fix.timeMs()),
                fix.latE7() / 1e7,
                fix.lonE7() / 1e7,
                scaled(fix.speedCms(), 0.036),
                scaled(fix.courseCdeg(), 0.01),
                scaled(fix.quality().satellites(), 1).replace(".0", ""),
                fix.rolledOver() ? "  (date rolled over)" : "");
    }

    private static String scaled(OptionalInt value, double unit) {
        return value.isEmpty() ? "-" : String.format(Locale.ROOT, "%.1f", value.getAsInt() * unit);
    }

    private static String initial(boolean initial) {
        return initial ? " (found so)" : "";
    }
}
