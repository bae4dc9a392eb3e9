package ansim.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code hub-bridge districts} and {@code hub-bridge locate} as an operator types them. */
class DistrictCommandsTest {
    private static final String APPROXIMATE =
            "approximate starter map: import real boundaries with hub-bridge districts import FILE\n";

    /** B touches A at 127.0 E. */
    private static final String TWO = "{\"type\":\"FeatureCollection\",\"features\":["
            + square("B", "나구", 127.0, 37.4, 127.1, 37.5) + "," + square("A", "가구", 126.9, 37.4, 127.0, 37.5) + "]}";

    @TempDir
    private Path dir = Path.of("");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private Path two = Path.of("");

    private static String square(String code, String name, double w, double s, double e, double n) {
        return "{\"type\":\"Feature\",\"properties\":{\"code\":\"" + code + "\",\"name\":\"" + name
                + "\"},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[" + w + "," + s + "],[" + e + "," + s
                + "],["
                + e + "," + n + "],[" + w + "," + n + "],[" + w + "," + s + "]]]}}";
    }

    @BeforeEach
    void writeTheMap() throws IOException {
        two = Files.writeString(dir.resolve("two.geojson"), TWO);
    }

    private int run(String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return HubBridge.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }

    private int runWith(String input, String... arguments) {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
        try {
            return run(arguments);
        } finally {
            System.setIn(before);
        }
    }

    /** Unified CS: its origin is 127.5 E 38 N, its scale 0.9996, and a degree of a meridian there is 110,996 m. */
    private static final String METRES_5179 = "{\"type\":\"FeatureCollection\",\"features\":["
            + square("A", "가구", 950_000, 1_890_000, 1_000_000, 2_000_000) + ","
            + square("B", "나구", 1_000_000, 1_890_000, 1_050_000, 2_000_000) + "]}";

    @Test
    void coordinatesThatAreObviouslyMetresAreRefusedAndTheErrorSaysWhichTheyLookLike() throws IOException {
        Path file = Files.writeString(dir.resolve("metres.geojson"), METRES_5179);
        assertEquals(
                1,
                run(
                        "districts",
                        "import",
                        file.toString(),
                        "--data",
                        dir.resolve("hub").toString()));
        assertTrue(err.toString().contains("they are metres, and look like EPSG:5179"), err.toString());
        assertTrue(err.toString().contains("--crs EPSG:5179"), err.toString());
        Path other = Files.writeString(
                dir.resolve("central.geojson"),
                "{\"type\":\"FeatureCollection\",\"features\":[" + square("A", "가구", 200_000, 540_000, 210_000, 550_000)
                        + "]}");
        assertEquals(
                1,
                run(
                        "districts",
                        "import",
                        other.toString(),
                        "--data",
                        dir.resolve("hub").toString()));
        assertTrue(err.toString().contains("look like EPSG:5186"), err.toString());
    }

    @Test
    void districtsInMetresAreImportedAsDegrees() throws IOException {
        Path file = Files.writeString(dir.resolve("metres.geojson"), METRES_5179);
        String data = dir.resolve("hub").toString();
        assertEquals(
                0, run("districts", "import", file.toString(), "--crs", "EPSG:5179", "--data", data), err.toString());
        // 110,996 x 0.9996 m south of the origin is 37 N, and the border between the two is its meridian.
        assertEquals(0, run("locate", "37.02", "127.49", "--data", data));
        assertEquals("A 가구\n", out.toString());
        assertEquals(0, run("locate", "37.02", "127.51", "--data", data));
        assertEquals("B 나구\n", out.toString());
        assertEquals(0, run("locate", "37.0095", "127.51", "--data", data));
        assertEquals("B 나구\n", out.toString(), "110 km south of 38 N is 37.0090 N");
        assertTrue(run("locate", "37.0080", "127.51", "--data", data) == 0
                && !out.toString().contains("나구"));
    }

