package ansim.hub;

import ansim.hub.core.Course;
import ansim.hub.core.District;
import ansim.hub.core.DistrictMap;
import ansim.hub.view.Picture;
import ansim.hub.view.RideRow;
import ansim.settings.CommandFailure;
import ansim.wire.Id8;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** All that is known of one ride, with the gaps in what is known. */
@Command(
        name = "show",
        description = {
            "Shows a ride: vehicle, company, times and how sure they are, districts, length,",
            "and when nothing tells where it went."
        },
        mixinStandardHelpOptions = true)
final class RidesShowCommand implements Callable<Integer> {
    private static final int MOST = 10;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private HubFolder hub = new HubFolder();

    @Parameters(paramLabel = "RIDE", description = "Its id, 16 hexadecimal digits, or UNIT/RIDE.")
    private String ride = "";

    @Mixin
    private WhoReads reads = new WhoReads();

    @Option(names = "--json", description = "One JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        String id = ride.substring(ride.lastIndexOf('/') + 1);
        List<RideRow> found = RidesListCommand.read(
                        hub,
                        new RideRow.Query(false, false, Optional.empty(), Optional.empty(), Optional.of(id(id)), MOST))
                .stream()
                .filter(this::isMeant)
                .toList();
        if (found.isEmpty()) {
            throw new CommandFailure(
                    "there is no ride " + ride + ": it is not known, or it is erased", "hub-bridge rides list");
        }
        reads.writeDown(spec, hub, found.stream().map(RidesListCommand::id).toList());
        PrintWriter out = spec.commandLine().getOut();
        DistrictMap map =
                MapSource.of(Optional.empty(), Optional.of(hub.data())).map();
        for (RideRow row : found) {
            if (json) {
                out.println(RidesListCommand.json(row));
            } else {
                print(out, row, map);
            }
        }
        out.flush();
        return 0;
    }

    private Id8 id(String text) {
        try {
            return Id8.parse(text);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "not a ride: " + e.getMessage(), e);
        }
    }

    private boolean isMeant(RideRow row) {
        int slash = ride.indexOf('/');
        return slash < 0 || row.unit().hex().equals(ride.substring(0, slash).replace("-", ""));
    }

    private static void print(PrintWriter out, RideRow row, DistrictMap map) {
        Picture.Ride ride = row.ride();
        out.println("ride         " + RidesListCommand.name(row));
        out.println("vehicle      " + ride.vehicle() + ", " + ride.company());
        out.println("boarded      " + RidesListCommand.time(ride.boardedMs()) + quality(row.boardedQuality())
                + (ride.source().isEmpty() ? "" : ", told by " + ride.source()));
        out.println("alighted     " + RidesListCommand.time(ride.alightedMs()) + quality(row.alightedQuality()));
        out.println("owner        " + named(map, ride.owner()));
        out.println("districts    "
                + ride.districts().stream().map(code -> named(map, code)).collect(Collectors.joining(", ")));
        if (!row.destination().isEmpty()) {
            out.println("destination  " + named(map, row.destination()));
        }
        out.println("attention    " + (ride.attention().isEmpty() ? "none" : String.join(", ", ride.attention())));
        out.println("length       " + RidesListCommand.length(ride.lengthM()) + " by "
                + row.course().fixes() + " fixes");
        List<Course.Gap> gaps = row.gaps();
        out.println("gaps         " + (gaps.isEmpty() ? "none: tracks tell of all of it" : ""));
        for (Course.Gap gap : gaps) {
            out.println("             " + UnitsCommand.time(gap.fromMs()) + " to " + UnitsCommand.time(gap.toMs())
                    + ", " + (gap.toMs() - gap.fromMs()) / 1_000 + " s without a track");
        }
    }

    private static String quality(String quality) {
        return quality.isEmpty() ? "" : " (clock: " + quality + ")";
    }

    private static String named(DistrictMap map, String code) {
        return map.district(code)
                .map(District::name)
                .map(name -> name + " " + code)
                .orElse(code.isEmpty() ? "-" : code);
    }
}
