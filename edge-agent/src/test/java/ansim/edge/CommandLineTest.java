package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.settings.Settings;
import ansim.wire.OpeningKey;
import ansim.wire.SigningKey;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The commands as a person types them: exit codes 0, 1, 2 and 78, and what is printed. */
class CommandLineTest {
    private static final String GOOD = """
            unit: 0f6b3a52-7a4e-4c7b-9d12-5f0c8a1e2b34
            key: unit-key.pem
            data: data
            hub:
              key: hub.pub.pem
              uplinks: [{mqtt: "tcp://127.0.0.1:1"}]
            ports:
              - {name: gnss, profile: gnss-nmea0183, serial: /dev/none, options: {baud: 38400}}
              - {name: lamp, profile: meter-lamp, gpio: "sim:/none/lamp"}
            """;

    @TempDir
    private Path folder = Path.of("");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void keys() throws IOException {
        assertEquals(0, run("keygen", "--out", at("unit-key.pem"), "--public", at("unit-key.pub.pem")));
        SigningKey hub = SigningKey.generate(new SecureRandom());
        Files.writeString(folder.resolve("hub.pub.pem"), hub.verifyKey().toPem());
        err.getBuffer().setLength(0);
    }

    @Test
    void aGoodConfigurationPrintsTheValuesInForceWhichCanBeReadBack() throws IOException {
        assertEquals(0, run("check", "--config", config(GOOD)));
        String yaml = out.toString();
        assertTrue(yaml.contains("seal-after: 30s"), yaml);
        assertTrue(yaml.contains("# port gnss, in force:\n#   profile: gnss-nmea0183\n#   baud: 38400"), yaml);
        assertEquals(
                "0f6b3a52-7a4e-4c7b-9d12-5f0c8a1e2b34",
                Settings.read("effective", yaml, AgentConfig.class)
                        .unit()
                        .orElseThrow()
                        .toString());
        assertFalse(yaml.contains("PRIVATE"), yaml);
    }

    @Test
    void whatMayComeLaterIsAWarning() throws IOException {
        assertEquals(
                0,
                run(
                        "check",
                        "--config",
                        config(GOOD.replace(
                                "tcp://127.0.0.1:1\"", "tcp://hub.example:1\", insecure-plaintext: true"))));
        assertEquals(
                List.of(
                        "Warning: port gnss: there is no /dev/none now; the agent waits for it",
                        "Warning: port lamp: there is no /none/lamp now; the agent waits for it",
                        "Warning: uplink tcp://hub.example:1 leaves this machine in plaintext, as insecure-plaintext says: signed, but"
                                + " readable on the way",
                        "Warning: data: there is no " + at("data") + " yet; run makes it"),
                err.toString().lines().limit(4).toList());
    }

    @Test
    void allProblemsAreNamedAtOnceWithFileLineKeyValueAndRule() throws IOException {
        String file = config("""
                unit: not-a-uuid
                key: unit-key.pem
                hub:
                  key: none.pem
                  uplinks: [{mqtt: "http://x"}]
                ports:
                  - {name: gnss, profile: gnss-nmea018, serial: /dev/none}
                  - {name: lamp, profile: meter-lamp, gpio: "sim:/none", options: {debounc: 1s}}
                  - {name: button, profile: panic-button, serial: /dev/none}
                  - {name: Reader, profile: reader-em4100, serial: /dev/none}
                trak: {seal-after: 30s}
                journal: {quota-mib: 4, track-mib: 2, segment-kib: 1024}
                """);
        Files.setPosixFilePermissions(folder.resolve("unit-key.pem"), PosixFilePermissions.fromString("rw-r--r--"));
        assertEquals(78, run("check", "--config", file));
        String all = err.toString();
        for (String expected : List.of(
                ":1: unit: 'not-a-uuid': ",
                ":2: key: 'unit-key.pem': must be readable by its owner only: chmod 600 " + at("unit-key.pem"),
                ":5: hub.uplinks[0]: mqtt must be tls://HOST:PORT (got http://x)",
                ":7: ports[0].profile: 'gnss-nmea018': is no profile file and none of the shipped profiles",
                ":8: ports[1].options.debounc: '1s': is no option of profile meter-lamp (did you mean debounce?)",
                ":9: ports[2]",
                ":10: ports[3]: name must be",
                ":11: trak: is not a key here (did you mean track?)",
                ":12: journal: the journal quota must hold 12 segments")) {
            assertTrue(all.contains("Error: " + file + expected), expected + " is not in\n" + all);
        }
        assertEquals(9, all.lines().filter(line -> line.startsWith("Error: ")).count(), all);
        assertTrue(
                all.contains("Warning: hub.key: none.pem does not exist yet; at the hub: hub-bridge key show > "), all);
        assertEquals("", out.toString());
    }

