package ansim.edge.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ansim.profile.Reading;
import ansim.profile.Reading.ContactChange;
import ansim.profile.Reading.Fault;
import ansim.profile.Reading.Measure;
import ansim.settings.Section;
import ansim.settings.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A UPS played by pymodbus at the far end of a pair of pseudo-terminals that socat joins. */
class ModbusPeerTest {
    private static final long DEADLINE_S = 60;
    private static final int UNIT = 17;
    private static final Fault SILENT = new Fault(Fault.What.SILENT, true);
    private static final Fault HEARD = new Fault(Fault.What.SILENT, false);

    @TempDir
    private Path folder = Path.of("");

    private final List<PortReading> readings = new CopyOnWriteArrayList<>();
    private Optional<ForeignProgram> cable = Optional.empty();
    private Optional<ForeignProgram> ups = Optional.empty();

    /** Something that becomes true. */
    private interface Condition {
        boolean met() throws IOException;
    }

    private record Options(Section options) {}

    @BeforeEach
    void connect() throws IOException, InterruptedException {
        String socat = ForeignProgram.installed("socat", "/usr/bin/socat", "/usr/local/bin/socat");
        // The distribution's, to which its packages belong; another one may stand first on the path.
        String python = ForeignProgram.installed("python3-pymodbus", "/usr/bin/python3");
        Process has = new ProcessBuilder(
                        python, "-c", "import pymodbus.transaction, pymodbus.datastore.context, serial")
                .redirectErrorStream(true)
                .start();
        assumeTrue(has.waitFor() == 0, "python3-pymodbus is not installed: sudo apt install python3-pymodbus");
        cable = Optional.of(ForeignProgram.start(
                folder.resolve("socat.log"),
                socat,
                "PTY,raw,echo=0,link=" + folder.resolve("near"),
                "PTY,raw,echo=0,link=" + folder.resolve("far")));
        await("the cable", () -> Files.exists(folder.resolve("near")) && Files.exists(folder.resolve("far")));
        Path script = folder.resolve("modbus_ups.py");
        try (InputStream in = ModbusPeerTest.class.getResourceAsStream("modbus_ups.py")) {
            Files.write(script, in == null ? new byte[0] : in.readAllBytes());
        }
        ForeignProgram started = ForeignProgram.start(
                folder.resolve("ups.log"),
                python,
                script.toString(),
                folder.resolve("far").toString(),
                Integer.toString(UNIT));
        ups = Optional.of(started);
        await("pymodbus", () -> {
            assertTrue(started.runs(), started::output);
            return started.output().contains("ready");
        });
    }

    @AfterEach
    void disconnect() throws IOException {
        if (ups.isPresent()) {
            ups.get().close();
        }
        if (cable.isPresent()) {
            cable.get().close();
        }
    }

    @Test
    void theValuesOfAUpsAreReadByAllKindsOfRequest() throws IOException {
        try (Ports ports = open("""
                {address: 17, interval: 100ms, timeout: 500ms, registers: [
                  {name: supply, function: 4, register: 7, scale: 0.1, unit: V,
                    thresholds: [{below: 11.5, hysteresis: 0.5, contact: battery}]},
                  {name: temperature, function: 4, register: 8, type: s16, scale: 0.1, unit: C},
                  {name: first, function: 3, register: 0},
                  {name: both, function: 3, register: 1, type: u32},
                  {name: on-battery, function: 2, register: 0, type: bit, thresholds: [{above: 0, contact: mains}]},
                  {name: bypass, function: 2, register: 9, type: bit}]}""")) {
            await("three rounds", () -> count(new Measure("bypass", 0, "")) >= 3);
            assertEquals(PortStatus.State.UP, status(ports).state());
            assertEquals(0, rejected(ports));
        }
        assertTrue(gave(new Measure("supply", 12_300, "V")), readings::toString);
        assertTrue(gave(new Measure("temperature", -5_000, "C")), readings::toString);
        assertTrue(gave(new Measure("first", 100_000, "")), readings::toString);
        assertTrue(gave(new Measure("both", (101L << 16 | 102) * 1_000, "")), readings::toString);
        assertTrue(gave(new ContactChange("battery", false, false, true)), readings::toString);
        assertTrue(gave(new ContactChange("mains", true, true, true)), readings::toString);
    }

