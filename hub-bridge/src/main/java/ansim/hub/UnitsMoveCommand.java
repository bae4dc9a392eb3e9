package ansim.hub;

import ansim.hub.core.UnitRecord;
import ansim.hub.view.Registry;
import ansim.wire.Id16;
import ansim.wire.Pos;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code hub-bridge units move}: the same box serves another vehicle or stands elsewhere. */
@Command(
        name = "move",
        mixinStandardHelpOptions = true,
        description = {
            "Gives a unit another vehicle, company or place from a moment on. What happened before, also what arrives",
            "later, shows the vehicle of its time."
        },
        footer = {"", "  hub-bridge units move UNIT --vehicle \"서울 31바 1234\" --from 2026-11-27T06:00:00Z"})
final class UnitsMoveCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private HubFolder hub = new HubFolder();

    @Parameters(paramLabel = "UNIT", description = "Its id.")
    private String unit = "";

    @Option(names = "--vehicle", paramLabel = "NUMBER", description = "The new vehicle number, or the pole's.")
    private Optional<String> vehicle = Optional.empty();

    @Option(names = "--company", paramLabel = "NAME", description = "Who runs it now.")
    private Optional<String> company = Optional.empty();

    @Option(names = "--place", paramLabel = "LAT,LON", description = "Where it stands now, for what does not move.")
    private Optional<String> place = Optional.empty();

    @Option(names = "--district", paramLabel = "CODE", description = "The district of what does not move.")
    private Optional<String> district = Optional.empty();

    @Option(names = "--group", paramLabel = "NAME", description = "The group to find it by.")
    private Optional<String> group = Optional.empty();

    @Option(names = "--from", paramLabel = "INSTANT", description = "Since when (default: now), not in the future.")
    private Optional<String> from = Optional.empty();

    @Override
    public Integer call() throws IOException {
        Id16 id = UnitsCommand.unitId(spec, unit);
        long fromMs = fromMs();
        try (Registry registry = UnitsCommand.open(hub)) {
            UnitRecord now = UnitsCommand.unit(registry, id).unit();
            for (UnitRecord.Past each : now.past()) {
                if (fromMs < each.untilMs()) {
                    throw usage("--from must not be before the last move, " + UnitsCommand.time(each.untilMs()));
                }
            }
            registry.move(id, service(now.service()), fromMs);
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println("moved " + UnitsCommand.dashed(id) + " from " + UnitsCommand.time(fromMs));
        out.flush();
        return 0;
    }

    private long fromMs() {
        long nowMs = System.currentTimeMillis();
        try {
            long fromMs = from.map(Instant::parse).map(Instant::toEpochMilli).orElse(nowMs);
            if (fromMs > nowMs) {
                throw usage("--from must not be in the future (got " + from.orElse("") + ")");
            }
            return fromMs;
        } catch (DateTimeParseException e) {
            throw usage("--from must be a moment such as 2026-11-27T06:00:00Z (got " + from.orElse("") + ")");
        }
    }

    private UnitRecord.Service service(UnitRecord.Service now) {
        if (vehicle.isEmpty() && company.isEmpty() && place.isEmpty() && district.isEmpty() && group.isEmpty()) {
            throw usage("--vehicle, --company, --place, --district or --group must say what changes");
        }
        return new UnitRecord.Service(
                text("--vehicle", vehicle, now.vehicle()),
                text("--company", company, now.company()),
                now.kind(),
                place.isPresent() ? place.map(this::pos) : now.place(),
                text("--district", district, now.district()),
                text("--group", group, now.group()));
    }

    private String text(String option, Optional<String> given, String now) {
        String text = given.map(String::strip).orElse(now);
        boolean missing = text.isEmpty() && option.equals("--vehicle");
        if (missing || text.length() > UnitRecord.MAX_TEXT || text.chars().anyMatch(Character::isISOControl)) {
            throw usage(option + " must have 1 to " + UnitRecord.MAX_TEXT + " characters, on one line");
        }
        return text;
    }

    private Pos pos(String text) {
        try {
            return CrateFile.pos(text);
        } catch (IllegalArgumentException e) {
            throw usage("--place must be LAT,LON in degrees such as 37.4979,127.0276 (got " + text + ")");
        }
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
