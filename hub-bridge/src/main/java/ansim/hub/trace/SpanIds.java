package ansim.hub.trace;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.sdk.trace.IdGenerator;
import org.jspecify.annotations.Nullable;

/** Random ids, except for the one span of each trace whose ids follow from its message. Any thread. */
final class SpanIds implements IdGenerator {
    /**
     * Ids of a message's trace and of its root.
     *
     * @param trace 32 hexadecimal digits
     * @param span 16 of them
     */
    record Root(String trace, String span) {}

    private static final ThreadLocal<@Nullable Root> NEXT = new ThreadLocal<>();

    private final IdGenerator random = IdGenerator.random();

    /** Starts a span under these ids. */
    Span start(SpanBuilder builder, Root under) {
        NEXT.set(under);
        try {
            return builder.startSpan();
        } finally {
            NEXT.remove();
        }
    }

    @Override
    public String generateTraceId() {
        Root root = NEXT.get();
        return root == null ? random.generateTraceId() : root.trace;
    }

    @Override
    public String generateSpanId() {
        Root root = NEXT.get();
        return root == null ? random.generateSpanId() : root.span;
    }
}
