package ansim.edge.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.profile.DeviceReader;
import ansim.profile.GpioLine;
import ansim.profile.Profile;
import ansim.profile.Reading;
import ansim.settings.Section;
import com.sun.jna.Native;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GpioTest {
    private static final String CARD = "10001111100000001010100011";

    @TempDir
    private Path dev = Path.of("");

    private FakeKernel kernel = new FakeKernel(dev);
    private FakeKernel.Chip chip = new FakeKernel.Chip("", 0);
    private final List<Reading> readings = new ArrayList<>();

    @BeforeEach
    void aRaspberryPi() {
        kernel = new FakeKernel(dev);
        kernel.chip("gpiochip0", "brcmvirt-gpio", 2);
        chip = kernel.chip("gpiochip10", "pinctrl-rp1", 54);
        kernel.chip("gpiochip2", "raspberrypi-exp-gpio", 8);
    }

    private GpioLines open(Profile profile, String... lines) throws IOException {
        return new GpioLines(
                kernel.view(), LineName.parseAll(List.of(lines)), profile.gpio().orElseThrow(), profile.edges());
    }

    private static Profile profile(String name, String... keyAndValue) {
        Map<String, String> options = keyAndValue.length == 0 ? Map.of() : Map.of(keyAndValue[0], keyAndValue[1]);
        return Profile.load(name).with(Section.of("test", options));
    }

    private void poll(Device device, DeviceReader reader, long ms) throws IOException {
        device.poll(reader, ms, readings::add);
        reader.tick(ms, readings::add);
    }

    // ---- names

    @Test
    void aLineIsNamedByItsChipOrByItsNumberOnTheHeader() {
        assertEquals(new LineName(Optional.empty(), Optional.of("gpiochip4"), 17), LineName.parse("gpiochip4/17"));
        assertEquals(new LineName(Optional.empty(), Optional.of("gpiochip4"), 17), LineName.parse("/dev/gpiochip4/17"));
        assertEquals(new LineName(Optional.empty(), Optional.empty(), 17), LineName.parse("17"));
        assertEquals("gpiochip4/17", LineName.parse("/dev/gpiochip4/17").toString());
        assertEquals("sim:/a/b", LineName.parse("sim:/a/b").toString());
        for (String wrong :
                List.of("", "gpio17", "GPIO17", "gpiochip0", "gpiochip0/", "-1", "17 ", "gpiochip0/x", "12345")) {
            assertThrows(IllegalArgumentException.class, () -> LineName.parse(wrong), wrong);
        }
    }

    @Test
    void aLineIsNamedByTheLabelOfItsChipUnlessThatReadsAsANumber() {
        for (String label : List.of("pinctrl-rp1", "cp2112_gpio", "INT34C5:00", "AMD GPIO", "x".repeat(31))) {
            LineName name = LineName.parse(label + "/17");
            assertEquals(Optional.of(label), name.label());
            assertEquals(Optional.empty(), name.number());
            assertEquals(label + "/17", name.toString());
        }
        assertEquals(Optional.of("gpiochip4"), LineName.parse("gpiochip4/17").number());
        assertEquals(Optional.empty(), LineName.parse("17").label());
        for (String wrong : List.of(
                "/17",
                " a/17",
                "a/",
                "a/x",
                "a/b/1",
                "a/12345",
                "gpiochip/1",
                "gpiochip1000/1",
                "/dev/cp2112_gpio/1",
                "x".repeat(32) + "/1")) {
            assertThrows(IllegalArgumentException.class, () -> LineName.parse(wrong), wrong);
        }
    }

    @Test
    void theLinesOfAPortAreOfOneChipAndDiffer() {
        assertThrows(IllegalArgumentException.class, () -> LineName.parseAll(List.of("gpiochip0/1", "gpiochip1/2")));
        assertThrows(IllegalArgumentException.class, () -> LineName.parseAll(List.of("sim:/a", "17")));
        assertThrows(IllegalArgumentException.class, () -> LineName.parseAll(List.of("17", "17")));
        assertEquals(2, LineName.parseAll(List.of("17", "27")).size());
    }

    // ---- the kernel's structures, against bytes that a C program printed from linux/gpio.h

    @Test
    void aRequestHasTheBytesOfTheKernelsHeader() {
        byte[] request = GpioUapi.inputs(List.of(17, 27), GpioLine.Pull.UP, GpioLine.Edges.FALLING, "x".repeat(40));
        String hex = HexFormat.of().formatHex(request);
        assertEquals(592, request.length);
        if (ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN) {
            assertEquals("110000001b000000" + "00".repeat(248), hex.substring(0, 512));
            assertEquals("78".repeat(31) + "00", hex.substring(512, 576));
            assertEquals("2401000000000000" + "00".repeat(264), hex.substring(576, 1120));
            assertEquals("0200000000040000" + "00".repeat(24), hex.substring(1120));
        }
    }

    @Test
    void anEdgeIsReadFromTheKernelsBytes() {
        byte[] events = new byte[96];
        HexFormat hex = HexFormat.of();
        byte[] second =
                hex.parseHex("15cd5b0700000000" + "02000000" + "1b000000" + "ffffffff" + "07000000" + "00".repeat(24));
        System.arraycopy(second, 0, events, 48, 48);
        if (ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN) {
            assertEquals(new GpioUapi.Edge(123_456_789, false, 27, -1), GpioUapi.edge(events, 1));
        }
    }

    // ---- lines that are not there

    @Test
    void aBareNumberIsALineOfTheHeaderWhateverTheChipsNumber() throws IOException {
        try (GpioLines lamp = open(profile("meter-lamp"), "17")) {
            assertEquals(GpioChips.CONSUMER, chip.lines[17].consumer);
            assertEquals(1, kernel.openDescriptors(), "the chip itself is not kept open");
            poll(lamp, profile("meter-lamp").open(), 1_000);
        }
        assertEquals("", chip.lines[17].consumer);
        assertEquals(0, kernel.openDescriptors());
    }

    @Test
    void aBareNumberOnAMachineWithSeveralUnknownChipsNamesThem() {
        kernel.unplug("gpiochip10");
        chip = kernel.chip("gpiochip10", "gpio-mockup-A", 8);
        String message = assertThrows(IOException.class, () -> open(profile("meter-lamp"), "17"))
                .getMessage();
        assertEquals(
                "none of gpiochip0 (brcmvirt-gpio), gpiochip2 (raspberrypi-exp-gpio), gpiochip10 (gpio-mockup-A) is"
                        + " the board's header: write LABEL/LINE or gpiochipN/LINE",
                message);
        assertEquals(0, kernel.openDescriptors());
    }

    @Test
    void aBusyLineSaysWhoHasItAndIsOursOnceItIsFree() throws IOException {
        GpioLines other = open(profile("meter-lamp"), "17");
        String message = assertThrows(IOException.class, () -> open(profile("panic-button"), "gpiochip10/17"))
                .getMessage();
        assertEquals("gpiochip10/[17]: in use (17 by 'ansim-edge-agent')", message);
        other.close();
        open(profile("panic-button"), "gpiochip10/17").close();
        assertEquals(0, kernel.openDescriptors());
    }

    @Test
    void aChipOrLineThatIsNotThereIsSaid() {
        assertEquals(
                "there is no " + dev.resolve("gpiochip7"),
                assertThrows(IOException.class, () -> open(profile("meter-lamp"), "gpiochip7/1"))
                        .getMessage());
        IOException beyond = assertThrows(IOException.class, () -> open(profile("meter-lamp"), "gpiochip2/8"));
        assertTrue(String.valueOf(beyond.getMessage()).contains("no such line"));
        assertEquals(0, kernel.openDescriptors());
    }

    @Test
    void aChipThatIsUnpluggedIsGone() throws IOException {
        DeviceReader reader = profile("meter-lamp").open();
        GpioLines lamp = open(profile("meter-lamp"), "17");
        poll(lamp, reader, 1_000);
        chip.gone = true;
        IOException gone = assertThrows(IOException.class, () -> poll(lamp, reader, 1_020));
        assertTrue(String.valueOf(gone.getMessage()).contains("is gone"));
        lamp.close();
    }

    // ---- chips that come and go

    @Test
    void aLabelMeansTheOneChipThatBearsIt() throws IOException {
        open(profile("meter-lamp"), "raspberrypi-exp-gpio/7").close();
        GpioLines lamp = open(profile("meter-lamp"), "pinctrl-rp1/17");
        assertEquals(GpioChips.CONSUMER, chip.lines[17].consumer);
        lamp.close();
        assertEquals(
                "no chip is labelled cp2112_gpio: there is gpiochip0 (brcmvirt-gpio), gpiochip2 (raspberrypi-exp-gpio),"
                        + " gpiochip10 (pinctrl-rp1)",
                assertThrows(IOException.class, () -> open(profile("meter-lamp"), "cp2112_gpio/1"))
                        .getMessage());
        kernel.chip("gpiochip4", "raspberrypi-exp-gpio", 8);
        assertEquals(
                "gpiochip2 (raspberrypi-exp-gpio), gpiochip4 (raspberrypi-exp-gpio) have one label: write gpiochipN/LINE",
                assertThrows(IOException.class, () -> open(profile("meter-lamp"), "raspberrypi-exp-gpio/7"))
                        .getMessage());
        assertEquals(0, kernel.openDescriptors());
    }

    @Test
    void aChipThatIsNamedByItsLabelIsReadWhateverItsNumberAfterAReplug() throws IOException {
        open(profile("meter-lamp"), "raspberrypi-exp-gpio/7").close();
        kernel.unplug("gpiochip2");
        FakeKernel.Chip back = kernel.chip("gpiochip3", "raspberrypi-exp-gpio", 8, "another socket");
        GpioLines lamp = open(profile("meter-lamp"), "raspberrypi-exp-gpio/7");
        assertEquals(GpioChips.CONSUMER, back.lines[7].consumer);
        lamp.close();
    }

    /**
     * In the GPIO rig a chip was unplugged and came back, and of all that names gpiochip0 nothing was read or driven again: Linux 6.1
     * never frees the number of a chip that goes while its lines are in use, however soon they are let go.
     */
    @Test
    void aChipThatIsNamedByItsNumberIsFoundInItsSocketAfterAReplugUnderAnother() throws IOException {
        kernel.chip("gpiochip5", "cp2112_gpio", 8, "left");
        FakeKernel.Chip twin = kernel.chip("gpiochip6", "cp2112_gpio", 8, "right");
        GpioChips chips = kernel.view();
        try (OutputLine siren = new OutputLine("gpiochip5/7", true, () -> chips)) {
            for (String back : List.of("gpiochip7", "gpiochip8")) {
                kernel.unplug(back.equals("gpiochip7") ? "gpiochip5" : "gpiochip7");
                siren.retry();
                assertEquals(
                        Optional.of("there is no " + dev.resolve("gpiochip5")),
                        siren.error(),
                        "nobody is mistaken for it");
                FakeKernel.Chip again = kernel.chip(back, "cp2112_gpio", 8, "left");
                siren.retry();
                assertEquals(Optional.empty(), siren.error());
                siren.set(true);
                siren.set(false);
                assertEquals(List.of(false, false, true, false), again.lines[7].driven);
            }
        }
        assertEquals(List.of(), twin.lines[7].driven);
        assertEquals(0, kernel.openDescriptors());
    }

    @Test
    void aNumberThatWasNeverOursIsWaitedFor() {
        kernel.unplug("gpiochip2");
        kernel.chip("gpiochip3", "raspberrypi-exp-gpio", 8, "socket-gpiochip2");
        GpioChips chips = kernel.view();
        try (OutputLine siren = new OutputLine("gpiochip2/7", true, () -> chips)) {
            assertEquals(Optional.of("there is no " + dev.resolve("gpiochip2")), siren.error());
        }
    }

    // ---- levels

    @Test
    void theLevelThatStoodThereAndTheEdgesWithTheirOwnTimesAreRead() throws IOException {
        kernel.silently(chip, 17, true);
        DeviceReader reader = profile("contact").open();
        try (GpioLines door = open(profile("contact"), "17")) {
            poll(door, reader, 1_000);
            poll(door, reader, 1_060);
            assertEquals(List.of(new Reading.ContactChange("contact", true, false, true)), readings);
            // 49 ms low, though the port was polled only at the end of it: too short for the debounce.
            kernel.edge(chip, 17, false, 1_100);
            kernel.edge(chip, 17, true, 1_149);
            poll(door, reader, 1_400);
            assertEquals(1, readings.size());
            kernel.edge(chip, 17, false, 1_500);
            kernel.edge(chip, 17, true, 1_550);
            poll(door, reader, 1_800);
            assertEquals(3, readings.size());
        }
    }

    /** A trial lost the first edge after the listener was added. */
    @Test
    void aMissedEdgeIsMadeGoodByTheNextPoll() throws IOException {
        DeviceReader reader = profile("panic-button").open();
        try (GpioLines button = open(profile("panic-button"), "17")) {
            poll(button, reader, 1_000);
            kernel.silently(chip, 17, true);
            for (long ms = 1_020; ms <= 2_100; ms += 20) {
                poll(button, reader, ms);
            }
            assertEquals(
                    List.of(new Reading.PanicPress(Reading.Origin.RIDER, Reading.Pattern.LONG, false, 1)), readings);
        }
    }

    @Test
    void aLineWithoutAnInterruptIsPolledButCannotCarryPulses() throws IOException {
        chip.withoutInterrupts = true;
        DeviceReader reader = profile("contact").open();
        try (GpioLines door = open(profile("contact"), "17")) {
            poll(door, reader, 1_000);
            poll(door, reader, 1_060);
            kernel.edge(chip, 17, true, 1_070);
            poll(door, reader, 1_080);
            poll(door, reader, 1_140);
            assertEquals(2, readings.size());
        }
        assertThrows(IOException.class, () -> open(profile("reader-wiegand"), "17", "27"));
        assertEquals(0, kernel.openDescriptors());
    }

    // ---- pulses

    private void send(String bits, long ms) {
        for (int i = 0; i < bits.length(); i++) {
            int line = bits.charAt(i) == '0' ? 17 : 27;
            kernel.edge(chip, line, false, ms + 2L * i);
            kernel.edge(chip, line, true, ms + 2L * i);
        }
    }

    @Test
    void aCardNumberIsReadHoweverRarelyTheLinesArePolled() throws IOException {
        for (int every : new int[] {1, 20, 500}) {
            readings.clear();
            DeviceReader reader = profile("reader-wiegand").open();
            try (GpioLines wiegand = open(profile("reader-wiegand"), "17", "27")) {
                long ms = 1_000;
                for (int i = 0; i < CARD.length(); i++) {
                    send(CARD.substring(i, i + 1), ms);
                    ms += 2;
                    if (ms % every == 0) {
                        poll(wiegand, reader, ms);
                    }
                }
                poll(wiegand, reader, ms + 50);
                assertEquals(List.of(new Reading.Tap("1F0151")), readings, "every " + every);
                assertEquals(52, reader.counters().bytes(), "one edge of each pulse");
            }
        }
    }

    /** D0's interrupt came first, but D1's thread ran first; and the read fell between the two. */
    @Test
    void pulsesThatTheKernelQueuedTheOtherWayRoundAreInTheOrderOfTheirInterrupts() throws IOException {
        Random random = new Random(3);
        DeviceReader reader = profile("reader-wiegand", "same-card", "0s").open();
        try (GpioLines wiegand = open(profile("reader-wiegand"), "17", "27")) {
            long ms = 1_000;
            for (int card = 0; card < 100; card++) {
                byte[] late = new byte[0];
                for (int i = 0; i < CARD.length(); i++) {
                    byte[] event = kernel.interrupt(chip, CARD.charAt(i) == '0' ? 17 : 27, false, ms);
                    ms += 2;
                    if (late.length == 0 && random.nextInt(4) == 0) {
                        late = event;
                        continue;
                    }
                    kernel.queue(event);
                    if (random.nextInt(3) == 0) {
                        poll(wiegand, reader, ms);
                    }
                    kernel.queue(late);
                    late = new byte[0];
                }
                kernel.queue(late);
                poll(wiegand, reader, ms + 1);
                ms += 100;
                poll(wiegand, reader, ms);
            }
            assertEquals(100, readings.size());
            assertEquals(100, reader.counters().accepted());
        }
    }

    @Test
    void whatTheKernelHadNoRoomForIsLostAsAWholeAndTheNextCardRead() throws IOException {
        DeviceReader reader = profile("reader-wiegand").open();
        try (GpioLines wiegand = open(profile("reader-wiegand"), "17", "27")) {
            for (int i = 0; i < 50; i++) {
                send(CARD, 1_000 + i * 100L);
            }
            poll(wiegand, reader, 7_000);
            poll(wiegand, reader, 7_020);
            send(CARD, 10_000);
            poll(wiegand, reader, 10_100);
            poll(wiegand, reader, 10_200);
            assertEquals(
                    GpioUapi.EVENT_BUFFER / CARD.length() + 1, reader.counters().accepted());
            assertEquals(2, readings.size(), "the same card within 2 s is one tap");
        }
    }

    @Test
    void theNumbersOfTheEdgesMayWrap() {
        EdgeOrder order = new EdgeOrder();
        List<Integer> given = new ArrayList<>();
        List<Long> lost = new ArrayList<>();
        EdgeOrder.Sink sink = new EdgeOrder.Sink() {
            @Override
            public void edge(GpioUapi.Edge edge) {
                given.add(edge.seqno());
            }

            @Override
            public void lost(long count) {
                lost.add(count);
            }
        };
        order.add(new GpioUapi.Edge(0, true, 0, Integer.MAX_VALUE));
        order.take(sink);
        order.take(sink);
        order.add(new GpioUapi.Edge(0, true, 0, Integer.MAX_VALUE + 2));
        order.add(new GpioUapi.Edge(0, true, 0, Integer.MAX_VALUE + 1));
        order.take(sink);
        assertEquals(List.of(Integer.MAX_VALUE, Integer.MIN_VALUE, Integer.MIN_VALUE + 1), given);
        assertEquals(List.of(Integer.MAX_VALUE - 1L), lost);
    }

    // ---- the real C library, on files that are no chips

    @Test
    void theRealCallsReadEdgesAndAnEmptyQueueIsNoError() throws IOException, InterruptedException {
        Path queue = dev.resolve("queue");
        assertEquals(0, new ProcessBuilder("mkfifo", queue.toString()).start().waitFor());
        LinuxCalls calls = Native.load("c", LinuxCalls.class);
        int fd = calls.open(queue.toString(), LinuxCalls.O_RDWR | LinuxCalls.O_CLOEXEC);
        calls.fcntl(fd, LinuxCalls.F_SETFL, LinuxCalls.O_NONBLOCK);
        List<GpioUapi.Edge> edges = new ArrayList<>();
        try (GpioRequest request = new GpioRequest(calls, "queue", fd, List.of(17))) {
            request.read(edges::add);
            assertEquals(List.of(), edges);
            byte[] events = new byte[70 * GpioUapi.EVENT_BYTES];
            for (int i = 0; i < 70; i++) {
                ByteBuffer event = ByteBuffer.wrap(events, i * GpioUapi.EVENT_BYTES, GpioUapi.EVENT_BYTES);
                event.order(ByteOrder.nativeOrder())
                        .putLong(i)
                        .putInt(1)
                        .putInt(17)
                        .putInt(i + 1);
            }
            Files.write(queue, events);
            request.read(edges::add);
            assertEquals(70, edges.size());
            assertEquals(new GpioUapi.Edge(69, true, 17, 70), edges.get(69));
            assertThrows(IOException.class, request::levels);
        }
    }

    @Test
    void aFileThatIsNoChipIsAnErrorOfTheRealCalls() throws IOException {
        Path files = Files.createDirectory(dev.resolve("real"));
        Files.writeString(files.resolve("gpiochip0"), "");
        GpioChips chips = new GpioChips(Native.load("c", LinuxCalls.class), files, files);
        for (String line : List.of("17", "gpiochip0/17")) {
            assertThrows(IOException.class, () -> chips.output(LineName.parse(line), false), line);
        }
        assertEquals(
                "there is no " + files.resolve("gpiochip1"),
                assertThrows(IOException.class, () -> chips.output(LineName.parse("gpiochip1/17"), false))
                        .getMessage());
    }

    // ---- outputs

    @Test
    void anOutputIsAtItsRestingLevelFromTheFirstMomentAndAtTheEnd() {
        try (OutputLine siren = new OutputLine("17", false, kernel::view)) {
            assertEquals(List.of(true, true), chip.lines[17].driven);
            siren.set(true);
            assertEquals(List.of(true, true, false), chip.lines[17].driven);
        }
        assertEquals(List.of(true, true, false, true), chip.lines[17].driven);
        assertEquals(0, kernel.openDescriptors());
    }

    @Test
    void anOutputThatSomebodyElseHasIsTriedAgain() throws IOException {
        GpioLines other = open(profile("meter-lamp"), "17");
        try (OutputLine siren = new OutputLine("17", true, kernel::view)) {
            assertTrue(siren.error().orElseThrow().contains("in use"));
            siren.set(true);
            siren.retry();
            assertTrue(siren.error().isPresent());
            other.close();
            siren.retry();
            assertEquals(Optional.empty(), siren.error());
            assertTrue(chip.lines[17].high);
        }
    }

    /**
     * On a real kernel a chip was unplugged and came back, and only the port that names the board's header was read again. The siren,
     * which nobody had switched meanwhile, still held a line of the chip that had gone; so its number was not free.
     */
    @Test
    void anOutputLetsGoOfAChipThatHasGoneThoughNobodySwitchesIt() {
        try (OutputLine siren = new OutputLine("17", true, kernel::view)) {
            siren.set(true);
            siren.retry();
            assertEquals(List.of(false, false, true), chip.lines[17].driven, "a line that is well is not touched");
            chip.gone = true;
            siren.retry();
            assertTrue(siren.error().isPresent());
            assertEquals(0, kernel.openDescriptors());
            chip.gone = false;
            chip.lines[17].high = false;
            siren.retry();
            assertEquals(Optional.empty(), siren.error());
            assertTrue(chip.lines[17].high, "as it was switched");
        }
    }
}
