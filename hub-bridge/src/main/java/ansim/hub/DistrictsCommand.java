package ansim.hub;

import ansim.hub.core.District;
import ansim.hub.core.DistrictMap;
import ansim.hub.core.MapProblem;
import ansim.hub.view.Registry;
import ansim.settings.CommandFailure;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Imports and lists the districts. A running hub takes an import over within a second. */
@Command(
        name = "districts",
        description = "Import and list the districts.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {DistrictsCommand.Import.class, DistrictsCommand.ListAll.class})
final class DistrictsCommand {
    private static final JsonFactory JSON = new JsonFactory();

    private DistrictsCommand() {}

    /**
     * Reads a map, says everything that is wrong with it, and stores it.
     *
     * <p>An error (no code, a code twice, a ring that crosses itself, coordinates that are not WGS 84) refuses the file: nobody could say
     * where a point lies. Overlaps and gaps of 1 ha or more refuse it unless {@code --accept} is given; smaller ones are warnings, under
     * 100 m2 they are rounding and not told.
     */
    @Command(
            name = "import",
            description = "Import districts from GeoJSON: WGS 84, EPSG:5179 or EPSG:5186.",
            mixinStandardHelpOptions = true)
    static final class Import implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Parameters(paramLabel = "FILE|URL", description = "A FeatureCollection of Polygons and MultiPolygons.")
        private String source = "";

        @Mixin
        private HubFolder hub = new HubFolder();

        @Option(names = "--accept", description = "Import in spite of overlaps and gaps of 1 ha or more.")
        private boolean accept;

        @Option(
                names = "--crs",
                paramLabel = "EPSG:CODE",
                description =
                        "What its coordinates are in: EPSG:4326 (degrees), EPSG:5179 or EPSG:5186 (default: what the"
                                + " file says, else degrees).")
        private Optional<String> crs = Optional.empty();

        @Option(names = "--check", description = "Only say what is wrong, import nothing.")
        private boolean check;

        @Option(names = "--json", description = "One JSON object.")
        private boolean json;

        @Override
        public Integer call() {
            Optional<Path> folder = check ? Optional.empty() : Optional.of(hub.data());
            byte[] given = DistrictFile.read(source);
            Optional<Projection> projection = projection(given);
            byte[] geojson = projection.map(each -> each.toDegrees(given)).orElse(given);
            DistrictMap.Parsed parsed = DistrictMap.parse(geojson);
            List<MapProblem> problems = new ArrayList<>(parsed.problems());
            parsed.map().ifPresent(map -> problems.addAll(map.check()));
            Optional<String> refusal = refusal(problems);
            boolean imported = refusal.isEmpty() && folder.isPresent();
            if (imported) {
                store(geojson, folder.orElseThrow());
            }
            print(parsed.map(), problems, imported);
            if (refusal.isPresent()) {
                throw new CommandFailure(source + " " + refusal.get(), tryThis(problems));
            }
            return 0;
        }

        private Optional<Projection> projection(byte[] given) {
            if (crs.isEmpty()) {
                Optional<Projection> said = Projection.saidBy(given);
                if (said.isPresent()) {
                    return said;
                }
                Projection.lookedLike(given).ifPresent(each -> {
                    throw new CommandFailure(
                            source + " does not say what its coordinates are in; they are metres, and look like "
                                    + each,
                            "--crs " + each + ", if that is what its publisher says");
                });
                return Optional.empty();
            }
            String name = crs.get().toUpperCase(Locale.ROOT).replaceFirst(".*:", "");
            Optional<Projection> named = Projection.named(name);
            if (named.isEmpty() && !name.equals("4326")) {
                throw new ParameterException(
                        spec.commandLine(), "--crs must be EPSG:4326, EPSG:5179 or EPSG:5186 (got " + crs.get() + ")");
            }
            return named;
        }

        private Optional<String> refusal(List<MapProblem> problems) {
            long errors = count(problems, MapProblem.Severity.ERROR);
            if (errors > 0) {
                return Optional.of("has " + errors + (errors == 1 ? " error" : " errors") + "; nothing was imported");
            }
            long serious = count(problems, MapProblem.Severity.SERIOUS);
            return serious > 0 && !accept
                    ? Optional.of("has " + serious + " overlaps or gaps of 1 ha or more; nothing was imported")
                    : Optional.empty();
        }

        private static String tryThis(List<MapProblem> problems) {
            return count(problems, MapProblem.Severity.ERROR) > 0
                    ? "mend what is listed and import again"
                    : "mend them, or import with --accept";
        }

        private static long count(List<MapProblem> problems, MapProblem.Severity severity) {
            return problems.stream().filter(each -> each.severity() == severity).count();
        }

        private void store(byte[] geojson, Path folder) {
            Path file = folder.resolve(HubFolder.REGISTRY);
            try {
                Files.createDirectories(folder);
                try (Registry registry = Registry.open(file)) {
                    registry.importDistricts(geojson, source, System.currentTimeMillis());
                }
            } catch (IOException e) {
                throw new CommandFailure(
                        "cannot write " + file + ": " + e.getMessage(), "check the folder and its permissions");
            }
        }

        private void print(Optional<DistrictMap> map, List<MapProblem> problems, boolean imported) {
            PrintWriter out = spec.commandLine().getOut();
            int districts = map.map(each -> each.districts().size()).orElse(0);
            if (json) {
                printJson(out, districts, problems, imported);
                return;
            }
            for (MapProblem problem : problems) {
                out.println(problem.severity().name().toLowerCase(Locale.ROOT) + ": " + problem);
            }
            if (imported) {
                out.println("imported " + districts + " districts from " + source);
            } else if (check) {
                out.println(districts + " districts, " + problems.size() + " problems; nothing imported (--check)");
            }
            out.flush();
        }

        private void printJson(PrintWriter to, int districts, List<MapProblem> problems, boolean imported) {
            write(to, out -> {
                out.writeStartObject();
                out.writeBooleanField("imported", imported);
                out.writeStringField("source", source);
                out.writeNumberField("districts", districts);
                out.writeArrayFieldStart("problems");
                for (MapProblem problem : problems) {
                    out.writeStartObject();
                    out.writeStringField("severity", problem.severity().name().toLowerCase(Locale.ROOT));
                    out.writeStringField("where", problem.where());
                    out.writeStringField("message", problem.message());
                    out.writeEndObject();
                }
                out.writeEndArray();
                out.writeEndObject();
            });
        }
    }

    /** Lists what a hub goes by. */
    @Command(name = "list", description = "List the districts.", mixinStandardHelpOptions = true)
    static final class ListAll implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private HubFolder hub = new HubFolder();

        @Option(names = "--json", description = "One JSON object.")
        private boolean json;

        @Override
        public Integer call() {
            MapSource source = MapSource.of(Optional.empty(), hub.dataIfAny());
            source.warning().ifPresent(spec.commandLine().getErr()::println);
            PrintWriter out = spec.commandLine().getOut();
            if (json) {
                printJson(out, source);
                return 0;
            }
            for (District district : source.map().districts()) {
                out.println(district.code() + " " + district.name() + " " + district.nameEn());
            }
            out.flush();
            return 0;
        }

        private static void printJson(PrintWriter to, MapSource source) {
            write(to, out -> {
                out.writeStartObject();
                out.writeStringField("origin", source.origin());
                out.writeBooleanField("approximate", source.map().approximate());
                out.writeArrayFieldStart("districts");
                for (District district : source.map().districts()) {
                    out.writeStartObject();
                    out.writeStringField("code", district.code());
                    out.writeStringField("name", district.name());
                    out.writeStringField("nameEn", district.nameEn());
                    out.writeEndObject();
                }
                out.writeEndArray();
                out.writeEndObject();
            });
        }
    }

    @FunctionalInterface
    private interface Content {
        void write(JsonGenerator out) throws IOException;
    }

    private static void write(PrintWriter to, Content content) {
        try {
            JsonGenerator out = JSON.createGenerator(to);
            content.write(out);
            out.flush();
            to.println();
            to.flush();
        } catch (IOException e) {
            throw new CommandFailure("cannot write: " + e.getMessage(), "check where the output goes");
        }
    }
}
