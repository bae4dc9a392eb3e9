package ansim.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.settings.Settings;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code hub-bridge init} and {@code check}: the way to a hub.yaml that a start will take. */
class CheckCommandTest {
    @TempDir
    private Path folder = Path.of("");

    private Path write(String yaml) throws IOException {
        return Files.writeString(folder.resolve("hub.yaml"), yaml);
    }

    private static Ran check(Path file) {
        return Ran.of("check", "--config", file.toString());
    }

    @Test
    void theFirstSettingsAreThoseOfAHubOnThisMachineAndNothingIsWrongWithThem() throws Exception {
        Ran first = Ran.of("init");
        assertEquals(0, first.code(), first.err());
        Ran checked = check(write(first.out()));
        assertEquals(0, checked.code(), checked.err());
        String addresses = """
                # units: tls://localhost:8883 (from this machine only)
                # boxes enrol: https://localhost:8443 (from this machine only)
                """;
        assertTrue(checked.out().startsWith(addresses), checked.out());
        assertTrue(checked.err().contains("Warning: vault: there is no rider vault"), checked.err());
        assertEquals(List.of("hub.yaml"), names(), "a check makes nothing");
    }

    @Test
    void withANameTheFirstSettingsOpenTheDoorsToOtherMachines() throws Exception {
        Ran first = Ran.of("init", "--name", "hub.example", "--name", "192.0.2.1", "--data", "/srv/han's hub");
        HubConfig config = Settings.load(write(first.out()), HubConfig.class);
        assertTrue(config.door().address().getAddress().isAnyLocalAddress());
        assertEquals(List.of("hub.example", "192.0.2.1"), config.reachedBy().ofDoor());
        assertEquals("https://hub.example:8443", config.reachedBy().enrolmentUrl());
        assertEquals(Path.of("/srv/han's hub"), config.data());
        assertEquals(2, Ran.of("init", "--name", "hub example").code());
    }

    /** What is shown as a comment must work when somebody takes the # away. */
    @Test
    void theFirstSettingsAlsoReadWithEverythingThatIsOffTurnedOn() throws Exception {
        for (Ran first : List.of(Ran.of("init"), Ran.of("init", "--name", "hub.example"))) {
            String all = first.out().replaceAll("(?m)^#(?! )", "");
            HubConfig config = Settings.load(write(all), HubConfig.class);
            assertTrue(config.api().isPresent()
                    && config.guardians().isPresent()
                    && config.coap().isPresent());
            assertEquals(1, config.centres().size());
        }
    }

    @Test
    void whatACheckPrintsIsTakenBackByTheHub() throws Exception {
        String out = check(write("door: {max-connections: 7}\n")).out();
        assertEquals(7, Settings.load(write(out), HubConfig.class).door().maxConnections());
    }

    @Test
    void aCheckNamesEveryFileThatAStartWouldNotTakeAtOnce() throws Exception {
        Path wide = Files.writeString(folder.resolve("wide.secret"), "a".repeat(44));
        Files.setPosixFilePermissions(wide, PosixFilePermissions.fromString("rw-r--r--"));
        Files.writeString(folder.resolve("ca.pem"), "no certificate");
        Ran checked = check(write("""
                vault: {socket: v.sock, key: none.pem}
                broker: {url: "tls://broker.example:8883", authority: ca.pem}
                api: {key: api.key, certificate: api.pem}
                guardians: {late: 5min, templates: texts}
                centres:
                  - district: "11680"
                    sinks:
                      - {webhook: "https://a.example/", secret: wide.secret}
                      - {stream: none.token}
                      - {kafka: "k.example:9092", topic: t, properties: none.properties}
                      - {mqtt: "ssl://b.example", authority: ca.pem}
                deliveries: {streams: {listen: "127.0.0.1:8444"}}
                """));
        assertEquals(78, checked.code());
        for (String each : List.of(
                "vault: " + folder.resolve("none.pem") + " is not there",
                "broker: " + folder.resolve("ca.pem"),
                "api.key: " + folder.resolve("api.key") + ": must be there",
                "api.certificate: " + folder.resolve("api.pem") + " is not there",
                "guardians: ",
                "centres[0].sinks[0]: " + wide + " must be readable by its owner only: chmod 600",
                "centres[0].sinks[1]: " + folder.resolve("none.token") + " is not there: make it with",
                "centres[0].sinks[2]: " + folder.resolve("none.properties") + " is not there",
                "centres[0].sinks[3]: " + folder.resolve("ca.pem") + " holds no certificates")) {
            assertTrue(checked.err().contains("hub.yaml: " + each), each + "\n" + checked.err());
        }
    }

    @Test
    void aCheckIsAlsoForProgramsAndSaysTheLineOfEachProblem() throws Exception {
        Ran checked = Ran.of(
                "check",
                "--json",
                "--config",
                write("data: x\nbrokr: {}\ndoor: {max-connections: 0}\n").toString());
        assertEquals(78, checked.code());
        JsonNode json = new ObjectMapper().readTree(checked.out());
        assertFalse(json.path("ok").asBoolean());
        assertEquals(2, json.path("problems").size(), checked.out());
        assertEquals(2, json.path("problems").path(0).path("line").asInt());
        assertEquals("brokr", json.path("problems").path(0).path("key").asText());
        assertFalse(json.has("effective"));
        assertEquals(78, check(folder.resolve("none.yaml")).code());
    }

    private List<String> names() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.map(each -> each.getFileName().toString()).toList();
        }
    }
}
