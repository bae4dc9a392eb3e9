package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code scripts/install} and the building of what it installs, in a tree of its own: Java and Maven are stand-ins that say what they
 * were asked, and everything goes below a folder.
 */
class InstallScriptTest {
    private static final Path SCRIPTS = Path.of(System.getProperty("ansim.root", ".."), "scripts");
    private static final long DEADLINE_S = 60;
    private static final Instant BUILT = Instant.parse("2026-01-01T00:00:00Z");

    @TempDir
    private Path folder = Path.of("");

    private Path tree = Path.of("");
    private Path jar = Path.of("");
    private Path unit = Path.of("");
    private String said = "";

    @BeforeEach
    void layOut() throws IOException {
        tree = folder.resolve("tree");
        jar = tree.resolve("edge-agent/target/edge-agent.jar");
        unit = folder.resolve("unit");
        Files.createDirectories(tree.resolve("scripts"));
        Files.copy(SCRIPTS.resolve("install"), tree.resolve("scripts/install"));
        Files.copy(SCRIPTS.resolve("common.sh"), tree.resolve("scripts/common.sh"));
        Files.createDirectories(tree.resolve("scripts/install.d"));
        try (Stream<Path> parts = Files.list(SCRIPTS.resolve("install.d"))) {
            for (Path each : parts.toList()) {
                Files.copy(each, tree.resolve("scripts/install.d").resolve(each.getFileName()));
            }
        }
        write("README.md", "");
        write("edge-agent/target/edge-agent.jar", "the version before");
        for (String module : List.of("device-profiles", "edge-agent")) {
            write(module + "/pom.xml", "");
            write(module + "/src/main/java/A.java", "");
        }
        write("pom.xml", "");
        program("mvnw", "printf built >edge-agent/target/edge-agent.jar");
        program("jdk/bin/java", """
                case "$1" in
                  -XshowSettings*) printf '    java.specification.version = 17\\n' >&2 ;;
                  *) printf 'kind: %s\\ndata: data\\n' "$4" ;;
                esac""");
        program("jdk/bin/javac", "exit 1");
        settle();
    }

