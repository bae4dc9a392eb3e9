package ansim.hub;

import ansim.hub.view.Registry;
import ansim.hub.view.Registry.Registered;
import ansim.settings.CommandFailure;
import ansim.wire.Id16;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code hub-bridge units revoke}: shuts a unit out. */
@Command(
        name = "revoke",
        description = {
            "Shuts a unit out: lost, stolen, or not to be believed. Its connections end within a second, its messages are",
            "neither receipted nor refused, and it keeps them all. units restore-trust undoes it."
        },
        mixinStandardHelpOptions = true)
final class UnitsRevokeCommand implements Callable<Integer> {
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
        Id16 id = UnitsCommand.unitId(spec, unit);
        try (Registry registry = UnitsCommand.open(hub)) {
            Registered found = registry.unit(id)
                    .orElseThrow(() -> new CommandFailure("there is no unit " + unit, "hub-bridge units list"));
            if (found.unit().revoked()) {
                throw new CommandFailure(
                        "the unit " + unit + " is revoked already",
                        "nothing: it is shut out; units restore-trust undoes it");
            }
            if (!yes && !confirmed(found)) {
                throw new CommandFailure("nothing was changed", "--yes to revoke without being asked");
            }
            registry.revoke(id, System.currentTimeMillis());
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println("revoked " + UnitsCommand.dashed(id));
        out.flush();
        return 0;
    }

    private boolean confirmed(Registered found) throws IOException {
        PrintWriter err = spec.commandLine().getErr();
        err.printf(
                "Shut out %s (%s, %s)? [y/N] ",
                UnitsCommand.dashed(found.unit().unit()),
                found.unit().vehicle(),
                found.unit().company());
        err.flush();
        String answer = new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset())).readLine();
        return answer != null && Set.of("y", "yes").contains(answer.strip().toLowerCase(Locale.ROOT));
    }
}
