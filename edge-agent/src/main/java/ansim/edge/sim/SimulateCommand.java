package ansim.edge.sim;

import ansim.edge.sim.People.Scene;
import ansim.settings.CommandFailure;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tinylog.Logger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Plays a taxi or a pole into the real serial path, with no hardware. */
@Command(
        name = "simulate",
        description = {
            "Play a taxi or a pole: devices on pseudo-terminals and simulated lines, a drive, taps, presses. An agent reads "
                    + "them like real ones; --print-config writes the part of its agent.yaml.",
            "",
            "Or play the one device of a profile, shipped or your own: --profile reader-osdp. It says what a known answer"
                    + " of the profile lets it say, when it is asked or by itself, over and over. Receivers drive a route;"
                    + " a camera answers; how an output is driven is printed. On a serial line it is the link DIR/NAME, on"
                    + " TCP 127.0.0.1, of lines the files DIR/LINE, of an input device the pipe DIR/NAME; a PC/SC card"
                    + " lies on the reader of vsmartcard-vpcd. Pulses of Wiegand come 60 times slower.",
            ""
        },
        mixinStandardHelpOptions = true)
public final class SimulateCommand implements Callable<Integer> {
    private static final double KMH = 1 / 3.6;
    private static final long FIX_MS = 1_000;
    private static final int FIX_SHORTEST_MS = 100;
    private static final int LAST_PORT = 65_535;
    /** How long a stop waits for the devices to be put away. */
    private static final long STOP_S = 3;

