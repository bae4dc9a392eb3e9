package ansim.profile;

import ansim.settings.Problem;
import ansim.settings.Section;
import ansim.settings.Settings;
import ansim.settings.SettingsException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A device described in one YAML file: its line, framer, decoder and their options, the readings it gives, and known answers
 * to test it against. Immutable; any thread. What {@link #open} returns belongs to one thread.
 */
public final class Profile {
    private static final List<String> SHIPPED = List.of(
            "gnss-nmea0183",
            "gnss-ubx",
            "gnss-gpsd",
            "reader-em4100",
            "reader-wiegand",
            "reader-pn532",
            "reader-pcsc",
            "reader-hid",
            "reader-osdp",
            "meter-lamp",
            "alarm-lamp",
            "panic-button",
            "contact",
            "modbus-rtu",
            "camera-probe",
            "output-relay",
            "line-pattern");

    private static final long ASKS_WITHIN_MS = 1_000;
    private static final long ASKS_STEP_MS = 10;

    private final ProfileFile file;
    private final Section options;
    private final Optional<SerialLine> serial;
    private final Optional<TcpLine> tcp;
    private final Optional<GpioLine> gpio;
    private final Record framerOptions;
    private final Record decoderOptions;

    private Profile(ProfileFile file, Section options) {
        this.file = file;
        this.options = options;
        List<Problem> problems = new ArrayList<>();
        Set<String> known = known(file);
        for (String key : options.keys()) {
            if (!known.contains(key)) {
                problems.add(options.problemAt(
                        key,
                        "is no option of profile " + file.name() + Section.nearest(key, known) + "; the options are "
                                + String.join(", ", known)));
            }
        }
        serial = file.line()
                .serial()
                .flatMap(base -> bind(base.with(only(options, SerialLine.class)), SerialLine.class, problems));
        tcp = file.line().tcp().flatMap(base -> bind(base.with(only(options, TcpLine.class)), TcpLine.class, problems));
        gpio = file.line()
                .gpio()
                .filter(names -> file.framer() != FramerKind.DRIVEN)
                .flatMap(names -> bind(only(options, GpioLine.class), GpioLine.class, problems));
        Optional<? extends Record> framing =
                bind(only(options, file.framer().options), file.framer().options, problems);
        Optional<? extends Record> decoding =
                bind(only(options, file.decoder().options), file.decoder().options, problems);
        if (!problems.isEmpty()) {
            throw new SettingsException(problems);
        }
        framerOptions = framing.orElseThrow();
        decoderOptions = decoding.orElseThrow();
    }

    /**
     * Loads a shipped profile by its name, or a profile file by its path.
     *
     * @throws SettingsException with all problems of the file, or when there is no such profile
     */
    public static Profile load(String nameOrFile) {
        if (SHIPPED.contains(nameOrFile)) {
            return of(Settings.read(nameOrFile + ".yaml", resource(nameOrFile + ".yaml"), ProfileFile.class));
        }
        Path path = Path.of(nameOrFile);
        if (!Files.exists(path)) {
            String rule = "is no profile file and none of the shipped profiles " + String.join(", ", SHIPPED)
                    + Section.nearest(nameOrFile, SHIPPED);
            throw new SettingsException(List.of(new Problem(nameOrFile, 0, "", "", rule)));
        }
        return of(Settings.load(path, ProfileFile.class));
    }

    /**
     * The text of a shipped profile's file: what {@code profiles copy} gives to begin one's own with.
     *
     * @throws IllegalArgumentException if no such profile is shipped
     */
    public static String source(String shipped) {
        if (!SHIPPED.contains(shipped)) {
            throw new IllegalArgumentException("no profile " + shipped + " is shipped");
        }
        return resource(shipped + ".yaml");
    }

    /** The names of the profiles that come with the program. */
    public static List<String> shipped() {
        return SHIPPED;
    }

    /**
     * This profile with options put over its own: {@code baud: 38400}, {@code fix-from: gga}, {@code active: low}.
     *
     * @throws SettingsException with all problems: unknown options, values out of range
     */
    public Profile with(Section over) {
        return over.keys().isEmpty() ? this : new Profile(file, options.with(over));
    }

    /** The profile's name. */
    public String name() {
        return file.name();
    }

    /** Which devices it is for. */
    public String about() {
        return file.about();
    }

    /** How its device is wired. */
    public Wire wire() {
        return file.line().wire();
    }

    /** How its serial line is set; for {@link Wire#SERIAL} only. */
    public Optional<SerialLine> serial() {
        return serial;
    }

    /** How it is reached; for {@link Wire#TCP} only. */
    public Optional<TcpLine> tcp() {
        return tcp;
    }

    /** How its GPIO lines are set; for {@link Wire#GPIO} only, and not for an output. */
    public Optional<GpioLine> gpio() {
        return gpio;
    }

    /** Which edges of its GPIO lines it needs; see {@link GpioLine.Edges} for what follows from one. */
    public GpioLine.Edges edges() {
        if (framerOptions instanceof PulseReader.Options pulses) {
            return pulses.active() == LineReader.Active.HIGH ? GpioLine.Edges.RISING : GpioLine.Edges.FALLING;
        }
        return GpioLine.Edges.BOTH;
    }

    /** The names of its GPIO lines, in the order of {@link DeviceReader#level}'s index; empty but for {@link Wire#GPIO}. */
    public List<String> lines() {
        return file.line().gpio().orElse(List.of());
    }

    /** What it can give. */
    public Set<Reading.Type> readings() {
        return Set.copyOf(file.readings());
    }

    /** Must its device be asked, or does it speak by itself? */
    public boolean asks() {
        DeviceReader fresh = open();
        fresh.opened(0, reading -> {});
        // Some wait for a pause on the line before they ask.
        for (long ms = 0; ms <= ASKS_WITHIN_MS; ms += ASKS_STEP_MS) {
            fresh.tick(ms, reading -> {});
            if (fresh.toSend(ms).length > 0) {
                return true;
            }
        }
        return false;
    }

    /** Has it an option of this name? */
    public boolean hasOption(String key) {
        return known(file).contains(key);
    }

    /** Whether it is for a line that is driven and not read: then it has a {@link #relay}, otherwise it can be {@link #open}ed. */
    public boolean isOutput() {
        return decoderOptions instanceof Relay.Options;
    }

    /**
     * The rule of one output, off.
     *
     * @throws IllegalStateException if this is not an output
     */
    public Relay relay() {
        if (decoderOptions instanceof Relay.Options relay) {
            return new Relay(relay);
        }
        throw new IllegalStateException("profile " + name() + " is not an output");
    }

    /**
     * A reader for one device, at its initial state.
     *
     * @throws IllegalStateException if this is an output
     */
    public DeviceReader open() {
        Set<Reading.Type> wanted = EnumSet.noneOf(Reading.Type.class);
        wanted.addAll(file.readings());
        return file.decoder().open(file.framer(), framerOptions, decoderOptions, wanted);
    }

    /** The profile's known answers that its decoder does not give, each as one sentence; empty when all is well. */
    public List<String> failedAnswers() {
        List<String> failed = new ArrayList<>();
        file.knownAnswers().forEach(answer -> new KnownAnswers(this, answer).check(failed));
        return failed;
    }

    /**
     * Its known answers as its device lives them, in the order of the file; none of an output.
     *
     * @throws IllegalArgumentException with the rule that a row of one breaks
     */
    public List<Play> plays() {
        return isOutput()
                ? List.of()
                : file.knownAnswers().stream()
                        .map(answer -> Play.of(answer, with(answer.options())))
                        .toList();
    }

    /** The values in force as YAML, for {@code check}. */
    public String effective() {
        StringBuilder yaml = new StringBuilder("profile: ").append(name()).append('\n');
        serial.ifPresent(line -> yaml.append(Settings.effective(line)));
        tcp.ifPresent(line -> yaml.append(Settings.effective(line)));
        gpio.ifPresent(line -> yaml.append(Settings.effective(line)));
        // An address is an option of both, told once.
        if (!Section.keysOf(file.decoder().options).containsAll(Section.keysOf(file.framer().options))) {
            yaml.append(Settings.effective(framerOptions));
        }
        return yaml.append(Settings.effective(decoderOptions)).toString();
    }

    /** How many known answers its file has. */
    public int knownAnswers() {
        return file.knownAnswers().size();
    }

    static Profile of(ProfileFile file) {
        return new Profile(file, file.options());
    }

    private static Set<String> known(ProfileFile file) {
        Set<String> known = new LinkedHashSet<>();
        if (file.line().serial().isPresent()) {
            known.addAll(Section.keysOf(SerialLine.class));
        }
        if (file.line().tcp().isPresent()) {
            known.addAll(Section.keysOf(TcpLine.class));
        }
        known.addAll(Section.keysOf(file.framer().options));
        known.addAll(Section.keysOf(file.decoder().options));
        if (file.line().gpio().isPresent() && file.framer() != FramerKind.DRIVEN) {
            known.addAll(Section.keysOf(GpioLine.class));
        }
        return known;
    }

    private static Section only(Section options, Class<? extends Record> type) {
        return options.only(Section.keysOf(type));
    }

    private static <T extends Record> Optional<T> bind(Section section, Class<T> type, List<Problem> problems) {
        try {
            return Optional.of(section.bind(type));
        } catch (SettingsException e) {
            problems.addAll(e.problems());
            return Optional.empty();
        }
    }

    private static String resource(String name) {
        try (InputStream in = Profile.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the program's jar lacks " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(name, e);
        }
    }
}
