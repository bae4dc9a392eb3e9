package ansim.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.view.Claims.Claim;
import ansim.hub.view.Registry;
import ansim.trust.ClaimCode;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.zxing.BinaryBitmap;
import com.google.zxing.DecodeHintType;
import com.google.zxing.LuminanceSource;
import com.google.zxing.common.HybridBinarizer;
import com.google.zxing.qrcode.QRCodeReader;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code units import} and what else hands out claims. */
final class UnitsImportCommandTest {
    private static final String HUB = "https://hub.example:8443";

    @TempDir
    private Path folder = Path.of("");

    private Path csv(String content) throws IOException {
        return Files.writeString(folder.resolve("crate.csv"), content);
    }

    private Ran units(String command, String... more) {
        return Ran.of(Stream.concat(Stream.of("units", command, "--data", data().toString()), Arrays.stream(more))
                .toArray(String[]::new));
    }

    private Ran take(String content, String... more) throws IOException {
        return units(
                "import",
                Stream.concat(Stream.of(csv(content).toString()), Arrays.stream(more))
                        .toArray(String[]::new));
    }

    private Path data() {
        return folder.resolve("data");
    }

    private List<Claim> claims() throws IOException {
        try (Registry registry = Registry.open(data().resolve("registry.db"))) {
            return registry.claims().all();
        }
    }

    @Test
    void aRowMakesAClaimAndTheSameFileAgainChangesNothing() throws IOException {
        String crate = """
                \ufeffVehicle,serial,site,company,kind,position,district,group
                서울 31바 1234,,,"한빛, ""운수""\",,,,night
                ,B-2,강남 CCTV 17,강남구,cctv-pole,"37.4979, 127.0276",,
                ,B-3,,,,,,
                """;
        Ran first = take(crate);
        assertEquals(0, first.code(), first.err());
        assertEquals(
                "3 rows: 2 claims made, 0 changed, 0 there already, 0 of units that are there, 1 boxes without a claim",
                first.out().strip());
        List<Claim> made = claims();
        assertEquals("한빛, \"운수\"", made.get(0).service().company());
        assertEquals("night", made.get(0).service().group());
        assertEquals("taxi", made.get(0).service().kind());
        assertEquals("B-2", made.get(1).serial().orElseThrow());
        assertEquals(374_979_000, made.get(1).service().place().orElseThrow().latE7());
        assertTrue(take(crate).out().startsWith("3 rows: 0 claims made, 0 changed, 2 there already"));
        assertEquals(made, claims());
        assertTrue(take(crate.replace("night", "day")).out().startsWith("3 rows: 0 claims made, 1 changed"));
        assertEquals("day", claims().get(0).service().group());
    }

    @Test
    void everyProblemIsToldAtOnceWithItsLineAndNothingIsTaken() throws IOException {
        Ran ran = take("""
                vehicle,site,kind,position,serial
                서울 1,,bus,,
                서울 2,,,"99,127",
                ,기둥 1,cctv-pole,,
                ,,taxi,,
                서울 3,,,,bad serial
                서울 2,,,,
                서울 4,,,,,,too many
                ,,,,
                """);
        assertEquals(1, ran.code());
        for (String each : List.of(
                "crate.csv:2: kind: 'bus'",
                "crate.csv:3: position: '99,127'",
                "crate.csv:4: site: '기둥 1': must have a district or a position",
                "crate.csv:5: kind: 'taxi': must be empty without a vehicle or a site",
                "crate.csv:6: serial: 'bad serial'",
                "crate.csv:7: vehicle or site: '서울 2': must be there once (line 3 has it, too)",
                "crate.csv:8: must have 5 cells",
                "crate.csv:9: must have a serial, a vehicle or a site")) {
            assertTrue(ran.err().contains(each), each + " in:\n" + ran.err());
        }
        assertTrue(ran.err().contains("nothing was imported"));
        assertFalse(Files.exists(data().resolve("registry.db")));
    }

    @Test
    void aFileThatIsNoTableIsToldSo() throws IOException {
        assertTrue(take("").err().contains("must begin with the columns' names"));
        assertTrue(take("plate,company\n1,2\n").err().contains("'plate': must be one of the columns"));
        assertTrue(take("company\nx\n").err().contains("must have a column serial, vehicle or site"));
        assertTrue(take("vehicle\n\"1\n").err().contains("Error: "));
        Files.write(folder.resolve("korean.csv"), "vehicle\n서울 1\n".getBytes(Charset.forName("EUC-KR")));
        Ran korean = units("import", folder.resolve("korean.csv").toString());
        assertTrue(korean.err().contains("UTF-8"), korean.err());
        assertEquals(1, units("import", folder.resolve("none.csv").toString()).code());
    }

