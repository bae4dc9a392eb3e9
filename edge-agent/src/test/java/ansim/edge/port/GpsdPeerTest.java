package ansim.edge.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ansim.profile.Reading.Fault;
import ansim.profile.Reading.Fix;
import ansim.settings.Section;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A real gpsd that reads a receiver on a pseudo-terminal. What it reports is heard twice, by the agent's profile and by a client of
 * this test that knows only how a report begins: the second is the measure of the first.
 */
class GpsdPeerTest {
    private static final long DEADLINE_S = 60;
    /** 5e-8 degree, and gpsd's own rounding to nine decimals. */
    private static final double TOLERANCE = 5.05e-8;

    private static final Fault SILENT = new Fault(Fault.What.SILENT, true);
    private static final Fault HEARD = new Fault(Fault.What.SILENT, false);

    @TempDir
    private Path folder = Path.of("");

    private final List<PortReading> readings = new CopyOnWriteArrayList<>();
    private String program = "";
    private int port;
    private Optional<PseudoTerminal> receiver = Optional.empty();
    private int second;

    /** Something that becomes true. */
    private interface Condition {
        boolean met() throws IOException;
    }

    @BeforeEach
    void plugTheReceiverIn() throws IOException {
        program = ForeignProgram.installed("gpsd", "/usr/sbin/gpsd", "/usr/local/sbin/gpsd");
        port = ForeignProgram.freePort();
        receiver = Optional.of(new PseudoTerminal(folder.resolve("gnss")));
        // gpsd that is started by root becomes somebody else.
        Files.setPosixFilePermissions(device(), PosixFilePermissions.fromString("rw-rw-rw-"));
    }

    @AfterEach
    void unplug() throws IOException {
        if (receiver.isPresent()) {
            receiver.get().close();
        }
    }

    @ParameterizedTest
    @CsvSource({"firefly-II, 15", "neo-m8n, 15", "nmea-fuzzy-cases, 5", "quectel-eg25-g-2, 1"})
    void everyFixThatGpsdReportsOfARecordingIsGiven(String name, int atLeast) throws IOException {
        Path log = Path.of(System.getProperty("ansim.shared", "../shared"), "captures", name + ".log");
        assumeTrue(Files.exists(log), "no recording " + log);
        List<String> sentences = Files.readAllLines(log, StandardCharsets.ISO_8859_1).stream()
                .filter(line -> line.startsWith("$"))
                .toList();
        assertTrue(everyReportedFixIsGiven(sentences) >= atLeast, "gpsd reports some");
    }

