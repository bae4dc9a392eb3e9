package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code scripts/provision}, with stand-ins for hub and boxes that refuse what the real ones refuse. */
class ProvisionScriptTest {
    /** A box is stopped by a file STOP.STEP.SERIAL in the tree. */
    private static final String PROGRAMS = """
            words="$*"
            after() { sed -n "s/.* $1 \\([^ ]*\\).*/\\1/p" <<<"$words"; }
            case "$words" in
              -XshowSettings*) printf '    java.specification.version = 17\\n' >&2 ;;
              *'units import'*) mkdir -p units/claims; cp index.csv units/claims/ ;;
              *enrol*)
                serial=$(after --serial) trust=$(after --trust)
                echo "$serial" >>enrolled
                [ ! -e "$trust/hub.json" ] || { echo 'Error: this box is enrolled already, as unit 17 until then' >&2; exit 1; }
                [ ! -e "STOP.enrol.$serial" ] || { echo 'Error: no link' >&2; exit 1; }
                mkdir -p "$trust"
                printf '{"hub":"https://h:1","mqtt":"tls://hub.city:8883"}' >"$trust/hub.json"
                [ ! -e "STOP.answer.$serial" ] || exit 137
                printf '{"unit":"17","mqtt":"tls://hub.city:8883"}\\n' ;;
              *' init '*)
                [ ! -e STOP.init ] || exit 137
                printf 'kind: %s\\nplace: {lat: 1.0, lon: 2.0}   # change it\\nmqtt: tls://hub.example:8883\\n' "$(after init)" ;;
            esac""";

    @TempDir
    private Path folder = Path.of("");

    private ScriptTree tree;

    @BeforeEach
    void layOut() throws IOException {
        tree = new ScriptTree(folder);
        tree.program("jdk/bin/java", PROGRAMS);
        tree.write("list.csv", "vehicle\n");
        tree.write("index.csv", """
                folder,vehicle,kind,position,serial\r
                aa,"서울 31바 1234","taxi","","B-1"\r
                bb,"당산, ""7\"\"\"","cctv-pole","37.5263,126.8962","B-2"\r
                cc,"강남 17","locker-site","",""\r
                """);
    }

    private int provision() throws IOException, InterruptedException {
        return tree.run(Map.of(), "provision", List.of("list.csv", "--out", "units", "--jobs", "1"));
    }

    private String yaml(String box) throws IOException {
        return Files.readString(tree.at("units/" + box + "/agent.yaml"));
    }

    /** Every pole was a taxi, and its place that of the template. */
    @Test
    void eachBoxGetsTheKindAndThePlaceOfItsRow() throws Exception {
        assertEquals(0, provision(), tree::said);
        assertTrue(tree.said().contains("3 of 3 units enrolled"), tree::said);
        assertEquals("kind: taxi\nmqtt: tls://hub.city:8883\n", yaml("B-1"));
        assertEquals("kind: cctv-pole\nplace: {lat: 37.5263, lon: 126.8962}\nmqtt: tls://hub.city:8883\n", yaml("B-2"));
        assertEquals("kind: locker-site\nmqtt: tls://hub.city:8883\n", yaml("box-cc"));
    }

    /** The same command again failed for every box that was enrolled, and one without an agent.yaml never got one. */
    @Test
    void whatWasInterruptedGoesOnWhereItWas() throws Exception {
        for (String stop : List.of("STOP.enrol.B-1", "STOP.answer.B-2", "STOP.init")) {
            tree.write(stop, "");
        }
        assertEquals(1, provision(), tree::said);
        assertTrue(tree.said().contains("0 of 3 units enrolled"), tree::said);
        assertTrue(tree.said().contains("failed B-1: Error: no link"), tree::said);
        assertFalse(Files.exists(tree.at("units/box-cc/agent.yaml")));
        for (String stop : List.of("STOP.enrol.B-1", "STOP.answer.B-2", "STOP.init")) {
            Files.delete(tree.at(stop));
        }
        assertEquals(0, provision(), tree::said);
        assertEquals("kind: locker-site\nmqtt: tls://hub.city:8883\n", yaml("box-cc"));
        assertTrue(yaml("B-2").contains("tls://hub.city:8883"), yaml("B-2"));
        Files.writeString(tree.at("units/B-1/agent.yaml"), "mine: true\n");
        assertEquals(0, provision(), tree::said);
        assertEquals("mine: true\n", yaml("B-1"));
        assertEquals(
                List.of("B-1", "B-2", "box-cc", "B-1", "B-2"), Files.readAllLines(tree.at("enrolled")), "no box twice");
    }

    @Test
    void whatAnEarlierVersionRememberedGoesOnToo() throws Exception {
        tree.write("units/boxes", "aa B-1\ndd B-4\n");
        assertEquals(0, provision(), tree::said);
        assertTrue(tree.said().contains("4 of 4 units enrolled"), tree::said);
        assertEquals("kind: taxi\nmqtt: tls://hub.city:8883\n", yaml("B-4"));
    }
}
