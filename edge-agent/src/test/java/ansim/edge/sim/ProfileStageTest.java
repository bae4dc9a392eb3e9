package ansim.edge.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.edge.port.OutputConfig;
import ansim.edge.port.OutputLine;
import ansim.edge.port.PortConfig;
import ansim.edge.port.PortReading;
import ansim.edge.port.Ports;
import ansim.profile.Play;
import ansim.profile.Profile;
import ansim.profile.Reading;
import ansim.profile.ReadingJson;
import ansim.settings.CommandFailure;
import ansim.settings.Default;
import ansim.settings.Settings;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every shipped profile's device, simulated, is read by the real ports as its profile says. */
class ProfileStageTest {
    private static final long DEADLINE_S = 60;
    /** Played again: pulses on a machine that has stood still for a moment are noise, as they should be. */
    private static final long EVERY_MS = 5_000;

    private static final Route ROUTE =
            new Route(List.of(new Route.Point(37.565, 126.978), new Route.Point(37.57, 126.978)));

    @TempDir
    private Path folder = Path.of("");

    private final StringWriter said = new StringWriter();

    private record Printed(
            @Default("[]") List<PortConfig> ports,
            @Default("[]") List<OutputConfig> outputs) {}

    /** Something that is to come true. */
    private interface Condition {
        boolean holds();
    }

    private static void until(Condition condition, Supplier<String> tell) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_S);
        while (!condition.holds()) {
            assertTrue(System.nanoTime() < deadline, tell);
            LockSupport.parkNanos(10_000_000);
        }
    }

    private void whilePlayed(ProfileStage stage, Condition condition, Supplier<String> tell)
            throws InterruptedException {
        CountDownLatch stop = new CountDownLatch(1);
        Thread device = new Thread(
                () -> {
                    try {
                        stage.play(new Drive(ROUTE, 10), EVERY_MS, stop, new PrintWriter(said));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "device");
        device.start();
        try {
            until(condition, tell);
        } finally {
            stop.countDown();
            device.join();
        }
    }

    private Printed printed(ProfileStage stage) {
        return Settings.read("printed", stage.config(), Printed.class);
    }

    private void read(ProfileStage stage, List<PortReading> readings, Condition condition) throws InterruptedException {
        try (Ports ports = Ports.open(
                printed(stage).ports(), readings::add, () -> Moment.now().monoMs())) {
            whilePlayed(stage, condition, () -> readings + " " + ports.states());
        }
    }

    private static List<String> lines(List<PortReading> readings) {
        return readings.stream().map(each -> ReadingJson.line(each.reading())).toList();
    }

    @ParameterizedTest
    @CsvSource({
        "reader-em4100, 0",
        "reader-wiegand, 0",
        "reader-pn532, 0",
        "reader-pn532, 2",
        "reader-pn532, 3",
        "reader-hid, 0",
        "reader-osdp, 0",
        "reader-osdp, 2",
        "meter-lamp, 2",
        "panic-button, 0",
        "contact, 0",
        "contact, 2",
        "modbus-rtu, 0",
        "modbus-rtu, 3",
        "line-pattern, 0",
        "line-pattern, 3"
    })
    void whatTheSimulatedDeviceGivesIsTheKnownAnswer(String profile, int answer) throws InterruptedException {
        ProfileStage stage = new ProfileStage(profile, folder, answer, 0);
        List<PortReading> readings = new CopyOnWriteArrayList<>();
        int played = Integer.parseInt(answer == 0 ? first(profile) : Integer.toString(answer));
        List<String> gives = Profile.load(profile).plays().get(played - 1).gives();
        read(stage, readings, () -> readings.size() >= gives.size());
        assertEquals(gives, lines(readings).subList(0, gives.size()));
    }

    private static String first(String profile) {
        List<Play> plays = Profile.load(profile).plays();
        for (int i = 0; i < plays.size(); i++) {
            if (!plays.get(i).gives().isEmpty() && plays.get(i).clean()) {
                return Integer.toString(i + 1);
            }
        }
        throw new AssertionError(profile + " has no known answer that gives a reading");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gnss-nmea0183", "gnss-ubx", "gnss-gpsd"})
    void aReceiverDrivesItsRoute(String profile) throws InterruptedException {
        List<PortReading> readings = new CopyOnWriteArrayList<>();
        List<Reading.Fix> fixes = new CopyOnWriteArrayList<>();
        read(new ProfileStage(profile, folder, 0, 0), readings, () -> {
            fixes.clear();
            readings.stream()
                    .map(PortReading::reading)
                    .filter(Reading.Fix.class::isInstance)
                    .map(Reading.Fix.class::cast)
                    .forEach(fixes::add);
            return fixes.size() >= 2;
        });
        assertEquals(1_000, fixes.get(0).speedCms().orElseThrow(), 2);
        assertTrue(fixes.get(1).latE7() > fixes.get(0).latE7(), "north");
        assertEquals(1_269_780_000, fixes.get(0).lonE7(), 2);
    }

    @Test
    void aCameraAnswers() throws InterruptedException {
        List<PortReading> readings = new CopyOnWriteArrayList<>();
        Reading alive = new Reading.ContactChange("camera", true, false, true);
        read(
                new ProfileStage("camera-probe", folder, 0, 0),
                readings,
                () -> readings.stream().anyMatch(each -> each.reading().equals(alive)));
    }

    @Test
    void howAnOutputIsDrivenIsPrinted() throws InterruptedException {
        ProfileStage stage = new ProfileStage("output-relay", folder, 0, 0);
        OutputConfig siren = printed(stage).outputs().get(0);
        try (OutputLine line = new OutputLine(siren.gpio(), true)) {
            line.set(true);
            whilePlayed(stage, () -> said.toString().contains(" 1 1"), said::toString);
        }
    }

    @Test
    void everyShippedProfileHasAStageWhoseConfigurationIsOne() {
        for (String profile : Profile.shipped()) {
            ProfileStage stage = new ProfileStage(profile, folder, 0, 0);
            Printed printed = printed(stage);
            assertEquals(1, printed.ports().size() + printed.outputs().size(), profile);
            printed.ports()
                    .forEach(port -> assertEquals(profile, Ports.profileOf(port).name()));
        }
    }

    @Test
    void aProfileOfOnesOwnIsPlayedToo() throws IOException, InterruptedException {
        Path own = folder.resolve("mine.yaml");
        Files.writeString(own, Profile.source("line-pattern").replace("name: line-pattern", "name: mine"));
        List<PortReading> readings = new CopyOnWriteArrayList<>();
        read(
                new ProfileStage(own.toString(), folder, 0, 0),
                readings,
                () -> readings.stream().anyMatch(each -> each.reading().equals(new Reading.Tap("62E3086CED"))));
        assertEquals("mine", readings.get(0).port());
    }

    @Test
    void aNumberThatIsNoAnswerListsThem() {
        CommandFailure none = assertThrows(CommandFailure.class, () -> new ProfileStage("reader-osdp", folder, 99, 0));
        assertTrue(String.valueOf(none.getMessage()).contains("no known answer 99"), none::toString);
    }
}
