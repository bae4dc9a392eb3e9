import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * One real program as a process that a rig starts, kills and starts again, always with the same arguments; its output is appended to
 * one log file. What was started is killed when the rig's own process ends. One thread at a time.
 */
final class Program {
    private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();
    private static final int POLL_MS = 20;

    private static boolean ending;

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(Program::killOwn, "kill-own"));
    }

    private final String name;
    private final Path log;
    private final List<String> command;
    private final Map<String, String> environment;
    private Optional<Process> process = Optional.empty();
    /** Where this start's output begins in the log. */
    private long logFrom;

    /** Added to the rig's own environment: {@code environment}. */
    Program(String name, Path log, List<String> command, Map<String, String> environment) {
        this.name = name;
        this.log = log;
        this.command = List.copyOf(command);
        this.environment = Map.copyOf(environment);
    }

    private static void killOwn() {
        synchronized (RUNNING) {
            ending = true;
            RUNNING.forEach(Process::destroyForcibly);
        }
    }

    void start() throws IOException {
        logFrom = Files.exists(log) ? Files.size(log) : 0;
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        synchronized (RUNNING) {
            if (ending) {
                throw new IOException("the rig is ending: " + name + " is not started any more");
            }
            Process started = builder.start();
            RUNNING.add(started);
            process = Optional.of(started);
        }
    }

    boolean alive() {
        return process.map(Process::isAlive).orElse(false);
    }

    /** The running process's number. */
    long pid() {
        return process.orElseThrow().pid();
    }

    /** How it ended; empty while it runs. */
    OptionalInt exitCode() {
        return process.isEmpty() || alive() ? OptionalInt.empty() : OptionalInt.of(process.get().exitValue());
    }

    /** kill -9, and waits until it is gone. */
    void kill() throws InterruptedException {
        if (process.isPresent()) {
            process.get().destroyForcibly().waitFor();
            RUNNING.remove(process.get());
        }
    }

    /** SIGTERM; kill -9 after the patience. */
    void end(Duration patience) throws InterruptedException {
        if (process.isPresent()) {
            process.get().destroy();
            process.get().waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
            kill();
        }
    }

    /** Sends a signal by its name: STOP, CONT. */
    void signal(String signal) throws IOException, InterruptedException {
        Tool.run("kill", "-" + signal, String.valueOf(process.orElseThrow().pid()));
    }

    /** Waits until a line of this start's output holds the text; false when it ended before or the patience did. */
    boolean says(String text, Duration patience) throws InterruptedException {
        return waitFor(
                () -> {
                    try {
                        byte[] bytes = Files.readAllBytes(log);
                        return bytes.length > logFrom
                                && new String(bytes, (int) logFrom, bytes.length - (int) logFrom, StandardCharsets.UTF_8)
                                        .contains(text);
                    } catch (IOException notYet) {
                        return false;
                    }
                },
                patience);
    }

    /** Whether this start's output holds the text. */
    boolean said(String text) throws IOException {
        byte[] bytes = Files.readAllBytes(log);
        return new String(bytes, (int) logFrom, bytes.length - (int) logFrom, StandardCharsets.UTF_8).contains(text);
    }

    /** Waits for the condition; false when the program ended before or the patience did. */
    boolean waitFor(BooleanSupplier condition, Duration patience) throws InterruptedException {
        Instant end = Instant.now().plus(patience);
        while (!condition.getAsBoolean()) {
            if (!alive() || Instant.now().isAfter(end)) {
                return false;
            }
            Thread.sleep(POLL_MS);
        }
        return true;
    }

    String name() {
        return name;
    }

    Path log() {
        return log;
    }
}
