package ansim.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UbxNmeaTest {
    private static final String AT = "2026-11-23T08:30:00Z";
    private static final int LAT = 375650000;
    private static final int LON = 1269783333;
    private static final String RMC = "GNRMC,083000.00,A,3733.9000,N,12658.7000,E,10.0,90.0,231126,,,A";

    private final Bench gnss = Bench.with("gnss-ubx");

    @ParameterizedTest
    @CsvSource({
        "0, 2026-11-23T08:30:00Z",
        "-300000, 2026-11-23T08:30:00Z",
        "-500001, 2026-11-23T08:29:59.999Z",
        "499999, 2026-11-23T08:30:00Z",
        "500000, 2026-11-23T08:30:00.001Z",
        "-999999999, 2026-11-23T08:29:59Z",
        "999999999, 2026-11-23T08:30:01Z",
        "125000400, 2026-11-23T08:30:00.125Z",
    })
    void theTimeIsRoundedToTheNearestMillisecond(int nano, Instant expected) {
        gnss.says(0, Ubx.pvt(AT, LAT, LON, payload -> payload.putInt(16, nano))).tick(1000);
        assertEquals(expected.toEpochMilli(), gnss.fixes().get(0).timeMs());
    }

    @ParameterizedTest
    @CsvSource({"0, 1, false", "1, 1, false", "2, 1, true", "3, 1, true", "4, 1, true", "5, 1, false", "3, 254, false"})
    void aFixIsATypeOfTwoToFourThatTheReceiverVouchesFor(int type, int flags, boolean fix) {
        gnss.says(0, Ubx.pvt(AT, LAT, LON, p -> p.put(20, (byte) type).put(21, (byte) flags)))
                .tick(1000);
        assertEquals(fix ? 1 : 0, gnss.fixes().size());
        assertEquals(1, gnss.counters().accepted());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 0xFC})
    void aFixWithoutAValidDateAndTimeIsUndated(int valid) {
        gnss.says(0, Ubx.pvt(AT, LAT, LON, p -> p.put(11, (byte) valid))).tick(1000);
        assertEquals(List.of(), gnss.fixes());
        assertEquals(1, gnss.counters().rejected().get("undated"));
    }

    @ParameterizedTest
    @CsvSource({"6, 13", "6, 0", "7, 31", "8, 24", "9, 60", "10, 61", "5, 0", "31, 127", "27, 127"})
    void aDateOrPlaceThatIsNoneIsMalformed(int at, int value) {
        gnss.says(0, Ubx.pvt(AT, LAT, LON, p -> p.put(at, (byte) value))).tick(1000);
        assertEquals(List.of(), gnss.fixes());
        assertEquals(1, gnss.counters().rejected().get("malformed"));
    }

    @Test
    void aRolledOverDateSaysSo() {
        gnss.says(0, Ubx.pvt("2007-04-09T08:30:00Z", LAT, LON)).tick(1000);
        assertTrue(gnss.fixes().get(0).rolledOver());
        assertEquals(Instant.parse(AT).toEpochMilli(), gnss.fixes().get(0).timeMs());
    }

    @Test
    void aFixSaysHowLongAgoItsEpochsFirstMessageTookTheTime() {
        gnss.says(100, Ubx.pvt(AT, LAT, LON))
                .says(300, Ubx.frame(0x0104, 18, p -> p.putInt(0, Ubx.timeOfWeek(AT))))
                .says(500, Bench.sentence("GPGSV"))
                .tick(750);
        assertEquals(650, gnss.fixes().get(0).heldMs());
    }

    @Test
    void aTimeThatStandsStillIsGivenOnceAndIsNoFixAfterThreeSeconds() {
        for (int s = 0; s < 5; s++) {
            gnss.says(s * 1000L, Ubx.pvt(AT, LAT, LON)).tick(s * 1000L + 500);
        }
        assertEquals(
                List.of(Reading.Type.FIX, Reading.Type.NO_FIX),
                gnss.readings.stream().map(Reading::type).toList());
    }

    /** Both tell of each second, in either order, near and far from each other: each second is one fix, the binary one's. */
    @ParameterizedTest
    @CsvSource({"true, 0", "false, 0", "true, 400", "false, 400"})
    void anEpochToldTwiceIsOneFix(boolean binaryFirst, int apartMs) {
        for (int s = 0; s < 10; s++) {
            String at = "2026-11-23T08:30:0" + s + "Z";
            byte[] text = Bench.sentence(RMC.replace("083000", "08300" + s)).getBytes(StandardCharsets.US_ASCII);
            byte[] binary = Ubx.pvt(at, LAT + 1, LON, p -> p.putInt(16, 4_000_000));
            gnss.says(s * 1000L, binaryFirst ? binary : text).tick(s * 1000L + apartMs);
            gnss.says(s * 1000L + apartMs, binaryFirst ? text : binary).tick(s * 1000L + apartMs + 20);
        }
        gnss.tick(10_500);
        List<Reading.Fix> fixes = gnss.fixes();
        assertEquals(10, fixes.size());
        fixes.stream().skip(1).forEach(fix -> assertEquals(LAT + 1, fix.latE7()));
    }

    @Test
    void whenBinaryStopsTextMakesTheFixesBeforeTheFixIsLost() {
        gnss.says(0, Ubx.pvt(AT, LAT, LON)).tick(500);
        for (int s = 1; s < 6; s++) {
            gnss.sentences(s * 1000L, RMC.replace("083000", "08300" + s)).tick(s * 1000L + 300);
        }
        assertEquals(5, gnss.readings.size());
        assertEquals(5, gnss.fixes().size());
    }

    @Test
    void binaryWithoutAFixSilencesTextToo() {
        for (int s = 0; s < 5; s++) {
            gnss.says(s * 1000L, Ubx.pvt("2026-11-23T08:30:0" + s + "Z", LAT, LON, p -> p.put(21, (byte) 0)));
            gnss.sentences(s * 1000L, RMC.replace("083000", "08300" + s)).tick(s * 1000L + 300);
        }
        assertEquals(List.of(new Reading.NoFix()), gnss.readings);
    }

    @Test
    void aBinaryFrameAtAnyPlaceInALineLosesNeither() {
        byte[] line = Bench.sentence(RMC).getBytes(StandardCharsets.US_ASCII);
        byte[] frame = Ubx.frame(0x0A04, "$GPRMC,\n*62 \u00B5b".getBytes(StandardCharsets.ISO_8859_1));
        for (int at = 0; at <= line.length; at++) {
            Bench bench = Bench.with("gnss-ubx");
            bench.says(0, Arrays.copyOf(line, at)).says(0, frame);
            bench.says(0, Arrays.copyOfRange(line, at, line.length)).tick(1000);
            assertEquals(1, bench.fixes().size(), "at " + at);
            assertEquals(
                    new Counters(
                            bench.counters().bytes(), 0, 2, 2, bench.counters().rejected(), 1),
                    bench.counters());
        }
    }

    /** Cut short by a lost byte, a frame must not take the next frame and line with it. */
    @Test
    void whateverByteOfAFrameIsLostTheNextOnesAreRead() {
        byte[] frame = Ubx.pvt(AT, LAT, LON);
        byte[] next = Ubx.pvt("2026-11-23T08:30:01Z", LAT, LON);
        for (int lost = 0; lost < frame.length; lost++) {
            Bench bench = Bench.with("gnss-ubx");
            bench.says(0, Arrays.copyOf(frame, lost)).says(0, Arrays.copyOfRange(frame, lost + 1, frame.length));
            bench.says(0, next).sentences(0, "GNTXT,01,01,02,ANTSTATUS=OPEN").tick(1000);
            assertEquals(1, bench.fixes().size(), "lost " + lost);
            assertEquals(
                    Instant.parse("2026-11-23T08:30:01Z").toEpochMilli(),
                    bench.fixes().get(0).timeMs());
            assertEquals(2, bench.readings.size(), "lost " + lost);
        }
    }

    @Test
    void everySingleBitFlipInAFrameIsRefused() {
        byte[] good = Ubx.pvt(AT, LAT, LON);
        for (int bit = 0; bit < good.length * 8; bit++) {
            byte[] bad = good.clone();
            bad[bit / 8] ^= (byte) (1 << bit % 8);
            Bench bench = Bench.with("gnss-ubx").says(0, bad).tick(1000);
            assertEquals(List.of(), bench.fixes(), "bit " + bit);
            assertEquals(0, bench.counters().accepted(), "bit " + bit);
        }
    }

    @Test
    void aFrameThatStopsInTheMiddleIsGivenUpAfterASilence() {
        gnss.says(0, Arrays.copyOf(Ubx.pvt(AT, LAT, LON), 20)).says(0, Bench.sentence(RMC));
        gnss.tick(299);
        assertEquals(0, gnss.counters().frames());
        gnss.tick(300);
        assertEquals(2, gnss.counters().frames());
        assertEquals(1, gnss.counters().rejected().get("too-short"));
        assertEquals(1, gnss.counters().accepted());
        gnss.tick(600);
        assertEquals(1, gnss.fixes().size());
    }

    @Test
    void aLengthBeyondTheLongestIsNoFrame() {
        byte[] longest = Ubx.frame(0x0215, new byte[4096]);
        gnss.says(0, longest);
        assertEquals(1, gnss.counters().accepted());
        gnss.says(0, Arrays.copyOf(Ubx.frame(0x0215, new byte[4097]), 6));
        assertEquals(1, gnss.counters().rejected().get("too-long"));
    }

    /** Random text and frames, whole and broken, in random chunks: every whole one is read, however it is cut. */
    @Test
    void aStreamOfBothLosesNothingHoweverItIsCut() {
        Random random = new Random(5);
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        List<Integer> sent = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            Instant at = Instant.parse(AT).plusSeconds(i);
            byte[] frame = Ubx.pvt(at.toString(), LAT + i, LON);
            if (random.nextInt(3) == 0) {
                stream.writeBytes(Arrays.copyOf(frame, random.nextInt(frame.length)));
            }
            byte[] line = Bench.sentence("GNGSA,A,3,08,10,16,18,27,,,,,,,,1.2,1.1,0.9")
                    .getBytes(StandardCharsets.US_ASCII);
            int cut = random.nextInt(line.length);
            stream.write(line, 0, cut);
            stream.writeBytes(frame);
            sent.add(LAT + i);
            stream.write(line, cut, line.length - cut);
        }
        byte[] bytes = stream.toByteArray();
        for (int at = 0; at < bytes.length; ) {
            int to = Math.min(bytes.length, at + 1 + random.nextInt(200));
            gnss.says(at, Arrays.copyOfRange(bytes, at, to));
            at = to;
        }
        gnss.tick(bytes.length + 1000L);
        assertEquals(sent, gnss.fixes().stream().map(Reading.Fix::latE7).toList());
        assertEquals(bytes.length, gnss.counters().bytes());
    }

    @ParameterizedTest
    @CsvSource({"0, 375650000", "99, 375650001", "49, 375650000", "50, 375650001", "-50, 375650000", "-51, 375649999"})
    void highPrecisionIsRoundedToTheNearest(int e9, int latE7) {
        gnss.says(0, Ubx.pvt(AT, LAT - 7, LON - 7));
        gnss.says(0, Ubx.frame(0x0114, 36, p -> {
            p.putInt(4, Ubx.timeOfWeek(AT)).putInt(8, LON).putInt(12, LAT);
            p.put(24, (byte) e9).put(25, (byte) e9);
        }));
        assertEquals(List.of(), gnss.fixes());
        gnss.tick(1000);
        assertEquals(latE7, gnss.fixes().get(0).latE7());
        assertEquals(latE7 - LAT + LON, gnss.fixes().get(0).lonE7());
    }

    @Test
    void olderReceiversAreReadFromTheirThreeMessages() {
        int tow = Ubx.timeOfWeek(AT);
        gnss.says(
                0,
                Ubx.frame(
                        0x0102,
                        28,
                        p -> p.putInt(0, tow).putInt(4, LON).putInt(8, LAT).putInt(16, 38_249)));
        gnss.says(
                0, Ubx.frame(0x0103, 16, p -> p.putInt(0, tow).put(4, (byte) 3).put(5, (byte) 0x0F)));
        gnss.says(
                0,
                Ubx.frame(
                        0x0120,
                        16,
                        p -> p.putInt(0, tow)
                                .putInt(4, -400_000)
                                .putShort(8, (short) 2446)
                                .put(10, (byte) 18)
                                .put(11, (byte) 7)));
        gnss.says(0, Ubx.frame(0x0112, 36, p -> p.putInt(0, tow).putInt(20, 514).putInt(24, 35_999_600)));
        gnss.says(0, Ubx.frame(0x0104, 18, p -> p.putInt(0, tow).putShort(12, (short) 91)));
        gnss.says(0, Ubx.frame(0x0161, 4, p -> p.putInt(0, tow)));
        Reading.Fix fix = gnss.fixes().get(0);
        assertEquals(Instant.parse(AT).toEpochMilli(), fix.timeMs());
        assertEquals(LAT, fix.latE7());
        assertEquals(514, fix.speedCms().getAsInt());
        assertEquals(0, fix.courseCdeg().getAsInt());
        assertEquals(382, fix.quality().altitudeDm().getAsInt());
        assertEquals(91, fix.quality().hdopE2().getAsInt());
        assertEquals(3, fix.quality().mode().getAsInt());
    }

    /** Of the three the receiver's own position is the best, then that in cm; without either there is no fix. */
    @ParameterizedTest
    @CsvSource({"5, 0, 0", "13, 1, 1", "12, 1, 0", "1, 1, 0"})
    void solIsDatedOnlyWhenWeekAndTimeAreSet(int flags, int type, int fixes) {
        gnss.says(
                        0,
                        Ubx.frame(
                                0x0106,
                                52,
                                p -> p.putInt(0, Ubx.timeOfWeek(AT))
                                        .putShort(8, (short) 2446)
                                        .put(10, (byte) (type + 2))
                                        .put(11, (byte) flags)
                                        .putInt(12, 637_813_700)))
                .tick(1000);
        assertEquals(fixes, gnss.fixes().size());
        gnss.fixes().forEach(fix -> assertEquals(0, fix.latE7()));
    }

    @Test
    void leapSecondsAreThoseOfTheDay() {
        assertEquals(18, LeapSeconds.at(Instant.parse(AT).toEpochMilli()));
        assertEquals(17, LeapSeconds.at(Instant.parse("2017-01-01T00:00:17Z").toEpochMilli()));
        assertEquals(18, LeapSeconds.at(Instant.parse("2017-01-01T00:00:18Z").toEpochMilli()));
        assertEquals(15, LeapSeconds.at(Instant.parse("2012-06-30T12:00:00Z").toEpochMilli()));
    }

    @Test
    void earthCentredCoordinatesAreExactEverywhere() {
        double a = 6_378_137.0;
        double e2 = 6.69437999014e-3;
        Random random = new Random(6);
        for (int i = 0; i < 10_000; i++) {
            double lat = Math.toRadians(random.nextDouble() * 180 - 90);
            double lon = Math.toRadians(random.nextDouble() * 360 - 180);
            double height = random.nextDouble() * 20_000 - 500;
            double n = a / Math.sqrt(1 - e2 * Math.sin(lat) * Math.sin(lat));
            double x = (n + height) * Math.cos(lat) * Math.cos(lon);
            double y = (n + height) * Math.cos(lat) * Math.sin(lon);
            double z = (n * (1 - e2) + height) * Math.sin(lat);
            assertTrue(Wgs84.nearEarth(x, y, z));
            assertEquals(Math.toDegrees(lat) * 1e7, Wgs84.latE7(x, y, z), 0.51);
            assertEquals(Math.toDegrees(lon) * 1e7, Wgs84.lonE7(x, y), 0.51);
        }
    }

    @Test
    void antennaAndJammingAreToldWhenTheyChange() {
        for (int[] state : new int[][] {{2, 1}, {0, 2}, {4, 2}, {1, 0}, {3, 3}, {2, 3}, {2, 1}}) {
            gnss.says(0, Ubx.monHw(state[0], state[1]));
        }
        assertEquals(
                List.of(
                        new Reading.Fault(Reading.Fault.What.ANTENNA, true),
                        new Reading.Fault(Reading.Fault.What.JAMMING, true),
                        new Reading.Fault(Reading.Fault.What.ANTENNA, false),
                        new Reading.Fault(Reading.Fault.What.JAMMING, false)),
                gnss.readings);
    }

    /** A receiver without the time of week yet, or a simulator: each NAV-PVT is an epoch, whatever its time of week. */
    @Test
    void aTimeOfWeekThatStandsStillHidesNoFix() {
        for (int s = 0; s < 5; s++) {
            gnss.says(s, Ubx.pvt("2026-11-23T08:30:0" + s + "Z", LAT, LON, p -> p.putInt(0, 0)));
        }
        gnss.tick(1000);
        assertEquals(5, gnss.fixes().size());
    }

    @Test
    void jammingMayBeAFaultFromTheWarningOn() {
        Bench early = Bench.with("gnss-ubx", "jamming", "warning");
        early.says(0, Ubx.monHw(2, 2)).says(0, Ubx.monHw(2, 3)).says(0, Ubx.monHw(2, 0));
        assertEquals(2, early.readings.size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"gnss-ubx", "gnss-nmea0183"})
    void anAntennaThatIsOpenOrShortedInTextIsToldOnce(String profile) {
        Bench bench = Bench.with(profile);
        for (String state : List.of("INIT", "OK", "DONTKNOW", "OPEN", "SHORT", "INIT", "OK", "OK", "OKAY")) {
            bench.sentences(0, "GNTXT,01,01,02,ANTSTATUS=" + state);
        }
        assertEquals(
                List.of(
                        new Reading.Fault(Reading.Fault.What.ANTENNA, true),
                        new Reading.Fault(Reading.Fault.What.ANTENNA, false)),
                bench.readings);
    }

    @Test
    void aBlockOfMonRfThatIsMissingIsMalformed() {
        gnss.says(0, Ubx.frame(0x0A38, 27, p -> p.put(1, (byte) 1)));
        gnss.says(0, Ubx.frame(0x0A38, 28, p -> p.put(1, (byte) 2)));
        assertEquals(2, gnss.counters().rejected().get("malformed"));
    }

    /** hAcc at 40, mm, told as decimetres, rounded up; 0 says nothing. */
    @Test
    void theReceiversOwnEstimateOfItsErrorGoesWithTheFix() {
        Bench bench = Bench.with("gnss-ubx");
        bench.says(
                0, Ubx.pvt("2026-11-23T08:30:00Z", 375_000_000, 1_270_000_000, payload -> payload.putInt(40, 2_301)));
        bench.says(1000, Ubx.pvt("2026-11-23T08:30:01Z", 375_000_000, 1_270_000_000));
        bench.says(
                2000, Ubx.pvt("2026-11-23T08:30:02Z", 375_000_000, 1_270_000_000, payload -> payload.putInt(40, -1)));
        bench.says(
                3000, Ubx.pvt("2026-11-23T08:30:03Z", 375_000_000, 1_270_000_000, payload -> payload.putInt(40, -2)));
        bench.tick(4000);
        assertEquals(
                List.of(OptionalInt.of(24), OptionalInt.empty(), OptionalInt.empty(), OptionalInt.of(42_949_673)),
                bench.fixes().stream().map(fix -> fix.quality().accuracyDm()).toList());
    }
}
