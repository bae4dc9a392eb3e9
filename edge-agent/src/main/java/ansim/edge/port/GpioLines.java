package ansim.edge.port;

import ansim.profile.DeviceReader;
import ansim.profile.GpioLine;
import ansim.profile.Reading;
import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.tinylog.Logger;

/**
 * GPIO inputs of one chip. Each poll first takes the edges that the kernel has noted, with the times of their interrupts and in
 * their order over all lines of the port; then it reads the levels, since an edge can be missed, and since there is none for what
 * stood there when the port was opened.
 *
 * <p>Lines that carry pulses ({@link GpioLine.Edges}) are asked for one edge only, and each edge is a whole pulse; their levels
 * are not read. Where edges were lost the reader is told that the line is new: half a card number is none.
 *
 * <p>Times given to the reader never go back. The kernel holds {@link GpioUapi#EVENT_BUFFER} edges between two polls.
 */
final class GpioLines implements Device {
    private static final long LOG_EVERY_MS = 60_000;
    private static final long NS_PER_MS = 1_000_000;

    private final GpioRequest request;
    private final GpioLine.Edges edges;
    private final int lines;
    private final EdgeOrder order = new EdgeOrder();
    private long levels;
    private boolean levelsKnown;
    private long lastMs = Long.MIN_VALUE;
    private long lostEdges;
    private OptionalLong loggedMs = OptionalLong.empty();

    /** Opens the lines. */
    GpioLines(GpioChips chips, List<LineName> names, GpioLine line, GpioLine.Edges edges) throws IOException {
        this.request = chips.inputs(names, line.pull(), edges);
        this.edges = edges;
        this.lines = names.size();
    }

    @Override
    public void poll(DeviceReader reader, long monoMs, Consumer<Reading> sink) throws IOException {
        Given to = new Given(reader, Math.max(monoMs, lastMs), sink);
        request.read(order::add);
        order.take(to);
        if (edges == GpioLine.Edges.BOTH) {
            long found = request.levels();
            for (int line = 0; line < lines; line++) {
                to.level(line, (found >> line & 1) == 1, to.nowMs);
            }
            levelsKnown = true;
        }
    }

    /** What one poll gives to the reader. */
    private final class Given implements EdgeOrder.Sink {
        private final DeviceReader reader;
        private final long nowMs;
        private final Consumer<Reading> sink;

        Given(DeviceReader reader, long nowMs, Consumer<Reading> sink) {
            this.reader = reader;
            this.nowMs = nowMs;
            this.sink = sink;
        }

        @Override
        public void edge(GpioUapi.Edge edge) {
            long ms = Math.max(lastMs, Math.min(edge.timeNs() / NS_PER_MS, nowMs));
            int line = request.index(edge.offset());
            if (edges == GpioLine.Edges.BOTH) {
                level(line, edge.rising(), ms);
            } else {
                lastMs = ms;
                reader.level(line, edge.rising(), ms, sink);
                reader.level(line, !edge.rising(), ms, sink);
            }
        }

        void level(int line, boolean high, long ms) {
            long bit = 1L << line;
            if (!levelsKnown || (levels & bit) != 0 != high) {
                levels = high ? levels | bit : levels & ~bit;
                lastMs = ms;
                reader.level(line, high, ms, sink);
            }
        }

        @Override
        public void lost(long count) {
            lostEdges += count;
            if (loggedMs.isEmpty() || nowMs - loggedMs.getAsLong() >= LOG_EVERY_MS) {
                loggedMs = OptionalLong.of(nowMs);
                Logger.warn("{}: {} edges lost since it was opened", request, lostEdges);
            }
            reader.opened(Math.max(lastMs, 0), sink);
        }
    }

    @Override
    public void send(byte[] bytes) {
        throw new IllegalStateException("a GPIO profile has nothing to send");
    }

    @Override
    public void close() {
        request.close();
    }
}
