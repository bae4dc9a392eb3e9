package ansim.profile;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** A reading as one line of JSON: what {@code replay} prints and what a profile's known answers expect. Stateless. */
public final class ReadingJson {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private ReadingJson() {}

    /** The line, without a line end. Latitude and longitude have 7 decimals, time has milliseconds. */
    public static String line(Reading reading) {
        StringBuilder json = new StringBuilder(160).append("{\"reading\":\"").append(word(reading.type()));
        json.append('"');
        switch (reading.type()) {
            case FIX -> fix(json, (Reading.Fix) reading);
            case NO_FIX -> {}
            case TAP ->
                json.append(",\"card\":\"")
                        .append(((Reading.Tap) reading).card().text())
                        .append('"');
            case LAMP -> {
                Reading.Lamp lamp = (Reading.Lamp) reading;
                flag(json, "hired", lamp.hired());
                flag(json, "initial", lamp.initial());
            }
            case CONTACT -> contact(json, (Reading.ContactChange) reading);
            case PANIC -> panic(json, (Reading.PanicPress) reading);
            case MEASURE -> {
                Reading.Measure measure = (Reading.Measure) reading;
                text(json, "name", measure.name());
                decimal(json.append(",\"value\":"), measure.valueE3(), 3);
                text(json, "unit", measure.unit());
            }
            case FAULT -> {
                Reading.Fault fault = (Reading.Fault) reading;
                text(json, "what", word(fault.what()));
                flag(json, "raised", fault.raised());
            }
            default -> throw new IllegalArgumentException("reading " + reading.type());
        }
        return json.append('}').toString();
    }

    /** {@code no-fix} for {@code NO_FIX}. */
    static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static void fix(StringBuilder json, Reading.Fix fix) {
        json.append(",\"time\":\"")
                .append(TIME.format(Instant.ofEpochMilli(fix.timeMs())))
                .append('"');
        json.append(",\"lat\":");
        decimal(json, fix.latE7(), 7);
        json.append(",\"lon\":");
        decimal(json, fix.lonE7(), 7);
        fix.speedCms().ifPresent(v -> decimal(json.append(",\"speedKmh\":"), Math.round(v * 0.36), 1));
        fix.courseCdeg().ifPresent(v -> decimal(json.append(",\"courseDeg\":"), Math.round(v / 10.0) % 3600, 1));
        fix.quality()
                .satellites()
                .ifPresent(v -> json.append(",\"satellites\":").append(v));
        if (fix.rolledOver()) {
            flag(json, "rolledOver", true);
        }
    }

    private static void contact(StringBuilder json, Reading.ContactChange contact) {
        text(json, "name", contact.name());
        flag(json, "closed", contact.closed());
        flag(json, "alarm", contact.alarm());
        flag(json, "initial", contact.initial());
    }

    private static void panic(StringBuilder json, Reading.PanicPress panic) {
        json.append(",\"origin\":\"").append(word(panic.origin()));
        json.append("\",\"pattern\":\"").append(word(panic.pattern())).append('"');
        flag(json, "silent", panic.silent());
        json.append(",\"press\":").append(panic.press());
    }

    private static void text(StringBuilder json, String key, String value) {
        json.append(",\"").append(key).append("\":\"");
        json.append(value.replace("\\", "\\\\").replace("\"", "\\\"")).append('"');
    }

    private static void flag(StringBuilder json, String key, boolean value) {
        json.append(",\"").append(key).append("\":").append(value);
    }

    /** An integer of 10^-places units, all places printed. */
    private static void decimal(StringBuilder json, long value, int places) {
        String digits = Long.toString(Math.abs(value));
        json.append(value < 0 ? "-" : "").append("0".repeat(Math.max(0, places + 1 - digits.length())));
        json.append(digits).insert(json.length() - places, '.');
    }
}
