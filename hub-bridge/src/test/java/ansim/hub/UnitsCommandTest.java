package ansim.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.console.SampleCity;
import ansim.hub.core.LogEntry;
import ansim.hub.core.Logged;
import ansim.hub.view.Registry;
import ansim.hub.view.Views;
import ansim.wire.SigningKey;
import ansim.wire.VerifyKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnitsCommandTest {
    @TempDir
    Path folder;

    private String key(String name) throws IOException {
        Path file = folder.resolve(name + ".pub.pem");
        Files.writeString(
                file, SigningKey.generate(new SecureRandom()).verifyKey().toPem());
        return file.toString();
    }

    private Ran add(String key, String vehicle, String... more) {
        String[] fixed = {
            "units", "add", "--data", data(), "--public-key", key, "--vehicle", vehicle, "--company", "한빛운수"
        };
        String[] all = java.util.Arrays.copyOf(fixed, fixed.length + more.length);
        System.arraycopy(more, 0, all, fixed.length, more.length);
        return Ran.of(all);
    }

    private String data() {
        return folder.resolve("data").toString();
    }

    @Test
    void addPrintsTheIdAndListShowsTheUnitInColumnsThatStand() throws IOException {
        Ran added = add(key("a"), "서울 31바 1234", "--kind", "taxi");
        assertEquals(0, added.code(), added.err());
        String id = UUID.fromString(added.out().strip()).toString();
        add(key("b"), "CCTV 017", "--kind", "cctv-pole", "--place", "37.4979,127.0276");

        List<String> lines =
                Ran.of("units", "list", "--data", data()).out().lines().toList();
        assertEquals(3, lines.size());
        assertTrue(lines.get(1).startsWith(id), lines.get(1));
        for (String heading : List.of("VEHICLE", "COMPANY", "KIND", "STATE")) {
            int cell = TextTable.width(lines.get(0).substring(0, lines.get(0).indexOf(heading)));
            for (String line : lines.subList(1, 3)) {
                assertTrue(cellStartsAt(line, cell), heading + " in: " + line);
            }
        }
        assertTrue(lines.get(2).contains("37.4979,127.0276"));
    }

    /** Whether a cell begins at that column of the terminal: two blanks before it and none at it. */
    private static boolean cellStartsAt(String line, int column) {
        for (int i = 0; i < line.length(); i++) {
            if (TextTable.width(line.substring(0, i)) == column) {
                return line.startsWith("  ", i - 2) && line.charAt(i) != ' ';
            }
        }
        return false;
    }

    @Test
    void listAndExportFindUnitsByCompanyTextAndState() throws IOException {
        add(key("a"), "서울 31바 1234", "--kind", "taxi");
        add(key("b"), "서울 31바 5678", "--kind", "taxi");
        add(key("c"), "CCTV 017", "--kind", "cctv-pole", "--place", "37.4979,127.0276");
        assertEquals(
                2,
                Ran.of("units", "list", "--data", data(), "--search", "31바12")
                        .out()
                        .lines()
                        .count());
        assertEquals(
                1,
                Ran.of("units", "list", "--data", data(), "--state", "revoked")
                        .out()
                        .lines()
                        .count());
        assertEquals(
                4,
                Ran.of("units", "list", "--data", data(), "--state", "never-seen")
                        .out()
                        .lines()
                        .count());
        assertEquals(
                1,
                Ran.of("units", "list", "--data", data(), "--company", "nobody's")
                        .out()
                        .lines()
                        .count());
        assertEquals(
                2,
                Ran.of("units", "list", "--data", data(), "--state", "asleep").code());
        assertEquals(
                3,
                Ran.of("units", "export", "--data", data(), "--json")
                        .out()
                        .lines()
                        .count());
    }

    @Test
    void whatIsExportedImportReads() throws IOException {
        add(key("a"), "서울 31바 1234", "--kind", "taxi");
        add(key("c"), "CCTV 017", "--kind", "cctv-pole", "--place", "37.4979,127.0276");
        Path file = folder.resolve("units.csv");
        assertEquals(
                0, Ran.of("units", "export", "--data", data(), file.toString()).code());
        Ran read =
                Ran.of("units", "import", "--data", folder.resolve("other").toString(), "--dry-run", file.toString());
        assertTrue(read.out().contains("2 rows: 2 claims made"), read.out() + read.err());
    }

    @Test
    void aUnitKeepsTheIdThatItIsGivenAndNoIdOrKeyIsTakenTwice() throws IOException {
        String id = UUID.randomUUID().toString();
        String key = key("a");
        assertEquals(id, add(key, "1", "--kind", "taxi", "--unit", id).out().strip());
        Ran sameId = add(key("b"), "2", "--kind", "taxi", "--unit", id);
        assertEquals(1, sameId.code());
        assertTrue(sameId.err().startsWith("Error: the unit " + id + " is there already"), sameId.err());
        assertTrue(sameId.err().contains("Try: "));
        Ran sameKey = add(key, "3", "--kind", "taxi");
        assertEquals(1, sameKey.code());
        assertTrue(sameKey.err().contains("belongs to the unit " + id), sameKey.err());
    }

    @Test
    void whatCannotBeAUnitIsRefusedBeforeAnythingIsWritten() throws IOException {
        String key = key("a");
        assertEquals(2, add(key, "1", "--kind", "bus").code());
        assertEquals(2, add(key, " ", "--kind", "taxi").code());
        assertEquals(2, add(key, "a\nb", "--kind", "taxi").code());
        assertEquals(2, add(key, "x".repeat(121), "--kind", "taxi").code());
        assertEquals(2, add(key, "1", "--kind", "taxi", "--unit", "nonsense").code());
        for (String place : List.of("37.5", "91,127", "37.5,181", "a,b", "1e99,2", "37.5,127,1")) {
            Ran refused = add(key, "1", "--kind", "cctv-pole", "--place", place);
            assertEquals(2, refused.code(), place);
            assertTrue(refused.err().contains("--place"), refused.err());
        }
        assertEquals(
                1,
                add(folder.resolve("none.pem").toString(), "1", "--kind", "taxi")
                        .code());
        Path privateKey = folder.resolve("private.pem");
        Files.writeString(privateKey, SigningKey.generate(new SecureRandom()).toPem());
        assertEquals(1, add(privateKey.toString(), "1", "--kind", "taxi").code());
        assertFalse(Files.exists(folder.resolve("data/registry.db")));
    }

    @Test
    void aUnitWithASecureElementIsLetInByItsKeyOnP256() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        VerifyKey key =
                VerifyKey.fromSpki(generator.generateKeyPair().getPublic().getEncoded());
        Path file = folder.resolve("element.pub.pem");
        Files.writeString(file, key.toPem());
        Ran added = add(file.toString(), "서울 31바 1234", "--kind", "taxi");
        assertEquals(0, added.code(), added.err());
        try (Registry registry = Registry.open(folder.resolve("data/registry.db"))) {
            assertEquals(key, registry.units().get(0).unit().key());
        }
    }

    @Test
    void aStolenBoxIsShutOutAtOnceWhenAnotherIsToTakeItsPlaceAndAWornOneIsNot() throws IOException {
        String worn = add(key("a"), "1", "--kind", "taxi").out().strip();
        String stolen = add(key("b"), "2", "--kind", "taxi").out().strip();
        assertEquals(0, Ran.of("units", "replace", "--data", data(), worn).code());
        assertFalse(Ran.of("units", "list", "--data", data()).out().contains("revoked 20"));
        Ran ran = Ran.of("units", "replace", "--data", data(), "--stolen", stolen);
        assertEquals(0, ran.code(), ran.err());
        assertFalse(ran.out().contains(stolen), "what is printed is the claim's code alone");
        assertEquals(
                1,
                Ran.of("units", "list", "--data", data())
                        .out()
                        .lines()
                        .filter(line -> line.contains("revoked 20") && line.contains(stolen))
                        .count());
    }

    @Test
    void revokeAsksForYesAndIsForGood() throws IOException {
        String id = add(key("a"), "서울 31바 1234", "--kind", "taxi").out().strip();
        assertEquals(0, Ran.of("units", "revoke", "--data", data(), "--yes", id).code());
        assertTrue(Ran.of("units", "list", "--data", data()).out().contains("revoked 20"));
        Ran again = Ran.of("units", "revoke", "--data", data(), "--yes", id);
        assertEquals(1, again.code());
        assertTrue(again.err().contains("revoked already"));
        assertEquals(
                1,
                Ran.of(
                                "units",
                                "revoke",
                                "--data",
                                data(),
                                "--yes",
                                UUID.randomUUID().toString())
                        .code());
        assertEquals(
                2,
                Ran.of("units", "revoke", "--data", data(), "--yes", "nonsense").code());
    }

    @Test
    void healthShowsWhatTheUnitSaidAndWhoWasNeverHeard() throws Exception {
        add(key("quiet"), "CCTV 017", "--kind", "cctv-pole");
        Path data = Path.of(data());
        String heard;
        try (SampleCity city = new SampleCity(folder.resolve("log"), System.currentTimeMillis());
                Registry registry = Registry.open(data.resolve("registry.db"));
                Views views = Views.open(
                        data.resolve("views.db"), city.journal.journalId(), Long.MAX_VALUE, ZoneOffset.UTC)) {
            SampleCity.Unit taxi = city.taxi("서울 31바 1234");
            registry.add(taxi.unit, city.nowMs);
            heard = UnitsCommand.dashed(taxi.unit.unit());
            taxi.health();
            for (long index = 1; index <= city.journal.durableIndex(); index++) {
                LogEntry entry =
                        LogEntry.decode(city.journal.read(index).orElseThrow().payload());
                views.apply(List.of(new Logged(index, OptionalLong.empty(), entry)), index);
            }
            // While the hub has the file open.
            List<String> lines =
                    Ran.of("units", "health", "--data", data()).out().lines().toList();
            assertTrue(lines.get(1).contains("never"), lines.get(1));
            String line = lines.get(2);
            for (String part : List.of(
                    "서울 31바 1234",
                    " s ago",
                    "gnss:up reader:absent",
                    "9 satellites",
                    "0/1/4/0",
                    "0/0/0/2",
                    "agent 0.1.0",
                    "reader absent")) {
                assertTrue(line.contains(part), part + " in " + line);
            }
            assertEquals(3, health("--ill").size());
            assertEquals(
                    1,
                    health("--ill", "--search", "CCTV").stream()
                            .filter(each -> each.contains("never heard"))
                            .count());
            assertEquals(1, health("--company", "남산택시").size(), "the heading alone");
            assertEquals(
                    0,
                    Ran.of("units", "revoke", "--data", data(), "--yes", heard).code());
            assertEquals(2, health("--ill").size(), "who is revoked is not ill");
            assertTrue(health("--state", "revoked").get(1).matches(".*revoked, [0-9]+ s ago.*"));
        }
        Ran one = Ran.of("units", "health", "--json", "--data", data(), heard);
        assertEquals(1, one.out().lines().count());
        assertTrue(one.out().contains("\"reader\":2"), one.out());
        assertEquals(
                1,
                Ran.of("units", "health", "--data", data(), UUID.randomUUID().toString())
                        .code());
    }

    private List<String> health(String... asked) {
        List<String> all = new ArrayList<>(List.of("units", "health", "--data", data()));
        all.addAll(List.of(asked));
        return Ran.of(all.toArray(new String[0])).out().lines().toList();
    }

    @Test
    void manyAtOnceMakeOneRegistry() throws Exception {
        List<String> keys = IntStream.range(0, 8)
                .mapToObj(i -> {
                    try {
                        return key("k" + i);
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                })
                .toList();
        ExecutorService pool = Executors.newFixedThreadPool(8);
        try {
            List<Callable<Ran>> tasks = keys.stream()
                    .map(key -> (Callable<Ran>) () -> add(key, "taxi", "--kind", "taxi"))
                    .toList();
            for (Future<Ran> each : pool.invokeAll(tasks)) {
                assertEquals(0, each.get().code(), each.get().err());
            }
        } finally {
            pool.shutdown();
        }
        try (Registry registry = Registry.open(Path.of(data()).resolve("registry.db"))) {
            assertEquals(8, registry.units().size());
        }
    }
}
