package ansim.edge.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.profile.Profile;
import ansim.profile.Reading;
import ansim.profile.TcpLine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Devices behind a real TCP connection on the loopback; the test is the server. */
class TcpPortTest {
    private static final int DEADLINE_MS = 30_000;
    private static final String WATCH = "?WATCH={\"enable\":true,\"json\":true}\n";

    private final List<PortReading> readings = new CopyOnWriteArrayList<>();
    private final AtomicLong aheadMs = new AtomicLong();
    private ServerSocket server = unbound();

    private static ServerSocket unbound() {
        try {
            return new ServerSocket();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @BeforeEach
    void listen() throws IOException {
        listen(0);
    }

    @AfterEach
    void hangUp() throws IOException {
        server.close();
    }

    @Test
    void gpsdIsAskedAndItsReportsAreReadInHalves() throws IOException {
        try (Ports ports = open();
                Socket gpsd = accept()) {
            assertEquals(WATCH, heard(gpsd));
            String lines = "{\"class\":\"VERSION\"}\r\n" + tpv(0) + tpv(1) + tpv(2);
            for (int at = 0; at < lines.length(); at += 50) {
                say(gpsd, lines.substring(at, Math.min(lines.length(), at + 50)));
            }
            await("three fixes", () -> fixes() == 3);
            await("it to be up", () -> status(ports).state() == PortStatus.State.UP);
        }
    }

    /** The longest wait between two tries is a second: what comes back is read within two. */
    @Test
    void aServerThatHangsUpInTheMiddleOfALineIsConnectedAndAskedAnew() throws IOException {
        assertTrue(PortThread.LAST_RETRY_MS <= 1_000);
        try (Ports ports = open()) {
            try (Socket gpsd = accept()) {
                heard(gpsd);
                say(gpsd, tpv(0) + tpv(1).substring(0, 60));
                await("a fix", () -> fixes() == 1);
            }
            try (Socket gpsd = accept()) {
                assertEquals(WATCH, heard(gpsd));
                say(gpsd, tpv(1).substring(60) + tpv(2));
                await("the fix of the whole line", () -> fixes() == 2);
                await("two openings", () -> status(ports).openings() == 2);
            }
        }
    }

    @Test
    void aServerThatIsNotThereYetIsWaitedFor() throws IOException {
        int port = server.getLocalPort();
        server.close();
        try (Ports ports = open()) {
            await("absence", () -> status(ports).state() == PortStatus.State.ABSENT);
            String error = status(ports).error().orElseThrow();
            assertTrue(error.startsWith("127.0.0.1:" + port + ": "), error);
            listen(port);
            try (Socket gpsd = accept()) {
                assertEquals(WATCH, heard(gpsd));
            }
        }
    }

    @Test
    void aServerThatNeverAnswersIsToldOf() throws IOException {
        try (Ports ports = open();
                Socket gpsd = accept()) {
            assertEquals(WATCH, heard(gpsd));
            await("it to be up", () -> status(ports).state() == PortStatus.State.UP);
            aheadMs.set(10_500);
            Reading silent = new Reading.Fault(Reading.Fault.What.SILENT, true);
            await(
                    "the silence",
                    () -> readings.stream().anyMatch(r -> r.reading().equals(silent)));
            say(gpsd, tpv(0));
            await("a fix", () -> fixes() == 1);
        }
    }

    @Test
    void moreThanOnePollTakesIsReadInTheNextOnes() throws IOException {
        try (Ports ports = open();
                Socket gpsd = accept()) {
            StringBuilder lines = new StringBuilder();
            for (int i = 0; i < 1_000; i++) {
                lines.append(tpv(i));
            }
            say(gpsd, lines.toString());
            await("all fixes", () -> fixes() == 1_000);
            await(
                    "all bytes",
                    () -> status(ports)
                            .counters()
                            .filter(c -> c.bytes() == lines.length())
                            .isPresent());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1:x", "127.0.0.1:", "127.0.0.1:65536", "[::1]:-2"})
    void anAddressThatIsNoneIsSaid(String address) {
        IOException refused = assertThrows(IOException.class, () -> new TcpDevice(address, stay(2947)));
        assertTrue(
                String.valueOf(refused.getMessage()).startsWith(address + " must be HOST, HOST:PORT"),
                refused.toString());
    }

    @Test
    void thePortIsTheProfilesUnlessTheAddressNamesOne() throws IOException {
        int port = server.getLocalPort();
        try (TcpDevice device = new TcpDevice("127.0.0.1", stay(port));
                Socket first = accept();
                TcpDevice named = new TcpDevice("127.0.0.1:" + port, stay(1));
                Socket second = accept()) {
            device.send(new byte[] {1});
            named.send(new byte[] {2});
            assertEquals(1, first.getInputStream().read());
            assertEquals(2, second.getInputStream().read());
        }
    }

    /** What is asked now and then is connected when there is something to say; its hanging up is not its loss. */
    @Test
    void aDeviceThatIsOnlyAskedIsConnectedToBeAskedAndMayHangUp() throws IOException {
        TcpLine line = new TcpLine(server.getLocalPort(), TcpLine.Connect.WHEN_ASKED, Duration.ofSeconds(2));
        var reader = Profile.load("gnss-gpsd").open();
        try (TcpDevice device = new TcpDevice("127.0.0.1", line)) {
            device.poll(reader, 0, reading -> {});
            device.send(WATCH.getBytes(StandardCharsets.US_ASCII));
            try (Socket first = accept()) {
                assertEquals(WATCH, heard(first));
                say(first, "{\"class\":\"VERSION\"}\n");
            }
            await("the answer", () -> {
                poll(device, reader);
                return reader.counters().accepted() == 1;
            });
            poll(device, reader);
            device.send(WATCH.getBytes(StandardCharsets.US_ASCII));
            try (Socket second = accept()) {
                assertEquals(WATCH, heard(second));
            }
            server.close();
            poll(device, reader);
            device.send(WATCH.getBytes(StandardCharsets.US_ASCII));
            device.send(WATCH.getBytes(StandardCharsets.US_ASCII));
        }
    }

    // ---- how these tests say it

    private void listen(int port) throws IOException {
        server = new ServerSocket();
        server.setReuseAddress(true);
        server.setSoTimeout(DEADLINE_MS);
        server.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port));
    }

    private Ports open() {
        PortConfig config = PortConfigs.tcp("gnss", "gnss-gpsd", "127.0.0.1:" + server.getLocalPort());
        return Ports.open(List.of(config), readings::add, () -> System.nanoTime() / 1_000_000 + aheadMs.get());
    }

    private Socket accept() throws IOException {
        Socket socket = server.accept();
        socket.setSoTimeout(DEADLINE_MS);
        return socket;
    }

    private static TcpLine stay(int port) {
        return new TcpLine(port, TcpLine.Connect.STAY, Duration.ofSeconds(2));
    }

    private static String heard(Socket socket) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int b;
        do {
            b = socket.getInputStream().read();
            line.write(b);
        } while (b >= 0 && b != '\n');
        return line.toString(StandardCharsets.US_ASCII);
    }

    private static void say(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
    }

    private static void poll(TcpDevice device, ansim.profile.DeviceReader reader) {
        try {
            device.poll(reader, 0, reading -> {});
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String tpv(int second) {
        return String.format(
                "{\"class\":\"TPV\",\"mode\":3,\"time\":\"2026-11-23T08:%02d:%02d.000Z\",\"lat\":37.565,\"lon\":126.978}\r\n",
                second / 60, second % 60);
    }

    private long fixes() {
        return readings.stream()
                .filter(r -> r.reading().type() == Reading.Type.FIX)
                .count();
    }

    private static PortStatus status(Ports ports) {
        return Optional.ofNullable(ports.states().get("gnss")).orElseThrow();
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(DEADLINE_MS);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, () -> "no " + what + " within " + DEADLINE_MS + " ms");
            LockSupport.parkNanos(1_000_000);
        }
    }
}
