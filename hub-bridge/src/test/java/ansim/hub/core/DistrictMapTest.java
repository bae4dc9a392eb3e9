package ansim.hub.core;

import static ansim.hub.core.TestMap.QUARTERS;
import static ansim.hub.core.TestMap.feature;
import static ansim.hub.core.TestMap.json;
import static ansim.hub.core.TestMap.polygon;
import static ansim.hub.core.TestMap.square;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import ansim.hub.core.MapProblem.Severity;
import ansim.wire.Pos;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.locationtech.jts.geom.Coordinate;

/** Where points lie, and what is wrong with files of districts. */
class DistrictMapTest {
    private static Optional<String> code(DistrictMap map, double lat, double lon) {
        return map.locate(lat, lon).map(District::code);
    }

    private static List<String> codes(List<District> districts) {
        return districts.stream().map(District::code).toList();
    }

    private static String problems(String... features) {
        return problems(json(features));
    }

    private static String problems(byte[] file) {
        DistrictMap.Parsed parsed = DistrictMap.parse(file);
        assertEquals(parsed.problems().isEmpty(), parsed.map().isPresent());
        return parsed.problems().stream().map(MapProblem::toString).collect(Collectors.joining("\n"));
    }

    private static byte[] realDistricts() throws IOException {
        Path real = Path.of(System.getProperty("ansim.shared", ""), "data", "seoul-districts.geojson");
        Assumptions.assumeTrue(Files.exists(real), "needs " + real);
        return Files.readAllBytes(real);
    }

    @Test
    void aPointBelongsToTheDistrictAroundItAndToNoneOutside() {
        assertEquals(Optional.of("A"), code(QUARTERS, 37.45, 126.95));
        assertEquals(Optional.of("D"), code(QUARTERS, 37.55, 127.05));
        assertEquals(Optional.empty(), code(QUARTERS, 37.3, 126.95));
    }

    @Test
    void aPointOnABorderBelongsToTheLowestCode() {
        assertEquals(Optional.of("A"), code(QUARTERS, 37.5, 127.0));
        assertEquals(Optional.of("C"), code(QUARTERS, 37.55, 127.0));
        assertEquals(Optional.of("B"), code(QUARTERS, 37.45, 127.1));
    }

    @Test
    void aPointInAnOverlapBelongsToTheLowestCodeWhateverTheOrderOfTheFile() {
        String one = square("2", 126.0, 37.0, 126.2, 37.2);
        String other = square("10", 126.1, 37.0, 126.3, 37.2);
        assertEquals(Optional.of("10"), code(TestMap.of(one, other), 37.1, 126.15));
        assertEquals(Optional.of("10"), code(TestMap.of(other, one), 37.1, 126.15));
    }

    @Test
    void aHoleIsOutsideAndAPartIsInside() {
        DistrictMap map = TestMap.of(feature(
                "{\"code\":\"H\"}",
                "{\"type\":\"MultiPolygon\",\"coordinates\":["
                        + "[[[0,0],[10,0],[10,10],[0,10],[0,0]],[[4,4],[6,4],[6,6],[4,6],[4,4]]],"
                        + "[[[20,0],[21,0],[21,1],[20,1],[20,0]]]]}"));
        assertEquals(Optional.empty(), code(map, 5, 5));
        assertEquals(Optional.of("H"), code(map, 2, 2));
        assertEquals(Optional.of("H"), code(map, 0.5, 20.5));
    }

    @Test
    void nearNamesThoseThatContainThePointFirstThenByDistance() {
        assertEquals(List.of("A"), codes(QUARTERS.near(37.45, 126.95, 50)));
        // 30 m south and 40 m west of the middle.
        double lat = 37.5 - 30 / 110_996.0;
        double lon = 127.0 - 40 / 88_453.0;
        assertEquals(List.of("A", "C", "B"), codes(QUARTERS.near(lat, lon, 45)));
        assertEquals(List.of("A", "C", "B", "D"), codes(QUARTERS.near(lat, lon, 51)));
        assertEquals(List.of("A", "C"), codes(QUARTERS.near(lat, lon, 35)));
        assertEquals(List.of("A"), codes(QUARTERS.near(lat, lon, 0)));
    }

    @Test
    void nearReachesDistrictsFromOutside() {
        assertEquals(List.of("A"), codes(QUARTERS.near(37.4 - 40 / 110_980.0, 126.95, 50)));
        assertEquals(List.of(), codes(QUARTERS.near(37.4 - 60 / 110_980.0, 126.95, 50)));
    }

