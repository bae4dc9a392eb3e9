package ansim.hub;

import ansim.hub.core.UnitRecord;
import ansim.hub.view.Registry;
import ansim.settings.CommandFailure;
import ansim.wire.Id16;
import ansim.wire.Pos;
import ansim.wire.VerifyKey;
import java.io.IOException;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

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
final class UnitsAddCommand implements Callable<Integer> {
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
            description = {"The vehicle number, or the pole's. Centres see it; it is in no log, topic or file name."})
    private String vehicle = "";

    @Option(names = "--company", required = true, paramLabel = "NAME", description = "Who runs it.")
    private String company = "";

    @Option(names = "--kind", required = true, paramLabel = "KIND", description = "taxi, cctv-pole or locker-site.")
    private String kind = "";

    @Option(names = "--unit", paramLabel = "UUID", description = "Its id, when it has one (default: a random one).")
    private Optional<String> unit = Optional.empty();

    @Option(names = "--place", paramLabel = "LAT,LON", description = "Where it stands, WGS 84, for what does not move.")
    private Optional<String> place = Optional.empty();

    @Override
    public Integer call() throws IOException {
        if (!UnitsCommand.KINDS.contains(kind)) {
            throw usage("--kind must be taxi, cctv-pole or locker-site (got " + kind + ")");
        }
        UnitRecord record = new UnitRecord(
                unit.map(id -> UnitsCommand.unitId(spec, id)).orElseGet(UnitsAddCommand::randomId),
                key(),
                text("--vehicle", vehicle),
                text("--company", company),
                kind,
                place.map(this::pos),
                false);
        try (Registry registry = UnitsCommand.open(hub)) {
            if (!registry.add(record, System.currentTimeMillis())) {
                throw alreadyThere(registry, record);
            }
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(UnitsCommand.dashed(record.unit()));
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
                    "the unit " + UnitsCommand.dashed(record.unit()) + " is there already",
                    "units list, or another --unit: an id is never used twice");
        }
        String other = registry.unitOf(record.key())
                .map(each -> UnitsCommand.dashed(each.unit().unit()))
                .orElse("another");
        return new CommandFailure(
                "this key belongs to the unit " + other + " already",
                "a key of its own for each unit: edge-agent keygen");
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
