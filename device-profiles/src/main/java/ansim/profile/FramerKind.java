package ansim.profile;

import ansim.profile.LengthFramer.Proof;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;

/** The framers that a profile file can name, and their options. */
@SuppressWarnings("ImmutableEnumChecker") // the functions have no state
enum FramerKind {
    NMEA_LINE(NmeaFramer.Options.class, NmeaFramer::new),
    UBX_NMEA(UbxNmeaFramer.Options.class, UbxNmeaFramer::new),
    JSON_LINE(JsonLineFramer.Options.class, JsonLineFramer::new),
    EVDEV_RECORD(EvdevFramer.Options.class, EvdevFramer::new),
    CARD_FRAME(NoOptions.class, none -> new CardFramer()),
    MODBUS_ANSWER(ModbusAnswer.Options.class, options -> new LengthFramer(new ModbusAnswer(options))),
    PN532_FRAME(NoOptions.class, none -> new LengthFramer(new Pn532Frame())),
    OSDP_REPLY(OsdpReply.Options.class, options -> new LengthFramer(new OsdpReply(options))),
    REPLY_HEAD(NoOptions.class, none -> new LengthFramer(new ReplyHead())),
    PCSC_MESSAGE(NoOptions.class, none -> new LengthFramer(new PcscMessage())),
    TERMINATOR(DelimitedFramer.Line.class, DelimitedFramer::of),
    STX_ETX(DelimitedFramer.Enclosed.class, DelimitedFramer::of),
    LENGTH_PREFIXED(SizedFrame.Prefixed.class, (options, proof) -> new LengthFramer(new SizedFrame(options, proof))),
    FIXED(SizedFrame.Fixed.class, (options, proof) -> new LengthFramer(new SizedFrame(options, proof))),
    IDLE_GAP(GapFramer.Options.class, GapFramer::new),
    /** Debounced levels of one GPIO line. */
    LEVEL(LineReader.Options.class, 1),
    /** Bits as pulses on two GPIO lines. */
    PULSES(PulseReader.Options.class, PulseReader.LINES),
    /** One GPIO line that is driven and not read. */
    DRIVEN(NoOptions.class, 1);

    final Class<? extends Record> options;
    /** GPIO lines that it needs; 0 for bytes. */
    final int lines;

    private final Optional<BiFunction<Record, Proof, Framer>> framer;

    /** A framer of bytes. */
    <O extends Record> FramerKind(Class<O> options, Function<O, Framer> framer) {
        this(options, (given, unused) -> framer.apply(given));
    }

    /** A framer of bytes that need the device's check digits to tell its frames from others. */
    <O extends Record> FramerKind(Class<O> options, BiFunction<O, Proof, Framer> framer) {
        this.options = options;
        this.lines = 0;
        this.framer = Optional.of((given, proof) -> framer.apply(options.cast(given), proof));
    }

    /** A framer of levels: the decoder's opener knows what to do with its options. */
    FramerKind(Class<? extends Record> options, int lines) {
        this.options = options;
        this.lines = lines;
        this.framer = Optional.empty();
    }

    /** Is it for GPIO lines? The others are for every line of bytes. */
    boolean ofLevels() {
        return framer.isEmpty();
    }

    /** A framer of bytes at its initial state. */
    Framer open(Record given, Proof proof) {
        return framer.orElseThrow(() -> new IllegalStateException(this + " frames levels"))
                .apply(given, proof);
    }

    /** A framer without options. */
    record NoOptions() {}
}
