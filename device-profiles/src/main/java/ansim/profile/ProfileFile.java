package ansim.profile;

import ansim.settings.Default;
import ansim.settings.Range;
import ansim.settings.Section;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
        if (line.serial().isPresent() == (framer == FramerKind.LEVEL)) {
            throw new IllegalArgumentException("framer level is for a gpio line, the other framers for a serial one");
        }
        if (decoder.framer != framer) {
            throw new IllegalArgumentException("decoder " + ReadingJson.word(decoder) + " needs framer "
                    + ReadingJson.word(decoder.framer) + " (got " + ReadingJson.word(framer) + ")");
        }
        if (!decoder.gives().containsAll(readings)) {
            throw new IllegalArgumentException("decoder " + ReadingJson.word(decoder) + " gives only "
                    + String.join(
                            ", ",
                            decoder.gives().stream().map(ReadingJson::word).toList()));
        }
    }

    /**
     * One of the two.
     *
     * @param serial how the serial line is set
     * @param gpio the names of the GPIO lines
     */
    record Line(Optional<Section> serial, Optional<List<String>> gpio) {
        Line {
            if (serial.isPresent() == gpio.isPresent()) {
                throw new IllegalArgumentException("must have either serial or gpio");
            }
            if (gpio.isPresent() && gpio.get().size() != 1) {
                throw new IllegalArgumentException(
                        "gpio must name one line (got " + gpio.get().size() + ")");
            }
        }
    }

    /** The framers and their options. */
    enum FramerKind {
        NMEA_LINE(NmeaFramer.Options.class),
        CARD_FRAME(NoOptions.class),
        LEVEL(LineReader.Options.class);

        final Class<? extends Record> options;

        FramerKind(Class<? extends Record> options) {
            this.options = options;
        }
    }

    /** The decoders, their options, and what they give. */
    enum DecoderKind {
        NMEA0183(FramerKind.NMEA_LINE, Nmea0183.Options.class),
        EM4100(FramerKind.CARD_FRAME, Em4100.Options.class),
        METER_LAMP(FramerKind.LEVEL, MeterLamp.Options.class),
        CONTACT(FramerKind.LEVEL, Contact.Options.class),
        PANIC_BUTTON(FramerKind.LEVEL, PanicButton.Options.class);

        final FramerKind framer;
        final Class<? extends Record> options;

        DecoderKind(FramerKind framer, Class<? extends Record> options) {
            this.framer = framer;
            this.options = options;
        }

        List<Reading.Type> gives() {
            return switch (this) {
                case NMEA0183 -> List.of(Reading.Type.FIX, Reading.Type.NO_FIX);
                case EM4100 -> List.of(Reading.Type.TAP);
                case METER_LAMP -> List.of(Reading.Type.LAMP);
                case CONTACT -> List.of(Reading.Type.CONTACT);
                case PANIC_BUTTON -> List.of(Reading.Type.PANIC);
            };
        }
    }

    /** A framer without options. */
    record NoOptions() {}

    /**
     * What the device sends and what must come of it.
     *
     * @param about what is shown, and where it is from
     * @param text bytes as text; one of text, hex and levels
     * @param hex bytes as pairs of hex digits
     * @param levels rows of {@code <ms> <line> <0|1>}
     * @param options put over the profile's for this answer
     * @param thenWait how long time goes on after the last byte or level
     * @param gives the readings, as {@code replay --json} prints them
     * @param rejects the frames refused, by reason; none else
     */
    record KnownAnswer(
            String about,
            Optional<String> text,
            Optional<String> hex,
            Optional<List<String>> levels,
            @Default("{}") Section options,
            @Default("2s") @Range(min = 0, max = 600_000) Duration thenWait,
            @Default("[]") List<String> gives,
            @Default("{}") Map<String, Long> rejects) {
        KnownAnswer {
            long inputs = text.stream().count()
                    + hex.stream().count()
                    + levels.stream().count();
            if (inputs != 1) {
                throw new IllegalArgumentException("must have one of text, hex and levels");
            }
        }
    }
}
