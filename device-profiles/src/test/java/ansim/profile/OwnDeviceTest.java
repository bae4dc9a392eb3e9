package ansim.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.profile.Check.Kind;
import ansim.profile.Check.Written;
import ansim.profile.SizedFrame.Order;
import ansim.settings.SettingsException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A device of one's own, in YAML only: framers, check digits, fields and what they mean. */
class OwnDeviceTest {
    @TempDir
    private Path folder = Path.of("");

    /** The check values of the CRC RevEng catalogue for "123456789", and those of the sums by hand. */
    @ParameterizedTest
    @CsvSource({
        "CRC16_ARC, BB3D",
        "CRC16_MODBUS, 4B37",
        "CRC16_KERMIT, 2189",
        "CRC16_X25, 906E",
        "CRC16_XMODEM, 31C3",
        "CRC16_CCITT_FALSE, 29B1",
        "CRC16_SPI_FUJITSU, E5CC",
        "XOR, 31",
        "SUM, DD",
        "SUM_COMPLEMENT, 23",
        "FLETCHER, DD15"
    })
    void everyCheckHasItsKnownValue(Kind kind, String digits) {
        byte[] frame = ("123456789" + digits).getBytes(StandardCharsets.US_ASCII);
        Check check = new Check(kind, 0, 0, 0, Written.HEX, Order.BIG, Written.BINARY);
        assertEquals(Reject.NONE, check.verdict(frame, frame.length));
        frame[0] ^= 1;
        assertEquals(Reject.CHECKSUM, check.verdict(frame, frame.length));
    }

