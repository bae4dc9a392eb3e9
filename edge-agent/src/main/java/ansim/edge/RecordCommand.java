package ansim.edge;

import ansim.edge.port.PortConfig;
import ansim.edge.port.PortStatus;
import ansim.edge.port.Ports;
import ansim.profile.Profile;
import ansim.profile.Reading;
import ansim.profile.Wire;
import ansim.settings.CommandFailure;
import ansim.settings.Settings;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What a port says, into a file that {@code replay} plays: for a defect report, or a profile of one's own. */
@Command(
        name = "record",
        description = {
            "Record a port of agent.yaml into a file that `replay` plays, with a head that says where it is from. The agent must not "
                    + "hold the port meanwhile.",
            "",
            "Card numbers are masked: every run of four or more hex digits becomes zeros, so the masked frames no longer verify. A "
                    + "reader whose numbers travel in binary is recorded only with --with-card-numbers; the file is then personal data.",
            ""
        },
        mixinStandardHelpOptions = true,
        footer = {"", "  edge-agent record --port gnss --out gnss.log --seconds 60"})
final class RecordCommand implements Callable<Integer> {
    /** Larger than an hour of any device here; a recording that forgets to stop must not fill the card. */
    static final long MAX_BYTES = 64L * 1024 * 1024;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = {"-c", "--config"},
            defaultValue = "agent.yaml",
            paramLabel = "FILE",
            description = "The configuration (default: ${DEFAULT-VALUE}).")
    private Path configuration = Path.of("agent.yaml");

    @Option(names = "--port", required = true, paramLabel = "NAME", description = "The port's name in it.")
    private String portName = "";

    @Option(names = "--out", required = true, paramLabel = "FILE", description = "The recording; must not exist.")
    private Path file = Path.of("");

    @Option(
            names = "--seconds",
            defaultValue = "0",
            paramLabel = "S",
            description = "Stop after so many seconds; 0 goes on until Ctrl-C or 64 MiB (default: ${DEFAULT-VALUE}).")
    private long seconds;

    @Option(names = "--note", paramLabel = "TEXT", description = "For the head: which device, what was done.")
    private @Nullable String note;

    @Option(names = "--with-card-numbers", description = "Do not mask card numbers.")
    private boolean withCardNumbers;

    @Override
    public Integer call() throws InterruptedException {
        if (seconds < 0 || seconds > 86_400) {
            throw new ParameterException(spec.commandLine(), "--seconds must be in [0, 86400] (got " + seconds + ")");
        }
        ProbeCommand.quiet();
        PortConfig port = port();
        Profile profile = Ports.profileOf(port);
        boolean cards = profile.readings().contains(Reading.Type.TAP) && !withCardNumbers;
        if (cards && (profile.wire() != Wire.SERIAL || profile.asks())) {
            throw new CommandFailure(
                    "the card numbers of " + profile.name() + " travel in binary and cannot be masked",
                    "--with-card-numbers, if you may, and treat the file as personal data");
        }
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file, StandardOpenOption.CREATE_NEW))) {
            PortTap tap = new PortTap(profile, out, cards, MAX_BYTES);
            tap.head(List.of(
                    "Recorded by edge-agent " + StatusReport.version(),
                    "Date: " + Instant.now().truncatedTo(ChronoUnit.SECONDS),
                    "Profile: " + profile.name() + ", " + port.wire(),
                    "Note: " + (note == null ? "none" : note),
                    cards ? "Card numbers: masked" : "Card numbers: as they came, if any"));
            return record(port, tap);
        } catch (FileAlreadyExistsException e) {
            throw new CommandFailure(file + " exists", "another file name, or move that one away first");
        } catch (IOException e) {
            throw new CommandFailure("cannot write " + file + " (" + e + ")", "a disk with room that you may write to");
        }
    }

    private PortConfig port() {
        List<PortConfig> ports = Settings.load(configuration, AgentConfig.class).ports();
        return ports.stream()
                .filter(each -> each.name().equals(portName))
                .findFirst()
                .orElseThrow(() -> new CommandFailure(
                        "there is no port " + portName + " in " + configuration,
                        "one of "
                                + String.join(
                                        ", ",
                                        ports.stream().map(PortConfig::name).toList())));
    }

    private int record(PortConfig port, PortTap tap) throws IOException, InterruptedException {
        CountDownLatch stop = new CountDownLatch(1);
        CountDownLatch written = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(stop, written), "stop"));
        PrintWriter err = spec.commandLine().getErr();
        AtomicLong readings = new AtomicLong();
        long startMs = SystemClock.monoMs();
        try (Ports ports = Ports.open(
                List.of(port),
                reading -> readings.incrementAndGet(),
                SystemClock::monoMs,
                (name, reader) -> tap.around(reader))) {
            while (!stop.await(1, TimeUnit.SECONDS) && !tap.full()) {
                long ranS = (SystemClock.monoMs() - startMs) / 1_000;
                PortStatus status =
                        Optional.ofNullable(ports.states().get(port.name())).orElseThrow();
                err.printf(
                        "%d s, %d bytes, %d readings, port %s%s%n",
                        ranS,
                        tap.bytes(),
                        readings.get(),
                        status.state().name().toLowerCase(Locale.ROOT),
                        status.error().map(error -> ": " + error).orElse(""));
                if (seconds > 0 && ranS >= seconds) {
                    break;
                }
            }
        }
        tap.end();
        written.countDown();
        err.println("Recorded " + tap.bytes() + " bytes into " + file + "; play it with: edge-agent replay --profile "
                + port.profile() + " " + file);
        return tap.bytes() > 0 ? 0 : CommandFailure.EXIT_CODE;
    }

    private static void stop(CountDownLatch stop, CountDownLatch written) {
        stop.countDown();
        try {
            // What is held back by the mask is written by the command itself.
            written.await(3, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
