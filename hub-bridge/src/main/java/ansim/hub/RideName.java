package ansim.hub;

import ansim.hub.core.UnitRide;
import ansim.wire.Id16;
import ansim.wire.Id8;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** The ride that a command is about, for {@code @Mixin}: {@code UNIT/RIDE} as the events name it. */
final class RideName {
    @Parameters(paramLabel = "UNIT/RIDE", description = "The unit's id and the ride's, 16 hexadecimal digits.")
    private String text = "";

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
