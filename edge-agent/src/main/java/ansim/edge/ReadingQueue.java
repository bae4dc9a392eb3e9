package ansim.edge;

import ansim.edge.port.PortReading;
import ansim.profile.Reading;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * The one way from the port threads to the recorder: bounded, in order of arrival.
 *
 * <p>Guarantee: a port never waits. When the queue is full the oldest of the least important readings goes, and is counted:
 * positions and measures first, then lamps, contacts and faults, then taps, panics last; a reading is itself dropped when nothing
 * less important is held. Any thread.
 */
final class ReadingQueue implements Consumer<PortReading> {
    /** About twenty minutes of 1 Hz positions, or 1,200 people at once. */
    static final int CAPACITY = 1_200;

    private final int capacity;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition filled = lock.newCondition();
    private final ArrayDeque<PortReading> readings = new ArrayDeque<>();
    private final long[] dropped = new long[RANKS];

    private static final int RANKS = 4;

    ReadingQueue() {
        this(CAPACITY);
    }

    ReadingQueue(int capacity) {
        this.capacity = capacity;
    }

    private static int rank(Reading reading) {
        return switch (reading.type()) {
            case FIX, NO_FIX, MEASURE -> 0;
            case LAMP, CONTACT, FAULT -> 1;
            case TAP -> 2;
            case PANIC -> 3;
        };
    }

    @Override
    public void accept(PortReading reading) {
        lock.lock();
        try {
            if (readings.size() < capacity || makeRoom(rank(reading.reading()))) {
                readings.add(reading);
                filled.signal();
            } else {
                drop(reading);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Drops the oldest reading of the lowest rank held, if that is not above {@code rank}; a panic never makes room for a panic. */
    private boolean makeRoom(int rank) {
        for (int low = 0; low <= Math.min(rank, RANKS - 2); low++) {
            for (Iterator<PortReading> it = readings.iterator(); it.hasNext(); ) {
                PortReading held = it.next();
                if (rank(held.reading()) == low) {
                    it.remove();
                    drop(held);
                    return true;
                }
            }
        }
        return false;
    }

    private void drop(PortReading reading) {
        dropped[rank(reading.reading())]++;
        if (reading.reading() instanceof Reading.Tap tap) {
            tap.card().wipe();
        }
    }

    /** The oldest reading; empty when none came in time. */
    Optional<PortReading> poll(long timeoutMs) throws InterruptedException {
        long leftNs = TimeUnit.MILLISECONDS.toNanos(timeoutMs);
        lock.lockInterruptibly();
        try {
            while (readings.isEmpty() && leftNs > 0) {
                leftNs = filled.awaitNanos(leftNs);
            }
            return Optional.ofNullable(readings.poll());
        } finally {
            lock.unlock();
        }
    }

    /** When the oldest reading that waits was given; empty when none does. */
    OptionalLong oldestMs() {
        lock.lock();
        try {
            PortReading oldest = readings.peek();
            return oldest == null ? OptionalLong.empty() : OptionalLong.of(oldest.monoMs());
        } finally {
            lock.unlock();
        }
    }

    /** Positions and measures dropped since the start. */
    long positionsDropped() {
        return count(0, 1);
    }

    /** Everything else dropped since the start: lamps, contacts, faults, taps, panics. */
    long othersDropped() {
        return count(1, RANKS);
    }

    private long count(int from, int to) {
        lock.lock();
        try {
            long sum = 0;
            for (int rank = from; rank < to; rank++) {
                sum += dropped[rank];
            }
            return sum;
        } finally {
            lock.unlock();
        }
    }
}
