package ansim.edge.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ansim.profile.CardNumber;
import ansim.profile.Reading;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Input devices: a FIFO with the kernel's records stands in for one, since a keyboard cannot be made without uinput. */
class EvdevPortTest {
    private static final long DEADLINE_MS = 30_000;
    private static final int KEY_ENTER = 28;

    @TempDir
    private Path folder = Path.of("");

    private final List<PortReading> readings = new CopyOnWriteArrayList<>();
    private Path device = Path.of("");

    @BeforeEach
    void makeFifo() throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/mkfifo")), "mkfifo is not installed (coreutils)");
        device = folder.resolve("event0");
        assertEquals(0, new ProcessBuilder("mkfifo", device.toString()).start().waitFor());
    }

    @Test
    void aNumberIsReadUnpluggingIsNoticedAndThePluggedInDeviceIsReadAgain() throws IOException {
        try (Ports ports = open()) {
            await("absence", () -> status(ports).state() == PortStatus.State.ABSENT);
            try (OutputStream keyboard = Files.newOutputStream(device)) {
                await("the device", () -> status(ports).state() == PortStatus.State.UP);
                keyboard.write(typed("0012345678", 1_000));
                await("the card", () -> taps().equals(List.of("0012345678")));
                keyboard.write(typed("00123", 5_000), 0, 100);
            }
            await("absence", () -> status(ports).state() == PortStatus.State.ABSENT);
            try (OutputStream keyboard = Files.newOutputStream(device)) {
                keyboard.write(typed("8765", 9_000));
                await("the second card", () -> taps().equals(List.of("0012345678", "8765")));
            }
        }
    }

    /** More than one poll takes, and cut in the middle of a record. */
    @Test
    void manyRecordsAtOnceAreReadInSeveralPolls() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < 200; i++) {
            all.writeBytes(typed("1000" + i, 1_000 + i * 1_000L));
        }
        try (Ports ports = open();
                OutputStream keyboard = Files.newOutputStream(device)) {
            keyboard.write(all.toByteArray());
            await("all cards", () -> taps().size() == 200);
            assertEquals("1000199", taps().get(199));
            assertEquals(PortStatus.State.UP, status(ports).state());
        }
    }

    /** Grabbed, a keyboard types to nobody else, and its unplugging is noticed. */
    @Test
    void aKeyboardOfTheKernelIsGrabbedReadAndItsUnpluggingNoticed() throws IOException {
        assumeTrue(Files.isWritable(UinputKeyboard.UINPUT), "no /dev/uinput (as root: modprobe uinput)");
        try (UinputKeyboard keyboard = new UinputKeyboard()) {
            await("the kernel", () -> found(keyboard).isPresent());
            device = found(keyboard).orElseThrow();
            try (Ports ports = open()) {
                await("the device", () -> status(ports).state() == PortStatus.State.UP);
                IOException busy = assertThrows(IOException.class, () -> new EvdevDevice(device.toString()));
                assertTrue(
                        String.valueOf(busy.getMessage()).contains("another program has grabbed it"), busy::toString);
                keyboard.write(typed("0012345678", 0));
                await("the card", () -> taps().equals(List.of("0012345678")));
                keyboard.unplug();
                await("absence", () -> status(ports).state() == PortStatus.State.ABSENT);
            }
        }
    }

    @Test
    void whatIsNoInputDeviceIsSaid() {
        IOException none = assertThrows(IOException.class, () -> new EvdevDevice("/dev/null"));
        assertTrue(
                String.valueOf(none.getMessage()).startsWith("/dev/null cannot be grabbed (is it an input device?"),
                none::toString);
        IOException missing = assertThrows(IOException.class, () -> new EvdevDevice("/dev/input/none"));
        assertEquals("no such device: /dev/input/none", missing.getMessage());
        assertThrows(IllegalStateException.class, () -> new EvdevDevice(device.toString()).send(new byte[1]));
    }

    private Ports open() {
        PortConfig config = PortConfigs.evdev("card", "reader-hid", device);
        return Ports.open(List.of(config), readings::add, () -> System.nanoTime() / 1_000_000);
    }

    private List<String> taps() {
        return readings.stream()
                .map(PortReading::reading)
                .map(Reading.Tap.class::cast)
                .map(Reading.Tap::card)
                .map(CardNumber::text)
                .toList();
    }

    private static Optional<Path> found(UinputKeyboard keyboard) {
        try {
            return keyboard.device();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static PortStatus status(Ports ports) {
        return Optional.ofNullable(ports.states().get("card")).orElseThrow();
    }

    /** Digits and ENTER, a millisecond apart, as the kernel tells them: scan code, key, report. */
    private static byte[] typed(String digits, long ms) {
        ByteBuffer records = ByteBuffer.allocate((digits.length() + 1) * 5 * 24).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i <= digits.length(); i++) {
            int code = i == digits.length() ? KEY_ENTER : "1234567890".indexOf(digits.charAt(i)) + 2;
            for (int[] event : new int[][] {{4, 4, 458_782}, {1, code, 1}, {0, 0, 0}, {1, code, 0}, {0, 0, 0}}) {
                records.putLong((ms + i) / 1_000).putLong((ms + i) % 1_000 * 1_000);
                records.putShort((short) event[0]).putShort((short) event[1]).putInt(event[2]);
            }
        }
        return records.array();
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(DEADLINE_MS);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, () -> "no " + what + " within " + DEADLINE_MS + " ms");
            LockSupport.parkNanos(1_000_000);
        }
    }
}
