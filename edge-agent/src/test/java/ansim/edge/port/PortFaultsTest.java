package ansim.edge.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.profile.Counters;
import ansim.profile.Profile;
import ansim.profile.Reading;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Faults before, in and behind a port: loose plugs, half frames, a consumer that fails or is stuck. */
class PortFaultsTest {
    private static final long DEADLINE_MS = 30_000;
    private static final long POLL_NS = 1_000_000;
    private static final byte[] CARD = "\u000262E3086CED08\r\n\u0003".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] OTHER_CARD = "\u00020F008D41A665\r\n\u0003".getBytes(StandardCharsets.US_ASCII);

    @TempDir
    private Path folder = Path.of("");

    private final List<PortReading> readings = new CopyOnWriteArrayList<>();

    @Test
    void aHalfFrameBeforeUnpluggingSpoilsNothingAfterIt() throws IOException {
        PseudoTerminal reader = new PseudoTerminal(folder.resolve("reader"));
        try (Ports ports = open(card("reader"))) {
            awaitState(ports, "reader", PortStatus.State.UP);
            reader.write("\u000262E30".getBytes(StandardCharsets.US_ASCII));
            await("half a frame", () -> bytes(ports, "reader") == 6);
            reader.close();
            awaitState(ports, "reader", PortStatus.State.ABSENT);
            try (PseudoTerminal again = new PseudoTerminal(folder.resolve("reader"))) {
                awaitState(ports, "reader", PortStatus.State.UP);
                again.write(CARD);
                await("a tap", () -> !readings.isEmpty());
            }
        }
        assertEquals(new Reading.Tap("62E3086CED"), readings.get(0).reading());
    }

    /** A card reader says nothing without a card: once it could be pulled out and only its state in health said so. */
    @Test
    void aCardReaderThatIsPulledOutIsSilentAfter10sUntilItIsBack() throws IOException {
        AtomicLong aheadMs = new AtomicLong();
        PseudoTerminal reader = new PseudoTerminal(folder.resolve("reader"));
        try (Ports ports = Ports.open(List.of(card("reader")), readings::add, () -> monoMs() + aheadMs.get())) {
            awaitState(ports, "reader", PortStatus.State.UP);
            reader.close();
            awaitState(ports, "reader", PortStatus.State.ABSENT);
            aheadMs.set(Absence.GONE_MS);
            await("the fault", () -> !readings.isEmpty());
            try (PseudoTerminal again = new PseudoTerminal(folder.resolve("reader"))) {
                await("its end", () -> readings.size() == 2);
                again.write(CARD);
                await("a tap", () -> readings.size() == 3);
            }
        }
        assertEquals(
                List.of(
                        new Reading.Fault(Reading.Fault.What.SILENT, true),
                        new Reading.Fault(Reading.Fault.What.SILENT, false),
                        new Reading.Tap("62E3086CED")),
                readings.stream().map(PortReading::reading).toList());
    }

    @Test
    void aFileThatIsNoSerialLineIsReportedAsAbsent() throws IOException {
        Files.writeString(folder.resolve("file"), "text");
        try (Ports ports = open(card("file"))) {
            awaitState(ports, "file", PortStatus.State.ABSENT);
        }
    }

    @Test
    void aNameThatLinksToALinkIsFollowed() throws IOException {
        Files.createDirectories(folder.resolve("by-id"));
        Files.createSymbolicLink(folder.resolve("by-id/usb-reader"), folder.resolve("reader"));
        try (PseudoTerminal reader = new PseudoTerminal(folder.resolve("reader"));
                Ports ports = open(serial("a", "reader-em4100", folder.resolve("by-id/usb-reader")))) {
            awaitState(ports, "a", PortStatus.State.UP);
            reader.write(CARD);
            await("a tap", () -> !readings.isEmpty());
        }
    }

    @Test
    void aSinkThatFailsCostsOneReadingAndNotThePort() throws IOException {
        AtomicBoolean failing = new AtomicBoolean(true);
        Consumer<PortReading> sink = reading -> {
            if (failing.getAndSet(false)) {
                throw new IllegalStateException("a defect behind the port");
            }
            readings.add(reading);
        };
        try (PseudoTerminal reader = new PseudoTerminal(folder.resolve("reader"));
                Ports ports = Ports.open(List.of(card("reader")), sink, PortFaultsTest::monoMs)) {
            awaitState(ports, "reader", PortStatus.State.UP);
            reader.write(CARD);
            await("the defect", () -> status(ports, "reader").openings() == 2);
            reader.write(OTHER_CARD);
            await("the next tap", () -> !readings.isEmpty());
        }
        assertEquals(new Reading.Tap("0F008D41A6"), readings.get(0).reading());
    }

    /** Serial lines and GPIO come with native libraries; once one that did not load left the port "starting" for ever. */
    @Test
    void aLibraryThatIsMissingIsReportedAndTriedAgain() throws IOException {
        AtomicInteger tries = new AtomicInteger();
        AtomicBoolean failing = new AtomicBoolean(true);
        CountDownLatch seen = new CountDownLatch(1);
        Ports.Between between = (port, reader) -> {
            if (tries.incrementAndGet() == 1) {
                throw new UnsatisfiedLinkError("no library");
            }
            awaitQuietly(seen);
            return reader;
        };
        Consumer<PortReading> sink = reading -> {
            if (failing.getAndSet(false)) {
                throw new NoClassDefFoundError("another library");
            }
            readings.add(reading);
        };
        try (PseudoTerminal reader = new PseudoTerminal(folder.resolve("reader"));
                Ports ports = Ports.open(List.of(card("reader")), sink, PortFaultsTest::monoMs, between)) {
            awaitState(ports, "reader", PortStatus.State.ABSENT);
            assertEquals(
                    Optional.of("java.lang.UnsatisfiedLinkError: no library"),
                    status(ports, "reader").error());
            seen.countDown();
            awaitState(ports, "reader", PortStatus.State.UP);
            reader.write(CARD);
            await("the defect", () -> status(ports, "reader").openings() == 2);
            reader.write(OTHER_CARD);
            await("the next tap", () -> !readings.isEmpty());
        }
    }

    /** A device server that took a connection and closed it was once dialled five times a second for ever. */
    @Test
    void aServerThatTakesAndDropsIsTriedLaterAndLaterUntilItHasStoodFor10s() throws IOException {
        List<Long> pauses = new CopyOnWriteArrayList<>();
        AtomicLong nowMs = new AtomicLong();
        CountDownLatch stop = new CountDownLatch(1) {
            @Override
            public boolean await(long timeout, TimeUnit unit) {
                if (timeout >= PortThread.FIRST_RETRY_MS) {
                    pauses.add(timeout);
                } else if (pauses.size() == 5) {
                    nowMs.addAndGet(PortThread.STOOD_MS);
                }
                return pauses.size() == 7;
            }
        };
        try (ServerSocket server = new ServerSocket(0, 0, InetAddress.getLoopbackAddress())) {
            Thread dropping = new Thread(() -> drop(server), "test-server");
            dropping.setDaemon(true);
            dropping.start();
            PortConfig config = PortConfigs.tcp("gnss", "gnss-gpsd", "127.0.0.1:" + server.getLocalPort());
            new PortThread(config, readings::add, nowMs::get, (port, reader) -> reader, stop).run();
        }
        assertEquals(List.of(200L, 400L, 800L, 1_000L, 1_000L, 100L, 200L), pauses);
    }

    private static void drop(ServerSocket server) {
        try {
            while (true) {
                Socket socket = server.accept();
                // Until it is asked: a connection that stood, if not for long.
                socket.getInputStream().read();
                socket.close();
            }
        } catch (IOException closed) {
            assertTrue(server.isClosed());
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aPortWhoseReadingsAreStuckDelaysNoOther() throws IOException {
        CountDownLatch stuck = new CountDownLatch(1);
        Consumer<PortReading> sink = reading -> {
            if (reading.port().equals("front")) {
                awaitQuietly(stuck);
            }
            readings.add(reading);
        };
        try (PseudoTerminal front = new PseudoTerminal(folder.resolve("front"));
                PseudoTerminal back = new PseudoTerminal(folder.resolve("back"));
                Ports ports = Ports.open(List.of(card("front"), card("back")), sink, PortFaultsTest::monoMs)) {
            awaitState(ports, "front", PortStatus.State.UP);
            awaitState(ports, "back", PortStatus.State.UP);
            front.write(CARD);
            back.write(OTHER_CARD);
            await("the other port's tap", () -> readings.size() == 1);
            assertEquals("back", readings.get(0).port());
            stuck.countDown();
            await("the stuck tap", () -> readings.size() == 2);
        }
    }

    @Test
    void aReceiverThatIsPulledOutHasNoFix() throws IOException {
        PseudoTerminal gnss = new PseudoTerminal(folder.resolve("gnss"));
        try (Ports ports = open(serial("gnss", "gnss-nmea0183", folder.resolve("gnss")))) {
            awaitState(ports, "gnss", PortStatus.State.UP);
            gnss.write("$GPRMC,083000.00,A,3733.9000,N,12658.7000,E,19.438,90.00,231126,,,A*6C\r\n"
                    .getBytes(StandardCharsets.US_ASCII));
            await("a fix", () -> types().contains(Reading.Type.FIX));
            gnss.close();
            await("no fix", () -> types().contains(Reading.Type.NO_FIX));
        }
    }

    /** An agent runs for years beside a loose plug. */
    @Test
    void pullingAPlugLeavesNoFileOpen() throws IOException {
        Profile profile = Profile.load("reader-em4100");
        int before = 0;
        for (int i = 0; i < 60; i++) {
            PseudoTerminal reader = new PseudoTerminal(folder.resolve("reader"));
            SerialDevice device =
                    new SerialDevice(reader.link().toString(), profile.serial().orElseThrow());
            reader.close();
            assertThrows(IOException.class, () -> device.poll(profile.open(), 0, r -> {}));
            device.close();
            if (i == 9) {
                before = openFiles();
            }
        }
        assertTrue(openFiles() <= before + 5, before + " files were open, then " + openFiles());
    }

    private Ports open(PortConfig... configs) {
        return Ports.open(List.of(configs), readings::add, PortFaultsTest::monoMs);
    }

    private PortConfig card(String name) {
        return serial(name, "reader-em4100", folder.resolve(name));
    }

    private static PortConfig serial(String name, String profile, Path device) {
        return PortConfigs.serial(name, profile, device);
    }

    private List<Reading.Type> types() {
        return readings.stream().map(r -> r.reading().type()).toList();
    }

    private static PortStatus status(Ports ports, String name) {
        return Optional.ofNullable(ports.states().get(name)).orElseThrow();
    }

    private static long bytes(Ports ports, String name) {
        return status(ports, name).counters().map(Counters::bytes).orElse(0L);
    }

    private static int openFiles() {
        return Optional.ofNullable(new File("/proc/self/fd").list()).orElseThrow().length;
    }

    private static long monoMs() {
        return System.nanoTime() / 1_000_000;
    }

    private static void awaitState(Ports ports, String name, PortStatus.State state) {
        await(name + " to be " + state, () -> status(ports, name).state() == state);
    }

    private static void await(String what, BooleanSupplier done) {
        long deadline = System.nanoTime() + DEADLINE_MS * 1_000_000;
        while (!done.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, () -> "no " + what + " within " + DEADLINE_MS + " ms");
            LockSupport.parkNanos(POLL_NS);
        }
    }
}
