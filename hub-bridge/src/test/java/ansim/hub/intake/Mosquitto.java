package ansim.hub.intake;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A real mosquitto on a free port, which can be killed and started again. What it says is in {@code mosquitto.log} of its folder. */
public final class Mosquitto implements AutoCloseable {
    private static final List<String> PLACES =
            List.of("/usr/sbin/mosquitto", "/usr/bin/mosquitto", "/usr/local/sbin/mosquitto");
    private static final int LISTENS_S = 30;

    public final int port;
    private final Path config;
    private final Path log;
    private Process process;

    /** Starts it; a machine without mosquitto skips the test by this name. */
    public Mosquitto(Path folder, Configuration configuration) throws Exception {
        Optional<String> program =
                PLACES.stream().filter(p -> Files.isExecutable(Path.of(p))).findFirst();
        assumeTrue(program.isPresent(), "mosquitto is not installed: sudo apt install mosquitto");
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        config = folder.resolve("mosquitto.conf");
        log = folder.resolve("mosquitto.log");
        Files.writeString(config, configuration.of(port));
        process = start(program.get());
    }

    /** The text of a configuration file. */
    public interface Configuration {
        String of(int port) throws IOException;
    }

    private Process start(String program) throws Exception {
        Process started = new ProcessBuilder(program, "-c", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LISTENS_S);
        while (!listens()) {
            if (!started.isAlive() || System.nanoTime() > deadline) {
                throw new AssertionError("mosquitto does not start: " + Files.readString(log));
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
        return started;
    }

    private boolean listens() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** kill -9: what it held in memory is lost. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    public void startAgain() throws Exception {
        process = start(process.info().command().orElse(PLACES.get(0)));
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
