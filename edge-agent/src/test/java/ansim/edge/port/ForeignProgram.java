package ansim.edge.port;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program that others wrote, started for one test with its output in a file, killed and started anew. */
final class ForeignProgram implements AutoCloseable {
    private static final long END_S = 10;

    private final Path log;
    private final List<String> command;
    private Process process;

    private ForeignProgram(Path log, List<String> command) throws IOException {
        this.log = log;
        this.command = command;
        process = launch();
    }

    static ForeignProgram start(Path log, String... command) throws IOException {
        return new ForeignProgram(log, new ArrayList<>(List.of(command)));
    }

    /** The first of these files that there is; without one the test is skipped with the words that install it. */
    static String installed(String install, String... files) {
        for (String file : files) {
            if (Files.exists(Path.of(file))) {
                return file;
            }
        }
        return abort(Path.of(files[0]).getFileName() + " is not installed: sudo apt install " + install);
    }

    /** A port of the loopback that nobody had a moment ago. */
    static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    private Process launch() throws IOException {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    /** As the kernel kills: nothing is put in order. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        assertTrue(process.waitFor(END_S, TimeUnit.SECONDS), () -> command + " does not die");
    }

    void startAgain() throws IOException {
        process = launch();
    }

    boolean runs() {
        return process.isAlive();
    }

    String output() {
        try {
            return Files.exists(log) ? Files.readString(log, StandardCharsets.ISO_8859_1) : "";
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        try {
            if (!process.waitFor(END_S, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
