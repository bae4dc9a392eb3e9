package ansim.hub.trace;

import ansim.hub.core.Disposition;
import ansim.wire.UpMessage;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.MeterProvider;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.common.export.RetryPolicy;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Level;
import org.tinylog.Logger;

/**
 * Tells an OpenTelemetry collector (OTLP over HTTP, protobuf) of a share of the messages: one trace each, whose root {@code message} runs from the arrival at the
 * door to its answer, with a child for {@code verify}, {@code decide}, {@code commit}, {@code receipt}, {@code route} and each {@code deliver}.
 *
 * <p>Guarantees that a collector that is slow or down holds up nothing and takes no more memory than {@link SpanOutbox#QUEUE} spans, and that a span says nothing but
 * the unit, the lane, the place in the log, what became of the message, and which kind of sink of which district got it. Does not guarantee that spans arrive.
 */
public final class OtlpTrace implements Trace, AutoCloseable {
    /** Sessions whose receipts are waited for; with one more the oldest has no such span. */
    static final int SESSIONS = 1_024;

    /** Messages of one of them. */
    static final int RECEIPTS = 16;

    private static final String TRACES = "/v1/traces";
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    /** Once more, for a connection that the collector had closed for being idle. */
    private static final RetryPolicy RETRY = RetryPolicy.builder()
            .setMaxAttempts(2)
            .setInitialBackoff(Duration.ofMillis(200))
            .build();

    private static final AttributeKey<String> UNIT = AttributeKey.stringKey("ansim.unit");
    private static final AttributeKey<String> LANE = AttributeKey.stringKey("ansim.lane");
    private static final AttributeKey<Long> INDEX = AttributeKey.longKey("ansim.log.index");
    private static final AttributeKey<String> DISPOSITION = AttributeKey.stringKey("ansim.disposition");
    private static final AttributeKey<Long> ENTRIES = AttributeKey.longKey("ansim.commit.entries");
    private static final AttributeKey<Long> EVENTS = AttributeKey.longKey("ansim.events");
    private static final AttributeKey<String> DISTRICT = AttributeKey.stringKey("ansim.district");
    private static final AttributeKey<String> SINK = AttributeKey.stringKey("ansim.sink");
    private static final AttributeKey<String> OUTCOME = AttributeKey.stringKey("ansim.outcome");

    /** Says on standard error what {@link SpanOutbox} counts and says once; held, for its level ends with it. */
    private static final java.util.logging.Logger EXPORTERS_OWN =
            java.util.logging.Logger.getLogger("io.opentelemetry");