    @Test
    void nearRefusesDistancesThatItCannotMeasure() {
        assertThrows(IllegalArgumentException.class, () -> QUARTERS.near(37.5, 127, -1));
        assertThrows(IllegalArgumentException.class, () -> QUARTERS.near(37.5, 127, 10_001));
        assertThrows(IllegalArgumentException.class, () -> QUARTERS.near(37.5, 127, Double.NaN));
    }

    @Test
    void theRealDistrictsOfSeoulAreLocatedAsABruteForceOracleDoes() throws IOException {
        byte[] file = realDistricts();
        DistrictMap map = DistrictMap.parse(file).map().orElseThrow();
        Oracle oracle = new Oracle(file);
        Random random = new Random(7);
        for (int i = 0; i < 1_000_000; i++) {
            double lat = 37.40 + random.nextDouble() * 0.33;
            double lon = 126.74 + random.nextDouble() * 0.46;
            if (!oracle.locate(lat, lon).equals(code(map, lat, lon))) {
                fail(oracle.locate(lat, lon) + " but " + code(map, lat, lon) + " at " + lat + " " + lon);
            }
        }
    }

    @Test
    void alongEveryBorderTheOracleNamesTheSameDistrict() throws IOException {
        byte[] file = realDistricts();
        DistrictMap map = DistrictMap.parse(file).map().orElseThrow();
        Oracle oracle = new Oracle(file);
        Random random = new Random(9);
        for (DistrictMap.Area area : map.areas()) {
            Borders.segments(area.ground(), (ax, ay, bx, by) -> {
                double t = random.nextDouble();
                // From a metre to a cell of the raster away.
                double off = Math.pow(10, -5 + 2.2 * random.nextDouble());
                double lat = ay + t * (by - ay) + random.nextGaussian() * off;
                double lon = ax + t * (bx - ax) + random.nextGaussian() * off;
                assertEquals(oracle.locate(lat, lon), code(map, lat, lon), lat + " " + lon);
            });
        }
    }

    @Test
    void wellInsideIsAHundredMetresFromEveryBorderByTheOracle() throws IOException {
        byte[] file = realDistricts();
        DistrictMap map = DistrictMap.parse(file).map().orElseThrow();
        Oracle oracle = new Oracle(file);
        Random random = new Random(10);
        for (int i = 0; i < 300; i++) {
            double lat = 37.45 + random.nextDouble() * 0.2;
            double lon = 126.8 + random.nextDouble() * 0.35;
            Optional<String> code = oracle.locate(lat, lon);
            double metres = code.isPresent() ? oracle.distances(lat, lon).getOrDefault(code.get(), 0.0) : 0;
            if (code.isPresent() && Math.abs(metres - DistrictMap.INSIDE_M) > 2) {
                Pos pos = Pos.of((int) Math.round(lat * 1e7), (int) Math.round(lon * 1e7));
                assertEquals(metres > DistrictMap.INSIDE_M, map.isWellInside(pos, code.get()), lat + " " + lon);
            }
        }
    }

    @Test
    void nearTheRealBordersTheOracleNamesTheSameDistricts() throws IOException {
        byte[] file = realDistricts();
        DistrictMap map = DistrictMap.parse(file).map().orElseThrow();
        Oracle oracle = new Oracle(file);
        Random random = new Random(8);
        List<Coordinate> vertices = map.areas().stream()
                .flatMap(area -> List.of(area.ground().getCoordinates()).stream())
                .toList();
        for (int i = 0; i < 100; i++) {
            Coordinate at = vertices.get(random.nextInt(vertices.size()));
            double lat = at.y + random.nextGaussian() * 0.0004;
            double lon = at.x + random.nextGaussian() * 0.0004;
            double metres = 10 + random.nextInt(90);
            Optional<String> inside = oracle.locate(lat, lon);
            assertEquals(inside, code(map, lat, lon), lat + " " + lon);
            List<String> found = codes(map.near(lat, lon, metres));
            for (Map.Entry<String, Double> each : oracle.distances(lat, lon).entrySet()) {
                boolean contains = inside.equals(Optional.of(each.getKey()));
                // A sphere and an ellipsoid differ by half a percent.
                if (contains || Math.abs(each.getValue() - metres) > 0.006 * metres) {
                    assertEquals(
                            contains || each.getValue() < metres,
                            found.contains(each.getKey()),
                            each + " of " + lat + " " + lon + " within " + metres);
                }
            }
        }
    }

