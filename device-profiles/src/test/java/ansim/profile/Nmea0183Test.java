package ansim.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Nmea0183Test {
    private static final String RMC = "GNRMC,083000.00,A,3733.9000,N,12658.7000,E,10.0,90.0,231126,,,A";
    private static final String GGA = "GNGGA,083000.00,3733.9000,N,12658.7000,E,1,09,0.9,38.2,M,18.0,M,,";

    private final Bench gnss = Bench.with("gnss-nmea0183");

    @Test
    void aFixComesWhenItsEpochEnds() {
        gnss.sentences(0, RMC, GGA);
        assertEquals(List.of(), gnss.readings);
        gnss.tick(249);
        assertEquals(List.of(), gnss.readings);
        gnss.tick(250);
        assertEquals(1, gnss.fixes().size());
    }

    @Test
    void theNextEpochsFirstSentenceEndsTheOneBefore() {
        gnss.sentences(0, RMC, GGA.replace("0830", "0831"));
        assertEquals(1, gnss.fixes().size());
        assertEquals(OptionalInt.empty(), gnss.fixes().get(0).quality().satellites());
    }

    /** The clock of a unit is set by when the time was told, not by when the epoch was over. */
    @Test
    void aFixSaysHowLongAgoItsEpochsFirstSentenceTookTheTime() {
        gnss.sentences(100, GGA).sentences(300, "GPGSV").sentences(500, "GPGSV").sentences(700, RMC);
        gnss.sentences(900, "GPGSV").sentences(1_100, "GPGSV");
        gnss.sentences(1_200, RMC.replace("083000", "083001")).tick(1_450);
        assertEquals(
                List.of(1_100L, 250L),
                gnss.fixes().stream().map(Reading.Fix::heldMs).toList());
    }

    @Test
    void ggaAndGsaAddQualityBeforeAndAfter() {
        gnss.sentences(
                0, "GNGSA,A,3,08,10,16,18,27,,,,,,,,1.2,1.1,0.9", GGA, RMC, "GPGSA,A,2,08,,,,,,,,,,,,1.2,1.1,0.9");
        gnss.tick(1000);
        Reading.Quality quality = gnss.fixes().get(0).quality();
        assertEquals(OptionalInt.of(9), quality.satellites());
        assertEquals(OptionalInt.of(90), quality.hdopE2());
        assertEquals(OptionalInt.of(382), quality.altitudeDm());
        assertEquals(OptionalInt.of(2), quality.mode());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GPRMC,083000.00,V,3733.9000,N,12658.7000,E,10.0,90.0,231126,,,A",
                "GPRMC,083000.00,A,3733.9000,N,12658.7000,E,10.0,90.0,231126,,,N",
                "GPRMC,083000.00,,3733.9000,N,12658.7000,E,10.0,90.0,231126,,,A",
                "GPRMC,,V,,,,,,,,,,N",
                "GPRMC",
                "GPRMCX,083000.00,A,3733.9000,N,12658.7000,E,10.0,90.0,231126,,,A",
                "PRMC,083000.00,A,3733.9000,N,12658.7000,E,10.0,90.0,231126,,,A",
            })
    void whatIsNotStatusAOfRmcIsNoFix(String rmc) {
        gnss.sentences(0, GGA, rmc, GGA).tick(1000);
        assertEquals(List.of(), gnss.fixes());
        assertEquals(gnss.counters().frames(), gnss.counters().accepted());
    }

    @ParameterizedTest
    @ValueSource(strings = {"GP", "GN", "GL", "GA", "GB", "BD", "GQ", "QZ", "IN", "ZZ"})
    void anyTalkerIsTaken(String talker) {
        gnss.sentences(0, talker + RMC.substring(2)).tick(1000);
        assertEquals(1, gnss.fixes().size());
    }

    @ParameterizedTest
    @CsvSource({
        "0000.0000,N, 0",
        "0000.000003,S, -1", // 0.5e-7 degree, half up
        "0000.0000029,N, 0",
        "4134.49821229,N, 415749702",
        "4134.49867,S, -415749778",
        "9000.000,S, -900000000",
        "733.9,N, 75650000",
        "3733,N, 375500000",
        "3733.999999999999,N, 375666667",
    })
    void latitudeIsExactToTheLastDigit(String field, String hemisphere, int latE7) {
        gnss.sentences(0, RMC.replace("3733.9000,N", field + "," + hemisphere)).tick(1000);
        assertEquals(latE7, gnss.fixes().get(0).latE7());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "9000.001,N",
                "3760.0,N",
                "3733.9000,E",
                "3733.9000,",
                ",N",
                "-733.9,N",
                "37 3.9,N",
                "37,N",
                "3733.9.0,N",
                "999999999999.9,N"
            })
    void aLatitudeThatIsNoneIsMalformed(String field) {
        gnss.sentences(0, RMC.replace("3733.9000,N", field)).tick(1000);
        assertEquals(List.of(), gnss.fixes());
        assertEquals(1, gnss.counters().rejected().get("malformed"));
    }

    @ParameterizedTest
    @CsvSource({
        "083000.00,A,231126, 2026-11-23T08:30:00Z",
        "235959.999999,A,311226, 2026-12-31T23:59:59.999Z",
        "235960,A,311226, 2027-01-01T00:00:00Z",
        "000000.5,A,290228, 2028-02-29T00:00:00.500Z",
        "083000,A,311279, 2079-12-31T08:30:00Z",
        "083000,A,010126, 2026-01-01T08:30:00Z",
        "083000,A,311225, 2045-08-16T08:30:00Z", // older than the release by a day: 1,024 weeks are missing
        "083000,A,060180, 2038-11-21T08:30:00Z", // the first day of GPS: three times
    })
    void theDateIsRmcsOwn(String time, String status, String date, Instant expected) {
        gnss.sentences(0, RMC.replace("083000.00,A", time + "," + status).replace("231126", date))
                .tick(1000);
        assertEquals(expected.toEpochMilli(), gnss.fixes().get(0).timeMs());
    }

    @ParameterizedTest
    @CsvSource({
        "083000.00,",
        "083000.00,310226",
        "083000.00,2311",
        "083000.00,23112a",
        "246000,231126",
        "0830,231126",
        "'',231126"
    })
    void aPositionWithoutADateAndTimeIsNoFix(String time, String date) {
        String dateField = date == null ? "" : date;
        gnss.sentences(0, RMC.replace("083000.00", time).replace("231126", dateField))
                .tick(1000);
        assertEquals(List.of(), gnss.fixes());
        assertEquals(1, gnss.counters().rejected().get("undated"));
    }

    @Test
    void aRolledOverDateSaysSo() {
        gnss.sentences(0, RMC.replace("231126", "080407")).tick(1000);
        assertTrue(gnss.fixes().get(0).rolledOver());
        assertEquals(
                Instant.parse("2026-11-22T08:30:00Z").toEpochMilli(),
                gnss.fixes().get(0).timeMs());
    }

    @Test
    void aTimeThatStandsStillIsGivenOnceAndIsNoFixAfterThreeSeconds() {
        for (int s = 0; s < 5; s++) {
            gnss.sentences(s * 1000L, RMC, GGA).tick(s * 1000L + 500);
        }
        assertEquals(
                List.of(Reading.Type.FIX, Reading.Type.NO_FIX),
                gnss.readings.stream().map(Reading::type).toList());
    }

    @Test
    void withoutAFixForThreeSecondsThereIsNone() {
        gnss.tick(0).tick(2_999);
        assertEquals(List.of(), gnss.readings);
        gnss.tick(3_000).tick(9_000);
        assertEquals(List.of(new Reading.NoFix()), gnss.readings);
        gnss.sentences(10_000, RMC).tick(10_500).tick(12_999);
        assertEquals(2, gnss.readings.size());
        gnss.tick(13_000).tick(20_000);
        assertEquals(3, gnss.readings.size());
    }

    @Test
    void theLastPositionOfAnEpochStands() {
        gnss.sentences(0, RMC, GGA.replace("3733.9000", "3733.9100")).tick(1000);
        assertEquals(375651667, gnss.fixes().get(0).latE7());
    }

    @Test
    void aSecondTalkersRmcOfTheSameTimeIsTheSameFix() {
        gnss.sentences(0, RMC, RMC.replace("GN", "GL")).tick(1000);
        assertEquals(1, gnss.fixes().size());
    }

    @Test
    void speedAndCourseAreAbsentWhereTheReceiverGivesNone() {
        gnss.sentences(0, RMC.replace("10.0,90.0", ","), RMC.replace("0830", "0831"))
                .tick(1000);
        assertEquals(OptionalInt.empty(), gnss.fixes().get(0).speedCms());
        assertEquals(OptionalInt.empty(), gnss.fixes().get(0).courseCdeg());
        assertEquals(OptionalInt.of(514), gnss.fixes().get(1).speedCms());
        assertEquals(OptionalInt.of(9000), gnss.fixes().get(1).courseCdeg());
    }

    @Test
    void withoutRmcAnotherSentenceMayBeNamedAndZdaDatesIt() {
        Bench gga = Bench.with("gnss-nmea0183", "fix-from", "gga");
        gga.sentences(0, GGA).tick(500);
        assertEquals(1, gga.counters().rejected().get("undated"));
        gga.sentences(
                        1000,
                        "GPZDA,235959.00,23,11,2026,,",
                        GGA.replace("083000", "000000"),
                        "GPVTG,90.0,T,,M,10.0,N,18.5,K")
                .tick(1500);
        Reading.Fix fix = gga.fixes().get(0);
        assertEquals(Instant.parse("2026-11-24T00:00:00Z").toEpochMilli(), fix.timeMs());
        assertEquals(OptionalInt.of(514), fix.speedCms());
        gga.sentences(2000, "GPZDA,000001.00,24,11,2026,,", GGA.replace("083000", "235959"))
                .tick(2500);
        assertEquals(
                Instant.parse("2026-11-23T23:59:59Z").toEpochMilli(),
                gga.fixes().get(1).timeMs());
    }

    /** Set by somebody for a receiver that does send RMC, and says V while its GGA still claims a fix. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aNamedSentenceMakesNoFixWhileRmcSaysThatThereIsNone(boolean rmcFirst) {
        Bench gga = Bench.with("gnss-nmea0183", "fix-from", "gga");
        for (int s = 0; s < 5; s++) {
            String rmc = "GPRMC,08300" + s + ".00,V,3733.9000,N,12658.7000,E,,,231126,,,N";
            String fix = GGA.replace("083000", "08300" + s);
            gga.sentences(
                            s * 1_000L,
                            "GPZDA,08300" + s + ".00,23,11,2026,,",
                            rmcFirst ? rmc : fix,
                            rmcFirst ? fix : rmc)
                    .tick(s * 1_000L + 500);
        }
        assertEquals(List.of(new Reading.NoFix()), gga.readings);
        gga.sentences(5_000, "GPZDA,083005.00,23,11,2026,,", GGA.replace("083000", "083005"))
                .tick(5_500);
        assertEquals(1, gga.fixes().size());
    }

    @Test
    void vtgTellsTheSpeedThatRmcLeavesOut() {
        gnss.sentences(0, RMC.replace("10.0,90.0", ","), "GPVTG,45.0,T,,M,20.0,N,37.0,K", RMC.replace("0830", "0831"));
        gnss.sentences(0, "GPVTG,45.0,T,,M,20.0,N,37.0,K").tick(1_000);
        assertEquals(
                List.of(OptionalInt.of(1_029), OptionalInt.of(514)),
                gnss.fixes().stream().map(Reading.Fix::speedCms).toList());
    }

    @Test
    void gnsAndGllMakeFixesWhenNamed() {
        Bench gns = Bench.with("gnss-nmea0183", "fix-from", "gns");
        gns.sentences(0, "GPZDA,083000.00,23,11,2026,,", "GNGNS,083000.00,3733.9,N,12658.7,E,NNN,09,0.9,16.5,18.0,,,V");
        gns.sentences(0, "GNGNS,083001.00,3733.9,N,12658.7,E,ANN,09,0.9,16.5,18.0,,,V")
                .tick(500);
        assertEquals(1, gns.fixes().size());
        Bench gll = Bench.with("gnss-nmea0183", "fix-from", "gll");
        gll.sentences(0, "GPZDA,083000.00,23,11,2026,,", "GPGLL,3733.9,N,12658.7,W,083000,V,N");
        gll.sentences(0, "GPGLL,3733.9,N,12658.7,W,083001,A,A").tick(500);
        assertEquals(-1269783333, gll.fixes().get(0).lonE7());
        assertEquals(1, gll.fixes().size());
    }

    @Test
    void checksumDigitsMayBeLowerCaseAndLineEndsVary() {
        String sentence = Bench.sentence(RMC).strip();
        gnss.says(
                0,
                sentence.substring(0, sentence.length() - 2)
                        + sentence.substring(sentence.length() - 2).toLowerCase(Locale.ROOT) + "\n");
        gnss.says(0, Bench.sentence(RMC.replace("0830", "0831")).replace("\r", "\r\r"));
        gnss.tick(1000);
        assertEquals(2, gnss.fixes().size());
    }

    @Test
    void aLineOf120BytesIsReadAndOneOf121IsNot() {
        String body = "GPTXT," + "x".repeat(120 - 3 - 6);
        gnss.sentences(0, body);
        assertEquals(1, gnss.counters().accepted());
        gnss.sentences(0, body + "x", RMC).tick(1000);
        assertEquals(1, gnss.counters().rejected().get("too-long"));
        assertEquals(1, gnss.fixes().size());
    }

    @Test
    void aLostLineEndCostsOneSentence() {
        gnss.says(0, Bench.sentence(GGA).substring(0, 30) + Bench.sentence(RMC)).tick(1000);
        assertEquals(1, gnss.fixes().size());
        assertEquals(1, gnss.counters().rejected().get("unterminated"));
    }

    @Test
    void binaryBetweenSentencesIsCountedAsNoise() {
        gnss.says(0, new byte[] {(byte) 0xB5, 0x62, 0x01, 0x07, '\n'})
                .says(0, Bench.sentence(RMC))
                .tick(1000);
        assertEquals(5, gnss.counters().noiseBytes());
        assertEquals(1, gnss.fixes().size());
        gnss.says(0, "$GPRMC,\u0000").says(0, Bench.sentence(GGA));
        assertEquals(1, gnss.counters().rejected().get("bad-byte"));
        assertEquals(6, gnss.counters().noiseBytes());
    }

    @Test
    void everySingleBitFlipInASentenceIsRefused() {
        byte[] good = Bench.sentence(RMC).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        for (int bit = 8; bit < (good.length - 4) * 8; bit++) {
            byte[] bad = good.clone();
            bad[bit / 8] ^= (byte) (1 << bit % 8);
            Bench bench = Bench.with("gnss-nmea0183").says(0, bad).tick(1000);
            assertEquals(List.of(), bench.fixes(), "bit " + bit);
            assertEquals(0, bench.counters().accepted(), "bit " + bit);
        }
    }

    /** A ZDA of an hour ago stepped the date back a day at the next noon, twelve hours from it. */
    @Test
    void aDateIsCarriedOnForDaysWithoutAnotherZda() {
        Bench gga = Bench.with("gnss-nmea0183", "fix-from", "gga");
        gga.sentences(0, "GPZDA,083000.00,23,11,2026,,");
        String[] times = {"203100", "082959", "083001", "200000"};
        String[] dates = {"23T20:31:00", "24T08:29:59", "24T08:30:01", "25T20:00:00"};
        int[] minutes = {12 * 60 + 1, 24 * 60, 24 * 60, 59 * 60 + 30};
        for (int i = 0; i < times.length; i++) {
            long ms = minutes[i] * 60_000L + i * 1_000L;
            gga.sentences(ms, GGA.replace("083000", times[i])).tick(ms + 500);
            assertEquals(
                    Instant.parse("2026-11-" + dates[i] + "Z").toEpochMilli(),
                    gga.fixes().get(i).timeMs());
        }
    }

    /** A maker's own sentence is not the standard's, though it ends like one: PQGSA of Quectel, PGRMC of Garmin. */
    @Test
    void whatBeginsWithPIsIgnoredWhateverFollows() {
        Bench bench = Bench.with("gnss-nmea0183");
        bench.sentences(0, "PGRMC,083000,A,3733.9,N,12658.7,E,10.0,90.0,231126,,,A")
                .tick(500);
        assertEquals(0, bench.fixes().size());
        bench.sentences(
                        1000,
                        "PQGSA,A,3,,,,,,,,,,,,,9.9,9.9,9.9",
                        "GPRMC,083001,A,3733.9,N,12658.7,E,10.0,90.0,231126,,,A")
                .tick(1500);
        assertEquals(OptionalInt.empty(), bench.fixes().get(0).quality().mode());
    }
}
