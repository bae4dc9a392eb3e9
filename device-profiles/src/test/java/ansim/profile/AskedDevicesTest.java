package ansim.profile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.profile.Reading.ContactChange;
import ansim.profile.Reading.Fault;
import ansim.profile.Reading.Measure;
import ansim.profile.Reading.Tap;
import ansim.settings.Section;
import ansim.settings.SettingsException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Devices that must be asked: what their known answers do not show. */
class AskedDevicesTest {
    private static final String READ_0 = "010300000001840A";
    private static final String IS_42 = "010302002A399B";
    private static final Fault SILENT = new Fault(Fault.What.SILENT, true);
    private static final Fault HEARD = new Fault(Fault.What.SILENT, false);

    @ParameterizedTest
    @CsvSource({
        "modbus, 01 03 00 00 00 0A, C5CD",
        "osdp, 53 00 09 00 04 61 00, C066",
        "osdp, 53 7F 0D 00 04 6E 00 80 25 00 00, 6E38"
    })
    void theChecksAreThoseOfTheStandards(String code, String hex, String check) {
        byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
        byte[] put = new byte[2];
        Crc16.put(code.equals("osdp") ? Crc16.osdp(bytes, bytes.length) : Crc16.modbus(bytes, bytes.length), put, 0);
        assertEquals(check, HexFormat.of().withUpperCase().formatHex(put));
    }

    /**
     * Two answers came at one moment; read in one piece the second was nobody's, read in two it was taken for the answer to a question
     * that was made between them and had not even been written. Found by the fuzzer.
     */
    @Test
    void whereBytesAreCutDoesNotSayWhatIsAwaited() {
        byte[] answer = HexFormat.of().parseHex("0000FF02FED5151600");
        byte[] next = HexFormat.of().parseHex("0000FF02FED533F800");
        Bench whole = Bench.with("reader-pn532").opened(0).until(0);
        whole.says(20, Peers.join(answer, next));
        Bench cut = Bench.with("reader-pn532").opened(0).until(0);
        cut.says(20, answer).says(20, next);
        assertEquals(whole.counters(), cut.counters());
        assertEquals(1, cut.counters().rejected().get("unasked"));
    }

    @Test
    void neighboursAreReadTogetherAndGapsAreNotTouched() {
        Bench board = Bench.withYaml("modbus-rtu", """
                {most-per-request: 4, registers: [
                  {name: f, register: 12}, {name: a, register: 0}, {name: b, register: 1, type: u32}, {name: c, register: 3},
                  {name: d, register: 4}, {name: e, function: 4, register: 5}, {name: g, function: 1, register: 6, type: bit}]}
                """);
        board.opened(0);
        for (int ms = 1_500; ms <= 9_000; ms += 1_500) {
            board.until(ms);
        }
        List<String> first = board.asked().subList(0, 5);
        assertEquals(
                List.of("010100060001", "010300000004", "010300040001", "0103000C0001", "010400050001"),
                first.stream().map(request -> request.substring(0, 12)).toList());
    }

    @Test
    void aLowWordMayComeFirstAndABitMayBeInARegister() {
        Bench board = Bench.withYaml("modbus-rtu", """
                {words: low-first, registers: [{name: a, register: 0, type: s32}, {name: b, register: 2, type: bit, bit: 15}]}
                """);
        board.opened(0).until(50);
        byte[] answer = HexFormat.of().parseHex("010306FFFEFFFF80000000");
        Crc16.put(Crc16.modbus(answer, answer.length - 2), answer, answer.length - 2);
        board.answers(HexFormat.of().formatHex(answer));
        assertEquals(List.of(new Measure("a", -2_000, ""), new Measure("b", 1_000, "")), board.readings);
    }

    @Test
    void anAnswerAfterItsTimeIsNotTakenForTheNextOne() {
        Bench board = Bench.withYaml("modbus-rtu", "{registers: [{name: a, register: 0}, {name: b, register: 2}]}");
        board.opened(0).until(1_100).answers(IS_42);
        assertEquals(1, board.asked.size(), "it waits for silence before it asks for b");
        assertEquals(List.of(), board.readings);
        board.until(1_500).answers(IS_42);
        assertEquals(List.of(new Measure("b", 42_000, "")), board.readings);
    }

    @Test
    void aDeviceWhoseLineIsGoneIsSilentToo() {
        Bench board = Bench.with("modbus-rtu");
        board.opened(0);
        for (int ms = 0; ms <= 20_000; ms += 1_000) {
            board.tick(ms);
        }
        assertEquals(List.of(SILENT), board.readings, "though nobody could be asked");
    }

