package ansim.hub.intake;

import ansim.journal.ForwardingFiles;
import ansim.journal.JournalFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** Real files whose next fsync a test can hold, fail, or be told of. */
final class GatedFiles extends ForwardingFiles {
    /** Not a limit to measure by: a test that waits for longer hangs. */
    static final int TIMEOUT_S = 120;

    /** What happens at an fsync. */
    interface Gate {
        /** Before the device is asked. */
        default void before() throws IOException {}

        /** After it has answered, before the journal hears of it. */
        default void after() throws IOException {}
    }

    /** Holds one fsync until it is let go. */
    static final class Hold implements Gate {
        private final CountDownLatch reached = new CountDownLatch(1);
        private final CountDownLatch released = new CountDownLatch(1);

        @Override
        public void before() throws IOException {
            reached.countDown();
            wait(released);
        }

        void awaitReached() throws IOException {
            wait(reached);
        }

        boolean isReached() {
            return reached.getCount() == 0;
        }

        void release() {
            released.countDown();
        }

        private static void wait(CountDownLatch latch) throws IOException {
            try {
                if (!latch.await(TIMEOUT_S, TimeUnit.SECONDS)) {
                    throw new IOException("the gate was not reached or not opened within " + TIMEOUT_S + " s");
                }
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }
    }

    private final AtomicInteger forces = new AtomicInteger();
    private final AtomicReference<Gate> next = new AtomicReference<>(new Gate() {});

    GatedFiles() {
        super(JournalFiles.real());
    }

    /** The next fsync goes through this gate, and only that. */
    <T extends Gate> T atNextForce(T gate) {
        next.set(gate);
        return gate;
    }

    /** Fsyncs of the log so far. */
    int forces() {
        return forces.get();
    }

    /** No gate any more. */
    void open() {
        next.set(new Gate() {});
    }

    private final class Gated extends File {
        Gated(OpenFile file) {
            super(file);
        }

        @Override
        public void force(boolean metadata) throws IOException {
            forces.incrementAndGet();
            Gate gate = next.getAndSet(new Gate() {});
            gate.before();
            super.force(metadata);
            gate.after();
        }
    }

    @Override
    public OpenFile open(Path file, boolean write) throws IOException {
        // The spare segment is filled in the background; only the log itself is of interest.
        OpenFile open = super.open(file, write);
        return file.toString().endsWith(".seg") ? new Gated(open) : open;
    }
}
