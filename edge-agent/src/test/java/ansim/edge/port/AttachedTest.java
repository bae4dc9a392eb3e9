package ansim.edge.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.edge.port.Attached.Chip;
import ansim.edge.port.Attached.Keyboard;
import ansim.edge.port.Attached.Line;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Looking at what is attached, on a kernel and on folders that are made up. */
class AttachedTest {
    /** /proc/bus/input/devices of a USB keyboard, of a mouse and of a power button: the lowest word of B: KEY. */
    private static final String KEYBOARD_KEYS = "1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe\n";

    private static final String MOUSE_KEYS = "1f0000 0 0 0 0\n";
    private static final String BUTTON_KEYS = "10000000000000 0\n";

    @TempDir
    private Path folder = Path.of("");

    @Test
    void theLinesOfEachChipAreListedAndWhoHasThem() throws IOException {
        FakeKernel kernel = new FakeKernel(folder);
        kernel.chip("gpiochip10", "pinctrl-rp1", 3).lines[1].consumer = GpioChips.CONSUMER;
        kernel.chip("gpiochip2", "raspberrypi-exp-gpio", 1);
        List<Chip> chips = Attached.chips(kernel, folder);
        assertEquals(
                List.of("gpiochip2", "gpiochip10"),
                chips.stream().map(Chip::name).toList());
        Chip header = chips.get(1);
        assertEquals("pinctrl-rp1", header.label());
        assertEquals(List.of(0, 1, 2), header.lines().stream().map(Line::offset).toList());
        assertEquals(GpioChips.CONSUMER, header.lines().get(1).consumer());
        assertEquals("", header.lines().get(0).consumer());
        assertEquals(0, kernel.openDescriptors(), "a look leaves nothing open");
    }

    @Test
    void aChipThatCannotBeOpenedSaysWhy() throws IOException {
        FakeKernel kernel = new FakeKernel(folder);
        kernel.chip("gpiochip0", "gone", 1).gone = true;
        Chip chip = Attached.chips(kernel, folder).get(0);
        assertTrue(chip.error().isPresent());
        assertEquals(List.of(), chip.lines());
    }

    /** linux/gpio.h, struct gpio_v2_line_info: name 0, consumer 32, offset 64, flags 72 (used 1, output 8). */
    @Test
    void aLinesNameAndDirectionAreReadFromTheKernelsBytes() throws IOException {
        FakeKernel kernel = new FakeKernel(folder) {
            @Override
            public int ioctl(int fd, int request, byte[] argument) {
                super.ioctl(fd, request, argument);
                if (request == GpioUapi.GET_LINE_INFO) {
                    byte[] name = "GPIO0".getBytes(StandardCharsets.US_ASCII);
                    System.arraycopy(name, 0, argument, 0, name.length);
                    ByteBuffer.wrap(argument).order(ByteOrder.nativeOrder()).putLong(72, 9);
                }
                return 0;
            }
        };
        kernel.chip("gpiochip0", "pinctrl-bcm2711", 1).lines[0].consumer = "onewire";
        assertEquals(
                List.of(new Chip(
                        "gpiochip0",
                        "pinctrl-bcm2711",
                        List.of(new Line(0, "GPIO0", true, "onewire", true)),
                        Optional.empty())),
                Attached.chips(kernel, folder));
    }

    @Test
    void whatTypesDigitsAndEnterIsListedByItsStableName() throws IOException {
        Path dev = Files.createDirectories(folder.resolve("dev"));
        Path sys = Files.createDirectories(folder.resolve("sys"));
        input(dev, sys, 0, "Power Button", BUTTON_KEYS);
        input(dev, sys, 1, "Sycreader RFID Technology Co., Ltd SYC ID&IC USB Reader", KEYBOARD_KEYS);
        input(dev, sys, 2, "Logitech USB Optical Mouse", MOUSE_KEYS);
        input(dev, sys, 10, "gpio-keys", KEYBOARD_KEYS);
        Path byId = Files.createDirectories(dev.resolve("by-id"));
        Path stable =
                byId.resolve("usb-Sycreader_RFID_Technology_Co.__Ltd_SYC_ID_IC_USB_Reader_08FF20140315-event-kbd");
        Files.createSymbolicLink(stable, Path.of("../event1"));
        assertEquals(
                List.of(
                        new Keyboard(stable, "Sycreader RFID Technology Co., Ltd SYC ID&IC USB Reader"),
                        new Keyboard(dev.resolve("event10"), "gpio-keys")),
                Attached.keyboards(dev, sys));
        assertEquals(List.of(), Attached.keyboards(dev, folder.resolve("none")));
    }

    private static void input(Path dev, Path sys, int number, String name, String keys) throws IOException {
        Files.writeString(dev.resolve("event" + number), "");
        Path device = sys.resolve("event" + number).resolve("device");
        Files.createDirectories(device.resolve("capabilities"));
        Files.writeString(device.resolve("name"), name + "\n");
        Files.writeString(device.resolve("capabilities").resolve("key"), keys);
    }
}