    /** How much happens. */
    enum Pace {
        CALM,
        BUSY
    }

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--dir",
            required = true,
            paramLabel = "DIR",
            description = "Where the devices appear; also DIR/did.jsonl, what was done.")
    private Path dir = Path.of(".");

    @Option(
            names = "--profile",
            paramLabel = "NAME-OR-FILE",
            description = "Play only this profile's device; --kind, --pace and what belongs to them do not apply.")
    private @Nullable String profile;

    @Option(
            names = "--answer",
            defaultValue = "0",
            paramLabel = "N",
            description = "With --profile: its known answer to play, from 1; 0 is the first that gives a reading"
                    + " (default: ${DEFAULT-VALUE}). A number that there is not lists them.")
    private int answer;

    @Option(
            names = "--every",
            defaultValue = "10",
            paramLabel = "S",
            description =
                    "With --profile: so long after a round the next one begins, 1 to 3600 (default: ${DEFAULT-VALUE}).")
    private int everySeconds = 10;

    @Option(
            names = "--port",
            defaultValue = "0",
            paramLabel = "N",
            description =
                    "With --profile: the TCP port of 127.0.0.1; 0 is one that follows from DIR, and vpcd's for a card"
                            + " (default: ${DEFAULT-VALUE}).")
    private int port;

    @Option(
            names = "--kind",
            defaultValue = "taxi",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private Bench.Kind kind = Bench.Kind.TAXI;

    @Option(
            names = "--route",
            defaultValue = "anguk-chungmuro",
            paramLabel = "NAME-OR-FILE",
            description = "A named route, or a file of lines LAT LON (default: ${DEFAULT-VALUE}).")
    private String route = "";

    @Option(
            names = "--place",
            paramLabel = "LAT,LON",
            description = "Where a pole stands; a pole needs it, a taxi has a route instead.")
    private @Nullable String place;

    @Option(
            names = "--speed",
            defaultValue = "100",
            paramLabel = "KMH",
            description = "1 to 300 km/h (default: ${DEFAULT-VALUE}).")
    private double speedKmh = 100;

    @Option(
            names = "--pace",
            defaultValue = "calm",
            description =
                    "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}). Busy: what people do comes at random moments, one after"
                            + " the other within some 100 ms, and fixes at 1 to 10 Hz; --ride-seconds and --rides do not apply.")
    private Pace pace = Pace.CALM;

    @Option(
            names = "--ride-seconds",
            defaultValue = "14",
            paramLabel = "S",
            description = "Driving time of a ride, 1 to 3600 (default: ${DEFAULT-VALUE}).")
    private int rideSeconds = 14;

    @Option(
            names = "--rides",
            defaultValue = "0",
            paramLabel = "N",
            description =
                    "End after so many rides (at a pole: visits); 0 goes on until it is stopped (default: ${DEFAULT-VALUE}).")
    private int rides;

    @Option(
            names = "--duration",
            defaultValue = "0",
            paramLabel = "S",
            description = "End with the ride that is on after so many seconds; 0 goes on (default: ${DEFAULT-VALUE}).")
    private long durationS;

    @Option(
            names = "--patience",
            defaultValue = "60",
            paramLabel = "S",
            description =
                    "In busy hours: how long the light is waited for before the next thing is done, 1 to 3600 (default: ${DEFAULT-VALUE}).")
    private int patienceS = (int) RushHour.PATIENCE.toSeconds();

    @Option(
            names = "--seed",
            defaultValue = "1",
            paramLabel = "N",
            description = "Of cards and pauses (default: ${DEFAULT-VALUE}).")
    private long seed = 1;

    @Option(
            names = "--cards",
            paramLabel = "FILE",
            description =
                    "Numbers of cards, ten hex digits a line, which the riders of a calm day take in turn; without it all are new.")
    private @Nullable Path cards;

    @Option(
            names = "--equipment",
            description =
                    "At a pole also what stands in its cabinet: a UPS that speaks Modbus RTU, a camera that answers RTSP.")
    private boolean equipment;

    @Option(
            names = "--print-config",
            description = "Print the ports and signals of an agent.yaml for these devices, and end.")
    private boolean printConfig;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        if (profile != null) {
            return device(profile, out);
        }
        if (printConfig) {
            out.print(Bench.config(dir, kind, equipment));
            out.flush();
            return 0;
        }
        if (speedKmh < 1
                || speedKmh > 300
                || rides < 0
                || durationS < 0
                || isNoHour(rideSeconds)
                || isNoHour(patienceS)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--speed must be in [1, 300], --ride-seconds and --patience in [1, 3600], --rides and --duration 0 or more");
        }
        CountDownLatch stop = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(stop, closed), "stop"));
        try (Bench bench = new Bench(dir, kind, equipment);
                DidLog log = new DidLog(dir.resolve("did.jsonl"))) {
            Scene scene = new Scene(bench, new Drive(way(), speedKmh * KMH), log, stop);
            Thread receiver = new Thread(() -> receive(scene), "gnss");
            receiver.setDaemon(true);
            receiver.start();
            try {
                if (pace == Pace.BUSY) {
                    rush(scene, out);
                } else {
                    play(scene, out);
                }
            } finally {
                out.println("Did: " + log.summary());
                out.flush();
            }
            stop.countDown();
            receiver.join();
            return 0;
        } catch (InterruptedException stopped) {
            return 0;
        } catch (IOException e) {
            throw new CommandFailure(
                    "the simulated devices in " + dir + " failed: " + e.getMessage(),
                    "another --dir that you may write to");
        } finally {
            closed.countDown();
        }
    }

    /** Plays one profile's device. */
    private int device(String name, PrintWriter out) {
        if (speedKmh < 1 || speedKmh > 300 || isNoHour(everySeconds) || answer < 0 || port < 0 || port > LAST_PORT) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--speed must be in [1, 300], --every in [1, 3600], --answer 0 or more, --port in [0, 65535]");
        }
        ProfileStage stage = new ProfileStage(name, dir, answer, port);
        if (printConfig) {
            out.print(stage.config());
            out.flush();
            return 0;
        }
        CountDownLatch stop = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(stop, closed), "stop"));
        try {
            stage.play(new Drive(way(), speedKmh * KMH), everySeconds * 1_000L, stop, out);
            return 0;
        } catch (InterruptedException stopped) {
            return 0;
        } catch (IOException e) {
            throw new CommandFailure(
                    "the simulated device in " + dir + " failed: " + e.getMessage(),
                    "another --dir that you may write to, or another --port");
        } finally {
            closed.countDown();
        }
    }

    private static boolean isNoHour(int seconds) {
        return seconds < 1 || seconds > 3600;
    }

    private static void stop(CountDownLatch stop, CountDownLatch closed) {
        stop.countDown();
        try {
            if (!closed.await(STOP_S, TimeUnit.SECONDS)) {
                Logger.warn("not everything was put away within {} s", STOP_S);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void rush(Scene scene, PrintWriter out) throws IOException, InterruptedException {
        RushHour rush = new RushHour(scene, kind, new Random(seed), Duration.ofSeconds(patienceS));
        waiting(out);
        rush.agentHere();
        scene.drive().go();
        rush.work(end());
    }

    private void waiting(PrintWriter out) {
        out.println("Devices are in " + dir.toAbsolutePath().normalize() + "; waiting for an agent that reads them");
    }

    private Instant end() {
        return durationS == 0 ? Instant.MAX : Instant.now().plusSeconds(durationS);
    }

    private void play(Scene scene, PrintWriter out) throws IOException, InterruptedException {
        People people = cards == null
                ? new People(scene, new Random(seed), People.Pace.USUAL)
                : new People(scene, inTurn(cards), People.Pace.USUAL);
        waiting(out);
        people.agentHere();
        Instant end = end();
        for (int done = 0; (rides == 0 || done < rides) && Instant.now().isBefore(end); done++) {
            if (kind == Bench.Kind.TAXI) {
                people.ride(rideSeconds * 1_000L);
                people.vacant(4_000);
            } else {
                people.visitPole(rideSeconds * 1_000L);
            }
            out.println("Done: " + (kind == Bench.Kind.TAXI ? "ride " : "visit ") + (done + 1));
        }
    }

    private static Supplier<String> inTurn(Path file) throws IOException {
        List<String> numbers = Files.readAllLines(file).stream()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .toList();
        if (numbers.isEmpty() || !numbers.stream().allMatch(each -> each.matches("[0-9A-F]{10}"))) {
            throw new CommandFailure(
                    file + " must hold cards of ten hex digits, one a line", "a file with lines such as 62E3086CED");
        }
        AtomicInteger next = new AtomicInteger();
        return () -> numbers.get(next.getAndIncrement() % numbers.size());
    }

    private Route standing() {
        String given = Objects.requireNonNullElse(place, "");
        try {
            Route.Point point = Route.point(given.replace(',', ' '));
            return new Route(List.of(point, point));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(
                    spec.commandLine(), "a pole needs --place LAT,LON, degrees WGS 84 (got '" + given + "')", e);
        }
    }

    /** The GNSS receiver: a fix each second, in busy hours at 1 to 10 Hz; the receiver's own clock, whatever anybody does. */
    private void receive(Scene scene) {
        Random random = new Random(seed);
        try {
            long nextMs;
            do {
                nextMs = pace == Pace.BUSY ? random.nextLong(FIX_SHORTEST_MS, FIX_MS) : FIX_MS;
                scene.bench().fix(Frames.fix(Instant.now(), scene.drive().place()));
                scene.drive().advance(nextMs / 1_000.0);
            } while (!scene.stop().await(nextMs, TimeUnit.MILLISECONDS));
        } catch (IOException unplugged) {
            Logger.warn("the simulated receiver ends: {}", unplugged.getMessage());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private Route way() throws IOException {
        if (kind == Bench.Kind.POLE) {
            return standing();
        }
        Map<String, Route> shipped = Route.shipped();
        if (shipped.containsKey(route)) {
            return shipped.get(route);
        }
        try {
            return Route.read(Path.of(route));
        } catch (IOException | IllegalArgumentException e) {
            throw new CommandFailure(
                    "no route " + route + " (" + e.getMessage() + ")",
                    "one of " + String.join(", ", shipped.keySet()) + ", or a file of lines LAT LON");
        }
    }
}
