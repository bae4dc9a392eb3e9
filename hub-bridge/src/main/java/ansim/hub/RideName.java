package ansim.hub;

import ansim.hub.core.UnitRide;
import ansim.hub.view.RideRow;
import ansim.settings.CommandFailure;
import ansim.wire.Id16;
import ansim.wire.Id8;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** The ride that a command is about, for {@code @Mixin}: {@code UNIT/RIDE} as the events name it. */
final class RideName {
    private static final int MOST = 10;

    @Parameters(
            paramLabel = "UNIT/RIDE",
            description = "The unit's id and the ride's, 16 hexadecimal digits; to read, the ride's alone will do.")
    private String text = "";

    /** Also by the ride's id alone, if the views of a hub know one ride of it only. */
    UnitRide ride(CommandSpec spec, HubFolder hub) {
        if (text.contains("/")) {
            return ride(spec);
        }
        List<String> found = RidesListCommand.read(
                        hub,
                        new RideRow.Query(
                                false, false, Optional.empty(), Optional.empty(), Optional.of(id(spec)), MOST))
                .stream()
                .map(RidesListCommand::name)
                .toList();
        if (found.isEmpty()) {
            throw new CommandFailure(
                    "there is no ride " + text + ": it is not known, or it is erased", "hub-bridge rides list");
        }
        if (found.size() > 1) {
            throw new CommandFailure(
                    "rides of several units have the id " + text, "one of them: " + String.join(", ", found));
        }
        text = found.get(0);
        return ride(spec);
    }

    private Id8 id(CommandSpec spec) {
        try {
            return Id8.parse(text);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "not a ride: " + e.getMessage(), e);
        }
    }

    UnitRide ride(CommandSpec spec) {
        String[] parts = text.split("/", -1);
        try {
            if (parts.length == 2) {
                return new UnitRide(Id16.parse(parts[0]), Id8.parse(parts[1]));
            }
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "not a unit's ride: " + e.getMessage(), e);
        }
        throw new ParameterException(spec.commandLine(), "not a unit's ride: UNIT/RIDE (got " + text + ")");
    }
}
