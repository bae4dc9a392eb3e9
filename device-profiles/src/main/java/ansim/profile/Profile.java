package ansim.profile;

import ansim.settings.Section;
import java.util.List;
import java.util.Optional;

/**
 * A device described in one YAML file: its line, framer, decoder and their options, the readings it gives, and known answers
 * to test it against. Immutable; any thread. What {@link #open} returns belongs to one thread.
 */
public final class Profile {
    private static final List<String> SHIPPED =
            List.of("gnss-nmea0183", "reader-em4100", "meter-lamp", "contact", "panic-button");

    private final String name;

    private Profile(String name) {
        this.name = name;
    }

    /**
     * Loads a shipped profile by its name, or a profile file by its path.
     *
     * @throws ansim.settings.SettingsException with all problems of the file, or when there is no such profile
     */
    public static Profile load(String nameOrFile) {
        return new Profile(nameOrFile);
    }

    /** The names of the profiles that come with the program. */
    public static List<String> shipped() {
        return SHIPPED;
    }

    /**
     * This profile with options put over its own: {@code baud: 38400}, {@code fix-from: gga}, {@code active: low}.
     *
     * @throws ansim.settings.SettingsException with all problems: unknown options, values out of range
     */
    public Profile with(Section options) {
        return options.keys().isEmpty() ? this : new Profile(name);
    }

    /** The profile's name. */
    public String name() {
        return name;
    }

    /** How its serial line is set; empty for a profile of GPIO lines. */
    public Optional<SerialLine> serial() {
        return Optional.empty();
    }

    /** The names of its GPIO lines, in the order of {@link DeviceReader#level}'s index; empty for a serial profile. */
    public List<String> lines() {
        return List.of();
    }

    /** A reader for one device, at its initial state. */
    public DeviceReader open() {
        return Optional.<DeviceReader>empty().orElseThrow(() -> new IllegalStateException(name + " has no decoder"));
    }

    /** The profile's known answers that its decoder does not give, each as one sentence; empty when all is well. */
    public List<String> failedAnswers() {
        return List.of();
    }

    /** The values in force as YAML, for {@code check}. */
    public String effective() {
        return "name: " + name;
    }
}
