package ansim.hub;

import ansim.hub.core.District;
import ansim.hub.core.DistrictMap;
import ansim.settings.CommandFailure;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Says in which district a point lies, and which others begin nearby.
 *
 * <p>With two numbers: one line per district, code and names; the first is the one that contains the point ({@code -} outside all). With
 * {@code -}: each line {@code LAT LON} of standard input is answered with exactly one line, the code of the district that contains it
 * ({@code -} outside all), then the codes of the others nearby, nearest first. A line that is no point is answered with a line that begins
 * with {@code ?}, and the command ends with 1.
 */
@Command(name = "locate", description = "Say in which district a point lies.", mixinStandardHelpOptions = true)
final class LocateCommand implements Callable<Integer> {
    /** How near a border is near, metres. */
    static final double WITHIN_M = 50;

    static final String OUTSIDE = "-";
    static final String NO_POINT = "? expected LAT LON in degrees";

    private static final double MAX_WITHIN_M = 10_000;
    private static final int LINES_BETWEEN_CHECKS = 4096;
    private static final JsonFactory JSON = new JsonFactory();

    private @Nullable CommandSpec spec;

    @Parameters(
            arity = "1..2",
            paramLabel = "LAT LON",
            description = "Degrees, WGS 84; or - to read lines LAT LON from standard input.")
    private List<String> point = List.of();

    @Option(
            names = "--districts",
            paramLabel = "FILE",
            description = "GeoJSON to go by instead of the hub's districts.")
    private Optional<Path> districts = Optional.empty();

    @Mixin
    private HubFolder hub = new HubFolder();

    @Option(
            names = "--within",
            paramLabel = "M",
            defaultValue = "50",
            description = "Other districts within so many metres are named, too (default: ${DEFAULT-VALUE}).")
    private double withinM;

    @Option(names = "--json", description = "One JSON object per point.")
    private boolean json;

    /** A point in the southern or western hemisphere begins with a minus and is no option. */
    @Spec
    void setSpec(CommandSpec spec) {
        this.spec = spec;
        spec.parser().unmatchedOptionsArePositionalParams(true);
    }

    private CommandSpec spec() {
        if (spec == null) {
            throw new IllegalStateException("picocli sets the specification");
        }
        return spec;
    }

    @Override
    public Integer call() {
        if (!(withinM >= 0 && withinM <= MAX_WITHIN_M)) {
            throw usage("--within must be in [0, " + (int) MAX_WITHIN_M + "] metres (got " + withinM + ")");
        }
        boolean stream = point.equals(List.of("-"));
        Optional<PointLine> one = stream ? Optional.empty() : Optional.of(onePoint());
        MapSource source = MapSource.of(districts, districts.isPresent() ? Optional.empty() : hub.dataIfAny());
        source.warning().ifPresent(spec().commandLine().getErr()::println);
        Answers answers = new Answers(source.map(), withinM, json);
        PrintWriter out = spec().commandLine().getOut();
        if (one.isPresent()) {
            out.print(answers.forPerson(one.get()));
            out.flush();
            return 0;
        }
        return locateAll(System.in, out, answers);
    }

    private PointLine onePoint() {
        for (String each : point) {
            if (each.startsWith("--") || each.matches("-[A-Za-z].*")) {
                throw usage("Unknown option: '" + each + "'");
            }
        }
        if (point.size() != 2) {
            throw usage("give LAT and LON, or - to read them from standard input");
        }
        return PointLine.parse(String.join(" ", point))
                .orElseThrow(() -> usage("LAT must be in [-90, 90] and LON in [-180, 180] degrees (got "
                        + String.join(" ", point) + ")"));
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec().commandLine(), message);
    }

    private int locateAll(InputStream in, PrintWriter to, Answers answers) {
        long lines = 0;
        long malformed = 0;
        PrintWriter out = new PrintWriter(new BufferedWriter(to, 1 << 16));
        PointLines points = new PointLines(in, out::flush);
        try {
            while (points.next()) {
                lines++;
                Optional<PointLine> read = points.point();
                if (read.isPresent()) {
                    out.write(answers.forProgram(read.get()));
                } else {
                    malformed++;
                    out.write(json ? "{\"error\":\"" + NO_POINT.substring(2) + "\"}\n" : NO_POINT + "\n");
                }
                if (lines % LINES_BETWEEN_CHECKS == 0) {
                    checkWritten(out);
                }
            }
            checkWritten(out);
        } catch (IOException e) {
            throw new CommandFailure("cannot read standard input: " + e.getMessage(), "check where it comes from");
        }
        if (malformed > 0) {
            throw new CommandFailure(
                    malformed + " of " + lines + " lines are not LAT LON", "look for answers that begin with ?");
        }
        return 0;
    }

    /** Also flushes: not to be asked for every line. */
    private static void checkWritten(PrintWriter out) {
        if (out.checkError()) {
            throw new CommandFailure("cannot write the answers", "check where the output goes");
        }
    }

    /** The answer for one point, as text. */
    private record Answers(DistrictMap map, double withinM, boolean json) {
        String forPerson(PointLine at) {
            if (json) {
                return jsonLine(at);
            }
            Optional<District> inside = map.locate(at.lat(), at.lon());
            StringBuilder text = new StringBuilder();
            text.append(inside.map(Answers::line).orElse(OUTSIDE + " outside every district\n"));
            for (District each : map.near(at.lat(), at.lon(), withinM)) {
                if (!Optional.of(each).equals(inside)) {
                    text.append(line(each));
                }
            }
            return text.toString();
        }

        private static String line(District district) {
            String english = district.nameEn().equals(district.name()) ? "" : " " + district.nameEn();
            return district.code() + " " + district.name() + english + "\n";
        }

        String forProgram(PointLine at) {
            if (json) {
                return jsonLine(at);
            }
            List<District> near = map.near(at.lat(), at.lon(), withinM);
            Optional<District> inside = map.locate(at.lat(), at.lon());
            StringBuilder text = new StringBuilder();
            text.append(inside.map(District::code).orElse(OUTSIDE));
            for (District each : near) {
                if (inside.isEmpty() || !each.equals(inside.get())) {
                    text.append(' ').append(each.code());
                }
            }
            return text.append('\n').toString();
        }

        private String jsonLine(PointLine at) {
            Optional<District> inside = map.locate(at.lat(), at.lon());
            StringWriter text = new StringWriter();
            try (JsonGenerator out = JSON.createGenerator(text)) {
                out.writeStartObject();
                out.writeNumberField("lat", at.lat());
                out.writeNumberField("lon", at.lon());
                out.writeFieldName("district");
                if (inside.isPresent()) {
                    write(out, inside.get());
                } else {
                    out.writeNull();
                }
                out.writeArrayFieldStart("near");
                for (District each : map.near(at.lat(), at.lon(), withinM)) {
                    if (!Optional.of(each).equals(inside)) {
                        write(out, each);
                    }
                }
                out.writeEndArray();
                out.writeBooleanField("approximate", map.approximate());
                out.writeEndObject();
            } catch (IOException e) {
                throw new UncheckedIOException("writing to memory failed", e);
            }
            return text.append('\n').toString();
        }

        private static void write(JsonGenerator out, District district) throws IOException {
            out.writeStartObject();
            out.writeStringField("code", district.code());
            out.writeStringField("name", district.name());
            out.writeStringField("nameEn", district.nameEn());
            out.writeEndObject();
        }
    }
}
