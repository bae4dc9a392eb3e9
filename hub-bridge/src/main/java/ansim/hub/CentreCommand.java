package ansim.hub;

import ansim.hub.core.District;
import ansim.hub.core.DistrictMap;
import ansim.hub.core.StarterMap;
import ansim.hub.deliver.BrokerAccess;
import ansim.hub.deliver.CentreHttp;
import ansim.hub.deliver.CentreMqtt;
import ansim.hub.deliver.EventBook;
import ansim.hub.deliver.Receiver;
import ansim.hub.deliver.Receiver.Taken;
import ansim.settings.CommandFailure;
import ansim.wire.UnitKeyVerifier;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The reference centre: receives one district's events, verifies each unit's own signature, and prints a line per event. */
@Command(
        name = "centre",
        description = {
            "The reference centre: receives events, verifies each unit's own signature, prints a line per event.",
            "Runs until it is stopped. Every event is taken once; a repeat is only noted in the JSON file."
        },
        mixinStandardHelpOptions = true)
final class CentreCommand implements Callable<Integer> {
    private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT);
    private static final int RIDE_DIGITS = 8;

    @Option(names = "--listen", paramLabel = "HOST:PORT", description = "Take CloudEvents by HTTP POST here.")
    @Nullable
    String listen;

    @Option(
            names = "--mqtt",
            paramLabel = "URL",
            description = "Take them from this broker: tcp://host:port or ssl://host:port.")
    @Nullable
    String mqtt;

    @Option(
            names = "--authority",
            paramLabel = "FILE",
            description = "With --mqtt: certificates (PEM) that are trusted instead of Java's own.")
    @Nullable
    Path authority;

    @Option(names = "--user", paramLabel = "NAME", description = "With --mqtt: log in by this name.")
    @Nullable
    String user;

    @Option(
            names = "--password-file",
            paramLabel = "FILE",
            description = "With --user: a file with the password, readable by its owner only.")
    @Nullable
    Path passwordFile;

    @Option(
            names = "--certificate",
            paramLabel = "FILE",
            description = "With --mqtt: the centre's own certificate (PEM), for a broker that wants one.")
    @Nullable
    Path certificate;

    @Option(
            names = "--key",
            paramLabel = "FILE",
            description = "With --certificate: its private key (PEM), readable by its owner only.")
    @Nullable
    Path key;

    @Option(
            names = "--district",
            paramLabel = "CODE",
            defaultValue = "*",
            description = "The district's code, for --mqtt and the heading; \"*\": all. Default: ${DEFAULT-VALUE}.")
    String district = "*";

    @Option(
            names = "--units",
            paramLabel = "FILE",
            description =
                    "Where the units' public keys are: the hub's registry.db, a PEM file, or a folder of PEM files.")
    @Nullable
    Path units;

    @Option(
            names = "--json",
            paramLabel = "FILE",
            description =
                    "Append each event as a JSON line, on disk before the answer. It is also the memory of what came:"
                            + " without it, ids are remembered until the end.")
    @Nullable
    Path json;

    @Option(
            names = "--secret",
            paramLabel = "FILE",
            description =
                    "Take only requests that the hub signed with the secret in this file (its sink's \"secret\").")
    @Nullable
    Path secret;

    @Spec
    @Nullable
    CommandSpec spec;

    /** Only for who needs it: every command is made at the start of each. */
    private static final class Names {
        static final DistrictMap MAP = StarterMap.map();
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        CommandSpec command = Objects.requireNonNull(spec);
        if (listen == null && mqtt == null) {
            throw new ParameterException(command.commandLine(), "Give --listen or --mqtt, or both");
        }
        Optional<BrokerAccess> broker = broker(command);
        PrintWriter out = command.commandLine().getOut();
        try (EventBook book = json == null ? EventBook.inMemory() : EventBook.open(json);
                UnitKeys keys = UnitKeys.open(Optional.ofNullable(units))) {
            Receiver receiver = new Receiver(keys, UnitKeyVerifier.INSTANCE, book, taken -> print(out, taken));
            serve(receiver, broker, out);
        }
        return 0;
    }

    private Optional<BrokerAccess> broker(CommandSpec command) {
        Optional<Path> trusted = Optional.ofNullable(authority);
        Optional<String> name = Optional.ofNullable(user);
        Optional<Path> password = Optional.ofNullable(passwordFile);
        Optional<Path> own = Optional.ofNullable(certificate);
        Optional<Path> ownKey = Optional.ofNullable(key);
        if (mqtt == null) {
            if (Stream.of(trusted, name, password, own, ownKey).anyMatch(Optional::isPresent)) {
                throw new ParameterException(
                        command.commandLine(),
                        "--authority, --user, --password-file, --certificate and --key go with --mqtt URL");
            }
            return Optional.empty();
        }
        try {
            BrokerAccess access = new BrokerAccess(mqtt, trusted, name, password, own, ownKey);
            access.checkFiles();
            return Optional.of(access);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw new CommandFailure(
                    String.valueOf(e.getMessage()), "the files that the broker's people gave; secrets with chmod 600");
        }
    }

    private void serve(Receiver receiver, Optional<BrokerAccess> access, PrintWriter out) throws InterruptedException {
        Optional<CentreHttp> http = Optional.ofNullable(listen).map(where -> http(receiver, where, out));
        Optional<CentreMqtt> broker = access.map(there -> CentreMqtt.start(there, district, receiver));
        try {
            new CountDownLatch(1).await();
        } finally {
            broker.ifPresent(CentreMqtt::close);
            http.ifPresent(CentreHttp::close);
        }
    }

    private CentreHttp http(Receiver receiver, String where, PrintWriter out) {
        URI uri = URI.create("http://" + where);
        if (uri.getHost() == null || uri.getPort() < 0) {
            throw new CommandFailure("--listen must be HOST:PORT (got " + where + ")", "--listen 127.0.0.1:9001");
        }
        try {
            CentreHttp http = CentreHttp.start(
                    new InetSocketAddress(uri.getHost(), uri.getPort()), receiver, Optional.ofNullable(secret));
            out.println("Centre " + name(district) + " listens at http://" + uri.getHost() + ":"
                    + http.address().getPort() + "/");
            out.flush();
            return http;
        } catch (IOException e) {
            throw new CommandFailure(
                    where + ": " + e.getMessage(),
                    "another port, or stop what has this one; a secret must be its owner's only");
        }
    }

    private void print(PrintWriter out, Taken taken) {
        if (!taken.first()) {
            return;
        }
        String ride = taken.data("ride");
        String type = taken.text("type").replaceFirst("^ansim\\.", "");
        out.printf(
                "%s  %-12s  %-14s  %-14s  %-8s  %s%s%n",
                clock(taken.data("time")),
                name(taken.data("district")),
                type,
                taken.data("vehicle"),
                ride.length() > RIDE_DIGITS ? ride.substring(0, RIDE_DIGITS) : "-",
                taken.verified()
                        ? "[signed by the unit]"
                        : taken.isUnsignedByNature() ? "[said by the hub]" : "[NOT VERIFIED]",
                marks(taken));
        out.flush();
    }

    private static String marks(Taken taken) {
        StringBuilder marks = new StringBuilder();
        for (String flag : new String[] {"late", "suspect", "test", "gapBefore"}) {
            if (taken.event().path("data").path(flag).asBoolean()) {
                marks.append("  ").append(flag);
            }
        }
        return marks.toString();
    }

    private static String clock(String time) {
        try {
            return CLOCK.format(Instant.parse(time).atZone(ZoneId.systemDefault()));
        } catch (DateTimeParseException e) {
            return time;
        }
    }

    private String name(String code) {
        return switch (code) {
            case "*" -> "of all districts";
            case "-" -> "(outside)";
            default -> Names.MAP.district(code).map(District::name).orElse(code);
        };
    }
}
