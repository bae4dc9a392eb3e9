package ansim.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ansim.profile.Reading.Fault;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A device's fault that an earlier run of the program told of: it is not told again, and its end is. */
class ResumedFaultsTest {
    private static final Fault SILENT_ENDS = new Fault(Fault.What.SILENT, false);
    private static final Fault ANTENNA_ENDS = new Fault(Fault.What.ANTENNA, false);

    private final List<Reading> readings = new ArrayList<>();

    private DeviceReader resumed(String profile, Fault.What... faults) {
        DeviceReader reader = Profile.load(profile).open();
        reader.resume(Set.of(faults), readings::add);
        reader.opened(0, readings::add);
        return reader;
    }

    private void pass(DeviceReader reader, long fromMs, long toMs) {
        for (long ms = fromMs; ms <= toMs; ms += 10) {
            reader.tick(ms, readings::add);
            reader.toSend(ms);
        }
    }

    private boolean asked(DeviceReader reader, long ms) {
        reader.tick(ms, readings::add);
        return reader.toSend(ms).length > 0;
    }

    private void say(DeviceReader reader, long ms, byte[] bytes) {
        reader.accept(bytes, 0, bytes.length, ms, readings::add);
    }

    private List<Reading> faults() {
        return readings.stream()
                .filter(reading -> reading.type() == Reading.Type.FAULT)
                .toList();
    }

    /** Silent for a minute, which is known, then heard. */
    private void heardAfterAMinute(String profile, String answer) {
        readings.clear();
        DeviceReader reader = resumed(profile, Fault.What.SILENT);
        pass(reader, 0, 60_000);
        assertEquals(List.of(), faults(), profile + ": a silence that was told before");
        long answeredMs = 60_010;
        while (!asked(reader, answeredMs) && answeredMs < 70_000) {
            answeredMs += 10;
        }
        say(reader, answeredMs, HexFormat.of().parseHex(answer.replace(" ", "")));
        pass(reader, answeredMs + 10, answeredMs + 100);
        assertEquals(List.of(SILENT_ENDS), faults(), profile);
    }

    @Test
    void aDeviceThatStaysSilentIsNotToldAgainAndIsHeardOnce() {
        heardAfterAMinute("reader-pn532", "00 00 FF 00 FF 00 00 00 FF 02 FE D5 15 16 00");
        heardAfterAMinute("reader-osdp", "53 80 14 00 04 45 5C 26 23 01 02 78 56 34 12 01 02 03 CB F8");
        heardAfterAMinute("modbus-rtu", "01 03 02 00 2A 39 9B");
        heardAfterAMinute("reader-pcsc", "00 00 00");
        heardAfterAMinute(
                "gnss-gpsd",
                HexFormat.of().formatHex("{\"class\":\"TPV\",\"mode\":0}\n".getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void aReceiverThatSaysThatItsAntennaIsWellEndsWhatWasToldBefore() {
        for (String profile : List.of("gnss-nmea0183", "gnss-ubx")) {
            readings.clear();
            DeviceReader reader = resumed(profile, Fault.What.ANTENNA);
            say(reader, 10, Bench.sentence("GNTXT,01,01,02,ANTSTATUS=OPEN").getBytes(StandardCharsets.US_ASCII));
            assertEquals(List.of(), faults(), profile);
            say(reader, 20, Bench.sentence("GNTXT,01,01,02,ANTSTATUS=OK").getBytes(StandardCharsets.US_ASCII));
            assertEquals(List.of(ANTENNA_ENDS), faults(), profile);
        }
    }

    @Test
    void whatAPortsNewProfileCanNeverTellTheEndOfEndsAtOnce() {
        for (String profile : List.of("contact", "reader-wiegand", "reader-em4100", "gnss-nmea0183")) {
            readings.clear();
            resumed(profile, Fault.What.SILENT);
            assertEquals(List.of(SILENT_ENDS), faults(), profile);
        }
    }
}