    @ParameterizedTest
    @EnumSource(value = Kind.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void randomFramesPassNoMoreOftenThanTheirCode(Kind kind) {
        Check check = new Check(kind, 0, 0, 0, Written.BINARY, Order.LITTLE, Written.BINARY);
        Random random = new Random(7);
        byte[] frame = new byte[12];
        int passed = 0;
        double frames = 300_000;
        for (int i = 0; i < frames; i++) {
            random.nextBytes(frame);
            passed += check.verdict(frame, frame.length) == Reject.NONE ? 1 : 0;
        }
        double expected = frames / Math.pow(256, kind.bytes);
        assertEquals(expected, passed, 6 * Math.sqrt(expected) + 1);
    }

    @Test
    void aReaderOfACommonShapeNeedsNoCode() throws IOException {
        // The frame of an RDM6300, described: STX, ten digits, XOR of the five octets as two digits, ETX.
        Bench bench = own("""
                framer: stx-etx
                decoder: fields
                options:
                  checksum: {kind: xor, written: hex, covered: hex}
                  fields: {card: {at: 0, length: 10, as: ascii}}
                  gives: {tap: card}
                readings: [tap]
                """);
        bench.says(0, "\u000262E3086CED08\u0003").says(10, "\u000262E3086CED09\u0003");
        assertEquals(List.of("{\"reading\":\"tap\",\"card\":\"62E3086CED\"}"), bench.lines());
        assertEquals(1L, bench.counters().rejected().get("checksum"));
    }

    @Test
    void aLengthPrefixedFrameWithACrcAndBinaryFields() throws IOException {
        Bench bench = own("""
                framer: length-prefixed
                decoder: fields
                options:
                  start: AA 55
                  at: 2
                  plus: 5
                  checksum: {kind: crc16-modbus, order: little, from: 2}
                  fields:
                    volt: {at: 3, length: 2}
                    degrees: {at: 5, length: 1, as: signed}
                    door: {at: 6, length: 1, as: bits, bit: 3}
                    serial: {at: 7, length: 2, as: bcd}
                  gives:
                    measures:
                      - {name: supply, value: volt, scale: 0.01, unit: V}
                      - {name: temperature, value: degrees, unit: C}
                    contact: {name: door, value: door, closed: ['1'], normally: closed}
                readings: [measure, contact]
                """);
        byte[] frame = {(byte) 0xAA, 0x55, 6, 0x04, (byte) 0xE2, (byte) 0xF6, 0x08, 0x12, 0x34, 0, 0};
        crc(frame, 2);
        byte[] stream = new byte[3 + 2 * frame.length];
        stream[0] = (byte) 0xAA;
        stream[1] = (byte) 0xAA;
        stream[2] = 0x01;
        System.arraycopy(frame, 0, stream, 3, frame.length);
        frame[6] = 0;
        crc(frame, 2);
        System.arraycopy(frame, 0, stream, 3 + frame.length, frame.length);
        bench.says(0, stream);
        assertEquals(
                List.of(
                        "{\"reading\":\"contact\",\"name\":\"door\",\"closed\":true,\"alarm\":false,\"initial\":true}",
                        "{\"reading\":\"measure\",\"name\":\"supply\",\"value\":12.500,\"unit\":\"V\"}",
                        "{\"reading\":\"measure\",\"name\":\"temperature\",\"value\":-10.000,\"unit\":\"C\"}",
                        "{\"reading\":\"contact\",\"name\":\"door\",\"closed\":false,\"alarm\":true,\"initial\":false}",
                        "{\"reading\":\"measure\",\"name\":\"supply\",\"value\":12.500,\"unit\":\"V\"}",
                        "{\"reading\":\"measure\",\"name\":\"temperature\",\"value\":-10.000,\"unit\":\"C\"}"),
                bench.lines());
        assertEquals(3, bench.counters().noiseBytes());
    }

    @Test
    void theExampleOfTheDocumentationDoesWhatItSays() throws IOException {
        String page = Files.readString(Path.of(System.getProperty("ansim.root", ".."), "docs/your-own-device.md"));
        int from = page.indexOf("```yaml\n") + "```yaml\n".length();
        Path file = Files.writeString(folder.resolve("ours.yaml"), page.substring(from, page.indexOf("```", from)));
        Profile profile = Profile.load(file.toString());
        assertEquals(1, profile.knownAnswers());
        assertEquals(List.of(), profile.failedAnswers());
    }

    /** A default that is an empty text once ended the program: it is no YAML document. The first own device fuzzed had no unit. */
    @Test
    void aMeasureNeedsNoUnitAndAFrameNoStart() throws IOException {
        Bench bench = own("""
                framer: fixed
                decoder: fields
                options:
                  length: 2
                  fields: {level: {at: 0, length: 2}}
                  gives: {measures: [{name: level, value: level}]}
                readings: [measure]
                """);
        bench.says(0, new byte[] {1, 2});
        assertEquals(
                List.of("{\"reading\":\"measure\",\"name\":\"level\",\"value\":258.000,\"unit\":\"\"}"), bench.lines());
    }

    @Test
    void framesThatEndByAPauseAndAFieldThatDoesNotFit() throws IOException {
        Bench bench = own("""
                framer: idle-gap
                decoder: fields
                options:
                  gap: 50ms
                  fields: {card: {at: -4, length: 4, as: hex}}
                  gives: {tap: card, same-card: 0s}
                readings: [tap]
                """);
        byte[] whole = {1, 2, (byte) 0xDE, (byte) 0xAD, (byte) 0xBE, (byte) 0xEF};
        bench.says(0, new byte[] {1, 2, (byte) 0xDE});
        bench.says(40, new byte[] {(byte) 0xAD, (byte) 0xBE, (byte) 0xEF}).tick(100);
        bench.says(200, new byte[] {9, 9}).tick(300).says(400, whole).tick(449);
        assertEquals(1, bench.readings.size(), "the second frame is not over yet");
        bench.tick(450);
        assertEquals(2, bench.readings.size());
        assertEquals(
                "{\"reading\":\"tap\",\"card\":\"DEADBEEF\"}", bench.lines().get(1));
        assertEquals(1L, bench.counters().rejected().get("too-short"));
    }

    @ParameterizedTest
    @CsvSource({
        "'at: 0, length: 8', 18446744073709551615",
        "'at: 0, length: 8, as: hex', FFFFFFFFFFFFFFFF",
        "'at: 0, length: 1, as: bits, bit: 6', 1",
        "'at: 8, length: 4, as: bcd', 01234567",
        "'at: 8, length: 4, order: little', 1732584193",
        "'at: 12, length: 8, as: ascii', 5d17B3"
    })
    void aCardsNumberMayBeWrittenInAnyWay(String field, String number) throws IOException {
        Bench bench = own(CARD_FIELD.formatted(field));
        bench.says(0, CARD_FRAME);
        assertEquals(List.of("{\"reading\":\"tap\",\"card\":\"" + number + "\"}"), bench.lines());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "at: 0, length: 8, as: signed",
                "at: 0, length: 4, as: bcd",
                "at: 18, length: 2, as: ascii",
                "at: 0, length: 18, as: ascii"
            })
    void whatIsNoCardsNumberIsMalformed(String field) throws IOException {
        Bench bench = own(CARD_FIELD.formatted(field));
        bench.says(0, CARD_FRAME);
        assertEquals(List.of(), bench.lines());
        assertEquals(1L, bench.counters().rejected().get("malformed"));
    }

