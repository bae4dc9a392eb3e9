package ansim.profile;

import ansim.settings.Default;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A door, enclosure, mains relay or loop. A normally closed loop that is open, or cut, is an alarm. Of a contact whose name says that the
 * unit itself is meant ({@code enclosure}, {@code reader-cover}, {@code loop}, {@code mains}, {@code power}) so is a normally open one
 * that is closed.
 */
final class Contact implements LineDecoder {
    /** The state of rest. */
    enum Normally {
        OPEN,
        CLOSED
    }

    /**
     * Options.
     *
     * @param name what the contact is, 1 to 32 bytes: door, enclosure, bell, mains, battery, flood
     * @param normally its state of rest
     */
    record Options(
            @Default("contact") String name,
            @Default("open") Normally normally) {
        Options {
            checkName("name", name);
        }
    }

    private static final int LONGEST_NAME = 32;
    private static final Set<String> OF_THE_UNIT = Set.of("enclosure", "reader-cover", "loop", "mains", "power");

    private final Options options;

    Contact(Options options) {
        this.options = options;
    }

    @Override
    public void settled(boolean active, boolean initial, long sinceMs, Consumer<Reading> sink) {
        sink.accept(change(options.name(), options.normally(), active, initial));
    }

    /** What such a contact says; the alarm is by its name and its state of rest. */
    static Reading.ContactChange change(String name, Normally normally, boolean closed, boolean initial) {
        boolean alarm =
                normally == Normally.CLOSED ? !closed : closed && OF_THE_UNIT.contains(name.toLowerCase(Locale.ROOT));
        return new Reading.ContactChange(name, closed, alarm, initial);
    }

    /** Refuses what cannot be the name of a contact or measure. */
    static void checkName(String key, String name) {
        int bytes = name.getBytes(StandardCharsets.UTF_8).length;
        if (bytes < 1 || bytes > LONGEST_NAME || name.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    key + " must be 1 to " + LONGEST_NAME + " bytes of text (got " + bytes + ")");
        }
    }
}
