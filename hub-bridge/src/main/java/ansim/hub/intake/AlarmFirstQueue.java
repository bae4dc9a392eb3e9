package ansim.hub.intake;

import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A bounded queue in which alarms overtake everything else and have room of their own. In order among alarms and among the rest. Any
 * thread puts, one thread takes. Closed, it takes nothing more and gives out what it has.
 */
final class AlarmFirstQueue<T> {
    private final int capacity;
    private final ArrayDeque<T> alarms = new ArrayDeque<>();
    private final ArrayDeque<T> others = new ArrayDeque<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition notEmpty = lock.newCondition();
    private final Condition notFull = lock.newCondition();
    private boolean closed;
    /** With so many waiting whoever waits is woken, and by any alarm. */
    private int wanted = 1;

    /**
     * Creates an empty queue.
     *
     * @param capacity of alarms, and again of the rest
     */
    AlarmFirstQueue(int capacity) {
        this.capacity = capacity;
    }

    /** Puts without waiting; false when there is no room, or it is closed. */
    boolean offer(T item, boolean alarm) {
        lock.lock();
        try {
            ArrayDeque<T> deque = alarm ? alarms : others;
            if (closed || deque.size() >= capacity) {
                return false;
            }
            deque.addLast(item);
            wake(alarm);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for room; false when it is closed. */
    boolean put(T item, boolean alarm) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            ArrayDeque<T> deque = alarm ? alarms : others;
            while (!closed && deque.size() >= capacity) {
                notFull.await();
            }
            if (!closed) {
                deque.addLast(item);
                wake(alarm);
            }
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    /** Puts even where there is no room: for what the caller itself bounds. False when it is closed. */
    boolean add(T item) {
        lock.lock();
        try {
            if (!closed) {
                others.addLast(item);
                wake(false);
            }
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    /** Waking a thread costs more than most items do. */
    private void wake(boolean alarm) {
        if (alarm || alarms.size() + others.size() >= wanted) {
            notEmpty.signal();
        }
    }

    /**
     * Waits until so many are there, or an alarm, but at most so long; not once it is closed.
     *
     * @return whether anything is there
     */
    boolean await(int many, long nanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            wanted = many;
            long left = nanos;
            while (alarms.isEmpty() && others.size() < many && !closed && left > 0) {
                left = notEmpty.awaitNanos(left);
            }
            return !alarms.isEmpty() || !others.isEmpty();
        } finally {
            wanted = 1;
            lock.unlock();
        }
    }

    /** The next item, waiting at most so long; empty when none came, or it is closed and empty. */
    Optional<T> poll(long nanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = nanos;
            while (alarms.isEmpty() && others.isEmpty() && !closed && left > 0) {
                left = notEmpty.awaitNanos(left);
            }
            return Optional.ofNullable(next());
        } finally {
            lock.unlock();
        }
    }

    /** The next item, if one is there; also where the thread is interrupted. */
    Optional<T> pollNow() {
        lock.lock();
        try {
            return Optional.ofNullable(next());
        } finally {
            lock.unlock();
        }
    }

    private @Nullable T next() {
        T next = alarms.isEmpty() ? others.pollFirst() : alarms.pollFirst();
        if (next != null) {
            notFull.signalAll();
        }
        return next;
    }

    /** The next item, however long it takes; empty when it is closed and empty. */
    Optional<T> take() throws InterruptedException {
        Optional<T> next;
        do {
            next = poll(TimeUnit.HOURS.toNanos(1));
        } while (next.isEmpty() && !isDrained());
        return next;
    }

    /** How many wait, alarms and the rest. */
    int size() {
        lock.lock();
        try {
            return alarms.size() + others.size();
        } finally {
            lock.unlock();
        }
    }

    /** Whether an alarm waits. */
    boolean alarmWaits() {
        lock.lock();
        try {
            return !alarms.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** Whether it is closed and nothing is left. */
    boolean isDrained() {
        lock.lock();
        try {
            return closed && alarms.isEmpty() && others.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    void close() {
        lock.lock();
        try {
            closed = true;
            notEmpty.signalAll();
            notFull.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