    @Test
    void aUpsThatIsKilledIsSilentUntilItIsStartedAgain() throws IOException, InterruptedException {
        ForeignProgram server = ups.orElseThrow();
        try (Ports ports = open("""
                {address: 17, interval: 100ms, timeout: 300ms, registers: [{name: supply, function: 4, register: 7}]}""")) {
            await("a value", () -> gave(new Measure("supply", 123_000, "")));
            server.kill();
            await("the fault", () -> gave(SILENT));
            long before = count(new Measure("supply", 123_000, ""));
            server.startAgain();
            await("its end", () -> gave(HEARD));
            await("values again", () -> count(new Measure("supply", 123_000, "")) > before);
            assertEquals(PortStatus.State.UP, status(ports).state());
        }
    }

    @Test
    void aRegisterThatThereIsNotIsRefusedAndCostsTheOthersNothing() throws IOException {
        try (Ports ports = open("""
                {address: 17, interval: 100ms, timeout: 300ms, registers: [
                  {name: supply, function: 4, register: 7}, {name: beyond, function: 4, register: 4000},
                  {name: first, function: 3, register: 0}]}""")) {
            await("refusals and values", () -> rejected(ports) >= 3 && count(new Measure("first", 100_000, "")) >= 3);
            assertTrue(refused(ports) >= 3, () -> String.valueOf(status(ports)));
            assertTrue(count(new Measure("supply", 123_000, "")) >= 3);
        }
        assertTrue(readings.stream().noneMatch(each -> isMeasure(each.reading(), "beyond")), readings::toString);
        assertTrue(!gave(SILENT), "a device that refuses answers");
    }

    @Test
    void aUnitThatThereIsNotIsSilentAndOneThatAGatewayCannotReachIsRefused() throws IOException {
        try (Ports ports = open("{address: 40, interval: 100ms, timeout: 200ms}")) {
            await("the fault", () -> gave(SILENT));
            assertEquals(0, accepted(ports));
        }
        readings.clear();
        try (Ports ports = open("{address: 18, interval: 100ms, timeout: 300ms}")) {
            await("refusals", () -> refused(ports) >= 3);
            assertEquals(0, accepted(ports));
        }
        assertTrue(readings.isEmpty(), readings::toString);
    }

    // ---- how these tests say it

    private Ports open(String yaml) {
        Section options =
                Settings.read("test", "options: " + yaml, Options.class).options();
        PortConfig config = PortConfigs.serial("ups", "modbus-rtu", folder.resolve("near"), options);
        return Ports.open(List.of(config), readings::add, () -> System.nanoTime() / 1_000_000);
    }

    private static PortStatus status(Ports ports) {
        return Optional.ofNullable(ports.states().get("ups")).orElseThrow();
    }

    private static long accepted(Ports ports) {
        return status(ports).counters().map(counters -> counters.accepted()).orElse(0L);
    }

    private static long rejected(Ports ports) {
        return status(ports)
                .counters()
                .map(counters -> counters.frames() - counters.accepted())
                .orElse(0L);
    }

    private static long refused(Ports ports) {
        return status(ports)
                .counters()
                .map(counters -> counters.rejected().getOrDefault("refused", 0L))
                .orElse(0L);
    }

    private static boolean isMeasure(Reading reading, String name) {
        return reading instanceof Measure measure && measure.name().equals(name);
    }

    private boolean gave(Reading reading) {
        return count(reading) > 0;
    }

    private long count(Reading reading) {
        return readings.stream().filter(each -> each.reading().equals(reading)).count();
    }

    private static void await(String what, Condition condition) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_S);
        while (!condition.met()) {
            assertTrue(System.nanoTime() < deadline, () -> "not within " + DEADLINE_S + " s: " + what);
            LockSupport.parkNanos(5_000_000);
        }
    }
}
