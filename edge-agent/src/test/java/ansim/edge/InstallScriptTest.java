package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code scripts/install} and the building of what it installs. Java and Maven are stand-ins, and everything goes below a folder.
 */
class InstallScriptTest {
    @TempDir
    private Path folder = Path.of("");

    private ScriptTree tree;
    private Path unit = Path.of("");

    @BeforeEach
    void layOut() throws IOException {
        tree = new ScriptTree(folder.resolve("tree"));
        unit = folder.resolve("unit");
    }

    private int install(String... words) throws Exception {
        return install(Map.of(), words);
    }

    private int install(Map<String, String> environment, String... words) throws Exception {
        return tree.run(environment, "install", List.of(words));
    }

    private String installed(String name) throws IOException {
        return Files.readString(unit.resolve(name));
    }

    /** As root {@code --rooot=DIR} changed this machine's users, /etc and services, and said "Installed". */
    @Test
    void aWordThatItDoesNotKnowInstallsNothing() throws Exception {
        for (List<String> words : List.of(
                List.of("taxi", "--rooot=" + unit),
                List.of("taxi", "--root"),
                List.of("taxi", "locker-site", "--root", unit.toString()),
                List.of("taxi", "--root", unit.toString(), "now"),
                List.of("tax", "--root", unit.toString()),
                List.of("--root", unit.toString()))) {
            assertEquals(2, install(words.toArray(String[]::new)), words + ": " + tree.said());
            assertTrue(tree.said().contains("Try: scripts/install --help"), tree::said);
            assertFalse(Files.exists(unit), words.toString());
        }
    }

    @Test
    void theFolderMayBeWrittenInEitherWayAndHelpIsGiven() throws Exception {
        assertEquals(0, install("--help"), tree::said);
        assertTrue(tree.said().contains("scripts/install taxi|cctv-pole|locker-site [--root DIR]"), tree::said);
        assertEquals(0, install("--root=" + unit, "cctv-pole"), tree::said);
        assertEquals("kind: cctv-pole\ndata: /var/lib/ansim\n", installed("etc/ansim/agent.yaml"));
        assertEquals("the version before", installed("opt/ansim/edge-agent.jar"));
    }

    /** It was /usr/bin/java, whatever that is, while another one had been looked at. */
    @Test
    void theServiceStartsTheJavaThatWasLookedAt() throws Exception {
        assertEquals(0, install("taxi", "--root", unit.toString()), tree::said);
        String start = installed("etc/systemd/system/ansim-edge.service")
                .lines()
                .filter(line -> line.startsWith("ExecStart="))
                .collect(Collectors.joining());
        assertTrue(start.startsWith("ExecStart=" + tree.at("jdk/bin/java") + " -XX:"), start);
        assertTrue(tree.said().contains("sudo -u ansim " + tree.at("jdk/bin/java") + " -jar"), tree::said);
        Path spaced = folder.resolve("my tree");
        Files.createSymbolicLink(spaced, tree.at(""));
        String home = spaced.resolve("jdk").toString();
        assertEquals(1, install(Map.of("JAVA_HOME", home), "taxi", "--root", unit + "2"), tree::said);
        assertTrue(tree.said().contains("the service cannot start Java by the name " + home), tree::said);
    }

    /**
     * jSSC unpacks its library into java.io.tmpdir and loads it from there: below /run, which Debian mounts noexec, no serial port was read.
     * And CoAP binds its UDP port, which a service that may bind nothing is refused.
     */
    @Test
    void theServiceMayLoadTheDriverOfSerialPortsAndBindItsUdpPort() throws Exception {
        assertEquals(0, install("taxi", "--root", unit.toString()), tree::said);
        String service = installed("etc/systemd/system/ansim-edge.service");
        assertFalse(service.contains("java.io.tmpdir"), service);
        assertTrue(service.contains("\nPrivateTmp=yes\n"), service);
        assertTrue(service.contains("\nSocketBindDeny=tcp\n"), service);
    }

