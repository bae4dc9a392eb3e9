package ansim.profile;

import ansim.settings.Default;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** A door, enclosure, mains relay or loop. A normally closed loop that is open, or cut, is an alarm. */
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

    private final Options options;

    Contact(Options options) {
        this.options = options;
    }

    @Override
    public void settled(boolean active, boolean initial, long sinceMs, Consumer<Reading> sink) {
        boolean alarm = options.normally() == Normally.CLOSED && !active;
        sink.accept(new Reading.ContactChange(options.name(), active, alarm, initial));
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