    @Test
    void whatTheFileItselfSaysOfItsCoordinatesIsBelieved() throws IOException {
        String central = "{\"type\":\"FeatureCollection\",\"crs\":{\"type\":\"name\",\"properties\":{\"name\":"
                + "\"urn:ogc:def:crs:EPSG::5186\"}},\"features\":["
                + square("A", "가구", 190_000, 590_000, 200_000, 600_000) + "]}";
        Path file = Files.writeString(dir.resolve("central.geojson"), central);
        String data = dir.resolve("hub").toString();
        assertEquals(0, run("districts", "import", file.toString(), "--data", data), err.toString());
        assertEquals(0, run("locate", "37.9999", "126.9999", "--data", data));
        assertEquals("A 가구\n", out.toString());
    }

    @Test
    void aSystemThatIsNotKnownIsRefused() {
        assertEquals(2, run("districts", "import", two.toString(), "--crs", "EPSG:3857", "--data", dir.toString()));
        assertTrue(err.toString().contains("--crs must be EPSG:4326, EPSG:5179 or EPSG:5186"), err.toString());
    }

    @Test
    void locatePrintsCodeAndName() {
        assertEquals(0, run("locate", "37.45", "126.95", "--districts", two.toString()));
        assertEquals("A 가구\n", out.toString());
        assertEquals("", err.toString());
    }

    @Test
    void locateNearABorderPrintsTheOthersBelow() {
        assertEquals(0, run("locate", "37.45", "127.0003", "--districts", two.toString()));
        assertEquals("B 나구\nA 가구\n", out.toString());
        assertEquals(0, run("locate", "37.45", "127.0003", "--within", "20", "--districts", two.toString()));
        assertEquals("B 나구\n", out.toString());
    }

    @Test
    void locateOutsideSaysSoAndIsNoFailure() {
        assertEquals(0, run("locate", "-33.8568", "-151.2153", "--districts", two.toString()));
        assertEquals("- outside every district\n", out.toString());
    }

    @Test
    void locateSpeaksJson() {
        assertEquals(0, run("locate", "--json", "37.45", "127.0003", "--districts", two.toString()));
        assertEquals(
                "{\"lat\":37.45,\"lon\":127.0003,\"district\":{\"code\":\"B\",\"name\":\"나구\",\"nameEn\":\"나구\"},"
                        + "\"near\":[{\"code\":\"A\",\"name\":\"가구\",\"nameEn\":\"가구\"}],\"approximate\":false}\n",
                out.toString());
        assertEquals(0, run("locate", "--json", "0", "0", "--districts", two.toString()));
        assertTrue(out.toString().contains("\"district\":null"));
    }

    @Test
    void locateGoesByTheStarterMapAndSaysSo() {
        assertEquals(0, run("locate", "37.5172", "127.0473", "--data", dir.toString()));
        assertEquals("11680 강남구 Gangnam-gu\n", out.toString());
        assertEquals(APPROXIMATE, err.toString());
    }

    @Test
    void locateReadsALineAndAnswersALine() {
        String input = "37.45 126.95\n37.45\t127.0003\r\n0 0\n37.45, 126.95\n  37.39996 126.95  \n37.45 126.9999";
        assertEquals(0, runWith(input, "locate", "-", "--districts", two.toString()));
        assertEquals("A\nB A\n-\nA\n- A\nA B\n", out.toString());
    }

    @Test
    void locateGoesOnAfterALineThatIsNoPointAndCountsItAtTheEnd() {
        String input = "37.45 126.95\n\nhere there\n37.45\n91 0\n0 181\nNaN 1\n1 2 3\n0x1 2\n" + "1".repeat(100_000)
                + "\n37.45 126.95\n";
        assertEquals(1, runWith(input, "locate", "-", "--districts", two.toString()));
        List<String> answers = out.toString().lines().toList();
        assertEquals(11, answers.size());
        assertEquals("A", answers.get(0));
        assertEquals("A", answers.get(10));
        for (String answer : answers.subList(1, 10)) {
            assertEquals("? expected LAT LON in degrees", answer);
        }
        assertEquals("Error: 9 of 11 lines are not LAT LON\nTry: look for answers that begin with ?\n", err.toString());
    }

