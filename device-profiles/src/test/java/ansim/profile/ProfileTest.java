package ansim.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.settings.Problem;
import ansim.settings.Section;
import ansim.settings.SettingsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProfileTest {
    @TempDir
    private Path folder = Path.of("");

    @Test
    void optionsMayBePutOverTheProfilesOwn() {
        Profile profile = Profile.load("gnss-nmea0183")
                .with(Section.of("agent.yaml", Map.of("baud", "38400", "fix-from", "gll")));
        assertEquals(38400, profile.serial().orElseThrow().baud());
        assertTrue(profile.effective().contains("fix-from: gll"));
        assertTrue(profile.effective().contains("lost-after: 3s"));
    }

    @Test
    void allWrongOptionsAreNamedAtOnceWithWhatTheyMayBe() {
        Section options = Section.of(
                "agent.yaml", Map.of("bauds", "9600", "fix-from", "ggg", "lost-after", "3", "parity", "evn"));
        SettingsException refused = assertThrows(
                SettingsException.class, () -> Profile.load("gnss-nmea0183").with(options));
        String all = refused.getMessage();
        assertEquals(4, refused.problems().size(), all);
        assertTrue(all.contains("bauds: '9600': is no option of profile gnss-nmea0183 (did you mean baud?)"), all);
        assertTrue(all.contains("fix-from: 'ggg': must be one of rmc, gga, gns, gll"), all);
        assertTrue(all.contains("lost-after: '3': must be a time"), all);
        assertTrue(
                all.contains("parity: 'evn': must be one of none, odd, even, mark, space (did you mean even?)"), all);
    }

    @Test
    void anUnknownProfileNamesTheShippedOnes() {
        SettingsException refused = assertThrows(SettingsException.class, () -> Profile.load("meterlamp"));
        assertTrue(refused.getMessage().contains("(did you mean meter-lamp?)"), refused.getMessage());
        assertTrue(refused.getMessage().contains("gnss-nmea0183, gnss-ubx, gnss-gpsd"), refused.getMessage());
    }

    @Test
    void aProfileFileIsReadLikeAShippedOne() throws IOException {
        Path file = write("""
                name: gate
                about: a gate of ours
                line: {gpio: [gate]}
                framer: level
                decoder: contact
                options: {name: gate, normally: closed}
                readings: [contact]
                known-answers:
                  - about: cut
                    levels: [0 gate 0]
                    gives: ['{"reading":"contact","name":"gate","closed":false,"alarm":true,"initial":true}']
                  - about: wrong on purpose
                    levels: [0 gate 1]
                """);
        Profile profile = Profile.load(file.toString());
        assertEquals(List.of("gate"), profile.lines());
        assertEquals(1, profile.failedAnswers().size());
        assertTrue(profile.failedAnswers().get(0).startsWith("gate: wrong on purpose: must give [] (gave [{"));
    }

    @Test
    void aBrokenProfileFileNamesEveryProblemWithItsLine() throws IOException {
        Path file = write("""
                name: gate
                abuot: a gate of ours
                line: {gpio: [gate], serial: {baud: 9600}}
                framer: levels
                decoder: contact
                options: {name: gate}
                readings: [contact, fixx]
                """);
        SettingsException refused = assertThrows(SettingsException.class, () -> Profile.load(file.toString()));
        List<String> where =
                refused.problems().stream().map(p -> p.line() + " " + p.path()).toList();
        assertEquals(List.of("2 abuot", "1 about", "3 line", "4 framer", "7 readings[1]"), where, refused.getMessage());
        assertTrue(refused.problems().stream().map(Problem::file).allMatch(file.toString()::equals));
    }

    @Test
    void aDeviceIsWiredInOneWayOnly() throws IOException {
        Path file = write("""
                name: two
                about: two wires
                line: {tcp: {port: 2947}, evdev: {}}
                framer: nmea-line
                decoder: nmea0183
                readings: [fix]
                """);
        SettingsException refused = assertThrows(SettingsException.class, () -> Profile.load(file.toString()));
        assertTrue(refused.getMessage().contains("must have one of serial, gpio, tcp, evdev and pcsc (got 2)"));
    }

    @Test
    void aDecoderOfBytesWorksOverAnyWireOfBytes() throws IOException {
        Path file = write("""
                name: remote
                about: a receiver behind a terminal server
                line: {tcp: {port: 4001}}
                framer: nmea-line
                decoder: nmea0183
                readings: [fix]
                """);
        Profile profile = Profile.load(file.toString()).with(Section.of("test", Map.of("connect", "when-asked")));
        assertEquals(Wire.TCP, profile.wire());
        assertEquals(TcpLine.Connect.WHEN_ASKED, profile.tcp().orElseThrow().connect());
        assertTrue(profile.serial().isEmpty());
        assertTrue(profile.effective().contains("port: 4001"), profile.effective());
    }

    @Test
    void framerAndDecoderMustFitTheLine() throws IOException {
        Path file = write("""
                name: odd
                about: odd
                line: {serial: {baud: 9600}}
                framer: card-frame
                decoder: nmea0183
                readings: [fix]
                """);
        SettingsException refused = assertThrows(SettingsException.class, () -> Profile.load(file.toString()));
        assertTrue(refused.getMessage().contains("decoder nmea0183 needs framer nmea-line (got card-frame)"));
    }

    @Test
    void aReadingThatIsNotListedIsNotGiven() throws IOException {
        Path file = write("""
                name: quiet
                about: fixes only
                line: {serial: {baud: 9600}}
                framer: nmea-line
                decoder: nmea0183
                readings: [fix]
                """);
        DeviceReader reader = Profile.load(file.toString()).open();
        reader.tick(0, reading -> assertEquals(Reading.Type.FIX, reading.type()));
        reader.tick(10_000, reading -> assertEquals(Reading.Type.FIX, reading.type()));
        assertEquals(0, reader.counters().readings());
    }

    private Path write(String yaml) throws IOException {
        return Files.writeString(folder.resolve("profile.yaml"), yaml);
    }
}