    /** systemd resolves DeviceAllow=char-ttyUSB when the service starts: without the driver an adapter plugged in later was forbidden. */
    @Test
    void eachKindOfDeviceThatAServiceIsAllowedAndADriverMakesIsThereAtBoot() throws Exception {
        assertEquals(0, install("taxi", "--root", unit.toString()), tree::said);
        String service = installed("etc/systemd/system/ansim-edge.service");
        Map<String, String> drivers = new TreeMap<>(Map.of("ttyUSB", "usbserial", "ttyACM", "cdc_acm"));
        Set<String> modules = installed("etc/modules-load.d/ansim.conf").lines().collect(Collectors.toSet());
        drivers.forEach((device, module) -> {
            assertTrue(service.contains("\nDeviceAllow=char-" + device + " rw\n"), device);
            assertTrue(modules.contains(module), module);
        });
        assertTrue(service.lines()
                .anyMatch(line -> line.startsWith("After=") && line.contains("systemd-modules-load.service")));
        assertTrue(installed("etc/udev/rules.d/60-ansim-gpio.rules").contains("GROUP=\"gpio\", MODE=\"0660\""));
        assertTrue(installed("etc/polkit-1/rules.d/60-ansim-pcsc.rules").contains("org.debian.pcsc-lite.access_card"));
    }

    /** After git pull it installed the jar of before, and said so of "a new version". */
    @Test
    void whatIsOlderThanItsSourcesIsBuiltFirst() throws Exception {
        for (String source : List.of("edge-agent/src/main/java/A.java", "device-profiles/pom.xml", "pom.xml")) {
            tree.write("edge-agent/target/edge-agent.jar", "the version before");
            tree.settle();
            assertEquals(0, install("taxi", "--root", unit.toString()), tree::said);
            assertEquals("the version before", installed("opt/ansim/edge-agent.jar"), source);
            tree.change(source);
            assertEquals(0, install("taxi", "--root", unit.toString()), tree::said);
            assertEquals("built", installed("opt/ansim/edge-agent.jar"), source);
        }
    }

    @Test
    void aSourceThatIsGoneCountsAndAJarThatMavenLeavesAloneIsBuiltOnce() throws Exception {
        tree.program("mvnw", "echo once >>mvnw.log");
        tree.settle();
        Files.delete(tree.at("edge-agent/src/main/java/A.java"));
        for (int i = 0; i < 2; i++) {
            assertEquals(0, install("taxi", "--root", unit.toString()), tree::said);
        }
        assertEquals("once\n", Files.readString(tree.at("mvnw.log")));
    }

    /** A program that runs has the jar open: it must not find another version's bytes in it. */
    @Test
    void aJarIsNotBuiltIntoTheFileThatAProgramHasOpen() throws Exception {
        Path running = folder.resolve("running");
        Files.createLink(running, tree.at("edge-agent/target/edge-agent.jar"));
        tree.change("pom.xml");
        assertEquals(0, install("taxi", "--root", unit.toString()), tree::said);
        assertEquals("built", installed("opt/ansim/edge-agent.jar"));
        assertEquals("the version before", Files.readString(running));
    }

    /** target/ was root's then, and whatever came without sudo died of "Permission denied". */
    @Test
    void whoIsRootBySudoBuildsNothing() throws Exception {
        tree.program("bin/id", "echo 0");
        tree.settle();
        Map<String, String> sudo = new HashMap<>(tree.with("bin"));
        sudo.put("SUDO_USER", "kim");
        assertEquals(0, install(sudo, "taxi", "--root", unit.toString()), tree::said);
        Files.delete(tree.at("edge-agent/target/edge-agent.jar"));
        assertEquals(1, install(sudo, "taxi", "--root", unit.toString()), tree::said);
        assertTrue(
                tree.said().contains("edge-agent.jar has to be built, and what root builds here kim could not"),
                tree::said);
        assertFalse(Files.exists(tree.at("edge-agent/target/edge-agent.jar")));
        assertFalse(Files.exists(tree.at("target")));
    }

    @Test
    void whereNothingCanBeBuiltAnOldJarIsTakenAndThatIsSaid() throws Exception {
        tree.change("pom.xml");
        Files.delete(tree.at("jdk/bin/javac"));
        assertEquals(
                0, install(Map.of("PATH", withoutJavac().toString()), "taxi", "--root", unit.toString()), tree::said);
        assertTrue(tree.said().contains("Warning: edge-agent.jar is older than its sources"), tree::said);
        assertEquals("the version before", installed("opt/ansim/edge-agent.jar"));
    }

    /** What the scripts call, and no compiler. */
    private Path withoutJavac() throws IOException {
        for (String each : List.of(
                "bash", "cat", "chmod", "dirname", "find", "id", "install", "mv", "readlink", "rm", "sed", "uname")) {
            Path real = Stream.of(System.getenv("PATH").split(":"))
                    .map(at -> Path.of(at, each))
                    .filter(Files::isExecutable)
                    .findFirst()
                    .orElseThrow();
            tree.program("few/" + each, "exec " + real + " \"$@\"", "#!/bin/sh");
        }
        return tree.at("few");
    }
}
