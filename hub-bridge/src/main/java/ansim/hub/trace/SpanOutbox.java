package ansim.hub.trace;

import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.tinylog.Logger;

/**
 * Spans on their way to the collector. Never holds up whoever ends one: with {@value #QUEUE} waiting the next is dropped, and what the exporter could not
 * give to the collector is not given to it again; both are counted, and told of once a minute at most.
 *
 * <p>One thread, {@code trace-export}.
 */
final class SpanOutbox implements SpanProcessor {
    /** Spans that wait: some seconds of a collector that does not answer. */
    static final int QUEUE = 4_096;

    /** In one request. */
    static final int BATCH = 512;

    private static final int GATHER_MS = 500;
    private static final long QUIET_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final int EXPORT_S = 10;
    private static final int CLOSE_MS = 2_000;

    private final SpanExporter exporter;
    private final ArrayBlockingQueue<SpanData> queue = new ArrayBlockingQueue<>(QUEUE);
    private final LongAdder sent = new LongAdder();
    private final LongAdder dropped = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final Thread thread = new Thread(this::run, "trace-export");
    private volatile boolean closed;
    private boolean warned;
    private long warnedNanos;

    SpanOutbox(SpanExporter exporter) {
        this.exporter = exporter;
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void onStart(Context parentContext, ReadWriteSpan span) {
        // Only what has ended is told.
    }

    @Override
    public boolean isStartRequired() {
        return false;
    }

    @Override
    public void onEnd(ReadableSpan span) {
        if (!queue.offer(span.toSpanData())) {
            dropped.increment();
        }
    }

    @Override
    public boolean isEndRequired() {
        return true;
    }

    private void run() {
        List<SpanData> batch = new ArrayList<>(BATCH);
        try {
            while (!closed || !queue.isEmpty()) {
                SpanData first = queue.poll(GATHER_MS, TimeUnit.MILLISECONDS);
                if (first != null) {
                    batch.add(first);
                    queue.drainTo(batch, BATCH - 1);
                    export(batch);
                    batch.clear();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void export(List<SpanData> batch) {
        boolean taken;
        try {
            taken = exporter.export(List.copyOf(batch))
                    .join(EXPORT_S, TimeUnit.SECONDS)
                    .isSuccess();
        } catch (RuntimeException e) {
            Logger.debug(e, "telemetry");
            taken = false;
        }
        (taken ? sent : failed).add(batch.size());
        if (!taken && (!warned || System.nanoTime() - warnedNanos >= QUIET_NANOS)) {
            warned = true;
            warnedNanos = System.nanoTime();
            Logger.warn(
                    "telemetry: the collector does not take spans, {} are lost so far; the hub goes on without",
                    failed.sum());
        }
    }

    /** What became of the spans; those that wait are not counted. */
    Map<String, Long> counts() {
        return Map.of("spans-sent", sent.sum(), "spans-dropped", dropped.sum(), "spans-failed", failed.sum());
    }

    /** Gives what waits {@value #CLOSE_MS} ms. */
    @Override
    public CompletableResultCode shutdown() {
        closed = true;
        try {
            thread.join(CLOSE_MS);
            if (thread.isAlive()) {
                thread.interrupt();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return exporter.shutdown();
    }
}
