package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A copy of {@code scripts} with stand-ins for what they call: Java, Maven, and the jars, which count as built. */
final class ScriptTree {
    static final Instant BUILT = Instant.parse("2026-01-01T00:00:00Z");
    private static final Path SCRIPTS = Path.of(System.getProperty("ansim.root", ".."), "scripts");
    private static final long DEADLINE_S = 60;
    private static final List<String> PARTS = List.of(
            "common.sh", "edge-agent", "hub-bridge", "install", "install.d", "provision", "rig", "rig.d/common.sh");

    private final Path root;
    private String said = "";

    ScriptTree(Path root) throws IOException {
        this.root = root;
        for (String part : PARTS) {
            copy(SCRIPTS.resolve(part), root.resolve("scripts").resolve(part));
        }
        write("README.md", "");
        write("pom.xml", "");
        for (String module : List.of("device-profiles", "edge-agent", "hub-bridge")) {
            write(module + "/pom.xml", "");
            write(module + "/src/main/java/A.java", "");
            write(module + "/target/" + module + ".jar", "the version before");
        }
        program("mvnw", "printf built >edge-agent/target/edge-agent.jar");
        program("jdk/bin/java", """
                case "$1" in
                  -XshowSettings*) printf '    java.specification.version = 17\\n' >&2 ;;
                  *) printf 'kind: %s\\ndata: data\\n' "$4" ;;
                esac""");
        program("jdk/bin/javac", "exit 1");
        settle();
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path each : all.filter(Files::isRegularFile).toList()) {
                Path copy = to.resolve(from.relativize(each).toString());
                Files.createDirectories(copy.getParent());
                Files.copy(each, copy, StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    Path at(String name) {
        return root.resolve(name);
    }

    void write(String name, String text) throws IOException {
        Files.createDirectories(at(name).getParent());
        Files.writeString(at(name), text);
    }

    void program(String name, String text) throws IOException {
        program(name, text, "#!/usr/bin/env bash");
    }

    void program(String name, String text, String interpreter) throws IOException {
        write(name, interpreter + "\n" + text + "\n");
        Files.setPosixFilePermissions(at(name), PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** Everything is as old as the jars. */
    void settle() throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            for (Path each : all.toList()) {
                Files.setLastModifiedTime(each, FileTime.from(BUILT));
            }
        }
    }

    /** A file, or folder, is changed after the jars were built. */
    void change(String name) throws IOException {
        Files.setLastModifiedTime(at(name), FileTime.from(BUILT.plusSeconds(60)));
    }

    /** The environment in which the programs of this folder of the tree come before the machine's. */
    Map<String, String> with(String folder) {
        return Map.of("PATH", at(folder) + ":" + System.getenv("PATH"));
    }

    /** Runs a script to its end and gives its exit code. */
    int run(Map<String, String> environment, String script, List<String> words)
            throws IOException, InterruptedException {
        ProcessBuilder command = new ProcessBuilder(
                        Stream.concat(Stream.of("bash", "scripts/" + script), words.stream())
                                .toList())
                .directory(root.toFile())
                .redirectErrorStream(true);
        command.environment().put("JAVA_HOME", at("jdk").toString());
        command.environment().remove("SUDO_USER");
        command.environment().putAll(environment);
        Process running = command.start();
        running.getOutputStream().close();
        said = new String(running.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(running.waitFor(DEADLINE_S, TimeUnit.SECONDS), script + " does not end");
        return running.exitValue();
    }

    /** What the last one printed. */
    String said() {
        return said;
    }
}