    @Test
    void locateOfNothingAnswersNothing() {
        assertEquals(0, runWith("", "locate", "-", "--districts", two.toString()));
        assertEquals("", out.toString());
    }

    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS)
    void whoeverAsksLineByLineGetsEachAnswerAtOnce() throws Exception {
        InputStream before = System.in;
        try (PipedInputStream in = new PipedInputStream();
                PipedInputStream hear = new PipedInputStream();
                PipedOutputStream say = new PipedOutputStream(hear)) {
            System.setIn(in);
            Thread command = new Thread(() -> HubBridge.commandLine()
                    .setOut(new PrintWriter(say, true, StandardCharsets.UTF_8))
                    .execute("locate", "-", "--districts", two.toString()));
            List<Integer> heard = new ArrayList<>();
            try (PipedOutputStream ask = new PipedOutputStream(in)) {
                command.start();
                for (String line : List.of("37.45 126.95\n", "37.45 127.05\n")) {
                    ask.write(line.getBytes(StandardCharsets.UTF_8));
                    ask.flush();
                    heard.add(hear.read());
                    assertEquals('\n', hear.read());
                }
            }
            command.join();
            assertEquals(List.of((int) 'A', (int) 'B'), heard);
        } finally {
            System.setIn(before);
        }
    }

    @Test
    void wrongUseIsExplainedAndEndsWithTwo() {
        assertEquals(2, run("locate"));
        assertEquals(2, run("locate", "37.45"));
        assertTrue(err.toString().contains("give LAT and LON"), err.toString());
        assertEquals(2, run("locate", "north", "126.95"));
        assertEquals(2, run("locate", "127", "37"));
        assertTrue(err.toString().contains("LAT must be in [-90, 90]"), err.toString());
        assertEquals(2, run("locate", "1", "2", "3"));
        assertEquals(2, run("locate", "1", "2", "--jsn"));
        assertTrue(err.toString().contains("--jsn"), err.toString());
        assertEquals(2, run("locate", "1", "2", "--within", "-1"));
        assertEquals(2, run("locate", "1", "2", "--within", "far"));
    }

    @Test
    void aMapThatDoesNotReadIsExplainedAndEndsWithOne() throws IOException {
        Path broken = Files.writeString(dir.resolve("broken.geojson"), TWO.replace("37.5", "137.5"));
        assertEquals(1, run("locate", "1", "2", "--districts", broken.toString()));
        assertTrue(err.toString().startsWith("Error: " + broken + " is not a map of districts: feature 1 B 나구: "));
        assertTrue(err.toString().contains("Try: hub-bridge districts import " + broken + " --check"));
        assertEquals(
                1, run("locate", "1", "2", "--districts", dir.resolve("none").toString()));
        assertTrue(err.toString().startsWith("Error: there is no file "));
        assertEquals(1, run("locate", "1", "2", "--districts", dir.toString()));
    }

    @Test
    void anImportedMapIsWhatListAndLocateGoBy() {
        assertEquals(0, run("districts", "import", two.toString(), "--data", dir.toString()));
        assertEquals("imported 2 districts from " + two + "\n", out.toString());
        assertEquals(0, run("districts", "list", "--data", dir.toString()));
        assertEquals("A 가구 가구\nB 나구 나구\n", out.toString());
        assertEquals("", err.toString());
        assertEquals(0, run("locate", "37.45", "126.95", "--data", dir.toString()));
        assertEquals("A 가구\n", out.toString());
        assertEquals(0, run("districts", "list", "--json", "--data", dir.toString()));
        assertTrue(out.toString()
                .startsWith("{\"origin\":\"" + two + "\",\"approximate\":false,\"districts\":[{\"code\":\"A\""));
    }

    @Test
    void theHubIsFoundByItsSettings() throws IOException {
        Path config = Files.writeString(dir.resolve("hub.yaml"), "data: my-data\ndoor: {insecure-plaintext: true}\n");
        assertEquals(0, run("districts", "import", two.toString(), "--config", config.toString()));
        assertTrue(Files.exists(dir.resolve("my-data/registry.db")));
        assertEquals(0, run("locate", "37.45", "126.95", "--config", config.toString()));
        assertEquals("A 가구\n", out.toString());
    }

    @Test
    void listWithoutAnImportIsTheStarterMapAndSaysSo() {
        assertEquals(0, run("districts", "list", "--data", dir.toString()));
        assertEquals(25, out.toString().lines().count());
        assertTrue(out.toString().startsWith("11110 종로구 Jongno-gu\n"));
        assertEquals(APPROXIMATE, err.toString());
        run("districts", "list", "--json", "--data", dir.toString());
        assertTrue(out.toString().startsWith("{\"origin\":\"starter map\",\"approximate\":true,"));
    }

    @Test
    void aSelfCrossingRingRefusesTheImportAndChangesNothing() throws IOException {
        run("districts", "import", two.toString(), "--data", dir.toString());
        Path crossing = Files.writeString(
                dir.resolve("crossing.geojson"),
                "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"properties\":{\"code\":\"11680\","
                        + "\"name\":\"강남구\"},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":"
                        + "[[[127,37],[127.1,37.1],[127.1,37],[127,37.1],[127,37]]]}}]}");
        assertEquals(1, run("districts", "import", crossing.toString(), "--data", dir.toString()));
        assertEquals(
                "error: feature 1 11680 강남구: its boundary crosses itself or another part's at 37.050000 127.050000\n",
                out.toString());
        assertEquals(
                "Error: " + crossing
                        + " has 1 error; nothing was imported\nTry: mend what is listed and import again\n",
                err.toString());
        run("districts", "list", "--data", dir.toString());
        assertEquals("A 가구 가구\nB 나구 나구\n", out.toString());
    }

    @Test
    void aLargeOverlapMustBeAccepted() throws IOException {
        Path overlapping = Files.writeString(
                dir.resolve("overlapping.geojson"),
                "{\"type\":\"FeatureCollection\",\"features\":[" + square("B", "나구", 126.95, 37.4, 127.1, 37.5) + ","
                        + square("A", "가구", 126.9, 37.4, 127.0, 37.5) + "]}");
        assertEquals(1, run("districts", "import", overlapping.toString(), "--data", dir.toString()));
        assertTrue(out.toString().startsWith("serious: A 가구 and B 나구: overlap in "), out.toString());
        assertTrue(err.toString().contains("--accept"));
        assertFalse(Files.exists(dir.resolve("registry.db")));
        assertEquals(0, run("districts", "import", overlapping.toString(), "--accept", "--data", dir.toString()));
        assertTrue(out.toString().endsWith("imported 2 districts from " + overlapping + "\n"));
    }

    @Test
    void checkImportsNothingAndNeedsNoHub() {
        assertEquals(0, run("districts", "import", two.toString(), "--check"));
        assertEquals("2 districts, 0 problems; nothing imported (--check)\n", out.toString());
        assertEquals(0, run("districts", "import", two.toString(), "--check", "--json"));
        assertEquals(
                "{\"imported\":false,\"source\":\"" + two + "\",\"districts\":2,\"problems\":[]}\n", out.toString());
    }

    @Test
    void districtsComeFromAnAddressToo() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/map", exchange -> {
            byte[] body = TWO.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.createContext("/none", exchange -> {
            exchange.sendResponseHeaders(404, -1);
            exchange.close();
        });
        server.start();
        try {
            String address = "http://127.0.0.1:" + server.getAddress().getPort();
            assertEquals(0, run("districts", "import", address + "/map", "--data", dir.toString()));
            assertEquals("imported 2 districts from " + address + "/map\n", out.toString());
            assertEquals(1, run("districts", "import", address + "/none", "--data", dir.toString()));
            assertTrue(err.toString().contains("answers with status 404"), err.toString());
        } finally {
            server.stop(0);
        }
        assertEquals(1, run("districts", "import", "http://127.0.0.1:1/map", "--data", dir.toString()));
        assertTrue(err.toString().startsWith("Error: cannot download http://127.0.0.1:1/map"), err.toString());
        assertEquals(1, run("districts", "import", "http://", "--data", dir.toString()));
        assertTrue(err.toString().startsWith("Error: http:// is not an address"), err.toString());
    }
}
