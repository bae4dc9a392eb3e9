package ansim.edge.sim;

import ansim.edge.port.PseudoTerminal;
import com.sun.jna.LastErrorException;
import com.sun.jna.Library;
import com.sun.jna.Native;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The device's end of a line: what the unit says comes out, what the device says goes in. Nothing waits, and what nobody reads is
 * lost. One thread.
 */
interface FarEnd extends AutoCloseable {
    byte[] NOTHING = {};

    /** Whether the unit has connected since the last call; a line without connections says so once. */
    boolean connected() throws IOException;

    /** What the unit has said since the last call. */
    byte[] read() throws IOException;

    /** Says something. */
    void write(byte[] bytes) throws IOException;

    /** Sets a line's level. */
    default void level(int line, boolean high) throws IOException {
        throw new IllegalStateException("a line of bytes has no levels");
    }

    @Override
    void close() throws IOException;

    /** A serial line, as a link to a pseudo-terminal. */
    final class Serial implements FarEnd {
        private final PseudoTerminal line;
        private boolean told;

        Serial(Path link) throws IOException {
            line = new PseudoTerminal(link);
        }

        @Override
        public boolean connected() {
            boolean first = !told;
            told = true;
            return first;
        }

        @Override
        public byte[] read() throws IOException {
            return line.read();
        }

        @Override
        public void write(byte[] bytes) throws IOException {
            line.write(bytes);
        }

        @Override
        public void close() throws IOException {
            line.close();
        }
    }

    /** A service on loopback, one client at a time: the newest. */
    final class Service implements FarEnd {
        private static final int READ_BYTES = 4_096;

        private final ServerSocketChannel server;
        private Optional<SocketChannel> client = Optional.empty();

        Service(int port) throws IOException {
            server = ServerSocketChannel.open();
            try {
                server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
                server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                server.configureBlocking(false);
            } catch (IOException e) {
                server.close();
                throw new IOException("port " + port + " of 127.0.0.1: " + e.getMessage(), e);
            }
        }

        @Override
        public boolean connected() throws IOException {
            SocketChannel next = server.accept();
            if (next == null) {
                return false;
            }
            hangUp();
            next.configureBlocking(false);
            client = Optional.of(next);
            return true;
        }

        @Override
        public byte[] read() {
            if (client.isEmpty()) {
                return NOTHING;
            }
            ByteBuffer buffer = ByteBuffer.allocate(READ_BYTES);
            try {
                if (client.get().read(buffer) < 0) {
                    hangUp();
                }
            } catch (IOException gone) {
                hangUp();
            }
            return Arrays.copyOf(buffer.array(), buffer.position());
        }

        @Override
        public void write(byte[] bytes) {
            if (client.isPresent()) {
                try {
                    client.get().write(ByteBuffer.wrap(bytes));
                } catch (IOException gone) {
                    hangUp();
                }
            }
        }

        private void hangUp() {
            Optional<SocketChannel> old = client;
            client = Optional.empty();
            if (old.isPresent()) {
                try {
                    old.get().close();
                } catch (IOException e) {
                    throw new IllegalStateException("a socket did not close", e);
                }
            }
        }

        @Override
        public void close() throws IOException {
            hangUp();
            server.close();
        }
    }

    /** A named pipe with the records of an input device. */
    final class Pipe implements FarEnd {
        private static final int READ_AND_WRITE_BY_OWNER = 0600;

        /** mkfifo(3). */
        private interface C extends Library {
            int mkfifo(String path, int mode) throws LastErrorException;
        }

        private static final C LIBC = Native.load("c", C.class);

        private final Path path;
        private final RandomAccessFile pipe;
        private final FileInputStream own;
        private boolean told;

        Pipe(Path path) throws IOException {
            this.path = path;
            Files.deleteIfExists(path);
            try {
                LIBC.mkfifo(path.toString(), READ_AND_WRITE_BY_OWNER);
            } catch (LastErrorException e) {
                throw new IOException("cannot make the pipe " + path + ": " + e.getMessage(), e);
            }
            // Open for both, so that a reader that comes and goes always finds a writer.
            pipe = new RandomAccessFile(path.toFile(), "rw");
            own = new FileInputStream(path.toFile());
        }

        @Override
        public boolean connected() {
            boolean first = !told;
            told = true;
            return first;
        }

        @Override
        public byte[] read() {
            return NOTHING;
        }

        @Override
        public void write(byte[] bytes) throws IOException {
            own.readNBytes(own.available());
            pipe.write(bytes);
        }

        @Override
        public void close() throws IOException {
            own.close();
            pipe.close();
            Files.deleteIfExists(path);
        }
    }

    /** Simulated GPIO inputs, each a file. */
    final class Levels implements FarEnd {
        private final List<Path> files;
        private boolean told;

        Levels(List<Path> files, boolean[] initial) throws IOException {
            this.files = files;
            for (int i = 0; i < files.size(); i++) {
                level(i, initial[i]);
            }
        }

        @Override
        public boolean connected() {
            boolean first = !told;
            told = true;
            return first;
        }

        @Override
        public byte[] read() {
            return NOTHING;
        }

        @Override
        public void write(byte[] bytes) {
            throw new IllegalStateException("a GPIO line takes levels, not bytes");
        }

        @Override
        public void level(int line, boolean high) throws IOException {
            Bench.setLevel(files.get(line), high);
        }

        @Override
        public void close() {
            // The files stay: a line that is gone would be a fault.
        }
    }
}
