package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How the rigs start. Root, mounting and the compiler are stand-ins: no disk is touched. */
class RigStartTest {
    @TempDir
    private Path folder = Path.of("");

    private ScriptTree tree;

    @BeforeEach
    void layOut() throws IOException {
        tree = new ScriptTree(folder);
        tree.program("bin/id", "echo 0");
        tree.program("bin/findmnt", "echo \"$PWD/target/rig/$RIG/disk\"");
        tree.program("bin/umount", "echo \"$*\" >>umounted");
        for (String tool : List.of("mkfs.ext4", "mount", "gcc")) {
            tree.program("bin/" + tool, "exit 1");
        }
        tree.settle();
    }

    private int start(String rig, String... words) throws IOException, InterruptedException {
        Map<String, String> path = tree.with("bin");
        return tree.run(Map.of("RIG", rig, "PATH", path.getOrDefault("PATH", "")), "rig/" + rig, List.of(words));
    }

    /** The second one first took the disks of the first away, and then said that there is one. */
    @ParameterizedTest
    @ValueSource(strings = {"cost", "disk", "mirror", "peers", "powercut"})
    void aSecondStartLeavesTheDisksOfTheFirstAlone(String rig) throws Exception {
        Path lock = tree.at("target/rig/." + rig + ".lock");
        Files.createDirectories(tree.at("target/rig/" + rig + "/disk"));
        Process first = new ProcessBuilder("flock", lock.toString(), "sh", "-c", "echo held; exec cat").start();
        try (BufferedReader says = first.inputReader(StandardCharsets.UTF_8)) {
            assertEquals("held", says.readLine());
            assertEquals(1, start(rig), tree::said);
            assertTrue(tree.said().contains("scripts/rig/" + rig + " is already running here"), tree::said);
            assertFalse(Files.exists(tree.at("umounted")));
            assertTrue(Files.exists(tree.at("target/rig/" + rig + "/disk")));
        } finally {
            first.getOutputStream().close();
            assertTrue(first.waitFor(60, TimeUnit.SECONDS));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cost", "disk", "mirror", "peers", "powercut"})
    void whatAKilledOneLeftMountedIsUnmountedBeforeItsFolderIsEmptied(String rig) throws Exception {
        Files.createDirectories(tree.at("target/rig/" + rig + "/disk"));
        assertEquals(1, start(rig), tree::said);
        assertTrue(tree.said().contains("the rigs do not compile"), tree::said);
        assertEquals("-l " + tree.at("target/rig/" + rig + "/disk") + "\n", Files.readString(tree.at("umounted")));
        assertFalse(Files.exists(tree.at("target/rig/" + rig + "/disk")));
    }

    @Test
    void wrongWordsToTheModelAreUsage() throws Exception {
        for (List<String> words : List.of(List.of("--seed"), List.of("--sede", "1"), List.of("--depth", "deep"))) {
            assertEquals(2, start("model", words.toArray(String[]::new)), words + tree.said());
            assertTrue(tree.said().contains("--help"), tree::said);
        }
    }
}
