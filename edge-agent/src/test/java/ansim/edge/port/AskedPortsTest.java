package ansim.edge.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.profile.Reading;
import ansim.profile.Reading.ContactChange;
import ansim.profile.Reading.Fault;
import ansim.profile.Reading.Measure;
import ansim.profile.Reading.Tap;
import ansim.settings.Section;
import ansim.settings.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Devices that must be asked, on real pseudo-terminals and sockets, that fall silent and come back. */
class AskedPortsTest {
    private static final long DEADLINE_MS = 60_000;
    /** For cameras, which no profile may ask more often than once a second: so many of their seconds pass in one. */
    private static final int HASTE = 4;

    private static final Fault SILENT = new Fault(Fault.What.SILENT, true);
    private static final Fault HEARD = new Fault(Fault.What.SILENT, false);

    @TempDir
    private Path folder = Path.of("");

    private final List<PortReading> readings = new CopyOnWriteArrayList<>();

    @Test
    void aBoardIsReadFallsSilentAndComesBack() throws IOException {
        PortConfig config = PortConfigs.serial("ups", "modbus-rtu", folder.resolve("ups"), options("""
                {interval: 100ms, timeout: 500ms, registers: [{name: supply, function: 4, register: 1, scale: 0.1, unit: V,
                  thresholds: [{below: 11.5, hysteresis: 0.5, contact: battery}]}, {name: temperature, register: 9}]}"""));
        try (PseudoTerminal line = new PseudoTerminal(folder.resolve("ups"));
                ModbusBoard board = new ModbusBoard(line);
                Ports ports = open(config)) {
            board.registers[1] = 132;
            board.registers[9] = 21;
            await(
                    "both values",
                    () -> gave(new Measure("supply", 13_200, "V")) && gave(new Measure("temperature", 21_000, "")));
            await("the contact", () -> gave(new ContactChange("battery", false, false, true)));
            board.registers[1] = 110;
            await("the low battery", () -> gave(new ContactChange("battery", true, true, false)));
            board.silent = true;
            await("the fault", () -> gave(SILENT));
            board.silent = false;
            await("its end", () -> gave(HEARD));
            assertEquals(PortStatus.State.UP, state(ports));
        }
    }

    @Test
    void aBoardThatIsPulledOutIsSilent() throws IOException {
        PortConfig config = PortConfigs.serial(
                "ups", "modbus-rtu", folder.resolve("ups"), options("{interval: 100ms, timeout: 500ms}"));
        PseudoTerminal line = new PseudoTerminal(folder.resolve("ups"));
        try (ModbusBoard board = new ModbusBoard(line);
                Ports ports = open(config)) {
            await("a value", () -> gave(new Measure("register-0", 0, "")));
            line.close();
            await("the fault", () -> gave(SILENT));
            assertTrue(board.stopped());
            assertEquals(1, ports.states().size());
        }
    }

    @Test
    void aCardAtAPn532IsRead() throws IOException {
        PortConfig config =
                PortConfigs.serial("reader", "reader-pn532", folder.resolve("reader"), options("{purse: prefer}"));
        try (PseudoTerminal line = new PseudoTerminal(folder.resolve("reader"));
                Pn532Chip chip = new Pn532Chip(line);
                Ports ports = open(config)) {
            await("the set-up", () -> chip.looks.get() > 2);
            chip.card = Optional.of("0100040804" + "DEADBEEF");
            await("the card", () -> gave(new Tap("DEADBEEF")));
            chip.card = Optional.of("0100042004" + "08A1B2C3");
            await("the purse", () -> gave(new Tap("1010030000163931")));
            chip.card = Optional.empty();
            chip.asleep = true;
            await("the fault", () -> gave(SILENT));
            chip.asleep = false;
            await("its end", () -> gave(HEARD));
            assertFalse(
                    readings.stream().anyMatch(r -> r.reading().equals(new Tap("08A1B2C3"))), "a random UID is no tap");
            assertEquals(PortStatus.State.UP, state(ports));
        }
    }

