package ansim.hub.console;

import ansim.hub.core.District;
import ansim.hub.core.DistrictMap;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The map of districts for the page: GeoJSON with {@code code}, {@code name} and {@code nameEn} whatever the imported file called them,
 * and {@code approximate}.
 */
final class Outlines {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Outlines() {}

    static ObjectNode of(DistrictMap map) throws IOException {
        Map<String, District> byCode =
                map.districts().stream().collect(Collectors.toMap(District::code, Function.identity()));
        ObjectNode out = JsonNodeFactory.instance.objectNode();
        out.put("type", "FeatureCollection");
        out.put("approximate", map.approximate());
        ArrayNode features = out.putArray("features");
        for (JsonNode feature : MAPPER.readTree(map.source()).path("features")) {
            Optional<District> district = districtOf(feature, byCode);
            if (district.isPresent()) {
                ObjectNode made = features.addObject();
                made.put("type", "Feature");
                made.putObject("properties")
                        .put("code", district.get().code())
                        .put("name", district.get().name())
                        .put("nameEn", district.get().nameEn());
                made.set("geometry", feature.path("geometry"));
            }
        }
        return out;
    }

    /** The map has read the file and knows its codes; only one property of a feature is one of them. */
    private static Optional<District> districtOf(JsonNode feature, Map<String, District> byCode) {
        for (JsonNode value : feature.path("properties")) {
            District found = byCode.get(value.asText().strip());
            if (found != null) {
                return Optional.of(found);
            }
        }
        return Optional.empty();
    }
}
