package ansim.hub.intake;

import ansim.hub.core.HubState;
import ansim.hub.core.StateCopy;
import java.io.DataOutput;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * A copy of the state on its way from the committer, which makes it between its batches, to whoever writes it to a disk. The committer waits for
 * nobody: while {@value #PIECES} pieces wait to be written it copies only what it is about to change itself.
 *
 * <p>{@link #writeTo} and {@link #giveUp} from one thread, everything else from the committer's.
 */
final class StateCopying {
    /** So many units are copied between two batches: some 0.3 ms. */
    private static final int UNITS = 32;

    private static final int PIECES = 64;
    private static final int LOOK_MS = 100;
    private static final byte[] END = new byte[0];

    private final StateCopy copy;
    private final BlockingQueue<byte[]> pieces = new ArrayBlockingQueue<>(PIECES);
    private volatile boolean ended;
    private volatile boolean unwanted;

    /** Of a state as it is durable now. */
    StateCopying(HubState state) {
        this.copy = state.copy();
    }

    /** The log index of the entry that it is of. */
    long applied() {
        return copy.applied();
    }

    long generation() {
        return copy.generation();
    }

    /** Whether there is room for more of it. */
    boolean isReady() {
        return unwanted || pieces.remainingCapacity() > 1;
    }

    /**
     * Copies a little more, if there is room.
     *
     * @return false when it is whole, or nobody wants the rest
     */
    boolean advance() {
        if (!isReady()) {
            return true;
        }
        if (!unwanted) {
            copy.advance(UNITS);
            pieces.add(copy.take());
            if (!copy.isComplete()) {
                return true;
            }
            pieces.add(END);
        }
        return false;
    }

    /** Nothing more comes. */
    void end() {
        ended = true;
    }

    /**
     * Writes all of it as it comes.
     *
     * @param goesOn asked again and again while nothing comes
     * @throws InterruptedIOException when it does not become whole
     */
    void writeTo(DataOutput out, BooleanSupplier goesOn) throws IOException {
        try {
            while (goesOn.getAsBoolean()) {
                boolean last = ended;
                byte[] piece = pieces.poll(LOOK_MS, TimeUnit.MILLISECONDS);
                if (piece == END) {
                    return;
                }
                if (piece != null) {
                    out.write(piece);
                } else if (last) {
                    break;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new InterruptedIOException("the hub ends before the copy of its state is whole");
    }

    /** The rest is not wanted. */
    void giveUp() {
        unwanted = true;
    }
}
