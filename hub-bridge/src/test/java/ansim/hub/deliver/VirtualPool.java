package ansim.hub.deliver;

import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A pool whose clock stands still while a task runs and jumps to the next one: any thread hands tasks in, one runs them. */
final class VirtualPool extends AbstractExecutorService implements ScheduledExecutorService {
    private static final Comparator<Task> ORDER =
            Comparator.<Task>comparingLong(each -> each.atMs).thenComparingLong(each -> each.number);

    private static final class Task extends FutureTask<Object> implements ScheduledFuture<Object> {
        final long atMs;
        final long number;

        Task(Runnable what, long atMs, long number) {
            super(what, "");
            this.atMs = atMs;
            this.number = number;
        }

        @Override
        public long getDelay(TimeUnit unit) {
            return unit.convert(atMs, TimeUnit.MILLISECONDS);
        }

        @Override
        public int compareTo(Delayed other) {
            return ORDER.compare(this, (Task) other);
        }
    }

    private final PriorityQueue<Task> tasks = new PriorityQueue<>(ORDER);
    private long nowMs;
    private long count;

    VirtualPool(long nowMs) {
        this.nowMs = nowMs;
    }

    synchronized long nowMs() {
        return nowMs;
    }

    @Override
    public void execute(Runnable task) {
        var unused = schedule(task, 0, TimeUnit.MILLISECONDS);
    }

    @Override
    public synchronized ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
        Task next = new Task(task, nowMs + unit.toMillis(delay), count++);
        tasks.add(next);
        return next;
    }

    /** Runs all that is due up to then. */
    void runUntil(long untilMs) {
        for (Task next = due(untilMs); next != null; next = due(untilMs)) {
            next.run();
        }
    }

    private synchronized @Nullable Task due(long untilMs) {
        Task next = tasks.peek();
        if (next == null || next.atMs > untilMs) {
            nowMs = untilMs;
            return null;
        }
        nowMs = Math.max(nowMs, next.atMs);
        return tasks.poll();
    }

    @Override
    public <V> ScheduledFuture<V> schedule(Callable<V> task, long delay, TimeUnit unit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(Runnable task, long first, long period, TimeUnit unit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(Runnable task, long first, long delay, TimeUnit unit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void shutdown() {
        // It has no thread.
    }

    @Override
    public List<Runnable> shutdownNow() {
        return List.of();
    }

    @Override
    public boolean isShutdown() {
        return false;
    }

    @Override
    public boolean isTerminated() {
        return false;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return true;
    }
}
