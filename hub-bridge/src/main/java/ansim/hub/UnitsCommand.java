package ansim.hub;

import ansim.hub.view.Registry;
import ansim.settings.CommandFailure;
import ansim.wire.Id16;
import ansim.wire.Pos;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Which units the hub lets in. A running hub takes a change over within a second. */
@Command(
        name = "units",
        description = "Lets units in, shows them and how they are, moves them, and shuts them out.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            UnitsAddCommand.class,
            UnitsImportCommand.class,
            UnitsClaimsCommand.class,
            UnitsSheetCommand.class,
            UnitsClaimPinCommand.class,
            UnitsListCommand.class,
            UnitsExportCommand.class,
            UnitsHealthCommand.class,
            UnitsMoveCommand.class,
            UnitsReplaceCommand.class,
            UnitsRevokeCommand.class,
            UnitsRestoreTrustCommand.class
        })
final class UnitsCommand {
    /** What a unit can be. */
    static final Set<String> KINDS = Set.of("taxi", "cctv-pole", "locker-site");

    private UnitsCommand() {}

    static Registry open(HubFolder hub) {
        Path file = hub.file(HubFolder.REGISTRY);
        try {
            return Registry.open(file);
        } catch (IOException e) {
            throw new CommandFailure(
                    "cannot open the registry: " + e.getMessage(), "check the folder and its permissions: " + file);
        }
    }

    /** A unit that is there. */
    static Registry.Registered unit(Registry registry, Id16 id) throws IOException {
        return registry.unit(id)
                .orElseThrow(() -> new CommandFailure("there is no unit " + dashed(id), "hub-bridge units list"));
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

    static String degrees(Pos pos) {
        return pos.latE7() / 1e7 + "," + pos.lonE7() / 1e7;
    }
}
