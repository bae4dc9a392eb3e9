package ansim.edge.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ansim.profile.Counters;
import ansim.profile.Reading;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ports on real pseudo-terminals and simulated lines, with all that happens to devices. */
class PortsTest {
    private static final long DEADLINE_MS = 30_000;

    @TempDir
    private Path folder = Path.of("");

    private final List<PortReading> readings = new CopyOnWriteArrayList<>();

    /** Something that becomes true. */
    private interface Condition {
        boolean met() throws IOException;
    }

    @Test
    void aDeviceIsReadAgainAfterItWasUnpluggedAndPluggedIn() throws IOException {
        Path link = folder.resolve("reader");
        try (Ports ports = open(reader("reader", link))) {
            try (PseudoTerminal device = new PseudoTerminal(link)) {
                awaitUp(ports, "reader");
                device.write(card("62E3086CED"));
                awaitTaps("62E3086CED");
            }
            await("absence", () -> state(ports, "reader") == PortStatus.State.ABSENT);
            assertTrue(status(ports, "reader").error().isPresent());
            try (PseudoTerminal again = new PseudoTerminal(link)) {
                awaitUp(ports, "reader");
                assertEquals(2, status(ports, "reader").openings());
                again.write(card("0F008D41A6"));
                awaitTaps("62E3086CED", "0F008D41A6");
            }
        }
    }

    @Test
    void whatADeviceCountedIsKeptWhenItIsUnplugged() throws IOException {
        Path link = folder.resolve("reader");
        try (Ports ports = open(reader("reader", link))) {
            try (PseudoTerminal device = new PseudoTerminal(link)) {
                awaitUp(ports, "reader");
                device.write(card("62E3086CED"));
                awaitTaps("62E3086CED");
            }
            await("absence", () -> state(ports, "reader") == PortStatus.State.ABSENT);
            assertEquals(1, counters(ports, "reader").accepted());
        }
    }

    @Test
    void twoReadersOfOneKindAreToldApart() throws IOException {
        try (PseudoTerminal front = new PseudoTerminal(folder.resolve("front"));
                PseudoTerminal back = new PseudoTerminal(folder.resolve("back"));
                Ports ports = open(reader("front", front.link()), reader("back", back.link()))) {
            awaitUp(ports, "front");
            awaitUp(ports, "back");
            front.write(card("62E3086CED"));
            awaitTaps("62E3086CED");
            back.write(card("62E3086CED"));
            awaitTaps("62E3086CED", "62E3086CED");
            assertEquals(
                    List.of("front", "back"),
                    readings.stream().map(PortReading::port).toList());
        }
    }

    @Test
    void aMissingPortDelaysNoOther() throws IOException {
        try (PseudoTerminal device = new PseudoTerminal(folder.resolve("there"));
                Ports ports = open(reader("missing", folder.resolve("none")), reader("there", device.link()))) {
            awaitUp(ports, "there");
            device.write(card("62E3086CED"));
            awaitTaps("62E3086CED");
            await("its report", () -> state(ports, "missing") == PortStatus.State.ABSENT);
            assertEquals(
                    Optional.of("no such device: " + folder.resolve("none")),
                    status(ports, "missing").error());
            assertEquals(List.of("missing", "there"), List.copyOf(ports.states().keySet()));
        }
    }

    @Test
    void aBrokenProfileIsReportedUsedOnceItIsMendedAndStopsNoOther() throws IOException {
        Path profile = folder.resolve("lamp.yaml");
        Files.writeString(profile, "name: lamp\nabout: half a file\n");
        Files.writeString(folder.resolve("lamp"), "1\n");
        PortConfig broken = line("lamp", profile.toString(), "lamp", Map.of());
        try (PseudoTerminal device = new PseudoTerminal(folder.resolve("reader"));
                Ports ports = open(broken, reader("reader", device.link()))) {
            awaitUp(ports, "reader");
            await("the report", () -> state(ports, "lamp") == PortStatus.State.BROKEN_PROFILE);
            String error = status(ports, "lamp").error().orElseThrow();
            assertTrue(error.startsWith(profile + ":"), error);
            device.write(card("62E3086CED"));
            awaitTaps("62E3086CED");
            Files.writeString(profile, """
                    name: lamp
                    about: mended
                    line: {gpio: [lamp]}
                    framer: level
                    decoder: meter-lamp
                    options: {}
                    readings: [lamp]
                    known-answers: []
                    """);
            await("the lamp", () -> readings.stream().anyMatch(r -> r.reading().equals(new Reading.Lamp(true, true))));
        }
    }

