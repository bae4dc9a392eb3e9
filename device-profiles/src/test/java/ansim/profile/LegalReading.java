package ansim.profile;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.OptionalInt;

/** What the rest of the program relies on in a reading, whoever made it. */
final class LegalReading {
    private static final long FIRST_MS = Instant.parse("1980-01-06T00:00:00Z").toEpochMilli();
    private static final long LAST_MS = Instant.parse("9999-12-31T23:59:59Z").toEpochMilli();
    private static final int FULL_CIRCLE_CDEG = 36_000;
    private static final int LONGEST_CARD = 64;
    private static final int LONGEST_NAME = 32;

    private LegalReading() {}

    static void check(Reading reading) {
        switch (reading.type()) {
            case FIX -> fix((Reading.Fix) reading);
            case TAP -> card(((Reading.Tap) reading).card().text());
            case CONTACT -> name(((Reading.ContactChange) reading).name());
            case MEASURE -> name(((Reading.Measure) reading).name());
            case PANIC -> assertTrue(((Reading.PanicPress) reading).press() >= 1);
            default -> {}
        }
        String line = ReadingJson.line(reading);
        assertTrue(line.chars().noneMatch(c -> c < ' '), line);
    }

    private static void fix(Reading.Fix fix) {
        assertTrue(fix.timeMs() >= FIRST_MS && fix.timeMs() < LAST_MS, fix::toString);
        within(fix.courseCdeg(), 0, FULL_CIRCLE_CDEG - 1, fix);
        within(fix.speedCms(), 0, Integer.MAX_VALUE, fix);
        within(fix.quality().satellites(), 0, Integer.MAX_VALUE, fix);
        within(fix.quality().hdopE2(), 0, Integer.MAX_VALUE, fix);
        within(fix.quality().mode(), 2, 3, fix);
    }

    private static void within(OptionalInt value, int least, int most, Reading.Fix fix) {
        assertTrue(value.isEmpty() || (value.getAsInt() >= least && value.getAsInt() <= most), fix::toString);
    }

    private static void card(String card) {
        assertTrue(card.matches("[0-9A-Za-z]+") && card.length() <= LONGEST_CARD, "card: " + card);
    }

    private static void name(String name) {
        int bytes = name.getBytes(StandardCharsets.UTF_8).length;
        assertTrue(bytes >= 1 && bytes <= LONGEST_NAME, "name: " + name);
    }
}