    @Test
    void aReaderWithoutAVaultKeyIsAWarningAndAWrongVaultKeyAProblem() throws IOException {
        String reader = GOOD + """
                  - {name: reader, profile: reader-em4100, serial: /dev/none}
                """;
        String withoutKey =
                "Warning: hub.vault-key: is not set, so the cards that are read here name no ride; put in the"
                        + " file that hub-bridge vault key show printed";
        assertEquals(0, run("check", "--config", config(GOOD)), err::toString);
        assertFalse(err.toString().contains("vault-key"), err::toString);
        assertEquals(0, run("check", "--config", config(reader)), err::toString);
        assertTrue(err.toString().contains(withoutKey), err::toString);
        String named = reader.replace("hub:\n", "hub:\n  vault-key: vault.pem\n");
        assertEquals(0, run("check", "--config", config(named)), err::toString);
        assertTrue(
                err.toString()
                        .contains("hub.vault-key: vault.pem does not exist yet; at the vault: hub-bridge vault key"),
                err::toString);
        Files.writeString(
                folder.resolve("vault.pem"),
                SigningKey.generate(new SecureRandom()).verifyKey().toPem());
        assertEquals(78, run("check", "--config", config(named)));
        assertTrue(err.toString().contains("is no X25519 key in PEM: not an X25519 public key"), err::toString);
        Files.writeString(
                folder.resolve("vault.pem"),
                OpeningKey.generate(new SecureRandom()).sealingKey().toPem());
        err.getBuffer().setLength(0);
        assertEquals(0, run("check", "--config", config(named)), err::toString);
        assertFalse(err.toString().contains("vault"), err::toString);
    }

    /** A pole that forgot it was accepted without a word, and its calls for help came from nowhere. */
    @Test
    void aPoleWithoutAPlaceIsAWarningAndATaxiWithOneToo() throws IOException {
        String lamp = GOOD.lines()
                .filter(line -> !line.contains("gnss"))
                .collect(Collectors.joining("\n", "kind: cctv-pole\n", "\n"));
        String warning =
                "Warning: place: is not set, so what this cctv-pole tells has no position; write where it stands:"
                        + " place: {lat: 37.5263, lon: 126.8962}";
        assertEquals(0, run("check", "--config", config(lamp)), err::toString);
        assertTrue(err.toString().contains(warning), err::toString);
        for (String good : List.of(lamp + "place: {lat: 37.5, lon: 126.9}\n", GOOD, "kind: locker-site\n" + GOOD)) {
            err.getBuffer().setLength(0);
            assertEquals(0, run("check", "--config", config(good)), err::toString);
            assertFalse(err.toString().contains("place:"), err::toString);
        }
        assertEquals(0, run("check", "--config", config(GOOD + "place: {lat: 37.5, lon: 126.9}\n")), err::toString);
        assertTrue(err.toString().contains("Warning: place: is for a unit that stands"), err::toString);
    }

    @Test
    void aProfileThatDoesNotGiveItsKnownAnswersIsAProblem() throws IOException {
        Path profile = folder.resolve("lamp.yaml");
        Files.writeString(profile, """
                name: lamp
                about: a lamp whose answers are wrong
                line: {gpio: [lamp]}
                framer: level
                decoder: meter-lamp
                options: {}
                readings: [lamp]
                known-answers:
                  - about: never
                    levels: [0 lamp 0]
                    gives: []
                """);
        assertEquals(78, run("check", "--config", config(GOOD.replace("profile: meter-lamp", "profile: " + profile))));
        assertTrue(err.toString().contains(":9: ports[1].profile: "), err.toString());
        assertTrue(err.toString().contains("does not give its own known answers: "), err.toString());
    }

    /** Found when a latched bell's options were held against the answers of a rider's button. */
    @Test
    void optionsOfAPortMayChangeWhatTheProfilesKnownAnswersSay() throws IOException {
        String file = config(GOOD + """
                  - {name: bell, profile: panic-button, gpio: "sim:bell", options: {kind: bell}}
                  - {name: roof, profile: meter-lamp, gpio: "sim:roof", options: {active: low, lit: vacant}}
                """);
        assertEquals(0, run("check", "--config", file), err::toString);
        assertTrue(out.toString().contains("kind: bell"), out::toString);
    }

