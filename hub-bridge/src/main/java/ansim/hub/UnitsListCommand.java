package ansim.hub;

import ansim.hub.view.Registry.Registered;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code hub-bridge units list}: prints the registry. */
@Command(
        name = "list",
        description = "Lists the units in the order in which they came, all or those that are asked for.",
        mixinStandardHelpOptions = true)
final class UnitsListCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private HubFolder hub = new HubFolder();

    @Mixin
    private UnitsWanted wanted = new UnitsWanted();

    @Option(names = "--json", description = "One JSON object a line.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        List<Registered> units = wanted.find(spec, hub);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            units.forEach(each -> out.println(json(each)));
        } else {
            TextTable table = new TextTable(
                    "UNIT",
                    "VEHICLE",
                    "COMPANY",
                    "KIND",
                    "PLACE",
                    "SERIAL",
                    "KEYS",
                    "CERTIFICATE UNTIL",
                    "ADDED",
                    "STATE");
            units.forEach(each -> table.row(
                    UnitsCommand.dashed(each.unit().unit()),
                    each.unit().vehicle(),
                    each.unit().company(),
                    each.unit().kind(),
                    each.unit().place().map(UnitsCommand::degrees).orElse("-"),
                    each.box().serial().orElse("-"),
                    keys(each),
                    each.box().certificateUntilMs().isPresent()
                            ? UnitsCommand.time(each.box().certificateUntilMs().getAsLong())
                            : "-",
                    UnitsCommand.time(each.addedMs()),
                    state(each)));
            table.print(out);
        }
        out.flush();
        return 0;
    }

    /** The newest key, and how many there are. */
    private static String keys(Registered each) {
        int count = each.unit().keys().size();
        return count == 0 ? "-" : each.unit().key().kid().hex() + (count == 1 ? "" : " +" + (count - 1));
    }

    private static String state(Registered each) {
        if (each.revokedMs().isPresent()) {
            return "revoked " + UnitsCommand.time(each.revokedMs().getAsLong());
        }
        OptionalLong drains = each.unit().standing().drainsUntilMs();
        if (drains.isPresent()) {
            return "replaced, drains until " + UnitsCommand.time(drains.getAsLong());
        }
        return each.unit().keys().isEmpty() ? "enrolling" : "valid";
    }

    static ObjectNode json(Registered each) {
        ObjectNode out = JsonNodeFactory.instance.objectNode();
        out.put("unit", UnitsCommand.dashed(each.unit().unit()));
        out.put("vehicle", each.unit().vehicle());
        out.put("company", each.unit().company());
        out.put("kind", each.unit().kind());
        each.unit().place().ifPresent(pos -> out.put("lat", pos.latE7() / 1e7).put("lon", pos.lonE7() / 1e7));
        if (!each.unit().keys().isEmpty()) {
            out.put("kid", each.unit().key().kid().hex());
        }
        ArrayNode kids = out.putArray("kids");
        each.unit().keys().forEach(key -> kids.add(key.kid().hex()));
        out.put("district", each.unit().service().district());
        out.put("group", each.unit().service().group());
        each.box().serial().ifPresent(serial -> out.put("serial", serial));
        each.box().certificateUntilMs().ifPresent(ms -> out.put("certificateUntil", UnitsCommand.time(ms)));
        each.box().replacedBy().ifPresent(by -> out.put("replacedBy", UnitsCommand.dashed(by)));
        each.unit().standing().drainsUntilMs().ifPresent(ms -> out.put("drainsUntil", UnitsCommand.time(ms)));
        ArrayNode past = out.putArray("past");
        each.unit()
                .past()
                .forEach(was -> past.addObject()
                        .put("until", UnitsCommand.time(was.untilMs()))
                        .put("vehicle", was.vehicle())
                        .put("company", was.company()));
        out.put("added", UnitsCommand.time(each.addedMs()));
        out.put("revoked", each.unit().revoked());
        each.revokedMs().ifPresent(ms -> out.put("revokedAt", UnitsCommand.time(ms)));
        return out;
    }
}
