package ansim.hub;

import ansim.hub.view.Registry;
import ansim.settings.CommandFailure;
import ansim.wire.Id16;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code hub-bridge units restore-trust}: undoes a revocation. */
@Command(
        name = "restore-trust",
        mixinStandardHelpOptions = true,
        description = {
            "Undoes units revoke: the unit is let in again within a second, and what it kept meanwhile is taken.",
        })
final class UnitsRestoreTrustCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private HubFolder hub = new HubFolder();

    @Parameters(paramLabel = "UNIT", description = "Its id.")
    private String unit = "";

    @Override
    public Integer call() throws IOException {
        Id16 id = UnitsCommand.unitId(spec, unit);
        try (Registry registry = UnitsCommand.open(hub)) {
            UnitsCommand.unit(registry, id);
            if (!registry.restoreTrust(id)) {
                throw new CommandFailure("the unit " + unit + " is not revoked", "nothing: it is let in");
            }
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println("trusted again " + UnitsCommand.dashed(id));
        out.flush();
        return 0;
    }
}