    @Test
    void everyFixThatGpsdReportsOfADriveIsGiven() throws IOException {
        List<String> drive = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            drive.addAll(nextSecond());
        }
        assertTrue(everyReportedFixIsGiven(drive) >= 25, "gpsd may need a few to know the receiver");
    }

    private int everyReportedFixIsGiven(List<String> sentences) throws IOException {
        try (ForeignProgram gpsd = gpsd();
                Observer observer = observer(gpsd);
                Ports ports = open(Section.empty())) {
            // VERSION, DEVICES and WATCH: from here on it is sent what the observer is sent.
            await("the agent is told", () -> counted(ports) >= 3);
            for (String sentence : sentences) {
                say(sentence);
            }
            // gpsd answers after it has reported all that it has read.
            long answers = observer.answers.get();
            observer.askForVersion();
            await("gpsd's answer", () -> observer.answers.get() > answers);
            Set<Long> reportedTimes = Set.copyOf(observer.fixes.keySet());
            await("every fix", () -> fixes().stream().map(Fix::timeMs).toList().containsAll(reportedTimes));
            for (Fix fix : fixes()) {
                List<double[]> reported = observer.fixes.getOrDefault(fix.timeMs(), List.of());
                assertTrue(
                        reported.stream()
                                .anyMatch(place -> Math.abs(place[0] - fix.latE7() / 1e7) < TOLERANCE
                                        && Math.abs(place[1] - fix.lonE7() / 1e7) < TOLERANCE),
                        () -> "nobody reported " + fix);
            }
            return reportedTimes.size();
        }
    }

    @Test
    void aGpsdThatIsKilledAndStartedAgainIsReadOn() throws IOException, InterruptedException {
        try (ForeignProgram gpsd = gpsd();
                Ports ports = open(Section.empty())) {
            await("a fix", () -> drive() && !fixes().isEmpty());
            gpsd.kill();
            await("its absence", () -> state(ports) == PortStatus.State.ABSENT);
            int before = fixes().size();
            gpsd.startAgain();
            await("another fix", () -> drive() && fixes().size() > before);
            assertEquals(PortStatus.State.UP, state(ports));
            assertEquals(2, status(ports).openings());
        }
    }

    @Test
    void aReceiverThatFallsSilentBehindGpsdIsAFaultUntilItSpeaks() throws IOException {
        try (ForeignProgram gpsd = gpsd();
                Ports ports = open(Section.of("test", Map.of("silent-after", "2s", "lost-after", "1s")))) {
            await("a fix", () -> drive() && !fixes().isEmpty());
            await("the fault", () -> gave(SILENT));
            assertTrue(gpsd.runs() && state(ports) == PortStatus.State.UP, "gpsd itself is well");
            await("its end", () -> drive() && gave(HEARD));
        }
    }

    // ---- the other client

    /** All that gpsd reports with mode 2 or 3, a time and a place. */
    private static final class Observer implements AutoCloseable {
        private static final Pattern REPORT =
                Pattern.compile(".*\"class\":\"TPV\".*\"mode\":[23].*\"time\":\"([^\"]+)\".*\"lat\":([-0-9.]+),"
                        + "\"lon\":([-0-9.]+).*");

        final Map<Long, List<double[]>> fixes = new ConcurrentHashMap<>();
        final AtomicBoolean active = new AtomicBoolean();
        final AtomicLong answers = new AtomicLong();
        private final Socket socket;

        Observer(int port) throws IOException {
            socket = new Socket(InetAddress.getLoopbackAddress(), port);
            ask("?WATCH={\"enable\":true,\"json\":true}\n");
            Thread thread = new Thread(this::listen, "observer");
            thread.setDaemon(true);
            thread.start();
        }

        void askForVersion() throws IOException {
            ask("?VERSION;\n");
        }

        private void ask(String request) throws IOException {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        }

        private void listen() {
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    Matcher report = REPORT.matcher(line);
                    if (report.matches()) {
                        double[] place = {Double.parseDouble(report.group(2)), Double.parseDouble(report.group(3))};
                        fixes.computeIfAbsent(
                                        Instant.parse(report.group(1)).toEpochMilli(),
                                        time -> new CopyOnWriteArrayList<>())
                                .add(place);
                    }
                    if (line.contains("\"class\":\"VERSION\"")) {
                        answers.incrementAndGet();
                    }
                    if (line.contains("\"activated\"")) {
                        active.set(true);
                    }
                }
            } catch (IOException over) {
                active.set(false);
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private Observer observer(ForeignProgram gpsd) throws IOException {
        await("gpsd listens; it said " + gpsd.output(), () -> {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                return true;
            } catch (IOException notYet) {
                return false;
            }
        });
        Observer observer = new Observer(port);
        await("gpsd has the receiver; it said " + gpsd.output(), observer.active::get);
        return observer;
    }

    // ---- how these tests say it

    /** In the foreground, with the receiver open from the start, and it writes nothing to it. */
    private ForeignProgram gpsd() throws IOException {
        return ForeignProgram.start(
                folder.resolve("gpsd.log"),
                program,
                "-N",
                "-n",
                "-b",
                "-D",
                "1",
                "-S",
                Integer.toString(port),
                device().toString());
    }

    private Path device() throws IOException {
        return folder.resolve("gnss").toRealPath();
    }

    private Ports open(Section options) {
        return Ports.open(
                List.of(PortConfigs.tcp("gnss", "gnss-gpsd", "127.0.0.1:" + port, options)),
                readings::add,
                () -> System.nanoTime() / 1_000_000);
    }

    /** One second of a drive, and as much time as gpsd needs to take it. */
    private boolean drive() throws IOException {
        for (String sentence : nextSecond()) {
            say(sentence);
        }
        return true;
    }

    /** Waits until gpsd has taken it, or for a moment when there is no gpsd. */
    private void say(String sentence) throws IOException {
        PseudoTerminal line = receiver.orElseThrow();
        line.write((sentence + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
        for (int tries = 0; tries < 100 && !line.drained(); tries++) {
            LockSupport.parkNanos(2_000_000);
        }
    }

    /** RMC and GGA of the next second, on the way north. */
    private List<String> nextSecond() {
        second++;
        String clock = String.format("08%02d%02d.00", second / 60, second % 60);
        String place = String.format("37%02d.%05d,N,12658.70000,E", 33 + second / 1_000, second % 1_000 * 97);
        return List.of(
                sentence("GPGGA," + clock + "," + place + ",1,09,0.9,38.2,M,18.0,M,,"),
                sentence("GPRMC," + clock + ",A," + place + ",10.0,0.0,231126,,,A"));
    }

    private static String sentence(String body) {
        int xor = 0;
        for (int i = 0; i < body.length(); i++) {
            xor ^= body.charAt(i);
        }
        return String.format("$%s*%02X", body, xor);
    }

    private List<Fix> fixes() {
        return readings.stream()
                .map(PortReading::reading)
                .filter(Fix.class::isInstance)
                .map(Fix.class::cast)
                .toList();
    }

    private boolean gave(Fault fault) {
        return readings.stream().anyMatch(each -> each.reading().equals(fault));
    }

    private static PortStatus status(Ports ports) {
        return Optional.ofNullable(ports.states().get("gnss")).orElseThrow();
    }

    private static PortStatus.State state(Ports ports) {
        return status(ports).state();
    }

    private static long counted(Ports ports) {
        return status(ports).counters().map(counters -> counters.accepted()).orElse(0L);
    }

    private static void await(String what, Condition condition) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_S);
        while (!condition.met()) {
            assertTrue(System.nanoTime() < deadline, () -> "not within " + DEADLINE_S + " s: " + what);
            LockSupport.parkNanos(5_000_000);
        }
    }
}
