package ansim.edge.port;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A real pcscd with one reader of vsmartcard-vpcd, on a socket and a port of its own: the path in pcscd is compiled in, but it takes
 * a socket that is already open, as from systemd. The PC/SC library is told of the socket by the environment, which the build sets.
 */
final class PcscService implements AutoCloseable {
    private static final String SOCKET_VARIABLE = "PCSCLITE_CSOCK_NAME";
    /** The name begins so; pcscd adds the slot's number. */
    static final String READER = "Test PCD";

    private final int port;
    private final ForeignProgram pcscd;

    private PcscService(int port, ForeignProgram pcscd) {
        this.port = port;
        this.pcscd = pcscd;
    }

    /** Starts it; without the programs the test is skipped by name. */
    static PcscService start(Path folder) throws IOException {
        String pcscd = ForeignProgram.installed("pcscd", "/usr/sbin/pcscd");
        String driver = ForeignProgram.installed(
                "vsmartcard-vpcd",
                "/usr/lib/pcsc/drivers/serial/libifdvpcd.so",
                "/usr/lib/" + System.getProperty("os.arch") + "-linux-gnu/pcsc/drivers/serial/libifdvpcd.so");
        String python = ForeignProgram.installed("python3", "/usr/bin/python3");
        int port = ForeignProgram.freePort();
        Path configuration = Files.createDirectory(folder.resolve("reader.conf.d"));
        Files.writeString(configuration.resolve("vpcd"), String.format("""
                FRIENDLYNAME "%1$s"
                DEVICENAME   /dev/null:0x%2$X
                LIBPATH      %3$s
                CHANNELID    0x%2$X
                """, READER, port, driver));
        Path script = folder.resolve("listening.py");
        try (InputStream in = PcscService.class.getResourceAsStream("listening.py")) {
            Files.write(script, in == null ? new byte[0] : in.readAllBytes());
        }
        String socket = System.getenv(SOCKET_VARIABLE);
        if (socket == null) {
            return abort(SOCKET_VARIABLE + " is not set, as the build does; a pcscd that others use is left alone");
        }
        return new PcscService(
                port,
                ForeignProgram.start(
                        folder.resolve("pcscd.log"),
                        python,
                        script.toString(),
                        socket,
                        pcscd,
                        "--foreground",
                        "--config",
                        configuration.toString()));
    }

    /** Where a {@link VirtualCard} is put in. */
    int port() {
        return port;
    }

    void kill() throws InterruptedException {
        pcscd.kill();
    }

    void startAgain() throws IOException {
        pcscd.startAgain();
    }

    boolean runs() {
        return pcscd.runs();
    }

    String output() {
        return pcscd.output();
    }

    @Override
    public void close() throws IOException {
        pcscd.close();
    }
}