    private static final String CARD_FIELD = """
            framer: fixed
            decoder: fields
            options:
              length: 20
              fields: {card: {%s}}
              gives: {tap: card}
            readings: [tap]
            """;

    /** -1 in eight bytes, 01234567 in packed decimals, " 5d17B3" with what follows it, two blanks. */
    private static final byte[] CARD_FRAME = {
        -1, -1, -1, -1, -1, -1, -1, -1, 0x01, 0x23, 0x45, 0x67, '5', 'd', '1', '7', 'B', '3', ' ', ' '
    };

    /** It is wiped: nothing else may be made of it. */
    @Test
    void whatIsACardsNumberIsNothingElse() {
        SettingsException refused = assertThrows(SettingsException.class, () -> own("""
                framer: terminator
                decoder: line-pattern
                options: {pattern: '(?<card>[0-9]+)', gives: {tap: card, only: {card: '12345678'}}}
                readings: [tap]
                """));
        assertTrue(refused.problems().get(0).toString().contains("tap must be a value that nothing else is made of"));
    }

    @Test
    void aLineThatIsNotUtf8IsReadAsFarAsItIs() throws IOException {
        Bench bench = own("""
                framer: terminator
                decoder: line-pattern
                options: {pattern: '(?<kind>카드|.)(?<card>[0-9\\uFFFD]+)', gives: {tap: card, only: {kind: 카드}}}
                readings: [tap]
                """);
        bench.says(0, "카드12345678\n".getBytes(StandardCharsets.UTF_8));
        assertEquals(List.of("{\"reading\":\"tap\",\"card\":\"12345678\"}"), bench.lines());
        bench.says(10, new byte[] {(byte) 0xEC, '1', (byte) 0xFF, '\n'});
        bench.says(20, "카드1\uFFFD\n".getBytes(StandardCharsets.UTF_8));
        assertEquals(1, bench.lines().size());
        assertEquals(1L, bench.counters().rejected().get("malformed"));
    }

    @Test
    void aDleBeforeAMarkMakesItData() throws IOException {
        Bench bench = own("""
                framer: stx-etx
                decoder: fields
                options:
                  escape: dle
                  fields: {card: {at: 0, length: 3, as: hex}}
                  gives: {tap: card, same-card: 0s}
                readings: [tap]
                """);
        bench.says(0, new byte[] {2, 0x10, 3, 0x10, 0x10, 0x10, 2, 3});
        assertEquals(List.of("{\"reading\":\"tap\",\"card\":\"031002\"}"), bench.lines());
    }

    @Test
    void aCallForHelpIsRaisedOncePerPress() throws IOException {
        Bench bench = own("""
                framer: fixed
                decoder: fields
                options:
                  start: '55'
                  length: 2
                  fields: {state: {at: 1}}
                  gives: {panic: {value: state, pressed: ['1'], origin: driver, silent: true}}
                readings: [panic]
                """);
        bench.says(0, new byte[] {0x55, 1, 0x55, 1, 0x55, 0, 0x55, 1});
        assertEquals(
                List.of(
                        "{\"reading\":\"panic\",\"origin\":\"driver\",\"pattern\":\"press\",\"silent\":true,\"press\":1}",
                        "{\"reading\":\"panic\",\"origin\":\"driver\",\"pattern\":\"press\",\"silent\":true,\"press\":2}"),
                bench.lines());
    }

    @ParameterizedTest
    @CsvSource({
        "'origin: driver', driver, true",
        "'origin: duress-card', duress-card, true",
        "'origin: lamp', lamp, true",
        "'origin: bell', bell, false",
        "'origin: app', app, false",
        "'origin: rider', rider, false",
        "'origin: driver, silent: false', driver, false",
        "'origin: rider, silent: true', rider, true"
    })
    void aCallThatAnAttackerMayWatchIsSilentUnlessTheProfileSaysOtherwise(String call, String origin, boolean silent)
            throws IOException {
        Bench bench = own("""
                framer: terminator
                decoder: line-pattern
                options:
                  pattern: 'KEY=(?<key>[01])'
                  gives: {panic: {value: key, pressed: ['1'], %s}}
                readings: [panic]
                """.formatted(call));
        bench.says(0, "KEY=1\n");
        assertEquals(
                List.of("{\"reading\":\"panic\",\"origin\":\"" + origin + "\",\"pattern\":\"press\",\"silent\":"
                        + silent + ",\"press\":1}"),
                bench.lines());
    }