    /** Only the kernel knows which chip bears it; a check opens nothing. */
    @Test
    void aLineThatIsNamedByItsChipsLabelHasNoFileToBeThere() throws IOException {
        String file = config(GOOD + """
                  - {name: roof, profile: meter-lamp, gpio: cp2112_gpio/5}
                """);
        assertEquals(0, run("check", "--config", file), err::toString);
        assertFalse(err.toString().contains("cp2112_gpio"), err::toString);
    }

    @Test
    void linesOfTheBoardAndOutputsAreCheckedToo() throws IOException {
        String file = config(GOOD + """
                  - {name: reader, profile: reader-wiegand, gpio: [gpiochip999/17, gpiochip999/27]}
                outputs:
                  - {name: siren, gpio: gpiochip999/17, options: {longest-on: 30s}}
                """);
        assertEquals(0, run("check", "--config", file), err::toString);
        assertTrue(out.toString().contains("longest-on: 30s"), out::toString);
        assertTrue(
                err.toString().contains("port reader: there is no /dev/gpiochip999 now; the agent waits for it"),
                err::toString);
        assertTrue(
                err.toString()
                        .contains(
                                "ports reader and siren share gpiochip999/17: the kernel gives a line to one of them only"),
                err::toString);
        String wrong = config(GOOD + """
                  - {name: relay, profile: output-relay, gpio: 22}
                  - {name: reader, profile: reader-wiegand, gpio: 17}
                outputs:
                  - {name: siren, gpio: 24, options: {longest: 30s}}
                  - {name: lamp2, profile: meter-lamp, gpio: 25}
                """);
        assertEquals(78, run("check", "--config", wrong));
        for (String expected : List.of(
                ":10: ports[2].options: '22': profile output-relay is for an output: list it under outputs",
                ":11: ports[3].options: '17': profile reader-wiegand has 2 lines, d0 and d1",
                ":13: outputs[0].options.longest: '30s': is no option of profile output-relay",
                ":14: outputs[1].options: '25': profile meter-lamp is for a device that is read: list it under ports")) {
            assertTrue(err.toString().contains("Error: " + wrong + expected), expected + " is not in\n" + err);
        }
    }

    @Test
    void aMachineGetsTheSameAsJson() throws IOException {
        assertEquals(78, run("check", "--json", "--config", config(GOOD.replace("baud: 38400", "baud: fast"))));
        Map<String, String> leaves = StatusCommand.flatten(out.toString());
        assertEquals("false", leaves.get("ok"));
        assertEquals("8", leaves.get("problems[0].line"));
        assertEquals("ports[0].options.baud", leaves.get("problems[0].key"));
        assertEquals("fast", leaves.get("problems[0].value"));
        assertEquals("", err.toString());
    }

    @Test
    void runRefusesAConfigurationThatCheckRefuses() throws IOException {
        assertEquals(78, run("run", "--config", config(GOOD.replace("hub:", "hubb:"))));
        assertTrue(err.toString().contains(":4: hubb: is not a key here (did you mean hub?)"), err.toString());
        assertEquals(78, run("run", "--config", at("none.yaml")));
        assertTrue(err.toString().contains("none.yaml: cannot be read"), err.toString());
    }

    @Test
    void aKeyThatIsNotMadeYetIsAWarningToCheckAndTheEndOfRun() throws IOException {
        String file = config(GOOD.replace("key: unit-key.pem", "key: later.pem"));
        assertEquals(0, run("check", "--config", file), err::toString);
        assertTrue(err.toString()
                .contains("Warning: key: later.pem does not exist yet; make one with: edge-agent keygen"));
        assertEquals(78, run("run", "--config", file));
        assertTrue(err.toString().contains(":2: key: 'later.pem': does not exist yet"), err.toString());
    }

    @Test
    void aPublicKeyInPlaceOfAPrivateOneIsNamed() throws IOException {
        Files.copy(folder.resolve("hub.pub.pem"), folder.resolve("wrong.pem"));
        Files.setPosixFilePermissions(folder.resolve("wrong.pem"), PosixFilePermissions.fromString("rw-------"));
        assertEquals(78, run("run", "--config", config(GOOD.replace("key: unit-key.pem", "key: wrong.pem"))));
        assertTrue(err.toString().contains(":2: key: 'wrong.pem': is no Ed25519 key in PEM: "), err.toString());
    }

