package ansim.hub.core;

import ansim.wire.Pos;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.StringJoiner;

/** Four square districts around 37.5 N 127.0 E, 0.1 degree each: A south-west, B south-east, C north-west, D north-east. */
final class TestMap {
    static final Pos IN_A = Pos.of(374_500_000, 1_269_500_000);
    static final Pos IN_B = Pos.of(374_500_000, 1_270_500_000);
    static final Pos IN_C = Pos.of(375_500_000, 1_269_500_000);
    static final Pos IN_D = Pos.of(375_500_000, 1_270_500_000);
    static final Pos OUTSIDE = Pos.of(380_000_000, 1_280_000_000);

    static final DistrictMap QUARTERS = of(
            square("A", 126.9, 37.4, 127.0, 37.5),
            square("B", 127.0, 37.4, 127.1, 37.5),
            square("C", 126.9, 37.5, 127.0, 37.6),
            square("D", 127.0, 37.5, 127.1, 37.6));

    private TestMap() {}

    static DistrictMap of(String... features) {
        DistrictMap.Parsed parsed = DistrictMap.parse(json(features));
        return parsed.map()
                .orElseThrow(() -> new AssertionError(parsed.problems().toString()));
    }

    static byte[] json(String... features) {
        return ("{\"type\":\"FeatureCollection\",\"features\":[" + String.join(",", features) + "]}")
                .getBytes(StandardCharsets.UTF_8);
    }

    static String square(String code, double west, double south, double east, double north) {
        return polygon(code, west, south, east, south, east, north, west, north, west, south);
    }

    /** Longitude, latitude, and so on. */
    static String polygon(String code, double... xy) {
        StringJoiner ring = new StringJoiner(",", "[[", "]]");
        for (int i = 0; i < xy.length; i += 2) {
            ring.add(String.format(Locale.ROOT, "[%.6f,%.6f]", xy[i], xy[i + 1]));
        }
        return feature("{\"code\":\"" + code + "\"}", "{\"type\":\"Polygon\",\"coordinates\":" + ring + "}");
    }

    static String feature(String properties, String geometry) {
        return "{\"type\":\"Feature\",\"properties\":" + properties + ",\"geometry\":" + geometry + "}";
    }
}