    @Test
    void theRealDistrictsHaveNoProblems() throws IOException {
        DistrictMap map = DistrictMap.parse(realDistricts()).map().orElseThrow();
        assertEquals(25, map.districts().size());
        assertEquals(List.of(), map.check());
        assertFalse(map.approximate());
    }

    @Test
    void codesAndNamesAreFoundUnderTheNamesThatAgenciesUse() {
        String square = "{\"type\":\"Polygon\",\"coordinates\":[[[1,1],[2,1],[2,2],[1,2],[1,1]]]}";
        for (String properties : List.of(
                "{\"code\":11680,\"name\":\"강남구\",\"name_en\":\"Gangnam-gu\"}",
                "{\"SIG_CD\":\"11680\",\"SIG_KOR_NM\":\"강남구\",\"SIG_ENG_NM\":\"Gangnam-gu\"}",
                "{\"adm_cd\":\" 11680 \",\"adm_nm\":\"강남구\",\"name_eng\":\"Gangnam-gu\",\"x\":{\"y\":[1]}}")) {
            DistrictMap map = TestMap.of(feature(properties, square));
            assertEquals(List.of(new District("11680", "강남구", "Gangnam-gu")), map.districts());
        }
        DistrictMap nameless = TestMap.of(feature("{\"code\":\"X\"}", square));
        assertEquals(new District("X", "X", "X"), nameless.districts().get(0));
    }

    @Test
    void everyProblemOfAFileIsNamedAtOnceWithItsFeature() {
        String told = problems(
                square("A", 0, 0, 1, 1),
                feature("{\"name\":\"무명구\"}", "{\"type\":\"Polygon\",\"coordinates\":[]}"),
                square("A", 2, 0, 3, 1),
                polygon("X", 10, 10, 11, 11, 11, 10, 10, 11, 10, 10),
                polygon("Y", 0, 0, 1, 0, 0, 0),
                polygon("Z", 0, 0, 1, 0, 1, 1, 0, 1),
                feature("{\"code\":\"P\"}", "{\"type\":\"Point\",\"coordinates\":[1,1]}"),
                feature("{\"code\":\"N\"}", "null"));
        assertEquals("""
                feature 2 무명구: has no code: expected one of the properties code, sig_cd, sigungu_cd, sgg_cd, adm_cd, adm_sect_c, district_code
                feature 2 무명구: a polygon has no ring
                feature 3 A: has the same code as feature 1 A; a district of several parts must be one MultiPolygon
                feature 4 X: its boundary crosses itself or another part's at 10.500000 10.500000
                feature 5 Y: a ring must have at least 4 positions (got 3)
                feature 6 Z: a ring is not closed: it begins at 0.000000 0.000000 and ends at 1.000000 0.000000
                feature 7 P: must be a Polygon or a MultiPolygon (got Point)
                feature 8 N: has no geometry""", told);
    }

    @Test
    void aCodeThatCouldNotStandInATopicIsRefused() {
        assertTrue(problems(square("a/b", 0, 0, 1, 1)).contains("code must have 1 to 16 letters"));
        assertTrue(problems(square("-", 0, 0, 1, 1)).contains("code must have 1 to 16 letters"));
        assertTrue(problems(square("+", 0, 0, 1, 1)).contains("code must have 1 to 16 letters"));
    }

    @Test
    void swappedCoordinatesAreRecognised() {
        assertTrue(problems(square("A", 37.4, 126.9, 37.5, 127.0)).contains("look swapped"));
    }