    @Test
    void thereIsNoStatusOfAnAgentThatDoesNotRun() throws IOException {
        String file = config(GOOD);
        assertEquals(1, run("status", "--config", file));
        assertEquals(
                List.of(
                        "Error: the agent is not running: there is no " + at("data/status.json"),
                        "Try: edge-agent run --config " + file),
                err.toString().lines().toList());
    }

    @Test
    void aStatusLeftByAKilledAgentIsSaidToBeOld() throws IOException {
        status("4194305", SystemClock.boot().hex(), SystemClock.monoMs() - 60_000);
        assertEquals(1, run("status", "--config", config(GOOD)));
        assertTrue(
                err.toString().startsWith("Error: the agent is not running: its last figures were written 60 s ago"),
                err.toString());
    }

    @Test
    void aStatusOfAnEarlierBootIsSaidToBeOld() throws IOException {
        status(Long.toString(ProcessHandle.current().pid()), "00000000000000aa", SystemClock.monoMs());
        assertEquals(1, run("status", "--config", config(GOOD)));
        assertTrue(err.toString().contains("before the last restart of this machine"), err.toString());
    }

    @Test
    void anAgentThatNoLongerWritesIsAnErrorNamingIt() throws IOException {
        String pid = Long.toString(ProcessHandle.current().pid());
        status(pid, SystemClock.boot().hex(), SystemClock.monoMs() - 60_000);
        assertEquals(1, run("status", "--config", config(GOOD)));
        assertTrue(
                err.toString().startsWith("Error: the agent (process " + pid + ") has written no figures since 60 s"),
                err.toString());
    }

    @Test
    void aStatusThatIsNoneIsAnError() throws IOException {
        Files.createDirectories(folder.resolve("data"));
        Files.writeString(folder.resolve("data/status.json"), "{\"pid\":\"x\"}");
        assertEquals(1, run("status", "--config", config(GOOD)));
        assertTrue(err.toString().contains("is not what an agent writes"), err.toString());
    }

    @Test
    void aKeyIsMadeForItsOwnerOnlyAndNeverOverwritten() throws IOException {
        Path key = folder.resolve("unit-key.pem");
        assertEquals(PosixFilePermissions.fromString("rw-------"), Files.getPosixFilePermissions(key));
        String before = Files.readString(key);
        assertEquals(1, run("keygen", "--out", key.toString()));
        assertEquals(before, Files.readString(key));
        assertTrue(
                err.toString().contains("Error: " + key + " exists, and a key is never overwritten"), err.toString());
    }

    @Test
    void aKeyIsNotHalfMadeWhenItsPublicFileExists() throws IOException {
        assertEquals(1, run("keygen", "--out", at("other.pem"), "--public", at("unit-key.pem")));
        assertTrue(err.toString().startsWith("Error: " + at("unit-key.pem") + " exists"), err::toString);
        assertFalse(Files.exists(folder.resolve("other.pem")));
    }

    @Test
    void thePublicKeyIsPrintedWhenNoFileIsNamed() throws IOException {
        assertEquals(0, run("keygen", "--out", at("other.pem")));
        SigningKey made = SigningKey.fromPem(Files.readString(folder.resolve("other.pem")));
        assertEquals(made.verifyKey().toPem(), out.toString());
        assertFalse(err.toString().contains("PRIVATE"), err.toString());
    }

    @Test
    void aCommandThatIsNoneIsAUsageError() {
        assertEquals(2, run("chek"));
        assertEquals(2, run("run", "--no-such-option"));
        assertEquals(2, run("simulate", "--dir", at("sim"), "--speed", "0"));
    }

    @Test
    void everyCommandExplainsItself() {
        for (String command : List.of("run", "check", "status", "keygen", "replay", "simulate")) {
            assertEquals(0, run(command, "--help"));
            assertTrue(out.toString().contains("Usage: edge-agent " + command), out.toString());
        }
    }

    private void status(String pid, String boot, long writtenMs) throws IOException {
        Files.createDirectories(folder.resolve("data"));
        Files.writeString(
                folder.resolve("data/status.json"),
                "{\"pid\":" + pid + ",\"boot\":\"" + boot + "\",\"writtenMonoMs\":" + writtenMs + "}");
    }

    private String config(String yaml) throws IOException {
        return Files.writeString(folder.resolve("agent.yaml"), yaml).toString();
    }

    private String at(String name) {
        return folder.resolve(name).toString();
    }

    private int run(String... arguments) {
        CommandLine line =
                EdgeAgent.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return line.execute(arguments);
    }
}
