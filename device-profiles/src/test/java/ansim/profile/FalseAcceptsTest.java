package ansim.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * 10^5 random frames through framer and decoder as they stand in a profile: no more pass than the check code itself lets pass. What
 * a framer looks at again after a broken frame counts as passed, too.
 */
class FalseAcceptsTest {
    private static final int FRAMES = 100_000;
    private static final int ONE_BYTE = 256;
    private static final int TWO_BYTES = 65_536;
    private static final String HEX = "0123456789ABCDEF";

    /**
     * A profile whose frames have check digits.
     *
     * @param oneIn so many random frames one passes
     * @param checkEnd bytes behind the check digits
     * @param digits bytes that the check digits take
     * @param hex they are written as hex digits
     */
    private record Code(String profile, int oneIn, int checkEnd, int digits, boolean hex) {}

    private static final Map<DecoderKind, Code> CODES = Map.of(
            DecoderKind.NMEA0183, new Code("gnss-nmea0183", ONE_BYTE, 2, 2, true),
            DecoderKind.UBX_NMEA, new Code("gnss-ubx", TWO_BYTES, 0, 2, false),
            DecoderKind.EM4100, new Code("reader-em4100", ONE_BYTE, 1, 2, true),
            DecoderKind.MODBUS_RTU, new Code("modbus-rtu", TWO_BYTES, 0, 2, false),
            DecoderKind.PN532, new Code("reader-pn532", ONE_BYTE, 1, 1, false),
            DecoderKind.OSDP, new Code("reader-osdp", TWO_BYTES, 0, 2, false));

    /** Levels have no frames, an output takes none. */
    private static final Set<DecoderKind> WITHOUT_FRAMES = EnumSet.of(
            DecoderKind.METER_LAMP,
            DecoderKind.CONTACT,
            DecoderKind.PANIC_BUTTON,
            DecoderKind.ALARM_LAMP,
            DecoderKind.RELAY);

    /**
     * Frames without check digits, or with those of a profile: HostileBytesTest, HidReaderTest, WiegandTest (parity) and OwnDeviceTest
     * (every check that a profile can name) tell what of random ones passes.
     */
    private static final Set<DecoderKind> ELSEWHERE = EnumSet.of(
            DecoderKind.GPSD,
            DecoderKind.HID_READER,
            DecoderKind.CAMERA_PROBE,
            DecoderKind.PCSC,
            DecoderKind.WIEGAND,
            DecoderKind.FIELDS,
            DecoderKind.LINE_PATTERN);

    /** Ends that come before the check digits were right. */
    private static final List<Reject> BROKEN = List.of(
            Reject.CHECKSUM,
            Reject.NO_CHECKSUM,
            Reject.TOO_SHORT,
            Reject.TOO_LONG,
            Reject.BAD_BYTE,
            Reject.UNTERMINATED);

    @Test
    void everyDecoderIsHereOrSaysWhyNot() {
        Set<DecoderKind> all = EnumSet.copyOf(CODES.keySet());
        all.addAll(WITHOUT_FRAMES);
        all.addAll(ELSEWHERE);
        assertEquals(EnumSet.allOf(DecoderKind.class), all);
    }

    @ParameterizedTest
    @EnumSource(
            value = DecoderKind.class,
            names = {"NMEA0183", "UBX_NMEA", "EM4100", "MODBUS_RTU", "PN532", "OSDP"})
    void randomFramesPassNoMoreOftenThanTheirCode(DecoderKind kind) {
        Code code = CODES.getOrDefault(kind, new Code("", 1, 0, 0, false));
        FuzzedDevice.Wrap wrap = Wraps.of(kind);
        Random random = new Random(20_261_127);
        Bench bench = Bench.with(code.profile());
        for (int i = 0; i < FRAMES; i++) {
            byte[] body = Peers.randomBytes(random, 6 + 2 * random.nextInt(20));
            // One of the binary ones, and no exception of Modbus, whose length is fixed.
            body[0] &= 0x7F;
            byte[] frame = wrap.around(body, new byte[0]);
            for (int at = frame.length - code.checkEnd() - code.digits(); at < frame.length - code.checkEnd(); at++) {
                frame[at] = code.hex() ? (byte) HEX.charAt(random.nextInt(HEX.length())) : (byte) random.nextInt();
            }
            bench.says(1_000L * i, frame);
        }
        Map<String, Long> rejected = bench.counters().rejected();
        long broken = BROKEN.stream()
                .mapToLong(reason -> rejected.getOrDefault(reason.word(), 0L))
                .sum();
        long acknowledgements = kind == DecoderKind.PN532 ? FRAMES : 0;
        long passed = bench.counters().frames() - broken - acknowledgements;
        double expected = FRAMES / (double) code.oneIn();
        assertTrue(passed <= expected + 5 * Math.sqrt(expected), passed + " passed of " + bench.counters());
        assertTrue(rejected.getOrDefault("checksum", 0L) >= FRAMES * 0.9, bench.counters()::toString);
    }
}
