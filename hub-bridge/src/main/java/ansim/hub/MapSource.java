package ansim.hub;

import ansim.hub.core.DistrictMap;
import ansim.hub.core.MapProblem;
import ansim.hub.core.StarterMap;
import ansim.hub.view.Registry;
import ansim.settings.CommandFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The map that a command goes by, and where it is from: a given file, else what was imported into a hub's data, else the starter map.
 *
 * @param map the map
 * @param origin a file name, an address, or {@value #STARTER}
 */
record MapSource(DistrictMap map, String origin) {
    static final String STARTER = "starter map";
    private static final int PROBLEMS_SHOWN = 3;

    static MapSource of(Optional<Path> file, Optional<Path> data) {
        if (file.isPresent()) {
            return new MapSource(fromFile(file.get()), file.get().toString());
        }
        return data.flatMap(MapSource::imported).orElseGet(() -> new MapSource(StarterMap.map(), STARTER));
    }

    private static DistrictMap fromFile(Path file) {
        byte[] geojson = DistrictFile.read(file);
        DistrictMap.Parsed parsed = DistrictMap.parse(geojson);
        return parsed.map()
                .orElseThrow(() -> new CommandFailure(
                        file + " is not a map of districts: "
                                + parsed.problems().stream()
                                        .limit(PROBLEMS_SHOWN)
                                        .map(MapProblem::toString)
                                        .collect(Collectors.joining("; ")),
                        "hub-bridge districts import " + file + " --check names every problem"));
    }

    private static Optional<MapSource> imported(Path data) {
        Path registry = data.resolve(HubFolder.REGISTRY);
        if (!Files.exists(registry)) {
            return Optional.empty();
        }
        try (Registry open = Registry.open(registry)) {
            Optional<Registry.ImportedMap> imported = open.districts();
            if (imported.isEmpty()) {
                return Optional.empty();
            }
            DistrictMap map = DistrictMap.parse(imported.get().geojson())
                    .map()
                    .orElseThrow(() -> new CommandFailure(
                            "the districts in " + registry + " do not read", "hub-bridge districts import FILE"));
            return Optional.of(new MapSource(map, imported.get().origin()));
        } catch (IOException e) {
            throw new CommandFailure(
                    "cannot read " + registry + ": " + e.getMessage(), "check the file and its permissions");
        }
    }

    /** For standard error, whenever an answer rests on the sketch. */
    Optional<String> warning() {
        return map.approximate()
                ? Optional.of("approximate starter map: import real boundaries with hub-bridge districts import FILE")
                : Optional.empty();
    }
}