    private void write(String name, String text) throws IOException {
        Path file = tree.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private void program(String name, String text) throws IOException {
        program(name, text, "#!/usr/bin/env bash");
    }

    private void program(String name, String text, String interpreter) throws IOException {
        write(name, interpreter + "\n" + text + "\n");
        Files.setPosixFilePermissions(tree.resolve(name), PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** Everything is as old as the jar. */
    private void settle() throws IOException {
        try (Stream<Path> all = Files.walk(tree)) {
            for (Path each : all.toList()) {
                Files.setLastModifiedTime(each, FileTime.from(BUILT));
            }
        }
    }

    private int install(String... words) throws Exception {
        return install(Map.of(), words);
    }

    private int install(Map<String, String> environment, String... words) throws Exception {
        ProcessBuilder command = new ProcessBuilder(
                        Stream.concat(Stream.of("bash", "scripts/install"), Stream.of(words))
                                .toList())
                .directory(tree.toFile())
                .redirectErrorStream(true);
        command.environment().put("JAVA_HOME", tree.resolve("jdk").toString());
        command.environment().remove("SUDO_USER");
        command.environment().putAll(environment);
        Process running = command.start();
        running.getOutputStream().close();
        said = new String(running.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(running.waitFor(DEADLINE_S, TimeUnit.SECONDS), "install does not end");
        return running.exitValue();
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
            assertEquals(2, install(words.toArray(String[]::new)), words + ": " + said);
            assertTrue(said.contains("Try: scripts/install --help"), said);
            assertFalse(Files.exists(unit), words.toString());
        }
    }

    @Test
    void theFolderMayBeWrittenInEitherWayAndHelpIsGiven() throws Exception {
        assertEquals(0, install("--help"), () -> said);
        assertTrue(said.contains("scripts/install taxi|cctv-pole|locker-site [--root DIR]"), said);
        assertEquals(0, install("--root=" + unit, "cctv-pole"), () -> said);
        assertEquals("kind: cctv-pole\ndata: /var/lib/ansim\n", installed("etc/ansim/agent.yaml"));
        assertEquals("the version before", installed("opt/ansim/edge-agent.jar"));
    }

    /** It was /usr/bin/java, whatever that is, while another one had been looked at. */
    @Test
    void theServiceStartsTheJavaThatWasLookedAt() throws Exception {
        assertEquals(0, install("taxi", "--root", unit.toString()), () -> said);
        String start = installed("etc/systemd/system/ansim-edge.service")
                .lines()
                .filter(line -> line.startsWith("ExecStart="))
                .collect(Collectors.joining());
        assertTrue(start.startsWith("ExecStart=" + tree.resolve("jdk/bin/java") + " -XX:"), start);
        assertTrue(said.contains("sudo -u ansim " + tree.resolve("jdk/bin/java") + " -jar"), said);
        Path spaced = folder.resolve("my tree");
        Files.createSymbolicLink(spaced, tree);
        String home = spaced.resolve("jdk").toString();
        assertEquals(1, install(Map.of("JAVA_HOME", home), "taxi", "--root", unit + "2"), () -> said);
        assertTrue(said.contains("the service cannot start Java by the name " + home), said);
    }

    /**
     * jSSC unpacks its library into java.io.tmpdir and loads it from there: below /run, which Debian mounts noexec, no serial port was read.
     * And CoAP binds its UDP port, which a service that may bind nothing is refused.
     */
    @Test
    void theServiceMayLoadTheDriverOfSerialPortsAndBindItsUdpPort() throws Exception {
        assertEquals(0, install("taxi", "--root", unit.toString()), () -> said);
        String service = installed("etc/systemd/system/ansim-edge.service");
        assertFalse(service.contains("java.io.tmpdir"), service);
        assertTrue(service.contains("\nPrivateTmp=yes\n"), service);
        assertTrue(service.contains("\nSocketBindDeny=tcp\n"), service);
    }

    /** systemd resolves DeviceAllow=char-ttyUSB when the service starts: without the driver an adapter plugged in later was forbidden. */
    @Test
    void eachKindOfDeviceThatAServiceIsAllowedAndADriverMakesIsThereAtBoot() throws Exception {
        assertEquals(0, install("taxi", "--root", unit.toString()), () -> said);
        String service = installed("etc/systemd/system/ansim-edge.service");
        Map<String, String> drivers = new TreeMap<>(Map.of("ttyUSB", "usbserial", "ttyACM", "cdc_acm"));
        Set<String> modules =
                installed("etc/modules-load.d/ansim.conf").lines().collect(Collectors.toSet());
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
            write("edge-agent/target/edge-agent.jar", "the version before");
            settle();
            assertEquals(0, install("taxi", "--root", unit.toString()), () -> said);
            assertEquals("the version before", installed("opt/ansim/edge-agent.jar"), source);
            Files.setLastModifiedTime(tree.resolve(source), FileTime.from(BUILT.plusSeconds(60)));
            assertEquals(0, install("taxi", "--root", unit.toString()), () -> said);
            assertEquals("built", installed("opt/ansim/edge-agent.jar"), source);
        }
    }

    @Test
    void aSourceThatIsGoneCountsAndAJarThatMavenLeavesAloneIsBuiltOnce() throws Exception {
        program("mvnw", "echo once >>mvnw.log");
        settle();
        Files.delete(tree.resolve("edge-agent/src/main/java/A.java"));
        for (int i = 0; i < 2; i++) {
            assertEquals(0, install("taxi", "--root", unit.toString()), () -> said);
        }
        assertEquals("once\n", Files.readString(tree.resolve("mvnw.log")));
    }

    /** A program that runs has the jar open: it must not find another version's bytes in it. */
    @Test
    void aJarIsNotBuiltIntoTheFileThatAProgramHasOpen() throws Exception {
        Path running = folder.resolve("running");
        Files.createLink(running, jar);
        Files.setLastModifiedTime(tree.resolve("pom.xml"), FileTime.from(BUILT.plusSeconds(60)));
        assertEquals(0, install("taxi", "--root", unit.toString()), () -> said);
        assertEquals("built", installed("opt/ansim/edge-agent.jar"));
        assertEquals("the version before", Files.readString(running));
    }

    /** target/ was root's then, and whatever came without sudo died of "Permission denied". */
    @Test
    void whoIsRootBySudoBuildsNothing() throws Exception {
        program("bin/id", "echo 0");
        settle();
        Map<String, String> sudo =
                Map.of("SUDO_USER", "kim", "PATH", tree.resolve("bin") + ":" + System.getenv("PATH"));
        assertEquals(0, install(sudo, "taxi", "--root", unit.toString()), () -> said);
        Files.delete(jar);
        assertEquals(1, install(sudo, "taxi", "--root", unit.toString()), () -> said);
        assertTrue(said.contains("edge-agent.jar has to be built, and what root builds here kim could not"), said);
        assertFalse(Files.exists(jar));
        assertFalse(Files.exists(tree.resolve("target")));
    }

    @Test
    void whereNothingCanBeBuiltAnOldJarIsTakenAndThatIsSaid() throws Exception {
        Files.setLastModifiedTime(tree.resolve("pom.xml"), FileTime.from(BUILT.plusSeconds(60)));
        Files.delete(tree.resolve("jdk/bin/javac"));
        assertEquals(0, install(Map.of("PATH", withoutJavac().toString()), "taxi", "--root", unit.toString()), () -> said);
        assertTrue(said.contains("Warning: edge-agent.jar is older than its sources"), said);
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
            program("few/" + each, "exec " + real + " \"$@\"", "#!/bin/sh");
        }
        return tree.resolve("few");
    }
}