    @Test
    void projectedCoordinatesAreRecognised() {
        assertTrue(problems(square("A", 953_000, 1_952_000, 954_000, 1_953_000)).contains("EPSG:5179"));
        byte[] file = ("{\"type\":\"FeatureCollection\",\"crs\":{\"type\":\"name\",\"properties\":"
                        + "{\"name\":\"urn:ogc:def:crs:EPSG::5186\"}},\"features\":[" + square("A", 0, 0, 1, 1) + "]}")
                .getBytes(StandardCharsets.UTF_8);
        assertTrue(problems(file).contains("urn:ogc:def:crs:EPSG::5186, they must be WGS 84"));
        String wgs84 = new String(file, StandardCharsets.UTF_8).replace("EPSG::5186", "OGC:1.3:CRS84");
        assertEquals("", problems(wgs84.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void whatIsNoGeoJsonIsRefusedWithoutAStackTrace() {
        for (String text : List.of(
                "",
                "[]",
                "null",
                "{",
                "{}",
                "{\"type\":\"Feature\"}",
                "{\"type\":\"FeatureCollection\"}",
                "{\"type\":\"FeatureCollection\",\"features\":{}}",
                "{\"type\":\"FeatureCollection\",\"features\":[1]}",
                "{\"type\":\"FeatureCollection\",\"approximate\":7,\"features\":[]}",
                "{\"type\":\"FeatureCollection\",\"features\":[{\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[1]]]}}]}",
                "{\"type\":\"FeatureCollection\",\"features\":[{\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[\"x\"]]}}]}",
                "{\"type\":\"FeatureCollection\",\"features\":[{\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[[[[1,2]]]]]]}}]}",
                "{\"type\":\"FeatureCollection\",\"features\":[{\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[1,2]}}]}",
                "{\"type\":\"FeatureCollection\",\"features\":[{\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[1,2]]}}]}",
                "{\"type\":\"FeatureCollection\",\"features\":[{\"geometry\":{\"type\":\"MultiPolygon\",\"coordinates\":[[1,2]]}}]}",
                "{\"type\":\"FeatureCollection\",\"features\":[]}",
                "{\"a\":".repeat(5_000))) {
            assertFalse(problems(text.getBytes(StandardCharsets.UTF_8)).isEmpty(), text);
        }
    }

    @Test
    void aFileCutAnywhereIsRefused() {
        byte[] file = json(square("A", 0, 0, 1, 1), square("B", 1, 0, 2, 1));
        for (int length = 0; length < file.length; length++) {
            assertFalse(problems(Arrays.copyOf(file, length)).isEmpty(), "cut at " + length);
        }
    }

    @Test
    void limitsOnAFileAreSaid() {
        assertTrue(problems(new byte[GeoJson.MAX_BYTES + 1]).contains("at most 15 MiB"));
        String[] many = new String[GeoJson.MAX_FEATURES + 1];
        Arrays.fill(many, square("A", 0, 0, 1, 1));
        assertTrue(problems(many).contains("at most 5000 features"));
    }

    @Test
    void manyProblemsAreCountedBeyondTheFirstFifty() {
        String[] many = new String[80];
        Arrays.fill(many, square("A", 0, 0, 1, 1));
        List<MapProblem> problems = DistrictMap.parse(json(many)).problems();
        assertEquals(MapBuilder.MAX_PROBLEMS + 1, problems.size());
        assertEquals(
                "file: and 29 more problems",
                problems.get(MapBuilder.MAX_PROBLEMS).toString());
    }

    @Test
    void anOverlapIsReportedWithItsAreaAndPlace() {
        List<MapProblem> problems = TestMap.of(
                        square("A", 127.000, 37.500, 127.010, 37.510), square("B", 127.009, 37.500, 127.020, 37.510))
                .check();
        assertEquals(1, problems.size());
        assertEquals(Severity.SERIOUS, problems.get(0).severity());
        assertTrue(
                problems.get(0)
                        .toString()
                        .matches("A A and B B: overlap in 98,\\d{3} m2, most of it around "
                                + "37\\.50\\d+ 127\\.0095\\d+; there A wins \\(the lowest code\\)"),
                problems.get(0).toString());
    }

    @Test
    void aGapBetweenDistrictsIsReportedWithItsAreaAndPlace() {
        List<MapProblem> problems = TestMap.of(feature(
                        "{\"code\":\"A\"}",
                        "{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,0],[1,1],[0,1],[0,0]],"
                                + "[[0.5,0.5],[0.5002,0.5],[0.5002,0.5002],[0.5,0.5002],[0.5,0.5]]]}"))
                .check();
        assertEquals(1, problems.size());
        assertEquals(Severity.WARNING, problems.get(0).severity());
        assertTrue(
                problems.get(0)
                        .message()
                        .matches("a gap of 49\\d m2 around 0\\.500100 0\\.500100 belongs to no district"),
                problems.get(0).message());
    }

    @Test
    void sliversOfRoundedCoordinatesAreNotReported() {
        assertEquals(
                List.of(),
                TestMap.of(
                                square("A", 127.000, 37.500, 127.010, 37.510),
                                square("B", 127.009_999, 37.500, 127.020, 37.510))
                        .check());
    }

    @Test
    void aMapReadsAgainFromItsSource() {
        DistrictMap again = DistrictMap.parse(QUARTERS.source()).map().orElseThrow();
        assertEquals(QUARTERS.districts(), again.districts());
        assertEquals(Optional.of(new District("A", "A", "A")), again.district("A"));
    }

    @Test
    void whereNothingLiesBetweenTwoPlacesByTheGridNoBorderIsCrossed() {
        DistrictMap map = StarterMap.map();
        Borders borders = new Borders(map.areas());
        Random random = new Random(5);
        int plain = 0;
        for (int i = 0; i < 40_000; i++) {
            int latE7 = 374_300_000 + random.nextInt(2_700_000);
            int lonE7 = 1_267_700_000 + random.nextInt(4_000_000);
            Pos from = Pos.of(latE7, lonE7);
            Pos to = Pos.of(latE7 + random.nextInt(-6_000, 6_000), lonE7 + random.nextInt(-6_000, 6_000));
            if (map.isPlain(from, to)) {
                plain++;
                assertEquals(map.codeAt(from), map.codeAt(to));
                assertEquals(
                        0,
                        borders.crossings(from.lonE7() / 1e7, from.latE7() / 1e7, to.lonE7() / 1e7, to.latE7() / 1e7)
                                .length);
            }
        }
        assertTrue(plain > 10_000, "only " + plain + " were plain");
    }

    /** The grid answers most of it: it must not answer otherwise than the borders do. */
    @Test
    void wellInsideIsTheSameByTheGridAsByTheBordersAllAlongThem() {
        for (DistrictMap map : List.of(StarterMap.map(), QUARTERS)) {
            Borders borders = new Borders(map.areas());
            List<double[]> ends = new ArrayList<>();
            map.areas()
                    .forEach(area -> Borders.segments(
                            area.ground(), (ax, ay, bx, by) -> ends.add(new double[] {ax, ay, bx, by})));
            Random random = new Random(6);
            int inside = 0;
            int near = 0;
            for (int i = 0; i < 60_000; i++) {
                double[] segment = ends.get(random.nextInt(ends.size()));
                double along = random.nextDouble();
                double lon = segment[0] + along * (segment[2] - segment[0]) + random.nextDouble(-0.002, 0.002);
                double lat = segment[1] + along * (segment[3] - segment[1]) + random.nextDouble(-0.002, 0.002);
                Pos pos = Pos.of((int) Math.round(lat * 1e7), (int) Math.round(lon * 1e7));
                String code = map.codeAt(pos);
                if (!code.equals(Event.OUTSIDE)) {
                    boolean far = !borders.isNear(pos.latE7() / 1e7, pos.lonE7() / 1e7, DistrictMap.INSIDE_M, code);
                    inside += far ? 1 : 0;
                    near += far ? 0 : 1;
                    assertEquals(far, map.isWellInside(pos, code), () -> pos + " in " + code);
                }
            }
            assertTrue(inside > 5_000 && near > 5_000, inside + " inside, " + near + " near");
        }
    }

    @Test
    void aBorderIsNearExactlyWhereItIsFoundAmongThoseWithin() {
        DistrictMap map = StarterMap.map();
        Borders borders = new Borders(map.areas());
        Random random = new Random(6);
        int near = 0;
        for (int i = 0; i < 20_000; i++) {
            double lat = 37.43 + random.nextDouble(0.27);
            double lon = 126.77 + random.nextDouble(0.4);
            String code = map.locate(lat, lon).map(District::code).orElse("11680");
            boolean within = codes(borders.within(lat, lon, 100)).contains(code);
            assertEquals(within, borders.isNear(lat, lon, 100, code), lat + " " + lon + " " + code);
            near += within ? 1 : 0;
        }
        assertTrue(near > 500, "only " + near + " were near");
    }

    @Test
    void aMapThatWasReadJustNowIsNotBuiltOnceMore() {
        byte[] file = json(square("1", 126.0, 37.0, 126.2, 37.2));
        DistrictMap first = DistrictMap.parse(file).map().orElseThrow();
        assertSame(first, DistrictMap.parse(file.clone()).map().orElseThrow());
        byte[] other = json(square("2", 126.0, 37.0, 126.2, 37.2));
        assertEquals(Optional.of("2"), code(DistrictMap.parse(other).map().orElseThrow(), 37.1, 126.1));
    }
}
