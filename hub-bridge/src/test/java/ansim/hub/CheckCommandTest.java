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

    /** What an mqtt sink may say of who the hub is, and each way to say it by half or in the wrong place. */
    @Test
    void aCheckRefusesHalfALoginAndOneInTheClearAndSaysWhatToWrite() throws Exception {
        Ran checked = check(write("""
                centres:
                  - district: "11680"
                    sinks:
                      - {mqtt: "ssl://b.example:8883", user: hub}
                      - {mqtt: "ssl://b.example:8883", password-file: p}
                      - {mqtt: "ssl://b.example:8883", certificate: c.pem}
                      - {mqtt: "ssl://b.example:8883", key: k.pem}
                      - {mqtt: "tcp://b.example:1883", user: hub, password-file: p}
                      - {mqtt: "tcp://127.0.0.1:1883", certificate: c.pem, key: k.pem}
                      - {mqtt: "ssl://hub:hidden-word@b.example:8883"}
                      - {webhook: "https://c.example/", user: hub, password-file: p}
                      - {kafka: "k.example:9092", topic: t, certificate: c.pem, key: k.pem}
                      - {mqtt: "ssl://b.example:8883", user: "", password-file: p}
                """));
        assertEquals(78, checked.code());
        List<String> due = List.of(
                "user and password-file must be given together: user: NAME, and password-file: FILE",
                "user and password-file must be given together: user: NAME, and password-file: FILE",
                "certificate and key must be given together: certificate: FILE",
                "certificate and key must be given together: certificate: FILE",
                "user and password-file need TLS unless the broker is on this machine: write ssl://",
                "authority, certificate and key need TLS: write ssl://",
                "mqtt must name no user and no password: write user: NAME and password-file: FILE",
                "user must not be given with this kind of sink, only with mqtt",
                "certificate must not be given with this kind of sink, only with mqtt",
                "user must be a name of 1 to 256 characters");
        for (int i = 0; i < due.size(); i++) {
            String path = "centres[0].sinks[" + i + "]";
            String said = checked.err()
                    .lines()
                    .filter(line -> line.contains(path))
                    .findFirst()
                    .orElse("nothing of " + path + " in " + checked.err());
            assertTrue(said.contains(due.get(i)), due.get(i) + "\n" + said);
        }
        assertFalse(checked.err().contains("hidden-word"), checked.err());
    }

    @Test
    void aCheckReadsTheFilesOfALogin() throws Exception {
        Path wide = Files.writeString(folder.resolve("wide.password"), "short");
        Files.setPosixFilePermissions(wide, PosixFilePermissions.fromString("rw-r--r--"));
        Path two = Files.writeString(folder.resolve("two.password"), "user\npassword\n");
        Path good = Files.writeString(folder.resolve("good.password"), "short\n");
        Path key = Files.writeString(folder.resolve("key.pem"), "no key");
        for (Path each : List.of(two, good, key)) {
            Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("rw-------"));
        }
        Files.writeString(folder.resolve("own.pem"), "no certificate");
        Ran checked = check(write("""
                centres:
                  - district: "11680"
                    sinks:
                      - {mqtt: "ssl://a.example", user: hub, password-file: wide.password}
                      - {mqtt: "ssl://b.example", user: hub, password-file: none.password}
                      - {mqtt: "ssl://c.example", user: hub, password-file: two.password}
                      - {mqtt: "ssl://d.example", certificate: own.pem, key: key.pem}
                      - {mqtt: "ssl://e.example", certificate: none.pem, key: key.pem}
                      - {mqtt: "ssl://f.example", user: hub, password-file: good.password}
                      - {mqtt: "tcp://localhost", user: hub, password-file: good.password}
                """));
        assertEquals(78, checked.code());
        for (String each : List.of(
                "centres[0].sinks[0]: " + wide + " must be readable by its owner only: chmod 600",
                "centres[0].sinks[1]: " + folder.resolve("none.password") + " is not there: write the password into it",
                "centres[0].sinks[2]: " + two + " must hold one line",
                "centres[0].sinks[3]: " + key + " and " + folder.resolve("own.pem") + " are no identity",
                "centres[0].sinks[4]: " + folder.resolve("none.pem") + " is not there")) {
            assertTrue(checked.err().contains("hub.yaml: " + each), each + "\n" + checked.err());
        }
        assertFalse(checked.err().contains("sinks[5]"), checked.err());
        assertFalse(checked.err().contains("sinks[6]"), checked.err());
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