    @Test
    void aCameraThatDiesIsLostAndComesBack() throws IOException {
        try (RtspCamera camera = new RtspCamera()) {
            PortConfig config = PortConfigs.tcp(
                    "camera", "camera-probe", camera.address(), options("{interval: 1s, timeout: 2s, misses: 2}"));
            try (Ports ports = open(config, HASTE)) {
                await("life", () -> gave(new ContactChange("camera", true, false, true)));
                assertTrue(
                        camera.asked().startsWith("OPTIONS rtsp://" + camera.address() + "/ RTSP/1.0\r\n"),
                        camera.asked());
                camera.die();
                await("its loss", () -> gave(new ContactChange("camera", false, true, false)));
                assertEquals(PortStatus.State.UP, state(ports), "a probe of nobody is a probe");
                camera.live();
                await("its return", () -> gave(new ContactChange("camera", true, false, false)));
                camera.hang();
                await("its second loss", () -> count(new ContactChange("camera", false, true, false)) == 2);
            }
        }
    }

    @Test
    void aCameraIsAskedForItsClockByOnvifDiesRestartsAndComesBack() throws IOException {
        try (OnvifCamera camera = new OnvifCamera()) {
            PortConfig config = PortConfigs.tcp(
                    "camera",
                    "camera-probe",
                    camera.address(),
                    options("{way: onvif, name: pole, interval: 1s, timeout: 2s, misses: 2}"));
            try (Ports ports = open(config, HASTE)) {
                await("life", () -> gave(new ContactChange("pole", true, false, true)));
                camera.die();
                await("its loss", () -> gave(new ContactChange("pole", false, true, false)));
                camera.status = 503;
                int before = camera.asked.get();
                camera.live();
                await("questions to one that restarts", () -> camera.asked.get() > before + 1);
                assertEquals(0, count(new ContactChange("pole", true, false, false)), "503 is no life");
                camera.status = 200;
                await("its return", () -> gave(new ContactChange("pole", true, false, false)));
                assertEquals(PortStatus.State.UP, state(ports));
            }
        }
    }

    // ---- the devices

    /** Functions 3 and 4 of a Modbus RTU device with ten registers. */
    private static final class ModbusBoard extends FarEnd {
        final int[] registers = new int[10];
        volatile boolean silent;

        ModbusBoard(PseudoTerminal line) {
            super(line);
        }

        @Override
        int whole(byte[] bytes) {
            return bytes.length >= 8 ? 8 : 0;
        }

        @Override
        byte[] answer(byte[] request) {
            if (silent || crc(request, 6) != crcAt(request, 6)) {
                return new byte[0];
            }
            int first = request[3];
            int count = request[5];
            byte[] answer = new byte[5 + 2 * count];
            answer[0] = request[0];
            answer[1] = request[1];
            answer[2] = (byte) (2 * count);
            for (int i = 0; i < count; i++) {
                answer[3 + 2 * i] = (byte) (registers[first + i] >> 8);
                answer[4 + 2 * i] = (byte) registers[first + i];
            }
            int crc = crc(answer, answer.length - 2);
            answer[answer.length - 2] = (byte) crc;
            answer[answer.length - 1] = (byte) (crc >> 8);
            return answer;
        }

        private static int crcAt(byte[] bytes, int at) {
            return (bytes[at] & 0xFF) | ((bytes[at + 1] & 0xFF) << 8);
        }

        /** By the table-free rule of the standard's appendix, not by the program's code. */
        private static int crc(byte[] bytes, int length) {
            int crc = 0xFFFF;
            for (int i = 0; i < length; i++) {
                crc ^= bytes[i] & 0xFF;
                for (int bit = 0; bit < 8; bit++) {
                    boolean out = (crc & 1) == 1;
                    crc >>= 1;
                    if (out) {
                        crc ^= 0xA001;
                    }
                }
            }
            return crc;
        }
    }

    // ---- how these tests say it

    private record Options(Section options) {}

    private static Section options(String yaml) {
        return Settings.read("test", "options: " + yaml, Options.class).options();
    }

    private Ports open(PortConfig config) {
        return open(config, 1);
    }

    private Ports open(PortConfig config, int haste) {
        return Ports.open(List.of(config), readings::add, () -> haste * (System.nanoTime() / 1_000_000));
    }

    /** Of the only port. */
    private static PortStatus.State state(Ports ports) {
        return ports.states().values().iterator().next().state();
    }

    private boolean gave(Reading reading) {
        return count(reading) > 0;
    }

    private long count(Reading reading) {
        return readings.stream().filter(each -> each.reading().equals(reading)).count();
    }

    private void await(String what, BooleanSupplier done) {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(DEADLINE_MS);
        while (!done.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, () -> "no " + what + "; there was " + readings);
            LockSupport.parkNanos(5_000_000);
        }
    }
}
