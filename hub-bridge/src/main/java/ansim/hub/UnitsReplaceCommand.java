package ansim.hub;

import ansim.hub.core.UnitRecord;
import ansim.hub.view.Claims;
import ansim.hub.view.Registry;
import ansim.hub.view.Registry.Registered;
import ansim.settings.CommandFailure;
import ansim.trust.ClaimCode;
import ansim.wire.Id16;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code hub-bridge units replace}: another box takes a unit's place. */
@Command(
        name = "replace",
        mixinStandardHelpOptions = true,
        description = {
            "Prints a claim's code for the box that takes a unit's place, with the same vehicle or site.",
            "When that box works, the old one may still send for 30 days what it holds, flagged suspect; then it is",
            "shut out. A box that is stolen, or nobody knows where, is not to be believed at all: --stolen."
        })
final class UnitsReplaceCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private HubFolder hub = new HubFolder();

    @Mixin
    private HubAddress address = new HubAddress();

    @Parameters(paramLabel = "UNIT", description = "The id of the old one.")
    private String unit = "";

    @Option(names = "--with", paramLabel = "UNIT", description = "A unit that works already takes its place.")
    private Optional<String> with = Optional.empty();

    @Option(
            names = "--stolen",
            description = "Shut the old one out at once, as units revoke does: what it holds is not taken.")
    private boolean stolen;

    @Option(names = "--claims", paramLabel = "DIR", description = "Also a claim file for a USB stick.")
    private Optional<Path> folder = Optional.empty();

    @Override
    public Integer call() throws IOException {
        Id16 old = UnitsCommand.unitId(spec, unit);
        PrintWriter out = spec.commandLine().getOut();
        try (Registry registry = UnitsCommand.open(hub)) {
            Registered found = UnitsCommand.unit(registry, old);
            if (found.box().replacedBy().isPresent()) {
                throw new CommandFailure(
                        "the unit " + unit + " is replaced already by "
                                + UnitsCommand.dashed(found.box().replacedBy().get()),
                        "hub-bridge units list");
            }
            long nowMs = System.currentTimeMillis();
            if (stolen && registry.revoke(old, nowMs)) {
                // Not among what is printed for the fitter.
                spec.commandLine().getErr().println("revoked " + UnitsCommand.dashed(old));
            }
            if (with.isPresent()) {
                Id16 by = UnitsCommand.unitId(spec, with.get());
                UnitsCommand.unit(registry, by);
                registry.replace(old, by, nowMs + Claims.DRAIN.toMillis());
                out.println("replaced " + UnitsCommand.dashed(old) + " by " + UnitsCommand.dashed(by));
            } else {
                out.println(claim(registry, found.unit(), nowMs).grouped());
            }
        }
        out.flush();
        return 0;
    }

    private ClaimCode claim(Registry registry, UnitRecord old, long nowMs) throws IOException {
        ClaimCode code = ClaimCode.random(new SecureRandom());
        long untilMs = nowMs + Claims.LIFE.toMillis();
        Claims.Wish wish = new Claims.Wish(
                old.service(), Optional.empty(), Optional.of(Claims.Proof.of(code)), Optional.of(old.unit()), untilMs);
        if (folder.isEmpty()) {
            registry.claims().take(List.of(wish), Map.of(), nowMs);
            return code;
        }
        try (ClaimOutputs outputs = new ClaimOutputs(
                Optional.empty(),
                folder,
                address.url(hub),
                HubAddress.authority(hub).authority())) {
            outputs.add(old.service(), Optional.empty(), untilMs, Optional.of(code));
            outputs.force();
            registry.claims().take(List.of(wish), Map.of(), nowMs);
            outputs.finish();
        }
        return code;
    }
}
