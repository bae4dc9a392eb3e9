package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.edge.keys.Claim;
import ansim.edge.keys.TestEst;
import ansim.wire.OpeningKey;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** How a person enrols a box, and what goes wrong. */
class EnrolCommandTest {
    @TempDir
    private Path dir = Path.of("");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private TestEst est;

    @BeforeEach
    void listen() throws IOException {
        est = new TestEst();
    }

    @AfterEach
    void close() {
        est.close();
    }

    private int run(String... arguments) {
        CommandLine line =
                EdgeAgent.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return line.execute(arguments);
    }

    private String trust() {
        return dir.resolve("trust").toString();
    }

    private String[] byCode(Claim claim) {
        String code = claim.code().grouped().toLowerCase(Locale.ROOT);
        return new String[] {
            "enrol", "--hub", est.url().toString(), "--code", code, "--serial", "BOX-7", "--trust", trust()
        };
    }

    @Test
    void anEnrolledBoxIsToldWhatItsConfigurationNeedsAndCheckAcceptsThat() throws IOException {
        Claim claim = est.claim();
        assertEquals(0, run(byCode(claim)), err::toString);
        String said = out.toString();
        assertTrue(said.startsWith("Enrolled as unit "), said);
        assertTrue(err.toString().startsWith("asking which authority the hub has\n"), err.toString());
        assertFalse((said + err).contains(claim.code().digits()), "the code is not repeated");

        String yaml = said.substring(said.indexOf("trust: "), said.indexOf("\nThen: "));
        Path file = Files.writeString(dir.resolve("agent.yaml"), yaml);
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        assertEquals(0, run("check", "--config", file.toString()), err::toString);
        assertTrue(out.toString().contains(", certificate until "), out.toString());
        assertTrue(out.toString().contains("mqtt: tls://127.0.0.1:8883"), out.toString());

        Files.setPosixFilePermissions(
                dir.resolve("trust/message.key.pem"), PosixFilePermissions.fromString("rw-r--r--"));
        for (String command : List.of("check", "run")) {
            err.getBuffer().setLength(0);
            assertEquals(78, run(command, "--config", file.toString()));
            assertTrue(err.toString().contains("message.key.pem must be readable by its owner only"), err.toString());
        }
    }

    /** It said that no vault key is set to every unit that had one from its enrolment, and to put one in beside it. */
    @Test
    void checkMissesAVaultKeyOnlyWhereTheEnrolmentBroughtNone() throws IOException {
        assertEquals(0, run(byCode(est.claim())), err::toString);
        String said = out.toString();
        Path file = Files.writeString(
                dir.resolve("agent.yaml"),
                said.substring(said.indexOf("trust: "), said.indexOf("\nThen: "))
                        + "ports: [{name: reader, profile: reader-em4100, serial: /dev/none}]\n");
        Path key = dir.resolve("trust/vault.pub.pem");
        Files.writeString(
                key, OpeningKey.generate(new SecureRandom()).sealingKey().toPem());
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
        err.getBuffer().setLength(0);
        assertEquals(0, run("check", "--config", file.toString()), err::toString);
        assertFalse(err.toString().contains("vault"), err::toString);
        Files.delete(key);
        assertEquals(0, run("check", "--config", file.toString()), err::toString);
        assertTrue(
                err.toString()
                        .contains("Warning: trust: has no vault key, so the cards that are read here name no ride"),
                err::toString);
        assertFalse(err.toString().contains("hub-bridge vault key show"), err::toString);
    }

    @Test
    void aMachineGetsOneObject() throws IOException {
        Claim claim = est.claim();
        Path file = Files.writeString(
                dir.resolve(Claim.FILE),
                "{\"hub\":\"" + est.url() + "\",\"code\":\"" + claim.code().digits() + "\"}");
        assertEquals(0, run("enrol", "--json", "--claim", file.toString(), "--trust", trust()), err::toString);
        assertEquals("", err.toString());
        var leaves = StatusCommand.flatten(out.toString());
        assertTrue(String.valueOf(leaves.get("unit")).matches("[0-9a-f]{32}"), out.toString());
        assertEquals("tls://127.0.0.1:8883", leaves.get("mqtt"));
    }

    @Test
    void aSecondTimeNothingIsThrownAway() {
        assertEquals(0, run(byCode(est.claim())), err::toString);
        err.getBuffer().setLength(0);
        assertEquals(1, run(byCode(est.claim())));
        assertTrue(err.toString().startsWith("Error: this box is enrolled already, as unit "), err.toString());
        assertTrue(err.toString().contains("Try: nothing: the agent renews its keys by itself"), err.toString());
    }