    @Test
    void aFloodOfNoiseIsCountedAndTheCardAfterItIsRead() throws IOException {
        byte[] noise = new byte[64];
        Random random = new Random(7);
        try (TestTerminal terminal = new TestTerminal();
                Ports ports = open(reader("reader", Path.of(terminal.device())))) {
            awaitUp(ports, "reader");
            long sent = 0;
            for (int i = 0; i < 150; i++) {
                random.nextBytes(noise);
                terminal.write(noise);
                sent += noise.length;
                if (sent % 3_200 == 0) {
                    long all = sent;
                    await(
                            "the noise to be read",
                            () -> counters(ports, "reader").bytes() == all);
                }
            }
            terminal.write(card("62E3086CED"));
            await("the card", () -> taps().contains("62E3086CED"));
            Counters counted = counters(ports, "reader");
            assertTrue(counted.noiseBytes() > 0, counted.toString());
            assertEquals(1, taps().stream().filter("62E3086CED"::equals).count());
        }
    }

    @Test
    void aLevelThatWasSetBeforeAnybodyLookedIsRead() throws IOException {
        Files.writeString(folder.resolve("lamp"), "1\n");
        try (Ports ports = open(line("lamp", "meter-lamp", "lamp", Map.of()))) {
            awaitUp(ports, "lamp");
            await("the lamp", () -> !readings.isEmpty());
            assertEquals(new Reading.Lamp(true, true), readings.get(0).reading());
            Files.writeString(folder.resolve("lamp"), "0\n");
            await("its change", () -> readings.size() == 2);
            assertEquals(new Reading.Lamp(false, false), readings.get(1).reading());
        }
    }

    @Test
    void aLineThatChangedWhileItWasGoneIsAChange() throws IOException {
        Path lamp = folder.resolve("lamp");
        Files.writeString(lamp, "0\n");
        try (Ports ports = open(line("lamp", "meter-lamp", "lamp", Map.of()))) {
            await("vacant", () -> readings.size() == 1);
            Files.delete(lamp);
            await("absence", () -> state(ports, "lamp") == PortStatus.State.ABSENT);
            Files.writeString(lamp, "1\n");
            await("hired", () -> readings.size() == 2);
            assertEquals(new Reading.Lamp(true, false), readings.get(1).reading());
        }
    }

    @Test
    void aLineThatSaysNeitherIsReportedAndAnEmptyFileIsNoChange() throws IOException {
        Path lamp = folder.resolve("lamp");
        Files.writeString(lamp, "on\n");
        try (Ports ports = open(line("lamp", "meter-lamp", "lamp", Map.of()))) {
            await("the report", () -> status(ports, "lamp").error().isPresent());
            assertEquals(
                    Optional.of(lamp + " must begin with 0 or 1"),
                    status(ports, "lamp").error());
            Files.writeString(lamp, "");
            awaitUp(ports, "lamp");
            assertTrue(readings.isEmpty());
        }
    }

    @Test
    void closingEndsAllThreadsAndFreesTheDevices() throws IOException {
        try (PseudoTerminal device = new PseudoTerminal(folder.resolve("reader"))) {
            try (Ports ports = open(reader("reader", device.link()), reader("none", folder.resolve("none")))) {
                awaitUp(ports, "reader");
            }
            assertTrue(Thread.getAllStackTraces().keySet().stream()
                    .noneMatch(thread -> thread.getName().equals("port-reader")
                            || thread.getName().equals("port-none")));
            try (Ports again = open(reader("again", device.link()))) {
                awaitUp(again, "again");
            }
        }
    }

