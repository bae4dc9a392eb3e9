package ansim.edge.port;

import ansim.profile.Profile;
import ansim.settings.Default;
import ansim.settings.Section;
import ansim.settings.SettingsException;
import java.util.List;
import java.util.regex.Pattern;

/**
 * An output of the unit: a siren, a beacon, a buzzer, a light.
 *
 * @param name what the hub, health and logs call it: 1 to 32 lower-case letters, digits and dashes
 * @param profile a shipped output profile's name or a profile file
 * @param gpio the line: {@code gpiochip0/17}, {@code cp2112_gpio/5} by its chip's label, {@code 17} for a line of the board's header, or
 *     {@code sim:PATH}
 * @param onAlert switched on by every alert that reaches the unit, until the alert ends or the profile's limit is reached
 * @param options put over the profile's: {@code active: low}, {@code longest-on: 30s}
 */
public record OutputConfig(
        String name,
        @Default("output-relay") String profile,
        String gpio,
        @Default("false") boolean onAlert,
        @Default("{}") Section options) {
    private static final Pattern NAME = Pattern.compile("[a-z0-9-]{1,32}");

    /** Checks the names. */
    public OutputConfig {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "name must be 1 to 32 lower-case letters, digits and dashes (got " + name + ")");
        }
        LineName.parse(gpio);
    }

    /**
     * The profile with the options, as it would be used.
     *
     * @throws SettingsException with all problems of profile and options
     */
    public Profile loaded() {
        Profile loaded = Profile.load(profile).with(options);
        if (!loaded.isOutput()) {
            String rule = "profile " + loaded.name() + " is for a device that is read: list it under ports";
            throw new SettingsException(List.of(options.problem(gpio, rule)));
        }
        return loaded;
    }
}
