package ansim.hub;

import ansim.hub.core.UnitRecord;
import ansim.hub.view.Registry;
import ansim.hub.view.Registry.Registered;
import ansim.settings.CommandFailure;
import ansim.wire.Id16;
import ansim.wire.Pos;
import ansim.wire.VerifyKey;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Which units the hub lets in. A running hub takes a change over within a second. */
@Command(
        name = "units",
        description = "Lets units in, shows them and how they are, and shuts them out.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            UnitsCommand.Add.class,
            UnitsCommand.ListAll.class,
            UnitsCommand.Revoke.class,
            UnitsHealthCommand.class,
            UnitsImportCommand.class
        })
final class UnitsCommand {
    /** What a unit can be. */
    static final Set<String> KINDS = Set.of("taxi", "cctv-pole", "locker-site");

    private UnitsCommand() {}

    /** Adds a unit and prints its id. */
    @Command(
            name = "add",
            description = "Lets a unit in and prints its id.",
            mixinStandardHelpOptions = true,
            footer = {
                "",
                "  hub-bridge units add --public-key unit-key.pub.pem --vehicle \"서울 31바 1234\" \\",
                "      --company \"한빛운수\" --kind taxi",
            })
    static final class Add implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private HubFolder hub = new HubFolder();

        @Option(
                names = "--public-key",
                required = true,
                paramLabel = "KEY.pem",
                description = {"The public half of the unit's key, as edge-agent keygen wrote it."})
        private Path publicKey = Path.of("");

        @Option(
                names = "--vehicle",
                required = true,
                paramLabel = "NUMBER",
                description = {"The vehicle number, or the pole's. Centres see it; it is in no log, topic or file name."
                })
        private String vehicle = "";

        @Option(names = "--company", required = true, paramLabel = "NAME", description = "Who runs it.")
        private String company = "";

        @Option(names = "--kind", required = true, paramLabel = "KIND", description = "taxi, cctv-pole or locker-site.")
        private String kind = "";

        @Option(names = "--unit", paramLabel = "UUID", description = "Its id, when it has one (default: a random one).")
        private Optional<String> unit = Optional.empty();

        @Option(
                names = "--place",
                paramLabel = "LAT,LON",
                description = "Where it stands, WGS 84, for what does not move.")
        private Optional<String> place = Optional.empty();

        @Override
        public Integer call() throws IOException {
            if (!KINDS.contains(kind)) {
                throw usage("--kind must be taxi, cctv-pole or locker-site (got " + kind + ")");
            }
            UnitRecord record = new UnitRecord(
                    unit.map(id -> unitId(spec, id)).orElseGet(Add::randomId),
                    key(),
                    text("--vehicle", vehicle),
                    text("--company", company),
                    kind,
                    place.map(this::pos),
                    false);
            try (Registry registry = open(hub)) {
                if (!registry.add(record, System.currentTimeMillis())) {
                    throw alreadyThere(registry, record);
                }
            }
            PrintWriter out = spec.commandLine().getOut();
            out.println(dashed(record.unit()));
            out.flush();
            return 0;
        }

        private static Id16 randomId() {
            UUID random = UUID.randomUUID();
            return new Id16(random.getMostSignificantBits(), random.getLeastSignificantBits());
        }

        private VerifyKey key() {
            try {
                return VerifyKey.fromPem(Files.readString(publicKey));
            } catch (IOException | IllegalArgumentException e) {
                throw new CommandFailure(
                        publicKey + " is not a public key that can be read: " + e.getMessage(),
                        "the .pub.pem file that edge-agent keygen wrote beside the unit's private key");
            }
        }

        private String text(String option, String value) {
            String text = value.strip();
            if (text.isEmpty()
                    || text.length() > UnitRecord.MAX_TEXT
                    || text.chars().anyMatch(Character::isISOControl)) {
                throw usage(option + " must have 1 to " + UnitRecord.MAX_TEXT + " characters, on one line");
            }
            return text;
        }

        private Pos pos(String text) {
            String[] parts = text.split(",", -1);
            try {
                if (parts.length == 2) {
                    return Pos.of(e7(parts[0]), e7(parts[1]));
                }
            } catch (ArithmeticException | IllegalArgumentException e) {
                throw usage("--place must be LAT,LON in degrees such as 37.4979,127.0276 (got " + text + ")");
            }
            throw usage("--place must be LAT,LON in degrees such as 37.4979,127.0276 (got " + text + ")");
        }

        private static int e7(String degrees) {
            return new BigDecimal(degrees.strip())
                    .movePointRight(7)
                    .setScale(0, RoundingMode.HALF_UP)
                    .intValueExact();
        }

        private static CommandFailure alreadyThere(Registry registry, UnitRecord record) throws IOException {
            if (registry.unit(record.unit()).isPresent()) {
                return new CommandFailure(
                        "the unit " + dashed(record.unit()) + " is there already",
                        "units list, or another --unit: an id is never used twice");
            }
            String other = registry.unitOf(record.key())
                    .map(each -> dashed(each.unit().unit()))
                    .orElse("another");
            return new CommandFailure(
                    "this key belongs to the unit " + other + " already",
                    "a key of its own for each unit: edge-agent keygen");
        }

