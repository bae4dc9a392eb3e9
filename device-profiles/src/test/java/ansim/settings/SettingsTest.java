package ansim.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {
    record Site(
            UUID unit,
            @Default("taxi") Kind kind,
            Path key,
            Optional<Place> place,

            @Default("30s") @Range(min = 1_000, max = 600_000)
            Duration sealAfter,

            @Default("[]") List<Port> ports,
            @Default("[]") List<Sink> sinks,
            @Default("{}") Map<String, Integer> limits,
            @Default("{}") Log log) {}

    enum Kind {
        TAXI,
        CCTV_POLE
    }

    record Place(
            @Range(min = -90, max = 90) double lat,
            @Range(min = -180, max = 180) double lon) {
        Place {
            if (lat == 0 && lon == 0) {
                throw new IllegalArgumentException("0, 0 is in the sea");
            }
        }
    }

    record Port(
            String name,
            @Range(min = 300, max = 4_000_000) int baud,
            @Default("{}") Section options) {}

    record Log(
            @Default("info") String level, @Default("false") boolean json) {}

    sealed interface Sink permits Webhook, Mqtt {}

    record Webhook(String url) implements Sink {}

    record Mqtt(String url, @Default("1") int qos) implements Sink {}

    private static final String GOOD = """
            unit: 0c6f4ce6-5b4b-4e6a-9f6e-3b0f2a6f1b11
            kind: cctv-pole
            key: keys/unit.pem
            place: {lat: 37.5, lon: 126.9}
            seal-after: 2min
            ports:
              - name: gnss
                baud: 9600
                options: {fix-from: rmc, deep: {er: [1, 2]}}
            sinks:
              - webhook: http://localhost/
              - mqtt: {url: tcp://localhost, qos: 0}
            limits: {a: 1, b: 2}
            """;

    @TempDir
    private Path folder = Path.of("");

    @Test
    void everyTypeIsBound() {
        Site site = Settings.read("site.yaml", GOOD, Site.class);
        assertEquals(UUID.fromString("0c6f4ce6-5b4b-4e6a-9f6e-3b0f2a6f1b11"), site.unit());
        assertEquals(Kind.CCTV_POLE, site.kind());
        assertEquals(Optional.of(new Place(37.5, 126.9)), site.place());
        assertEquals(Duration.ofMinutes(2), site.sealAfter());
        assertEquals(List.of(new Webhook("http://localhost/"), new Mqtt("tcp://localhost", 0)), site.sinks());
        assertEquals(Map.of("a", 1, "b", 2), site.limits());
        assertEquals(new Log("info", false), site.log());
        assertEquals("gnss", site.ports().get(0).name());
    }

    @Test
    void whatIsEffectiveReadsBackTheSame() {
        Site site = Settings.read("site.yaml", GOOD, Site.class);
        String effective = Settings.effective(site);
        assertEquals(effective, Settings.effective(Settings.read("again", effective, Site.class)));
        assertTrue(effective.contains("seal-after: 2min"), effective);
        assertTrue(effective.contains("level: info"), effective);
    }

    /** The second of two empty lists was printed as an alias of the first, which no file may have. */
    @Test
    void whatIsEffectiveReadsBackAlsoWithTwoEmptyLists() {
        String bare = "{unit: 0c6f4ce6-5b4b-4e6a-9f6e-3b0f2a6f1b11, kind: taxi, key: k.pem}";
        String effective = Settings.effective(Settings.read("site.yaml", bare, Site.class));
        assertEquals(effective, Settings.effective(Settings.read("again", effective, Site.class)));
    }

    @Test
    void pathsAreRelativeToTheFile() throws IOException {
        Path file = Files.writeString(folder.resolve("site.yaml"), GOOD);
        assertEquals(
                folder.resolve("keys/unit.pem").toAbsolutePath(),
                Settings.load(file, Site.class).key());
    }

    @Test
    void allProblemsAreNamedAtOnceWithLineAndPath() {
        List<Problem> problems = problems("""
                unit: 12
                kind: bus
                place: {lat: 91, lon: x}
                seal-afer: 30s
                seal-after: 30
                ports:
                  - name: [a]
                    baud: 96000000
                  - baud: fast
                    options: 3
                sinks:
                  - webhok: x
                limits: [1]
                log: {json: yes, level: }
                """);
        assertEquals(
                List.of(
                        "site.yaml:4: seal-afer: is not a key here (did you mean seal-after?); the keys are unit, kind, key, place,"
                                + " seal-after, ports, sinks, limits, log",
                        "site.yaml:1: unit: '12': must be a UUID, 8-4-4-4-12 hex digits",
                        "site.yaml:2: kind: 'bus': must be one of taxi, cctv-pole",
                        "site.yaml:1: key: is missing",
                        "site.yaml:3: place.lat: '91': must be in [-90, 90]",
                        "site.yaml:3: place.lon: 'x': must be a number in [-180, 180]",
                        "site.yaml:5: seal-after: '30': must be a time such as 500ms, 30s, 10min, 2h or 7d",
                        "site.yaml:7: ports[0].name: must be one value, not a list or a mapping",
                        "site.yaml:8: ports[0].baud: '96000000': must be in [300, 4000000]",
                        "site.yaml:9: ports[1].name: is missing",
                        "site.yaml:9: ports[1].baud: 'fast': must be a whole number in [300, 4000000]",
                        "site.yaml:10: ports[1].options: '3': must be a mapping of keys to values",
                        "site.yaml:12: sinks[0]: 'webhok': must be one of webhook, mqtt (did you mean webhook?)",
                        "site.yaml:13: limits: must be a mapping of keys to values",
                        "site.yaml:14: log.level: has no value: give one, or take the key out",
                        "site.yaml:14: log.json: 'yes': must be true or false"),
                problems.stream().map(Problem::toString).toList());
    }

    @Test
    void aConstructorsRefusalIsAProblemAtItsPath() {
        List<Problem> problems = problems(GOOD.replace("37.5, lon: 126.9", "0, lon: 0"));
        assertEquals("[site.yaml:4: place: 0, 0 is in the sea]", problems.toString());
    }

    @Test
    void aKeyGivenTwiceIsRefused() {
        assertEquals(
                "[site.yaml:15: kind: is given twice]",
                problems(GOOD + "log: {}\nkind: taxi\n").toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a: &x 1\\nb: *x | aliases are not used",
                "a: !!int 1 | tags are not used",
                "a: [1 | is not YAML",
                "a: 1\\n---\\nb: 2 | one document per file",
                "'' | is empty",
                "just text | must be a mapping",
                "? [a] : b | a key must be a word",
                "a:\\n\\tb: 1 | is not YAML",
            })
    void yamlThatIsNotForSettingsIsRefused(String yaml, String rule) {
        String all = problems(yaml.replace("\\n", "\n").replace("\\t", "\t")).toString();
        assertTrue(all.contains(rule), all);
    }

    @Test
    void depthAndLengthAreLimited() {
        assertTrue(problems("a: " + "[".repeat(100_000)).toString().contains("is nested deeper than 16"));
        assertTrue(problems("a: " + "x".repeat(300_000)).toString().contains("is longer than 262144 bytes"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1s", "1000ms", "600s", "10min"})
    void limitsOfATimeAreAllowedThemselves(String time) {
        Settings.read("site.yaml", GOOD.replace("2min", time), Site.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"999ms", "11min", "-1s", "1 s", "1.5s", "99999999999999s"})
    void otherTimesAreNot(String time) {
        assertEquals("seal-after", problems(GOOD.replace("2min", time)).get(0).path());
    }

    @Test
    void aFileThatIsNotThereIsAProblem() {
        SettingsException refused =
                assertThrows(SettingsException.class, () -> Settings.load(folder.resolve("none.yaml"), Site.class));
        assertTrue(refused.getMessage().contains("none.yaml: cannot be read"), refused.getMessage());
    }

    @Test
    void aSectionKnowsWhereItStoodWhenItIsBoundLater() {
        Section options =
                Settings.read("site.yaml", GOOD, Site.class).ports().get(0).options();
        SettingsException refused = assertThrows(SettingsException.class, () -> options.bind(Log.class));
        assertTrue(
                refused.getMessage().startsWith("site.yaml:9: ports[0].options.fix-from: is not a key here"),
                refused.getMessage());
    }

    private static List<Problem> problems(String yaml) {
        return assertThrows(SettingsException.class, () -> Settings.read("site.yaml", yaml, Site.class))
                .problems();
    }

    private record Holder(Section options) {}

    @Test
    void aSectionOnOneLineIsReadAsTheSame() {
        String yaml = "{bits: [26, 34], pattern: 'T=(?<t>[-0-9.]+);''D''', gives: {value: t, below: -3.5}, empty: ''}";
        Section once = Settings.read("test", "options: " + yaml, Holder.class).options();
        Section twice =
                Settings.read("test", "options: " + once.flow(), Holder.class).options();
        assertEquals(yaml, once.flow());
        assertEquals(yaml, twice.flow());
    }
}
