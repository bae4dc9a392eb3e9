package ansim.edge.port;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A GPIO line as the configuration names it: {@code gpiochip0/17}, {@code cp2112_gpio/5} by its chip's label, {@code 17} for a line of
 * the board's header, or {@code sim:PATH} for a simulated one.
 *
 * @param file of a simulated line
 * @param chip the device's name below /dev, or the chip's label; empty for the header's chip, see {@link GpioChips}
 * @param offset the line's number within the chip
 */
record LineName(Optional<Path> file, Optional<String> chip, int offset) {
    private static final String SIMULATED = "sim:";
    private static final String CHIP = "gpiochip[0-9]{1,3}";
    private static final Pattern NUMBER = Pattern.compile(CHIP);
    private static final Pattern HARDWARE = Pattern.compile("(?:(?:/dev/)?(" + CHIP + ")/)?([0-9]{1,4})");
    /** The kernel's labels have up to 31 bytes; what looks like a number is none. */
    private static final Pattern LABELLED =
            Pattern.compile("(?!gpiochip[0-9]*/)([A-Za-z0-9][A-Za-z0-9 ._:,@+-]{0,30})/([0-9]{1,4})");

    /**
     * Reads a name.
     *
     * @throws IllegalArgumentException saying what a name looks like
     */
    static LineName parse(String line) {
        if (line.startsWith(SIMULATED) && line.length() > SIMULATED.length()) {
            return new LineName(Optional.of(Path.of(line.substring(SIMULATED.length()))), Optional.empty(), 0);
        }
        Matcher parts = HARDWARE.matcher(line);
        if (!parts.matches()) {
            parts = LABELLED.matcher(line);
        }
        if (!parts.matches()) {
            throw new IllegalArgumentException(
                    "a line must be gpiochipN/LINE, LABEL/LINE, the number of a line of the board's header, or "
                            + "sim:PATH, a simulated line (got " + line + ")");
        }
        return new LineName(Optional.empty(), Optional.ofNullable(parts.group(1)), Integer.parseInt(parts.group(2)));
    }

    /**
     * Reads the names of a port's lines.
     *
     * @throws IllegalArgumentException if one is no name, or they cannot be read together
     */
    static List<LineName> parseAll(List<String> lines) {
        List<LineName> names = lines.stream().map(LineName::parse).toList();
        for (LineName name : names) {
            if (name.simulated() != names.get(0).simulated() || !name.chip.equals(names.get(0).chip)) {
                throw new IllegalArgumentException("the lines of one port must be of one chip, or all simulated (got "
                        + String.join(", ", lines) + ")");
            }
        }
        if (names.stream().distinct().count() < names.size()) {
            throw new IllegalArgumentException(
                    "each line of a port must be another one (got " + String.join(", ", lines) + ")");
        }
        return names;
    }

    /** The chip's name below /dev, if it is named so: a number that the kernel gives. */
    Optional<String> number() {
        return chip.filter(NUMBER.asMatchPredicate());
    }

    /** The chip's label, if it is named so. */
    Optional<String> label() {
        return chip.filter(NUMBER.asMatchPredicate().negate());
    }

    boolean simulated() {
        return file.isPresent();
    }

    /** As it is written. */
    @Override
    public String toString() {
        return file.map(path -> SIMULATED + path)
                .orElseGet(() -> chip.map(name -> name + "/").orElse("") + offset);
    }
}