    private final Sampling sampling;
    private final SpanIds ids = new SpanIds();
    private final SpanOutbox outbox;
    private final AtomicLong defects = new AtomicLong();
    private final SdkTracerProvider provider;
    private final Tracer tracer;
    /** Spans that end with a session's next receipts; the committer's. */
    private final Map<Object, List<SpanBuilder>> receipts = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Object, List<SpanBuilder>> eldest) {
            return size() > SESSIONS;
        }
    };

    private OtlpTrace(URI collector, double share) {
        EXPORTERS_OWN.setLevel(Level.OFF);
        this.sampling = new Sampling(share);
        String base = collector.toString();
        this.outbox = new SpanOutbox(OtlpHttpSpanExporter.builder()
                .setEndpoint((base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + TRACES)
                .setTimeout(TIMEOUT)
                .setConnectTimeout(TIMEOUT)
                .setRetryPolicy(RETRY)
                .setMeterProvider(MeterProvider.noop())
                .build());
        this.provider = SdkTracerProvider.builder()
                .setResource(Resource.getDefault()
                        .merge(Resource.create(Attributes.of(AttributeKey.stringKey("service.name"), "ansim-hub"))))
                .setIdGenerator(ids)
                .addSpanProcessor(outbox)
                .build();
        this.tracer = provider.get("ansim.hub");
    }

    /**
     * Begins to follow messages; the collector need not be there.
     *
     * @param collector its base address
     * @param share of the messages, 0 to 1
     */
    public static OtlpTrace start(URI collector, double share) {
        return new OtlpTrace(collector, share);
    }

    @Override
    public long begin(UpMessage message) {
        if (!sampling.takes(message.batch())) {
            return 0;
        }
        long now = System.nanoTime();
        return now == 0 ? 1 : now;
    }

    @Override
    public void verified(UpMessage message, long arrivedMs, long begun) {
        if (sampling.takes(message.batch())) {
            tell(() -> end(child("verify", message, begun)));
        }
    }

    @Override
    public void decided(Followed message, long begun) {
        tell(() -> end(child("decide", message, begun)));
    }

    @Override
    public void committed(Followed message, int entries, long begun) {
        if (message.disposition().logged()) {
            tell(() -> end(child("commit", message, begun).setAttribute(ENTRIES, (long) entries)));
        }
    }

    @Override
    public void answered(Followed message) {
        tell(() -> root(message));
    }

    private void root(Followed message) {
        SpanBuilder root = tracer.spanBuilder("message")
                .setNoParent()
                .setSpanKind(SpanKind.CONSUMER)
                .setStartTimestamp(message.arrivedMs(), TimeUnit.MILLISECONDS);
        about(root, message);
        ids.start(root, Sampling.ids(message.message().batch())).end(nowNanos(), TimeUnit.NANOSECONDS);
        if (message.disposition() == Disposition.REFUSED) {
            return;
        }
        List<SpanBuilder> due = receipts.computeIfAbsent(message.session(), session -> new ArrayList<>(1));
        if (due.size() < RECEIPTS) {
            due.add(child("receipt", message, System.nanoTime()));
        }
    }

    @Override
    public void receipted(Object session) {
        if (receipts.isEmpty()) {
            return;
        }
        List<SpanBuilder> due = receipts.remove(session);
        if (due != null) {
            tell(() -> due.forEach(OtlpTrace::end));
        }
    }

    @Override
    public void routed(UpMessage message, long index, int events, long begun) {
        tell(() -> end(child("route", message, begun).setAttribute(INDEX, index).setAttribute(EVENTS, (long) events)));
    }

    @Override
    public void delivered(UpMessage message, long index, Place to, Enum<?> outcome, long begun) {
        tell(() -> end(child("deliver", message, begun)
                .setSpanKind(SpanKind.PRODUCER)
                .setAttribute(INDEX, index)
                .setAttribute(DISTRICT, to.district())
                .setAttribute(SINK, to.sink())
                .setAttribute(OUTCOME, word(outcome))));
    }

    /** A defect here must cost spans, not the hub: the committer ends it at any exception. */
    private void tell(Runnable telling) {
        try {
            telling.run();
        } catch (RuntimeException e) {
            if (defects.getAndIncrement() == 0) {
                Logger.error(e, "telemetry: a span could not be made; further ones are only counted");
            }
        }
    }

    private SpanBuilder child(String name, Followed message, long begun) {
        SpanBuilder builder = child(name, message.message(), begun);
        about(builder, message);
        return builder;
    }

    private static void about(SpanBuilder builder, Followed message) {
        about(builder, message.message());
        builder.setAttribute(DISPOSITION, word(message.disposition()));
        OptionalLong index = message.index();
        if (index.isPresent()) {
            builder.setAttribute(INDEX, index.getAsLong());
        }
    }

    private static void about(SpanBuilder builder, UpMessage message) {
        builder.setAttribute(UNIT, message.batch().unit().hex());
        builder.setAttribute(LANE, word(message.batch().lane()));
    }

    /** The root need not have been told yet, nor by this run of the hub: its ids are known. */
    private SpanBuilder child(String name, UpMessage message, long begun) {
        SpanIds.Root root = Sampling.ids(message.batch());
        SpanContext parent = SpanContext.createFromRemoteParent(
                root.trace(), root.span(), TraceFlags.getSampled(), TraceState.getDefault());
        SpanBuilder builder = tracer.spanBuilder(name)
                .setParent(Context.root().with(Span.wrap(parent)))
                .setStartTimestamp(nowNanos() - (System.nanoTime() - begun), TimeUnit.NANOSECONDS);
        about(builder, message);
        return builder;
    }

    private static void end(SpanBuilder builder) {
        builder.startSpan().end(nowNanos(), TimeUnit.NANOSECONDS);
    }

    private static long nowNanos() {
        Instant now = Instant.now();
        return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    @Override
    public Map<String, Long> counts() {
        Map<String, Long> counts = new HashMap<>(outbox.counts());
        counts.put("spans-defects", defects.get());
        return counts;
    }

    /** Sends what waits, unless that takes long. */
    @Override
    public void close() {
        provider.close();
    }
}