        private ParameterException usage(String message) {
            return new ParameterException(spec.commandLine(), message);
        }
    }

    /** Prints the registry. */
    @Command(
            name = "list",
            description = "Lists the units in the order in which they came.",
            mixinStandardHelpOptions = true)
    static final class ListAll implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private HubFolder hub = new HubFolder();

        @Option(names = "--json", description = "One JSON object a line.")
        private boolean json;

        @Override
        public Integer call() throws IOException {
            List<Registered> units;
            try (Registry registry = open(hub)) {
                units = registry.units();
            }
            PrintWriter out = spec.commandLine().getOut();
            if (json) {
                units.forEach(each -> out.println(json(each)));
            } else {
                TextTable table = new TextTable("UNIT", "VEHICLE", "COMPANY", "KIND", "PLACE", "KEY", "ADDED", "STATE");
                units.forEach(each -> table.row(
                        dashed(each.unit().unit()),
                        each.unit().vehicle(),
                        each.unit().company(),
                        each.unit().kind(),
                        each.unit().place().map(UnitsCommand::degrees).orElse("-"),
                        each.unit().key().kid().hex(),
                        time(each.addedMs()),
                        state(each.revokedMs())));
                table.print(out);
            }
            out.flush();
            return 0;
        }

        private static String state(OptionalLong revokedMs) {
            return revokedMs.isPresent() ? "revoked " + time(revokedMs.getAsLong()) : "valid";
        }

        private static ObjectNode json(Registered each) {
            ObjectNode out = JsonNodeFactory.instance.objectNode();
            out.put("unit", dashed(each.unit().unit()));
            out.put("vehicle", each.unit().vehicle());
            out.put("company", each.unit().company());
            out.put("kind", each.unit().kind());
            each.unit()
                    .place()
                    .ifPresent(pos -> out.put("lat", pos.latE7() / 1e7).put("lon", pos.lonE7() / 1e7));
            out.put("kid", each.unit().key().kid().hex());
            out.put("added", time(each.addedMs()));
            out.put("revoked", each.unit().revoked());
            each.revokedMs().ifPresent(ms -> out.put("revokedAt", time(ms)));
            return out;
        }
    }

    /** Shuts a unit out, for good. */
    @Command(
            name = "revoke",
            description = {
                "Refuses a unit's messages from now on: its key is lost or stolen.",
                "There is no way back; the unit needs a new key and a new id."
            },
            mixinStandardHelpOptions = true)
    static final class Revoke implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private HubFolder hub = new HubFolder();

        @Parameters(paramLabel = "UNIT", description = "Its id.")
        private String unit = "";

        @Option(
                names = {"-y", "--yes"},
                description = "Do not ask.")
        private boolean yes;

        @Override
        public Integer call() throws IOException {
            Id16 id = unitId(spec, unit);
            try (Registry registry = open(hub)) {
                Registered found = registry.unit(id)
                        .orElseThrow(() -> new CommandFailure("there is no unit " + unit, "hub-bridge units list"));
                if (found.unit().revoked()) {
                    throw new CommandFailure("the unit " + unit + " is revoked already", "nothing: it is shut out");
                }
                if (!yes && !confirmed(found)) {
                    throw new CommandFailure("nothing was changed", "--yes to revoke without being asked");
                }
                registry.revoke(id, System.currentTimeMillis());
            }
            PrintWriter out = spec.commandLine().getOut();
            out.println("revoked " + dashed(id));
            out.flush();
            return 0;
        }

        private boolean confirmed(Registered found) throws IOException {
            PrintWriter err = spec.commandLine().getErr();
            err.printf(
                    "Revoke %s (%s, %s) for good? [y/N] ",
                    dashed(found.unit().unit()),
                    found.unit().vehicle(),
                    found.unit().company());
            err.flush();
            String answer = new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset())).readLine();
            return answer != null && Set.of("y", "yes").contains(answer.strip().toLowerCase(Locale.ROOT));
        }
    }

    static Registry open(HubFolder hub) {
        Path file = hub.file(HubFolder.REGISTRY);
        try {
            return Registry.open(file);
        } catch (IOException e) {
            throw new CommandFailure(
                    "cannot open the registry: " + e.getMessage(), "check the folder and its permissions: " + file);
        }
    }

    static Id16 unitId(CommandSpec spec, String text) {
        try {
            return Id16.parse(text);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "not a unit id: " + e.getMessage(), e);
        }
    }

    /** As a UUID, which is how people know it. */
    static String dashed(Id16 unit) {
        return new UUID(unit.hi(), unit.lo()).toString();
    }

    static String time(long ms) {
        return Instant.ofEpochMilli(ms).truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static String degrees(Pos pos) {
        return pos.latE7() / 1e7 + "," + pos.lonE7() / 1e7;
    }
}