    @Test
    void wrongCodesAreSaidSoAndNotKept() {
        Claim claim = est.claim();
        String[] wrong = byCode(claim);
        wrong[4] = "7K3M-Q2XA";
        assertEquals(1, run(wrong));
        assertTrue(err.toString().contains("Error: a code has 12 characters (got 8)"), err.toString());
        assertTrue(err.toString().contains("Try: the code as on the sheet"), err.toString());
        wrong[4] = "0000-0000-0000";
        assertEquals(1, run(wrong));
        assertTrue(err.toString().contains("Error: the hub knows no such code"), err.toString());
        assertEquals(0, run(byCode(claim)), err::toString);
    }

    @Test
    void whereThereIsNoClaimAllWaysToOneAreNamed() {
        assertEquals(1, run("enrol", "--trust", trust()));
        assertTrue(err.toString().contains("Error: there is no claim: no stick with ansim-claim.json"), err.toString());
        assertEquals(1, run("enrol", "--code", "7K3M-Q2XA-9RTD", "--trust", trust()));
        assertTrue(err.toString().contains("Try: --hub https://HOST:PORT"), err.toString());
    }

    @Test
    void claimsAreFoundOnMountedSticksOnly() throws IOException {
        Path media = Files.createDirectories(dir.resolve("media/user/STICK"));
        Files.writeString(media.resolve(Claim.FILE), "{}");
        Files.createDirectories(media.resolve("deep"));
        Files.writeString(media.resolve("deep").resolve(Claim.FILE), "{}");
        assertEquals(
                List.of(media.resolve(Claim.FILE)),
                ClaimFiles.find(List.of(dir.resolve("media"), dir.resolve("nowhere"))));
    }

    @Test
    void aBoardIsCalledByItsMakersNumberAndOtherMachinesByWhatTheirIdHashesTo() throws IOException {
        Path tree = Files.writeString(dir.resolve("serial-number"), "10000000abcdef01\0");
        Path id = Files.writeString(dir.resolve("machine-id"), "0123456789abcdef0123456789abcdef\n");
        assertEquals("10000000abcdef01", Board.serial(tree, id));
        String hashed = Board.serial(dir.resolve("none"), id);
        assertTrue(hashed.matches("M-[0-9a-f]{16}"), hashed);
        assertFalse("0123456789abcdef0123456789abcdef".contains(hashed.substring(2)));
    }

    @Test
    void trustAndKeysByHandAreNotMixed() throws IOException {
        Path file = Files.writeString(dir.resolve("agent.yaml"), """
                trust: trust
                key: unit-key.pem
                hub: {uplinks: [{mqtt: "tls://hub.example:8883"}]}
                """);
        assertEquals(78, run("check", "--config", file.toString()));
        assertTrue(err.toString().contains("trust holds the unit's id and keys: take out key"), err.toString());
        Files.writeString(file, "hub: {uplinks: [{mqtt: \"tls://hub.example:8883\"}]}\n");
        assertEquals(78, run("check", "--config", file.toString()));
        assertTrue(err.toString().contains("unit is missing: give trust: trust"), err.toString());
        Files.writeString(file, "trust: trust\nhub: {uplinks: [{mqtt: \"tcp://hub.example:1883\"}]}\n");
        err.getBuffer().setLength(0);
        assertEquals(78, run("check", "--config", file.toString()));
        assertTrue(err.toString().contains("insecure-plaintext: true"), err.toString());
    }

    @Test
    void encryptionBelowTheDataIsSeenThroughLvm() throws IOException {
        Path proc = Files.createDirectories(dir.resolve("proc/self"));
        Path sys = dir.resolve("sys");
        Path data = Files.createDirectories(dir.resolve("data")).toRealPath();
        Files.writeString(
                proc.resolve("mountinfo"),
                "1 0 8:1 / / rw - ext4 /dev/none rw\n2 1 253:1 / " + data
                        + " rw,noatime shared:1 - ext4 /dev/mapper/none rw\n");
        Path lvm = Files.createDirectories(sys.resolve("dev/block/253:1/dm"));
        Files.writeString(lvm.resolve("uuid"), "LVM-abc\n");
        Path below = Files.createDirectories(sys.resolve("dev/block/253:1/slaves/dm-0/dm"));
        AtRest atRest = new AtRest(dir.resolve("proc"), sys);
        assertTrue(atRest.encryption(data).isEmpty());
        Files.writeString(below.resolve("uuid"), "CRYPT-LUKS2-abc-data\n");
        assertEquals("dm-crypt", atRest.encryption(data).orElse(""));
        assertTrue(atRest.encryption(dir.toRealPath()).isEmpty(), "another file system");
    }
}