    @Test
    void aDryRunSaysWhatWouldBeDoneAndDoesNothing() throws IOException {
        Ran dry = take("vehicle\n서울 1\n", "--dry-run");
        assertTrue(dry.out().startsWith("dry run, nothing was done: 1 rows: 1 claims made"), dry.out());
        assertEquals(List.of(), claims());
    }

    @Test
    void sheetAndClaimFilesHoldCodesThatTheHubKnowsAndNobodyElseReads() throws Exception {
        Path sheet = folder.resolve("sheet.html");
        Path sticks = folder.resolve("sticks");
        Ran ran = take(
                "vehicle,company,serial\n서울 1,<b>&co,\n서울 2,,BOX-2\n,,BOX-3\n",
                "--sheet",
                sheet.toString(),
                "--claims",
                sticks.toString(),
                "--hub",
                HUB);
        assertEquals(0, ran.code(), ran.err());
        String html = Files.readString(sheet);
        assertTrue(html.contains("&lt;b&gt;&amp;co") && !html.contains("<b>&co"));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(sheet)));
        for (Claim claim : claims()) {
            Path file = sticks.resolve(claim.proof().orElseThrow().locator()).resolve("ansim-claim.json");
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
            JsonNode json = new ObjectMapper().readTree(file.toFile());
            ClaimCode code = ClaimCode.parse(json.path("code").asText());
            assertEquals(claim.proof().orElseThrow().locator(), code.locator());
            assertEquals(HUB, json.path("hub").asText());
            assertTrue(html.contains(code.grouped()));
        }
        assertEquals(
                List.of(HUB + "/claim#" + firstCode(html), HUB + "/claim#BOX-2", HUB + "/claim#BOX-3"), qrCodes(html));
        assertTrue(Files.readString(sticks.resolve("index.csv"), StandardCharsets.UTF_8)
                .contains("서울 1"));
        assertTrue(
                take("vehicle\n서울 1\n", "--sheet", folder.resolve("other.html").toString())
                        .err()
                        .contains("--hub"));
    }

    private static String firstCode(String html) {
        Matcher code = Pattern.compile("class=\"code\">([0-9A-Z-]+)<").matcher(html);
        assertTrue(code.find());
        return code.group(1);
    }

    /**
     * What stands in the sheet's codes, by the library's other half. It is told that there is nothing but a code in each picture: its search for the
     * corners takes something else for one in 6 of 1,500 codes, however they are drawn.
     */
    private static List<String> qrCodes(String html) {
        return Pattern.compile("<svg viewBox=\"0 0 (\\d+) \\d+\".*?<path d=\"(.*?)\"/>")
                .matcher(html)
                .results()
                .map(found -> scan(Integer.parseInt(found.group(1)), found.group(2)))
                .toList();
    }

    private static String scan(int size, String path) {
        int scale = 4;
        byte[] grey = new byte[size * size * scale * scale];
        Arrays.fill(grey, (byte) 255);
        Matcher runs = Pattern.compile("M(\\d+) (\\d+)h(\\d+)").matcher(path);
        while (runs.find()) {
            int x = Integer.parseInt(runs.group(1));
            int y = Integer.parseInt(runs.group(2));
            int length = Integer.parseInt(runs.group(3));
            for (int row = y * scale; row < (y + 1) * scale; row++) {
                Arrays.fill(grey, row * size * scale + x * scale, row * size * scale + (x + length) * scale, (byte) 0);
            }
        }
        try {
            return new QRCodeReader()
                    .decode(
                            new BinaryBitmap(new HybridBinarizer(new Picture(grey, size * scale))),
                            Map.of(DecodeHintType.PURE_BARCODE, true))
                    .getText();
        } catch (com.google.zxing.ReaderException e) {
            throw new AssertionError("no phone reads this", e);
        }
    }

    private static final class Picture extends LuminanceSource {
        private final byte[] grey;

        Picture(byte[] grey, int size) {
            super(size, size);
            this.grey = grey;
        }

        @Override
        public byte[] getRow(int y, byte[] row) {
            return Arrays.copyOfRange(grey, y * getWidth(), (y + 1) * getWidth());
        }

        @Override
        public byte[] getMatrix() {
            return grey;
        }
    }

    /** The codes of the first time were gone: the sheet was written again without them, and the index had no line. */
    @Test
    void theSameFileAgainLeavesSheetAndIndexAsTheyAre() throws IOException {
        Path sheet = folder.resolve("sheet.html");
        Path sticks = folder.resolve("sticks");
        String crate = """
                vehicle,serial,kind,position
                서울 1,,,
                "당산, 7",B-7,cctv-pole,"37.5263,126.8962"
                """;
        String[] more = {"--sheet", sheet.toString(), "--claims", sticks.toString(), "--hub", HUB};
        assertEquals(0, take(crate, more).code());
        String cards = Files.readString(sheet);
        List<String> index = Files.readAllLines(sticks.resolve("index.csv"));
        assertEquals("folder,vehicle,kind,position,serial", index.get(0));
        assertTrue(index.get(2).endsWith(",\"당산, 7\",\"cctv-pole\",\"37.5263,126.8962\",\"B-7\""), index.toString());
        Ran again = take(crate, more);
        assertEquals(1, again.code());
        assertTrue(again.err().contains("sheet.html is there already"), again.err());
        assertEquals(1, units("sheet", sheet.toString(), "--hub", HUB).code());
        assertEquals(0, take(crate, "--claims", sticks.toString(), "--hub", HUB).code());
        assertEquals(cards, Files.readString(sheet));
        assertEquals(index, Files.readAllLines(sticks.resolve("index.csv")));
        assertEquals(
                0,
                take("vehicle\n서울 2\n", "--claims", sticks.toString(), "--hub", HUB)
                        .code());
        assertEquals(4, Files.readAllLines(sticks.resolve("index.csv")).size(), "another list adds its lines");
        assertEquals(
                0,
                take("vehicle,group\n서울 1,night\n", "--claims", sticks.toString(), "--hub", HUB)
                        .code());
        List<String> changed = Files.readAllLines(sticks.resolve("index.csv"));
        assertEquals(4, changed.size(), "a new code takes the line of the one before");
        assertFalse(changed.contains(index.get(1)));
    }

    /** As a stop leaves it between the hub's taking the claims and the index, and as a version before wrote it. */
    @Test
    void whatTheIndexLacksComesBackAndItsLinesOfBeforeAreKept() throws IOException {
        Path sticks = folder.resolve("sticks");
        Path index = sticks.resolve("index.csv");
        assertEquals(
                0,
                take("vehicle\n서울 1\n", "--claims", sticks.toString(), "--hub", HUB)
                        .code());
        List<String> whole = Files.readAllLines(index);
        Files.delete(index);
        Files.writeString(index, "folder,vehicle,serial\r\n00aa,\"서울 9\",\"B-9\"\r\n");
        assertEquals(
                0,
                take("vehicle\n서울 1\n", "--claims", sticks.toString(), "--hub", HUB)
                        .code());
        assertEquals(List.of(whole.get(0), whole.get(1), "00aa,\"서울 9\",\"\",\"\",\"B-9\""), Files.readAllLines(index));
        Files.writeString(index, "folder,\"vehicle\n");
        Ran broken = take("vehicle\n서울 2\n", "--claims", sticks.toString(), "--hub", HUB);
        assertEquals(1, broken.code());
        assertTrue(broken.err().contains("another folder for --claims"), broken.err());
        assertEquals(1, claims().size());
    }

    @Test
    void newCodesMakeTheOldOnesVoid() throws IOException {
        Path sheet = folder.resolve("sheet.html");
        take("vehicle\n서울 1\n", "--sheet", sheet.toString(), "--hub", HUB);
        String old = firstCode(Files.readString(sheet));
        assertEquals(
                0, units("sheet", sheet.toString(), "--new-codes", "--hub", HUB).code());
        String fresh = firstCode(Files.readString(sheet));
        try (Registry registry = Registry.open(data().resolve("registry.db"))) {
            assertTrue(registry.claims().find(ClaimCode.parse(old).locator()).isEmpty());
            assertTrue(registry.claims().find(ClaimCode.parse(fresh).locator()).isPresent());
        }
    }

    @Test
    void claimsAreListedAndTakenBack() throws IOException {
        take("vehicle\n서울 1\n서울 2\n");
        long id = claims().get(0).id();
        Ran revoked = Ran.of("units", "claims", "revoke", "--data", data().toString(), String.valueOf(id));
        assertEquals(0, revoked.code(), revoked.err());
        assertEquals(
                1,
                Ran.of("units", "claims", "revoke", "--data", data().toString(), String.valueOf(id))
                        .code());
        Ran open = Ran.of("units", "claims", "list", "--open", "--json", "--data", data().toString());
        assertEquals(1, open.out().lines().count());
        assertTrue(open.out().contains("서울 2"));
        assertTrue(take("vehicle\n서울 1\n").out().startsWith("1 rows: 1 claims made"), "after that, another");
    }
}
