package ansim.hub;

import ansim.hub.core.Order;
import ansim.hub.view.OrderTable;
import ansim.hub.view.Registry;
import ansim.hub.view.Views;
import ansim.settings.CommandFailure;
import ansim.wire.Id16;
import ansim.wire.Id8;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code hub-bridge commands list}: what units were ordered, and what became of it. */
@Command(
        name = "list",
        description = {
            "Shows what units were ordered, oldest first: when, by whom, when it was first sent, and what the unit answered:",
            "done, refused, expired, unknown (the unit does not know this order), failed, deferred."
        },
        mixinStandardHelpOptions = true)
final class CommandsListCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private HubFolder hub = new HubFolder();

    @Option(names = "--json", description = "One JSON object a line.")
    private boolean json;

    @Parameters(paramLabel = "UNIT", arity = "0..1", description = "Only this one's.")
    private Optional<String> only = Optional.empty();

    /** What the registry and the views say of one order together. */
    private record Line(
            Order order, long orderedMs, OptionalLong sentMs, Optional<String> refused, Optional<Views.Answer> answer) {
        /** One word, or a few. */
        String state(boolean overtaken, long nowMs) {
            if (refused.isPresent()) {
                return "not taken: " + refused.get();
            }
            if (answer.isPresent()) {
                return answer.get().outcome().name().toLowerCase(Locale.ROOT);
            }
            if (overtaken) {
                return "passed over";
            }
            if (order.isOver(nowMs)) {
                return sentMs.isPresent() ? "no answer in time" : "not sent in time";
            }
            return order.number() == 0 ? "not in the log yet" : sentMs.isPresent() ? "sent" : "waits for the unit";
        }
    }

    @Override
    public Integer call() throws IOException {
        Optional<Id16> wanted = only.map(text -> UnitsCommand.unitId(spec, text));
        Map<Id16, String> vehicles = new HashMap<>();
        List<Line> lines;
        try (Registry registry = UnitsCommand.open(hub)) {
            registry.units()
                    .forEach(
                            each -> vehicles.put(each.unit().unit(), each.unit().vehicle()));
            lines = lines(registry.orders().rows());
        }
        lines.removeIf(
                line -> wanted.isPresent() && !wanted.get().equals(line.order().unit()));
        long nowMs = System.currentTimeMillis();
        Map<Id16, Long> newest = new HashMap<>();
        lines.stream()
                .filter(line -> line.answer().isPresent())
                .forEach(line -> newest.merge(line.order().unit(), line.order().number(), Math::max));
        PrintWriter out = spec.commandLine().getOut();
        TextTable table =
                new TextTable("ORDERED", "UNIT", "VEHICLE", "NUMBER", "ORDER", "BY", "SENT", "STATE", "ANSWERED");
        for (Line line : lines) {
            boolean overtaken =
                    line.order().number() < newest.getOrDefault(line.order().unit(), 0L);
            String state = line.state(overtaken, nowMs);
            String vehicle = vehicles.getOrDefault(line.order().unit(), "-");
            if (json) {
                out.println(json(line, vehicle, state));
            } else {
                row(table, line, vehicle, state);
            }
        }
        if (!json) {
            table.print(out);
        }
        out.flush();
        return 0;
    }

    /** Those that only the log has, from before the registry was restored, come first. */
    private List<Line> lines(List<OrderTable.Row> rows) {
        Map<Id8, Views.Ordered> logged = new LinkedHashMap<>();
        logged().forEach(each -> logged.put(each.order().request(), each));
        List<Line> known = new ArrayList<>();
        for (OrderTable.Row row : rows) {
            Optional<Views.Ordered> entry =
                    Optional.ofNullable(logged.remove(row.order().request()));
            known.add(new Line(
                    entry.map(Views.Ordered::order).orElse(row.order()),
                    row.orderedMs(),
                    row.sentMs(),
                    row.refused(),
                    entry.flatMap(Views.Ordered::answer)));
        }
        List<Line> lines = new ArrayList<>();
        logged.values()
                .forEach(each -> lines.add(new Line(
                        each.order(), each.orderedMs(), OptionalLong.empty(), Optional.empty(), each.answer())));
        lines.addAll(known);
        return lines;
    }

    private List<Views.Ordered> logged() {
        Path file = hub.file("views.db");
        try {
            return Views.orderedIn(file);
        } catch (IOException e) {
            throw new CommandFailure(
                    "cannot read what the units answered: " + e.getMessage(),
                    "check " + file + "; with the hub stopped it may be deleted, it comes back from the log");
        }
    }

    private static void row(TextTable table, Line line, String vehicle, String state) {
        table.row(
                UnitsCommand.time(line.orderedMs()),
                UnitsCommand.dashed(line.order().unit()),
                vehicle,
                line.order().number() == 0 ? "-" : Long.toString(line.order().number()),
                CommandsCommand.words(line.order().verb()),
                line.order().by(),
                line.sentMs().isPresent() ? UnitsCommand.time(line.sentMs().getAsLong()) : "-",
                state,
                line.answer().map(each -> UnitsCommand.time(each.atMs())).orElse("-"));
    }

    private static ObjectNode json(Line line, String vehicle, String state) {
        ObjectNode out = JsonNodeFactory.instance.objectNode();
        out.put("unit", UnitsCommand.dashed(line.order().unit()));
        out.put("vehicle", vehicle);
        if (line.order().number() > 0) {
            out.put("number", line.order().number());
        }
        out.put("verb", line.order().verb().number());
        out.put("order", CommandsCommand.words(line.order().verb()));
        out.put("by", line.order().by());
        out.put("orderedAt", UnitsCommand.time(line.orderedMs()));
        out.put("notAfter", UnitsCommand.time(line.order().expS() * 1000));
        line.sentMs().ifPresent(ms -> out.put("sentAt", UnitsCommand.time(ms)));
        out.put("state", state);
        line.answer().ifPresent(each -> {
            out.put("outcome", each.outcome().name().toLowerCase(Locale.ROOT));
            out.put("answeredAt", UnitsCommand.time(each.atMs()));
        });
        return out;
    }
}
