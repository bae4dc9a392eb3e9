package ansim.profile;

import ansim.settings.Default;
import ansim.settings.Range;
import ansim.settings.Section;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The content of a profile file.
 *
 * @param name of the profile
 * @param about which devices it is for, in a sentence
 * @param line how the device is wired
 * @param framer cuts its bytes or levels
 * @param decoder reads the frames
 * @param options of framer and decoder, put over their defaults
 * @param readings what it gives; a reading that is not listed is dropped
 * @param knownAnswers what it must give for what
 */
record ProfileFile(
        String name,
        String about,
        Line line,
        FramerKind framer,
        DecoderKind decoder,
        @Default("{}") Section options,
        List<Reading.Type> readings,
        @Default("[]") List<KnownAnswer> knownAnswers) {
    ProfileFile {
        if (line.gpio().isPresent() != framer.ofLevels()) {
            throw new IllegalArgumentException("framer " + ReadingJson.word(framer) + " is for a "
                    + (framer.ofLevels() ? "gpio line, not for a line of bytes" : "line of bytes, not for gpio"));
        }
        int lines = line.gpio().map(List::size).orElse(0);
        if (lines != framer.lines) {
            throw new IllegalArgumentException("framer " + ReadingJson.word(framer) + " must have " + framer.lines
                    + (framer.lines == 1 ? " gpio line" : " gpio lines") + " (got " + lines + ")");
        }
        if (!decoder.framers.contains(framer)) {
            throw new IllegalArgumentException("decoder " + ReadingJson.word(decoder) + " needs framer "
                    + words(decoder.framers, " or ") + " (got " + ReadingJson.word(framer) + ")");
        }
        if (!decoder.gives.containsAll(readings)) {
            throw new IllegalArgumentException(
                    "decoder " + ReadingJson.word(decoder) + " gives only " + words(decoder.gives, ", "));
        }
    }

    private static String words(Collection<? extends Enum<?>> constants, String between) {
        return constants.stream().map(ReadingJson::word).collect(Collectors.joining(between));
    }

    /**
     * One of the five.
     *
     * @param serial how the serial line is set
     * @param gpio the names of the GPIO lines, 1 to {@value #MOST_LINES}
     * @param tcp how it is reached
     * @param evdev a Linux input device; nothing to set
     * @param pcsc a reader behind the PC/SC service; nothing to set
     */
    record Line(
            Optional<Section> serial,
            Optional<List<String>> gpio,
            Optional<Section> tcp,
            Optional<FramerKind.NoOptions> evdev,
            Optional<FramerKind.NoOptions> pcsc) {
        private static final int MOST_LINES = 4;

        Line {
            long wires = Stream.of(serial, gpio, tcp, evdev, pcsc)
                    .filter(Optional::isPresent)
                    .count();
            if (wires != 1) {
                throw new IllegalArgumentException(
                        "must have one of serial, gpio, tcp, evdev and pcsc (got " + wires + ")");
            }
            if (gpio.isPresent() && (gpio.get().isEmpty() || gpio.get().size() > MOST_LINES)) {
                throw new IllegalArgumentException("gpio must name 1 to " + MOST_LINES + " lines (got "
                        + gpio.get().size() + ")");
            }
        }

        Wire wire() {
            if (serial.isPresent()) {
                return Wire.SERIAL;
            } else if (gpio.isPresent()) {
                return Wire.GPIO;
            } else if (tcp.isPresent()) {
                return Wire.TCP;
            }
            return evdev.isPresent() ? Wire.EVDEV : Wire.PCSC;
        }
    }

    /**
     * What the device sends and what must come of it.
     *
     * @param about what is shown, and where it is from
     * @param text bytes as text; one of text, hex, levels, pulses, talk and orders
     * @param hex bytes as pairs of hex digits
     * @param levels rows of {@code <ms> <line> <0|1>}
     * @param pulses rows of {@code <ms> <bits>}: a 0 is a pulse on the first line, a 1 on the second, every
     *     {@value KnownAnswers#PULSE_MS} ms
     * @param talk rows of {@code <ms> <in|out> <hex>}: what the device says, and what the profile must have told it by then
     * @param orders rows of {@code <ms> on}, {@code <ms> on <ms at most>} and {@code <ms> off} for an output
     * @param options put over the profile's for this answer
     * @param thenWait how long time goes on after the last byte or level
     * @param gives the readings, as {@code replay --json} prints them; of an output, its levels as {@code <ms> <0|1>}, from 0
     * @param rejects the frames refused, by reason; none else
     */
    record KnownAnswer(
            String about,
            Optional<String> text,
            Optional<String> hex,
            Optional<List<String>> levels,
            Optional<List<String>> pulses,
            Optional<List<String>> talk,
            Optional<List<String>> orders,
            @Default("{}") Section options,
            @Default("2s") @Range(min = 0, max = 600_000) Duration thenWait,
            @Default("[]") List<String> gives,
            @Default("{}") Map<String, Long> rejects) {
        KnownAnswer {
            long inputs = Stream.of(text, hex, levels, pulses, talk, orders)
                    .filter(Optional::isPresent)
                    .count();
            if (inputs != 1) {
                throw new IllegalArgumentException("must have one of text, hex, levels, pulses, talk and orders");
            }
        }
    }
}
