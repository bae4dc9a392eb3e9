package ansim.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostileBytesTest {
    private static final int MANY_BYTES = 5_000_000;
    private static final String[] TEXT = {
        "$",
        "!",
        "*",
        ",",
        ",,",
        "\r\n",
        "\n",
        "\r",
        "\u0002",
        "\u0003",
        "*00\r\n",
        "$GPRMC,",
        "$GPGGA,",
        "$GNGSA,A,3,",
        "$GPZDA,",
        "083000.00,A,3733.9,N,12658.7,E,",
        "231126",
        "A",
        "N",
        "999999999999",
        "-",
        ".",
        "62E3086CED",
        "08",
        "\u000262E3086CED08\u0003",
        "\u000262E3086CED80\u0003",
        "$GPRMC,083000.00,A,3733.9000,N,12658.7000,E,19.438,90.00,231126,,,A*6C\r\n",
        "x".repeat(200),
        Bench.sentence("GPRMC,083000.00,A,9999.9,N,12658.7,E,0.0,0.0,231126,,,A"),
        Bench.sentence("GPRMC,,A,3733.9,N,12658.7,E,0.0,0.0,231126,,,A"),
        "\u000262E3086CED08\r\nx",
        "\u00B5b",
        "\u00B5b\u0001\u0007\\\u0000",
        "\u00B5b\u0001\u0007\u00FF\u00FF",
        new String(Ubx.pvt("2026-11-23T08:30:00Z", 375650000, 1269783333), StandardCharsets.ISO_8859_1),
        new String(Ubx.monHw(4, 3), StandardCharsets.ISO_8859_1),
        "\n{\"class\":",
        "\"TPV\"",
        "\"SKY\",\"satellites\":[{",
        "\"mode\":3,",
        "\"time\":",
        "\"lat\":1e9",
        "}\n",
        "\n{\"class\":\"TPV\",\"mode\":2,\"lat\":37.565,\"lon\":126.978}\n",
        "\n{\"class\":\"TPV\",\"mode\":3,\"time\":\"2026-11-23T08:30:00Z\",\"lat\":37.565,\"lon\":126.978}\n",
        "\n{\"" + "x".repeat(20_000),
    };

    @ParameterizedTest
    @ValueSource(strings = {"gnss-nmea0183", "reader-em4100", "gnss-ubx", "gnss-gpsd"})
    void fiveMegabytesOfRubbishThrowNothingAndTheCountersAddUp(String profile) {
        Random random = new Random(1);
        Bench bench = Bench.with(profile);
        long ms = 0;
        for (int sent = 0; sent < MANY_BYTES; ) {
            byte[] chunk = rubbish(random);
            bench.says(ms, chunk).tick(ms + random.nextInt(5));
            sent += chunk.length;
            if (random.nextInt(100) == 0) {
                bench.opened(ms);
            }
            ms += random.nextInt(400);
        }
        Counters counters = bench.counters();
        long rejected =
                counters.rejected().values().stream().mapToLong(Long::longValue).sum();
        assertEquals(counters.frames(), counters.accepted() + rejected);
        assertEquals(bench.readings.size(), counters.readings());
        assertTrue(counters.bytes() >= MANY_BYTES && counters.noiseBytes() < counters.bytes());
        assertTrue(counters.accepted() > 0 && counters.readings() > 0, "some of it is meant to be good");
        counters.rejected().forEach((reason, count) -> {
            assertTrue(count > 0, reason + " was never provoked");
        });
    }

    /** Devices that must be asked: rubbish, damaged answers and right ones, in time and out of it. */
    @ParameterizedTest
    @CsvSource({
        "modbus-rtu, '{}'",
        "camera-probe, '{}'",
        "reader-pn532, '{purse: prefer}'",
        "reader-osdp, '{}'",
        "reader-pcsc, '{}'",
        "reader-pcsc, '{purse: only}'"
    })
    void hostileAnswersThrowNothingAndTheCountersAddUp(String profile, String options) {
        Random random = new Random(5);
        Bench bench = Bench.withYaml(profile, options);
        Peers peer = Peers.of(profile);
        bench.opened(0);
        long ms = 0;
        byte[] request = {};
        for (int i = 0; i < 150_000; i++) {
            ms += random.nextInt(20) == 0 ? random.nextInt(3_000) : random.nextInt(120);
            bench.tick(ms).asks(ms);
            if (!bench.asked.isEmpty()) {
                request = bench.asked.get(bench.asked.size() - 1);
                bench.asked.clear();
            }
            byte[] answer = switch (random.nextInt(8)) {
                case 0 -> Peers.randomBytes(random, random.nextInt(64));
                case 1 -> Peers.damaged(peer.answer(request, random), random);
                case 2 -> peer.answer(new byte[0], random);
                default -> peer.answer(request, random);
            };
            bench.says(ms, answer);
        }
        Counters counters = bench.counters();
        long rejected =
                counters.rejected().values().stream().mapToLong(Long::longValue).sum();
        assertEquals(counters.frames(), counters.accepted() + rejected);
        assertEquals(bench.readings.size(), counters.readings());
        assertTrue(counters.accepted() > 1_000 && counters.readings() > 0, counters.toString());
        counters.rejected().forEach((reason, count) -> {
            // A card that does not tell its UID may still have a purse.
            assertTrue(
                    count > 0 || (reason.equals("refused") && options.contains("only")),
                    reason + " was never provoked");
        });
    }

    /** A CRC of 16 bits lets one random frame in 65,536 pass, a sum of 8 bits one in 256, and text none. */
    @ParameterizedTest
    @CsvSource({"modbus-rtu, 65536", "reader-osdp, 65536", "reader-pn532, 256", "camera-probe, 1000000000"})
    void randomAnswersPassNoMoreOftenThanTheirCode(String profile, double oneIn) {
        Random random = new Random(6);
        double frames = 512_000;
        int passed = 0;
        for (int i = 0; i < frames; i++) {
            byte[] frame = Peers.randomBytes(random, 9 + random.nextInt(40));
            Reject verdict = switch (profile) {
                case "modbus-rtu" -> ModbusAnswer.holds(frame, frame.length) ? Reject.NONE : Reject.CHECKSUM;
                case "reader-osdp" -> {
                    frame[OsdpReply.CTRL_AT] |= OsdpReply.WITH_CRC;
                    yield OsdpReply.check(frame, frame.length);
                }
                case "reader-pn532" -> {
                    frame[3] = (byte) (frame.length - Pn532Frame.OVERHEAD);
                    frame[4] = (byte) -frame[3];
                    frame[frame.length - 1] = 0;
                    yield Pn532Frame.check(frame, frame.length);
                }
                default ->
                    new CameraProbe(new CameraProbe.Options(
                                    CameraProbe.Way.RTSP,
                                    "camera",
                                    "camera",
                                    java.util.Optional.empty(),
                                    java.time.Duration.ofSeconds(10),
                                    java.time.Duration.ofSeconds(5),
                                    3))
                            .checkFrame(frame, frame.length);
            };
            passed += verdict == Reject.NONE ? 1 : 0;
        }
        assertEquals(frames / oneIn, passed, 5 * Math.sqrt(frames / oneIn) + 0.1);
    }

    /** PC/SC has no check digits between the service and the unit: what was not asked for is no card all the same. */
    @Test
    void aCardNumberThatNobodyAskedForIsNoTap() {
        Random random = new Random(7);
        Bench bench = Bench.with("reader-pcsc");
        for (int i = 0; i < 100_000; i++) {
            bench.says(i, Peers.pcscMessage(3, Peers.randomBytes(random, 2 + random.nextInt(20))));
        }
        assertEquals(List.of(), bench.readings);
        assertEquals(100_000, bench.counters().rejected().get("unasked"));
    }

    @Test
    void aRandomSentenceWithRightChecksumThrowsNothing() {
        Random random = new Random(2);
        Bench bench = Bench.with("gnss-nmea0183");
        for (int i = 0; i < 200_000; i++) {
            StringBuilder body = new StringBuilder(TEXT[11 + random.nextInt(4)].substring(1));
            while (body.length() < 60) {
                String next = TEXT[random.nextInt(TEXT.length)];
                body.append(next.matches("[0-9A-Z.,-]+") ? next : (char) (' ' + random.nextInt(4)) + ",");
            }
            bench.sentences(i, body.toString().replaceAll("[$*!]", "?"));
        }
        assertTrue(bench.counters().accepted() > 10_000);
    }

    /** XOR of one byte lets one random frame in 256 pass: no decoder may do worse. */
    @ParameterizedTest
    @ValueSource(strings = {"xor", "sum"})
    void randomCardFramesPassNoMoreOftenThanTheirCode(String checksum) {
        Random random = new Random(3);
        Em4100 decoder = new Em4100(new Em4100.Options(
                checksum.equals("xor") ? Em4100.Checksum.XOR : Em4100.Checksum.SUM, java.time.Duration.ZERO));
        int passed = 0;
        double frames = 512_000;
        for (int i = 0; i < frames; i++) {
            byte[] frame = String.format("%012X", random.nextLong() >>> 16).getBytes(StandardCharsets.US_ASCII);
            passed += decoder.checkFrame(frame, frame.length) == Reject.NONE ? 1 : 0;
        }
        assertEquals(frames / 256, passed, 5 * Math.sqrt(frames / 256));
    }

    @Test
    void randomSentencesPassNoMoreOftenThanTheirCode() {
        Random random = new Random(4);
        Nmea0183 decoder = new Nmea0183(new Nmea0183.Options(
                Nmea0183.FixFrom.RMC,
                java.time.Duration.ofSeconds(3),
                java.time.Duration.ofMillis(250),
                java.time.LocalDate.of(2026, 1, 1)));
        int passed = 0;
        double frames = 512_000;
        byte[] frame = new byte[40];
        for (int i = 0; i < frames; i++) {
            for (int j = 1; j < frame.length; j++) {
                frame[j] = (byte) (' ' + random.nextInt(95));
            }
            frame[0] = '$';
            frame[37] = '*';
            frame[38] = (byte) "0123456789ABCDEF".charAt(random.nextInt(16));
            frame[39] = (byte) "0123456789abcdef".charAt(random.nextInt(16));
            passed += decoder.checkFrame(frame, frame.length) == Reject.NONE ? 1 : 0;
        }
        // Printable text has its top bit clear, so half of all check digits cannot be right.
        assertEquals(frames / 256, passed, 5 * Math.sqrt(frames / 256));
    }

    /** Two check bytes let one random frame in 65,536 pass. */
    @Test
    void randomBinaryFramesPassNoMoreOftenThanTheirCode() {
        Random random = new Random(7);
        UbxNmea decoder = ubx();
        int passed = 0;
        double frames = 512_000;
        byte[] frame = Ubx.pvt("2026-11-23T08:30:00Z", 375650000, 1269783333);
        for (int i = 0; i < frames; i++) {
            for (int j = 6; j < frame.length; j++) {
                frame[j] = (byte) random.nextInt();
            }
            passed += decoder.checkFrame(frame, frame.length) == Reject.NONE ? 1 : 0;
        }
        assertTrue(passed <= frames / 65_536 + 5 * Math.sqrt(frames / 65_536), "passed: " + passed);
    }

    /** A report has no check digits: what is not one JSON object as a whole must not pass. */
    @Test
    void aReportWithOneRandomByteChangedAddedOrLostIsNeverAnExceptionAndRandomBytesNeverPass() {
        Random random = new Random(9);
        Gpsd decoder =
                new Gpsd(new Gpsd.Options("any", java.time.Duration.ofSeconds(3), java.time.Duration.ofSeconds(10)));
        byte[] good = TEXT[TEXT.length - 2].strip().getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < 100_000; i++) {
            byte[] bad = Arrays.copyOf(good, good.length - random.nextInt(2));
            bad[random.nextInt(bad.length)] = (byte) random.nextInt();
            Reject verdict = decoder.decodeBody(bad, bad.length, i, reading -> {});
            assertTrue(decoder.rejects().contains(verdict) || verdict == Reject.NONE);
            random.nextBytes(bad);
            bad[0] = '{';
            assertEquals(Reject.MALFORMED, decoder.checkFrame(bad, bad.length));
        }
    }

    /** Past the check bytes anything may stand: none throws, and every fix is a place on earth. */
    @Test
    void aRandomBinaryMessageWithRightCheckBytesThrowsNothing() {
        Random random = new Random(8);
        byte[] good = Ubx.pvt("2026-11-23T08:30:00Z", 375650000, 1269783333);
        int[] known = {0x0102, 0x0103, 0x0104, 0x0106, 0x0107, 0x0112, 0x0114, 0x0120, 0x0121, 0x0161, 0x0A09, 0x0A38};
        Bench bench = Bench.with("gnss-ubx");
        for (int i = 0; i < 200_000; i++) {
            byte[] payload = new byte[random.nextInt(100)];
            random.nextBytes(payload);
            if (payload.length >= 84 && i % 2 == 0) {
                System.arraycopy(good, 6, payload, 0, 84);
                payload[random.nextInt(84)] = (byte) random.nextInt();
            }
            bench.says(i, Ubx.frame(known[random.nextInt(known.length)], payload));
        }
        bench.tick(300_000);
        assertEquals(200_000, bench.counters().frames());
        assertTrue(bench.fixes().size() > 10);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gnss-nmea0183", "gnss-ubx"})
    void steadyDecodingMakesLittleGarbage(String profile) {
        List<byte[]> epochs = new ArrayList<>();
        for (int s = 0; s < 1000; s++) {
            String time = String.format("08%02d%02d.00", s / 60, s % 60);
            String epoch = Bench.sentence("GNRMC," + time + ",A,3733.9000,N,12658.7000,E,10.0,90.0,231126,,,A")
                    + Bench.sentence("GNGGA," + time + ",3733.9000,N,12658.7000,E,1,09,0.9,38.2,M,18.0,M,,")
                    + Bench.sentence("GNGSA,A,3,08,10,16,18,27,,,,,,,,1.2,1.1,0.9");
            epochs.add(epoch.getBytes(StandardCharsets.US_ASCII));
        }
        DeviceReader reader = Profile.load(profile).open();
        long[] count = new long[1];
        com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = 0;
        for (int s = 0; s < epochs.size(); s++) {
            if (s == 500) {
                before = threads.getCurrentThreadAllocatedBytes();
            }
            byte[] epoch = epochs.get(s);
            reader.accept(epoch, 0, epoch.length, s * 1000L, reading -> count[0]++);
        }
        long perSentence = (threads.getCurrentThreadAllocatedBytes() - before) / (500 * 3);
        assertEquals(999, count[0]);
        assertTrue(perSentence < 200, "bytes per sentence: " + perSentence);
    }

    private static UbxNmea ubx() {
        return new UbxNmea(new UbxNmea.Options(
                Nmea0183.FixFrom.RMC,
                java.time.Duration.ofSeconds(3),
                java.time.Duration.ofMillis(250),
                java.time.LocalDate.of(2026, 1, 1),
                java.time.Duration.ofSeconds(2),
                UbxNmea.Jamming.CRITICAL));
    }

    private static byte[] rubbish(Random random) {
        int length = 1 + random.nextInt(300);
        if (random.nextBoolean()) {
            byte[] bytes = new byte[length];
            random.nextBytes(bytes);
            return bytes;
        }
        StringBuilder text = new StringBuilder();
        while (text.length() < length) {
            text.append(TEXT[random.nextInt(TEXT.length)]);
        }
        byte[] bytes = text.toString().getBytes(StandardCharsets.ISO_8859_1);
        return random.nextInt(4) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes;
    }
}
