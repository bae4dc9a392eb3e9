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

    private final IdGenerator random = IdGenerator.random();
    private final ThreadLocal<@Nullable Root> next = new ThreadLocal<>();

    /** Starts a span under these ids. */
    Span start(SpanBuilder builder, Root under) {
        next.set(under);
        try {
            return builder.startSpan();
        } finally {
            next.remove();
        }
    }

    @Override
    public String generateTraceId() {
        Root root = next.get();
        return root == null ? random.generateTraceId() : root.trace;
    }

    @Override
    public String generateSpanId() {
        Root root = next.get();
        return root == null ? random.generateSpanId() : root.span;
    }
}
