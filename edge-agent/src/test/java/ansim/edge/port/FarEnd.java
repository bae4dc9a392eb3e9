package ansim.edge.port;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** A device at the far end of a line that answers what it is asked, on a thread of its own. */
public abstract class FarEnd implements AutoCloseable {
    private static final long PAUSE_NS = 2_000_000;
    private static final long JOIN_MS = 5_000;

    private final PseudoTerminal line;
    private final Thread thread;
    private final AtomicInteger asked = new AtomicInteger();
    private volatile boolean closed;
    private byte[] heard = {};

    FarEnd(PseudoTerminal line) {
        this.line = line;
        thread = new Thread(this::run, "far-end");
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try {
            while (!closed) {
                hear(line.read());
                LockSupport.parkNanos(PAUSE_NS);
            }
        } catch (IOException unplugged) {
            closed = true;
        }
    }

    private void hear(byte[] bytes) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(heard);
        all.writeBytes(bytes);
        heard = all.toByteArray();
        for (int whole = whole(heard); whole > 0; whole = whole(heard)) {
            byte[] request = Arrays.copyOf(heard, whole);
            heard = Arrays.copyOfRange(heard, whole, heard.length);
            asked.incrementAndGet();
            byte[] answer = answer(request);
            if (answer.length > 0) {
                say(line, answer);
            }
        }
    }

    /** Puts an answer on the line, all at once unless the device does otherwise. */
    void say(PseudoTerminal to, byte[] answer) throws IOException {
        to.write(answer);
    }

    /** How many requests have come, for this device or another. */
    public final int asked() {
        return asked.get();
    }

    boolean stopped() {
        return closed;
    }

    /** How many bytes the first request has, with what stands before it; 0 when it is not whole yet. */
    abstract int whole(byte[] bytes);

    /** What is said to a request; nothing to one that is not for this device. */
    abstract byte[] answer(byte[] request);

    @Override
    public void close() {
        closed = true;
        try {
            thread.join(JOIN_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
