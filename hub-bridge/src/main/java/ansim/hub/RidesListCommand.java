package ansim.hub;

import ansim.hub.core.UnitRide;
import ansim.hub.view.Picture;
import ansim.hub.view.RideRow;
import ansim.hub.view.Views;
import ansim.settings.CommandFailure;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The rides that the hub follows, from its read model, while it runs or not. */
@Command(
        name = "list",
        description = {
            "Lists rides, the newest first: whose they are, whether they need attention, how far they went.",
            "While a hub hears of many units at once, how far they went may be half a minute old.",
            "Who reads is written into the ledger, a line for each ride."
        },
        mixinStandardHelpOptions = true)
final class RidesListCommand implements Callable<Integer> {
    static final int MOST = 1_000;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private HubFolder hub = new HubFolder();

    @Option(names = "--open", description = "Only those that are on.")
    private boolean open;

    @Option(names = "--attention", description = "Only those that need attention.")
    private boolean attention;

    @Option(names = "--district", paramLabel = "CODE", description = "Only those that this one owns or that passed it.")
    private Optional<String> district = Optional.empty();

    @Option(names = "--vehicle", paramLabel = "NUMBER", description = "Only those of this vehicle.")
    private Optional<String> vehicle = Optional.empty();

    @Mixin
    private WhoReads reads = new WhoReads();

    @Option(names = "--json", description = "One JSON object a line.")
    private boolean json;

    @Override
    public Integer call() {
        List<RideRow> rides = read(hub, new RideRow.Query(open, attention, district, vehicle, Optional.empty(), MOST));
        reads.writeDown(spec, hub, rides.stream().map(RidesListCommand::id).toList());
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            rides.forEach(each -> out.println(json(each)));
        } else {
            print(out, rides);
        }
        if (rides.size() == MOST) {
            spec.commandLine().getErr().println("the newest " + MOST + "; narrow it with the options");
        }
        out.flush();
        return 0;
    }

    static List<RideRow> read(HubFolder hub, RideRow.Query query) {
        Path file = hub.file("views.db");
        try {
            return Views.ridesIn(file, query)
                    .orElseThrow(() -> new CommandFailure(
                            "the hub has no rides to show in " + file,
                            "naming the hub with --config FILE or --data DIR; one that is new or was upgraded must run"
                                    + " once"));
        } catch (IOException e) {
            throw new CommandFailure(
                    "cannot read the rides: " + e.getMessage(),
                    "check " + file + "; with the hub stopped it may be deleted, it comes back from the log");
        }
    }

    private static void print(PrintWriter out, List<RideRow> rides) {
        TextTable table = new TextTable(
                "VEHICLE", "COMPANY", "BOARDED", "ALIGHTED", "OWNER", "DISTRICTS", "LENGTH", "ATTENTION", "RIDE");
        for (RideRow row : rides) {
            Picture.Ride ride = row.ride();
            table.row(
                    ride.vehicle(),
                    ride.company(),
                    time(ride.boardedMs()),
                    time(ride.alightedMs()),
                    ride.owner(),
                    String.join(" ", ride.districts()),
                    length(ride.lengthM()),
                    ride.attention().isEmpty() ? "-" : String.join(" ", ride.attention()),
                    name(row));
        }
        table.print(out);
    }

    static UnitRide id(RideRow row) {
        return new UnitRide(row.unit(), row.ride().id());
    }

    static String name(RideRow row) {
        return UnitsCommand.dashed(row.unit()) + "/" + row.ride().id().hex();
    }

    static String time(OptionalLong ms) {
        return ms.isPresent() ? UnitsCommand.time(ms.getAsLong()) : "-";
    }

    static String length(long metres) {
        return metres < 1_000 ? metres + " m" : String.format(java.util.Locale.ROOT, "%.1f km", metres / 1_000.0);
    }

    static ObjectNode json(RideRow row) {
        Picture.Ride ride = row.ride();
        ObjectNode out = JsonNodeFactory.instance.objectNode();
        out.put("unit", row.unit().hex());
        out.put("ride", ride.id().hex());
        out.put("vehicle", ride.vehicle());
        out.put("company", ride.company());
        put(out, "boarded", ride.boardedMs());
        out.put("boardedQuality", row.boardedQuality());
        put(out, "alighted", ride.alightedMs());
        out.put("alightedQuality", row.alightedQuality());
        put(out, "named", ride.namedMs());
        out.put("source", ride.source());
        out.put("owner", ride.owner());
        ArrayNode districts = out.putArray("districts");
        ride.districts().forEach(districts::add);
        out.put("destination", row.destination());
        ArrayNode attention = out.putArray("attention");
        ride.attention().forEach(attention::add);
        out.put("lengthM", ride.lengthM());
        out.put("fixes", row.course().fixes());
        ArrayNode gaps = out.putArray("gaps");
        row.gaps().forEach(gap -> {
            ObjectNode each = gaps.addObject();
            each.put("from", Instant.ofEpochMilli(gap.fromMs()).toString());
            each.put("to", Instant.ofEpochMilli(gap.toMs()).toString());
        });
        out.put("heard", Instant.ofEpochMilli(row.seenMs()).toString());
        return out;
    }

    private static void put(ObjectNode out, String name, OptionalLong ms) {
        ms.ifPresent(value -> out.put(name, Instant.ofEpochMilli(value).toString()));
    }
}