    @Test
    void anErrorNamesTheLineInTheFile() throws IOException {
        SettingsException refused = assertThrows(SettingsException.class, () -> own("""
                framer: stx-etx
                decoder: fields
                options:
                  checksum: {kind: crc16-modbuss}
                  fields: {card: {at: 0, length: 10, as: text}}
                  gives: {tap: card}
                readings: [tap]
                """));
        String all = refused.getMessage();
        assertTrue(all.contains("own.yaml:7: "), all);
        assertTrue(all.contains("(did you mean crc16-modbus?)"), all);
        assertTrue(all.contains("own.yaml:8: "), all);
        SettingsException missing = assertThrows(SettingsException.class, () -> own("""
                framer: stx-etx
                decoder: fields
                options:
                  fields: {card: {at: 0, length: 10, as: ascii}}
                  gives: {tap: crad}
                readings: [tap]
                """));
        assertTrue(missing.getMessage().contains("there is no crad in a frame, only card"), missing.getMessage());
    }

    @Test
    void aPatternThatNeverEndsCostsOneLineNotThePort() {
        Bench bench = Bench.with("line-pattern", "pattern", "(.*)(.*)(.*)(.*)(?<card>a+)b");
        bench.says(0, "a".repeat(200) + "\n").says(10, "aab\n");
        assertEquals(1L, bench.counters().rejected().get("too-long"));
        assertEquals(List.of("{\"reading\":\"tap\",\"card\":\"a\"}"), bench.lines());
    }

    @ParameterizedTest
    @ValueSource(strings = {"terminator", "stx-etx", "length-prefixed", "fixed", "idle-gap"})
    void rubbishThrowsNothingAndEveryByteIsCounted(String framer) throws IOException {
        Map<String, String> needs =
                Map.of("length-prefixed", "at: 1, start: '55', ", "fixed", "length: 6, start: '55', ");
        Bench bench = own(
                "framer: " + framer + "\ndecoder: fields\noptions: {" + needs.getOrDefault(framer, "")
                        + "fields: {card: {at: 2, length: 2, as: hex}}, checksum: {kind: xor}, gives: {tap: card}}\nreadings: [tap]\n");
        Random random = new Random(11);
        byte[] alphabet = {2, 3, 0x10, 0x55, 0x0A, 0x0D, 4, 6, 0, (byte) 0xFF, 'A', '1'};
        long ms = 0;
        for (int i = 0; i < 100_000; i++) {
            byte[] chunk = new byte[1 + random.nextInt(12)];
            for (int j = 0; j < chunk.length; j++) {
                chunk[j] =
                        random.nextInt(5) == 0 ? (byte) random.nextInt(256) : alphabet[random.nextInt(alphabet.length)];
            }
            ms += random.nextInt(80);
            bench.says(ms, chunk);
        }
        Counters counters = bench.counters();
        long rejected =
                counters.rejected().values().stream().mapToLong(Long::longValue).sum();
        assertEquals(counters.frames(), counters.accepted() + rejected);
        assertTrue(counters.accepted() > 0 && counters.readings() > 0, counters::toString);
        assertTrue(counters.rejected().getOrDefault("checksum", 0L) > 0, counters::toString);
    }

