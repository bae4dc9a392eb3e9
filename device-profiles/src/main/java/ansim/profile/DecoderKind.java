package ansim.profile;

import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** The decoders that a profile file can name: their options, the framers that they fit, and what they can give. */
@SuppressWarnings("ImmutableEnumChecker") // the sets and lists are unmodifiable and the openers have no state
enum DecoderKind {
    NMEA0183(
            bytes(Nmea0183.Options.class, Nmea0183::new),
            EnumSet.of(FramerKind.NMEA_LINE),
            Reading.Type.FIX,
            Reading.Type.NO_FIX,
            Reading.Type.FAULT),
    UBX_NMEA(
            bytes(UbxNmea.Options.class, UbxNmea::new),
            EnumSet.of(FramerKind.UBX_NMEA),
            Reading.Type.FIX,
            Reading.Type.NO_FIX,
            Reading.Type.FAULT),
    GPSD(
            bytes(Gpsd.Options.class, Gpsd::new),
            EnumSet.of(FramerKind.JSON_LINE),
            Reading.Type.FIX,
            Reading.Type.NO_FIX,
            Reading.Type.FAULT),
    EM4100(bytes(Em4100.Options.class, Em4100::new), EnumSet.of(FramerKind.CARD_FRAME), Reading.Type.TAP),
    HID_READER(bytes(HidReader.Options.class, HidReader::new), EnumSet.of(FramerKind.EVDEV_RECORD), Reading.Type.TAP),
    METER_LAMP(level(MeterLamp.Options.class, MeterLamp::new), EnumSet.of(FramerKind.LEVEL), Reading.Type.LAMP),
    CONTACT(level(Contact.Options.class, Contact::new), EnumSet.of(FramerKind.LEVEL), Reading.Type.CONTACT),
    PANIC_BUTTON(level(PanicButton.Options.class, PanicButton::new), EnumSet.of(FramerKind.LEVEL), Reading.Type.PANIC),
    MODBUS_RTU(
            bytes(ModbusRtu.Options.class, ModbusRtu::new),
            EnumSet.of(FramerKind.MODBUS_ANSWER),
            Reading.Type.MEASURE,
            Reading.Type.CONTACT,
            Reading.Type.FAULT),
    CAMERA_PROBE(
            bytes(CameraProbe.Options.class, CameraProbe::new),
            EnumSet.of(FramerKind.REPLY_HEAD),
            Reading.Type.CONTACT),
    PN532(
            bytes(Pn532.Options.class, Pn532::new),
            EnumSet.of(FramerKind.PN532_FRAME),
            Reading.Type.TAP,
            Reading.Type.FAULT),
    OSDP(
            bytes(Osdp.Options.class, Osdp::new),
            EnumSet.of(FramerKind.OSDP_REPLY),
            Reading.Type.TAP,
            Reading.Type.CONTACT,
            Reading.Type.FAULT),
    PCSC(
            bytes(Pcsc.Options.class, Pcsc::new),
            EnumSet.of(FramerKind.PCSC_MESSAGE),
            Reading.Type.TAP,
            Reading.Type.FAULT),
    ALARM_LAMP(level(AlarmLamp.Options.class, AlarmLamp::new), EnumSet.of(FramerKind.LEVEL), Reading.Type.PANIC),
    WIEGAND(pulses(Wiegand.Options.class, Wiegand::new), EnumSet.of(FramerKind.PULSES), Reading.Type.TAP),
    RELAY(output(Relay.Options.class), EnumSet.of(FramerKind.DRIVEN)),
    FIELDS(
            bytes(FieldDecoder.Options.class, FieldDecoder::new),
            EnumSet.of(
                    FramerKind.TERMINATOR,
                    FramerKind.STX_ETX,
                    FramerKind.LENGTH_PREFIXED,
                    FramerKind.FIXED,
                    FramerKind.IDLE_GAP),
            Reading.Type.TAP,
            Reading.Type.LAMP,
            Reading.Type.CONTACT,
            Reading.Type.PANIC,
            Reading.Type.MEASURE),
    LINE_PATTERN(
            bytes(LinePattern.Options.class, LinePattern::new),
            EnumSet.of(FramerKind.TERMINATOR),
            Reading.Type.TAP,
            Reading.Type.LAMP,
            Reading.Type.CONTACT,
            Reading.Type.PANIC,
            Reading.Type.MEASURE);

    final Class<? extends Record> options;
    final Set<FramerKind> framers;
    final List<Reading.Type> gives;
    private final Opener opener;

    DecoderKind(Decoding decoding, Set<FramerKind> framers, Reading.Type... gives) {
        this.options = decoding.options();
        this.opener = decoding.opener();
        this.framers = Collections.unmodifiableSet(framers);
        this.gives = List.of(gives);
    }

    /** A reader of one device at its initial state. */
    DeviceReader open(FramerKind framer, Record framerOptions, Record decoderOptions, Set<Reading.Type> wanted) {
        return opener.open(framer, framerOptions, decoderOptions, wanted);
    }

    private interface Opener {
        DeviceReader open(FramerKind framer, Record framerOptions, Record decoderOptions, Set<Reading.Type> wanted);
    }

    private record Decoding(Class<? extends Record> options, Opener opener) {}

    private static <O extends Record> Decoding bytes(Class<O> options, Function<O, Decoder> decoder) {
        return new Decoding(options, (framer, framing, decoding, wanted) -> {
            Decoder fresh = decoder.apply(options.cast(decoding));
            return new ByteReader(framer.open(framing, fresh.proof()), fresh, wanted);
        });
    }

    private static <O extends Record> Decoding level(Class<O> options, Function<O, LineDecoder> decoder) {
        return new Decoding(
                options,
                (framer, framing, decoding, wanted) ->
                        new LineReader((LineReader.Options) framing, decoder.apply(options.cast(decoding)), wanted));
    }

    private static <O extends Record> Decoding pulses(Class<O> options, Function<O, Decoder> decoder) {
        return new Decoding(
                options,
                (framer, framing, decoding, wanted) ->
                        new PulseReader((PulseReader.Options) framing, decoder.apply(options.cast(decoding)), wanted));
    }

    private static Decoding output(Class<? extends Record> options) {
        return new Decoding(options, (framer, framing, decoding, wanted) -> {
            throw new IllegalStateException("an output reads nothing");
        });
    }
}
