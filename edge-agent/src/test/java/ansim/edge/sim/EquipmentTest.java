package ansim.edge.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.edge.port.PortConfig;
import ansim.edge.port.PortReading;
import ansim.edge.port.Ports;
import ansim.profile.Reading;
import ansim.settings.Default;
import ansim.settings.Section;
import ansim.settings.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The cabinet of a simulated pole, read by the real ports. */
class EquipmentTest {
    private static final long DEADLINE_S = 60;

    @TempDir
    private Path folder = Path.of("");

    private record Printed(
            List<PortConfig> ports, @Default("{}") Section signals) {}

    @Test
    void thePortsThatAreConfiguredReadTheUpsAndSeeTheCamera() throws IOException {
        List<PortConfig> asked =
                Settings.read("printed", Bench.config(folder, Bench.Kind.POLE, true), Printed.class).ports().stream()
                        .filter(port -> port.name().equals("ups") || port.name().equals("camera"))
                        .toList();
        assertEquals(2, asked.size());
        List<PortReading> readings = new CopyOnWriteArrayList<>();
        List<Reading> wanted = List.of(
                new Reading.Measure("supply", 13_200, "V"),
                new Reading.Measure("temperature", 21_500, "C"),
                new Reading.ContactChange("camera", true, false, true));
        Equipment equipment = new Equipment(folder);
        try (Ports ports = Ports.open(asked, readings::add, () -> System.nanoTime() / 1_000_000)) {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_S);
            while (!readings.stream().map(PortReading::reading).toList().containsAll(wanted)) {
                assertTrue(System.nanoTime() < deadline, () -> readings + " " + ports.states());
                LockSupport.parkNanos(10_000_000);
            }
        } finally {
            equipment.close();
        }
    }

    @Test
    void onlyTheRegistersThatThereAreAreAnswered() {
        assertEquals(0, Equipment.modbus(HexFormat.of().parseHex("0104000000000000")).length, "a wrong check");
        // Ten registers of function 3, the known request of the field's manuals: not this board's.
        assertEquals(0, Equipment.modbus(HexFormat.of().parseHex("01030000000AC5CD")).length);
        assertEquals(
                "010404008400D7",
                HexFormat.of()
                        .withUpperCase()
                        .formatHex(Equipment.modbus(HexFormat.of().parseHex("01040000000271CB")), 0, 7));
    }
}
