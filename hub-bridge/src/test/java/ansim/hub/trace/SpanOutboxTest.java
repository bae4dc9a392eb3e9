package ansim.hub.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collection;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of spans that the collector does not take. */
@Timeout(60)
final class SpanOutboxTest {
    /** Takes spans and says later, or never, whether it has them. */
    private static final class Collector implements SpanExporter {
        final CountDownLatch asked = new CountDownLatch(1);
        final CompletableResultCode answer = new CompletableResultCode();
        final AtomicInteger most = new AtomicInteger();

        @Override
        public CompletableResultCode export(Collection<SpanData> spans) {
            most.accumulateAndGet(spans.size(), Math::max);
            asked.countDown();
            return answer;
        }

        @Override
        public CompletableResultCode flush() {
            return CompletableResultCode.ofSuccess();
        }

        @Override
        public CompletableResultCode shutdown() {
            return CompletableResultCode.ofSuccess();
        }
    }

    @Test
    void whileTheCollectorDoesNotAnswerABoundedNumberWaitsAndTheRestIsDroppedAndCounted() throws Exception {
        Collector collector = new Collector();
        SpanOutbox outbox = new SpanOutbox(collector);
        try (SdkTracerProvider provider =
                SdkTracerProvider.builder().addSpanProcessor(outbox).build()) {
            Tracer tracer = provider.get("test");
            tracer.spanBuilder("first").startSpan().end();
            collector.asked.await();
            for (int i = 0; i < SpanOutbox.QUEUE + 1_000; i++) {
                tracer.spanBuilder("more").startSpan().end();
            }
            assertEquals(1_000, outbox.counts().getOrDefault("spans-dropped", 0L));
            collector.answer.succeed();
        }
        assertEquals(1 + SpanOutbox.QUEUE, outbox.counts().getOrDefault("spans-sent", 0L));
        assertTrue(collector.most.get() <= SpanOutbox.BATCH);
    }

    @Test
    void whatTheCollectorRefusesIsCountedAndNotSentAgain() {
        Collector collector = new Collector();
        collector.answer.fail();
        SpanOutbox outbox = new SpanOutbox(collector);
        try (SdkTracerProvider provider =
                SdkTracerProvider.builder().addSpanProcessor(outbox).build()) {
            provider.get("test").spanBuilder("one").startSpan().end();
        }
        assertEquals(1, outbox.counts().getOrDefault("spans-failed", 0L));
        assertEquals(0, outbox.counts().getOrDefault("spans-sent", 0L));
    }
}
