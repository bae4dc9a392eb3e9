package ansim.profile;

import ansim.profile.ProfileFile.KnownAnswer;
import ansim.settings.Section;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A known answer as its device lives it: what the device says and hears, or its lines' levels, and when. Known answers are checked by
 * it, and {@code simulate} plays the device by it, so that what a device says stands in one place: the profile's file. Immutable.
 *
 * @param about what is shown
 * @param options that the profile must have for it
 * @param rows in the order of time
 * @param pulses whether the levels are pulses, each as short as the device's
 * @param gives the readings that must come of it, as {@code replay --json} prints them
 * @param clean nothing of it is refused
 */
public record Play(String about, Section options, List<Row> rows, boolean pulses, List<String> gives, boolean clean) {
    private static final Pattern PULSES = Pattern.compile("\\s*(\\d{1,15})\\s+([01]{1,128})\\s*");

    /** Something at a time. */
    public sealed interface Row {
        /** From the beginning. */
        long ms();
    }

    /** The device says something. */
    public record Says(long ms, String hex) implements Row {
        /** What it says. */
        public byte[] bytes() {
            return HexFormat.of().parseHex(hex);
        }
    }

    /** The device has been told something by now. */
    public record Hears(long ms, String hex) implements Row {}

    /** The device's line, by its index, has a level from now on. */
    public record Level(long ms, int line, boolean high) implements Row {}

    /**
     * Reads the rows of a known answer.
     *
     * @param profile with the answer's options
     * @throws IllegalArgumentException with the rule that a row breaks
     */
    static Play of(KnownAnswer answer, Profile profile) {
        List<Row> rows = new ArrayList<>();
        for (String row : answer.levels().orElse(List.of())) {
            LevelRow level = LevelRow.parse(row, profile.lines());
            rows.add(new Level(level.ms(), level.line(), level.high()));
        }
        boolean active = profile.edges() == GpioLine.Edges.RISING;
        answer.pulses().orElse(List.of()).forEach(row -> pulses(row, active, rows));
        for (String row : answer.talk().orElse(List.of())) {
            TalkRow talk = TalkRow.parse(row);
            rows.add(talk.out() ? new Hears(talk.ms(), talk.hex()) : new Says(talk.ms(), talk.hex()));
        }
        HexFormat hex = HexFormat.of().withUpperCase();
        answer.text()
                .ifPresent(text -> rows.add(new Says(0, hex.formatHex(text.getBytes(StandardCharsets.ISO_8859_1)))));
        answer.hex().ifPresent(text -> rows.add(new Says(0, text.replace(" ", ""))));
        return new Play(
                answer.about(),
                answer.options(),
                List.copyOf(rows),
                answer.pulses().isPresent(),
                answer.gives(),
                answer.rejects().isEmpty());
    }

    private static void pulses(String row, boolean active, List<Row> rows) {
        Matcher parts = PULSES.matcher(row);
        if (!parts.matches()) {
            throw new IllegalArgumentException("a row of pulses must be <ms> <bits> (got '" + row + "')");
        }
        long ms = Long.parseLong(parts.group(1));
        for (char bit : parts.group(2).toCharArray()) {
            rows.add(new Level(ms, bit - '0', active));
            rows.add(new Level(ms, bit - '0', !active));
            ms += KnownAnswers.PULSE_MS;
        }
    }
}