    @Test
    void aLineThatNeverRestsDoesNotKeepTheDeviceFromBeingMissed() {
        Bench board = Bench.with("modbus-rtu", "interval", "1s").opened(0);
        for (int ms = 0; ms <= 12_000; ms += 10) {
            board.says(ms, new byte[] {(byte) 0xFF}).asks(ms);
        }
        assertEquals(List.of(SILENT), board.readings);
    }

    @Test
    void aValueAboveItsLimitIsAnAlarmUntilItIsBackByTheHysteresis() {
        Bench board = Bench.withYaml("modbus-rtu", """
                {registers: [{name: temperature, register: 0, unit: C,
                  thresholds: [{above: 60, hysteresis: 5, contact: hot}, {below: -20, contact: cold}]}]}
                """).opened(0);
        int[] values = {40, 61, 56, 55, 60, -21, -20};
        long ms = 100;
        for (int value : values) {
            byte[] answer = {1, 3, 2, (byte) (value >> 8), (byte) value, 0, 0};
            Crc16.put(Crc16.modbus(answer, 5), answer, 5);
            board.until(ms).says(ms, answer);
            ms += 5_100;
        }
        List<Reading> contacts = board.readings.stream()
                .filter(reading -> reading.type() == Reading.Type.CONTACT)
                .toList();
        // A register is unsigned unless it is named signed: -21 is 65,515.
        assertEquals(
                List.of(
                        new ContactChange("hot", false, false, true),
                        new ContactChange("cold", false, false, true),
                        new ContactChange("hot", true, true, false),
                        new ContactChange("hot", false, false, false),
                        new ContactChange("hot", true, true, false)),
                contacts);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[]|registers must name 1 to 32 values (got 0)",
                "[{name: a, register: 0, function: 5}]|must be in [1, 4]",
                "[{name: a, register: 0, function: 2}]|type must be bit (got u16)",
                "[{name: a, register: 65535, type: u32}]|register must be at most 65534",
                "[{name: a, register: 0, scale: 0}]|scale must not be 0",
                "[{name: '', register: 0}]|name must be 1 to 32 bytes of text (got 0)",
                "[{name: a, register: 0, thresholds: [{contact: b}]}]|must have one of above and below",
                "[{name: a, register: 0, thresholds: [{above: 1, contact: b}, {below: 0, contact: b}]}]|two thresholds are contact b",
            })
    void aRegisterMapThatCannotBeReadIsRefusedWithTheRule(String registers, String rule) {
        SettingsException refused = assertThrows(
                SettingsException.class, () -> Bench.withYaml("modbus-rtu", "{registers: " + registers + "}"));
        assertTrue(refused.getMessage().contains(rule), refused.getMessage());
    }

    @Test
    void anOptionOfFramerAndDecoderIsToldOnce() {
        String effective = Profile.load("modbus-rtu").effective();
        assertEquals(effective.indexOf("address: 1"), effective.lastIndexOf("address: 1"), effective);
        assertTrue(Profile.load("gnss-nmea0183").effective().contains("longest: 120"));
    }

    @Test
    void aReopenedLineBeginsAnewAndKeepsTheFault() {
        Bench board = Bench.with("modbus-rtu").opened(0).until(14_000);
        assertEquals(List.of(SILENT), board.readings);
        board.opened(14_000).until(14_300).answers(IS_42);
        assertEquals(READ_0, board.asked().get(board.asked.size() - 1));
        assertEquals(List.of(SILENT, HEARD, new Measure("register-0", 42_000, "")), board.readings);
    }

    @Test
    void aCameraThatWasNeverThereIsAnAlarmFoundAtTheStart() {
        Bench camera = Bench.with("camera-probe").opened(0).until(26_000);
        assertEquals(List.of(new ContactChange("camera", false, true, true)), camera.readings);
        assertEquals(3, camera.asked.size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"host: 'two words'", "host: ''", "path: stream", "path: '/a b'", "name: ''"})
    void whatCannotStandInARequestIsRefused(String option) {
        assertThrows(SettingsException.class, () -> Bench.withYaml("camera-probe", "{" + option + "}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"SCBK-D", "scbk_d", "default", "30 31 32 33 34 35 36 37 38 39 3A 3B 3C 3D 3E 3F"})
    void theDefaultKeyOfOsdpIsRefusedWithTheReason(String key) {
        SettingsException refused = assertThrows(
                SettingsException.class,
                () -> Profile.load("reader-osdp").with(Section.of("agent.yaml", Map.of("key", key))));
        assertTrue(refused.getMessage().contains("printed in the standard"), refused.getMessage());
    }

    @Test
    void anOwnKeyIsRefusedUntilThereIsASecureChannel() {
        SettingsException refused = assertThrows(
                SettingsException.class, () -> Bench.with("reader-osdp", "key", "000102030405060708090A0B0C0D0E0F"));
        assertTrue(refused.getMessage().contains("in the clear"), refused.getMessage());
    }

    @Test
    void numbersOfQuestionsGoFromZeroToThreeAndThenFromOneOn() {
        Bench reader = Bench.with("reader-osdp").opened(0);
        for (int i = 0; i < 8; i++) {
            reader.until(300L * (i + 1));
            int sequence = reader.asked.get(reader.asked.size() - 1)[4] & 3;
            reader.answers(HexFormat.of().formatHex(Peers.osdpReply(sequence, 0x40)));
        }
        assertEquals(
                List.of(0, 1, 2, 3, 1, 2, 3, 1),
                reader.asked.stream().limit(8).map(request -> request[4] & 3).toList());
    }

    @Test
    void bitsBehindACardsLastOneAreNobodys() {
        Bench reader = Bench.with("reader-osdp").opened(0).until(0);
        reader.answers(HexFormat.of()
                .formatHex(Peers.osdpReply(0, 0x50, (byte) 0, (byte) 0, (byte) 4, (byte) 0, (byte) 0xAF)));
        assertEquals(List.of(new Tap("A0")), reader.readings);
    }

    @Test
    void theSerialOfAPurseIsInTagB0AtOffset4() {
        byte[] response = Peers.join(Peers.FCI, new byte[] {(byte) 0x90, 0});
        assertEquals(Optional.of(CardNumber.of("1010030000163931")), KsX6924.serial(response, 0, response.length));
        byte[] behindAName = HexFormat.of()
                .parseHex("6F19" + "8407D4100000030001" + "B00E" + "0010010810100300001639310000" + "9000");
        assertEquals(
                Optional.of(CardNumber.of("1010030000163931")), KsX6924.serial(behindAName, 0, behindAName.length));
        for (int cut = 0; cut < response.length; cut++) {
            assertEquals(Optional.empty(), KsX6924.serial(response, 0, cut), "cut at " + cut);
        }
        byte[] blank = HexFormat.of().parseHex("6F0EB00C00100108" + "FFFFFFFFFFFFFFFF" + "9000");
        assertEquals(Optional.empty(), KsX6924.serial(blank, 0, blank.length));
    }

    @Test
    void onlySelectIsEverSentToAPurse() {
        assertEquals(
                List.of("00A4040007D410000003000100", "00A4040007D410000014000100"),
                KsX6924.SELECTS.stream()
                        .map(HexFormat.of().withUpperCase()::formatHex)
                        .toList());
        ContactlessCard card = new ContactlessCard(ContactlessCard.Purse.ONLY, 0);
        card.found(new byte[] {1, 2, 3, 4}, 0, 4, true);
        assertArrayEquals(KsX6924.SELECTS.get(0), card.nextApdu());
        assertArrayEquals(KsX6924.SELECTS.get(1), card.nextApdu());
        assertArrayEquals(Decoder.NOTHING, card.nextApdu());
        card.found(new byte[] {1, 2, 3, 4}, 0, 4, false);
        assertArrayEquals(Decoder.NOTHING, card.nextApdu(), "a card that cannot exchange APDUs has no purse");
    }

    @Test
    void aPhoneThatChangesItsUidIsOneTapByItsPurse() {
        Bench reader = Bench.with("reader-pcsc", "purse", "prefer").opened(0);
        byte[] fci = Peers.join(Peers.FCI, new byte[] {(byte) 0x90, 0});
        for (int i = 0; i < 3; i++) {
            reader.says(i * 500L, Peers.pcscMessage(1, (byte) 0x3B, (byte) 0))
                    .says(i * 500L, Peers.pcscMessage(3, (byte) 8, (byte) i, (byte) 2, (byte) 3, (byte) 0x90, (byte) 0))
                    .says(i * 500L, Peers.pcscMessage(3, fci))
                    .says(i * 500L + 100, Peers.pcscMessage(2));
        }
        assertEquals(List.of(new Tap("1010030000163931")), reader.readings);
    }

    @Test
    void aReaderIsNotAskedTwiceAtOnce() {
        Bench reader = Bench.with("reader-pn532").opened(0).until(990);
        assertEquals(1, reader.asked.size());
        assertFalse(reader.until(1_000).asked.size() == 1, "only when the first is late");
    }
}