    /** FACTS: two pseudo-terminals joined by socat are a null-modem cable made by somebody else. */
    @Test
    void aLineMadeBySocatIsReadAndItsEndIsNoticed() throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/socat")), "socat is not installed (apt-get install socat)");
        Path near = folder.resolve("A");
        Path far = folder.resolve("B");
        Process socat = new ProcessBuilder("socat", "pty,raw,echo=0,link=" + near, "pty,raw,echo=0,link=" + far)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (Ports ports = open(reader("reader", near))) {
            await("socat", () -> Files.exists(near) && Files.exists(far));
            awaitUp(ports, "reader");
            Files.write(far, card("62E3086CED"));
            awaitTaps("62E3086CED");
            socat.destroy();
            assertTrue(socat.waitFor(DEADLINE_MS, TimeUnit.MILLISECONDS));
            await("absence", () -> state(ports, "reader") == PortStatus.State.ABSENT);
        } finally {
            socat.destroyForcibly();
        }
    }

    @Test
    void aProfileForAnotherKindOfLineIsAProblemOfThePort() {
        PortConfig wrong = PortConfigs.serial("lamp", "meter-lamp", "/dev/none");
        try (Ports ports = open(wrong)) {
            await("the report", () -> state(ports, "lamp") == PortStatus.State.BROKEN_PROFILE);
            assertTrue(status(ports, "lamp")
                    .error()
                    .orElseThrow()
                    .contains("profile meter-lamp is for gpio, not for serial"));
            assertFalse(status(ports, "lamp").counters().isPresent());
        }
    }

    // ---- how these tests say it

    private Ports open(PortConfig... configs) {
        return Ports.open(List.of(configs), readings::add, () -> System.nanoTime() / 1_000_000);
    }

    private static PortConfig reader(String name, Path device) {
        return PortConfigs.serial(name, "reader-em4100", device);
    }

    private PortConfig line(String name, String profile, String file, Map<String, String> options) {
        return PortConfigs.gpio(name, profile, options, "sim:" + folder.resolve(file));
    }

    private static byte[] card(String tenHexDigits) {
        int xor = 0;
        for (int i = 0; i < tenHexDigits.length(); i += 2) {
            xor ^= Integer.parseInt(tenHexDigits.substring(i, i + 2), 16);
        }
        return String.format("\u0002%s%02X\r\n\u0003", tenHexDigits, xor).getBytes(StandardCharsets.US_ASCII);
    }

    private static PortStatus status(Ports ports, String name) {
        return Optional.ofNullable(ports.states().get(name)).orElseThrow();
    }

    private static PortStatus.State state(Ports ports, String name) {
        return status(ports, name).state();
    }

    private static Counters counters(Ports ports, String name) {
        return status(ports, name).counters().orElseThrow();
    }

    private List<String> taps() {
        return readings.stream()
                .map(PortReading::reading)
                .filter(Reading.Tap.class::isInstance)
                .map(reading -> ((Reading.Tap) reading).card().text())
                .toList();
    }

    private void awaitTaps(String... cards) {
        await("taps " + List.of(cards), () -> taps().equals(List.of(cards)));
    }

    private static void awaitUp(Ports ports, String name) {
        await(name + " to be up", () -> state(ports, name) == PortStatus.State.UP);
    }

    private static void await(String what, Condition condition) {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(DEADLINE_MS);
        try {
            while (!condition.met()) {
                assertTrue(System.nanoTime() < deadline, () -> "no " + what + " within " + DEADLINE_MS + " ms");
                LockSupport.parkNanos(1_000_000);
            }
        } catch (IOException e) {
            throw new AssertionError(what, e);
        }
    }
}