    private static void crc(byte[] frame, int from) {
        int crc = 0xFFFF;
        for (int i = from; i < frame.length - 2; i++) {
            crc ^= frame[i] & 0xFF;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) == 0 ? crc >>> 1 : crc >>> 1 ^ 0xA001;
            }
        }
        frame[frame.length - 2] = (byte) crc;
        frame[frame.length - 1] = (byte) (crc >>> 8);
    }

    private Bench own(String rest) throws IOException {
        Path file = folder.resolve("own.yaml");
        Files.writeString(file, "name: own\nabout: a device of ours\nline: {serial: {baud: 9600}}\n" + rest);
        return Bench.with(file.toString());
    }

    private static final String DIGITS = """
            framer: terminator
            decoder: line-pattern
            options: {%spattern: '(?<card>[0-9]{8})', gives: {tap: card, same-card: 0s}}
            readings: [tap]
            """;

    private static String tap(String card) {
        return "{\"reading\":\"tap\",\"card\":\"" + card + "\"}";
    }

    /** The tail of a line that was too long was a line of its own, and so a tap that nobody made. */
    @ParameterizedTest
    @ValueSource(strings = {"0A", "0D 0A"})
    void theTailOfALineThatWasTooLongIsNoLine(String end) throws IOException {
        String mark = end.startsWith("0D") ? "\r\n" : "\n";
        for (int before = 250; before < 270; before++) {
            Bench bench = own(DIGITS.formatted("end: " + end + ", "));
            bench.says(0, "A".repeat(before)).says(5_000, "12345678" + mark);
            bench.says(6_000, "87654321" + mark);
            assertEquals(List.of(tap("87654321")), bench.lines(), "before " + before);
        }
    }

    @Test
    void theTailOfALineThatWasCutByOpeningAnewIsNoLine() throws IOException {
        Bench bench = own(DIGITS.formatted(""));
        bench.opened(0).says(10, "9912").opened(5_000).says(5_010, "12345678\n87654321\n");
        assertEquals(List.of(tap("87654321")), bench.lines());
    }

    /** The tail was lost with the connection: what comes after a pause is a line. */
    @Test
    void theFirstLineAfterAPauseIsALineThoughOneWasCutBefore() throws IOException {
        Bench bench = own(DIGITS.formatted(""));
        bench.opened(0).says(10, "9912").opened(5_000).tick(5_100).tick(5_200).says(6_000, "12345678\n");
        assertEquals(List.of(tap("12345678")), bench.lines());
    }

    /** Nobody knows that it is a tail; a first tap that is lost would be worse. */
    @Test
    void theFirstLineOfAllIsALine() throws IOException {
        Bench bench = own(DIGITS.formatted(""));
        bench.opened(0).says(0, "12345678\n").opened(5_000).says(5_000, "87654321\n");
        assertEquals(List.of(tap("12345678"), tap("87654321")), bench.lines());
    }

    /** One lost mark made an end of every later beginning, and the line was deaf for good. */
    @ParameterizedTest
    @ValueSource(strings = {"~AAAA~BBBB~~CCCC~~DDDD~", "AAAA~~BBBB~~CCCC~~DDDD~", "~AAAAAAAAAA~~BBBB~~CCCC~~DDDD~"})
    void aLostMarkBetweenEqualOnesCostsAFrame(String said) throws IOException {
        Bench bench = own("""
                framer: stx-etx
                decoder: fields
                options:
                  start: 7E
                  end: 7E
                  longest: 8
                  fields: {card: {at: 0, length: 4, as: ascii}}
                  gives: {tap: card, same-card: 0s}
                readings: [tap]
                """);
        bench.says(0, said);
        assertTrue(
                bench.lines().containsAll(List.of(tap("CCCC"), tap("DDDD"))),
                bench.lines().toString());
    }

    /** One wrong length, and what it took for its own was lost: three good frames, and with a pause behind them, too. */
    @ParameterizedTest
    @CsvSource({"length-prefixed, 18", "length-prefixed, 40", "length-prefixed, 255", "fixed, 5"})
    void goodFramesBehindABadOneAreNotLost(String framer, int length) throws IOException {
        boolean fixed = framer.equals("fixed");
        Bench bench = own("""
                framer: %s
                decoder: fields
                options:
                  start: AA
                  %s
                  checksum: {kind: xor}
                  fields: {card: {at: 2, length: 2, as: hex}}
                  gives: {tap: card, same-card: 0s}
                readings: [tap]
                """.formatted(framer, fixed ? "length: 5" : "at: 1"));
        bench.says(0, new byte[] {(byte) 0xAA, (byte) length, 1, 2});
        for (int i = 1; i <= 3; i++) {
            bench.says(i * 10L, new byte[] {(byte) 0xAA, 5, (byte) i, 7, (byte) (0xAA ^ 5 ^ i ^ 7)});
        }
        bench.tick(400);
        assertEquals(List.of(tap("0107"), tap("0207"), tap("0307")), bench.lines());
        bench.says(1_000, new byte[] {(byte) 0xAA, 5, 9, 9, (byte) (0xAA ^ 5)});
        assertEquals(4, bench.lines().size());
    }
}
