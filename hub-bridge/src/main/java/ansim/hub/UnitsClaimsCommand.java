package ansim.hub;

import ansim.hub.view.Claims.Claim;
import ansim.hub.view.Claims.State;
import ansim.hub.view.Registry;
import ansim.settings.CommandFailure;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code hub-bridge units claims}: the rights to enrol a box. */
@Command(
        name = "claims",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = "Shows the claims that units import made, and takes them back.",
        subcommands = {UnitsClaimsCommand.ListAll.class, UnitsClaimsCommand.Revoke.class})
final class UnitsClaimsCommand {
    private UnitsClaimsCommand() {}

    /** Prints them. */
    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "Lists the claims: open, bound (a box has begun), used, expired, revoked.")
    static final class ListAll implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private HubFolder hub = new HubFolder();

        @Option(names = "--json", description = "One JSON object a line.")
        private boolean json;

        @Option(names = "--open", description = "Only those that wait for a box.")
        private boolean openOnly;

        @Override
        public Integer call() throws IOException {
            long nowMs = System.currentTimeMillis();
            List<Claim> claims;
            try (Registry registry = UnitsCommand.open(hub)) {
                claims = registry.claims().all().stream()
                        .filter(each -> !openOnly || each.state(nowMs) == State.OPEN)
                        .toList();
            }
            PrintWriter out = spec.commandLine().getOut();
            if (json) {
                claims.forEach(each -> out.println(json(each, nowMs)));
            } else {
                TextTable table =
                        new TextTable("CLAIM", "VEHICLE", "COMPANY", "KIND", "SERIAL", "CODE", "UNTIL", "STATE");
                claims.forEach(each -> table.row(
                        String.valueOf(each.id()),
                        each.service().vehicle(),
                        each.service().company(),
                        each.service().kind(),
                        each.serial().orElse("-"),
                        each.proof().isPresent() ? "yes" : "none yet",
                        UnitsCommand.time(each.expiresMs()),
                        state(each, nowMs)));
                table.print(out);
            }
            out.flush();
            return 0;
        }

        private static String state(Claim claim, long nowMs) {
            return claim.state(nowMs).name().toLowerCase(Locale.ROOT);
        }

        private static ObjectNode json(Claim claim, long nowMs) {
            ObjectNode out = JsonNodeFactory.instance.objectNode();
            out.put("claim", claim.id());
            out.put("vehicle", claim.service().vehicle());
            out.put("company", claim.service().company());
            out.put("kind", claim.service().kind());
            out.put("state", state(claim, nowMs));
            claim.serial().ifPresent(serial -> out.put("serial", serial));
            claim.proof().ifPresent(proof -> out.put("locator", proof.locator()));
            claim.unit().ifPresent(unit -> out.put("unit", UnitsCommand.dashed(unit)));
            claim.replaces().ifPresent(unit -> out.put("replaces", UnitsCommand.dashed(unit)));
            out.put("created", UnitsCommand.time(claim.createdMs()));
            out.put("until", UnitsCommand.time(claim.expiresMs()));
            return out;
        }
    }

    /** Takes one back. */
    @Command(
            name = "revoke",
            mixinStandardHelpOptions = true,
            description = "Takes a claim back: its code opens nothing any more. units import makes another one.")
    static final class Revoke implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private HubFolder hub = new HubFolder();

        @Parameters(paramLabel = "CLAIM", description = "Its number, as units claims list shows it.")
        private long id;

        @Override
        public Integer call() throws IOException {
            try (Registry registry = UnitsCommand.open(hub)) {
                if (!registry.claims().revoke(id, System.currentTimeMillis())) {
                    throw new CommandFailure(
                            "there is no claim " + id + " that is not used", "hub-bridge units claims list");
                }
            }
            PrintWriter out = spec.commandLine().getOut();
            out.println("revoked claim " + id);
            out.flush();
            return 0;
        }
    }
}
