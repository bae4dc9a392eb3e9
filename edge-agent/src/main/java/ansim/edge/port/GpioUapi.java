package ansim.edge.port;

import ansim.profile.GpioLine;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The structures of the kernel's GPIO character device as bytes. Source: linux/gpio.h, second version of the interface, since
 * Linux 5.10; they are the same on every architecture but for the order of bytes. Stateless.
 *
 * <table>
 * <caption>Bytes</caption>
 * <tr><th>structure</th><th>size</th><th>fields used, at</th></tr>
 * <tr><td>gpio_v2_line_request</td><td>592</td><td>offsets u32[64] 0, consumer char[32] 256, config 288, num_lines u32 560,
 *     event_buffer_size u32 564, fd s32 588</td></tr>
 * <tr><td>gpio_v2_line_config</td><td>272</td><td>flags u64 0, num_attrs u32 8, first attribute 32: id u32 +0, values u64 +8,
 *     mask u64 +16</td></tr>
 * <tr><td>gpio_v2_line_event</td><td>48</td><td>timestamp_ns u64 0, id u32 8, offset u32 12, seqno u32 16</td></tr>
 * <tr><td>gpio_v2_line_values</td><td>16</td><td>bits u64 0, mask u64 8</td></tr>
 * <tr><td>gpio_v2_line_info</td><td>256</td><td>consumer char[32] 32, offset u32 64</td></tr>
 * <tr><td>gpiochip_info</td><td>68</td><td>label char[32] 32, lines u32 64</td></tr>
 * </table>
 */
final class GpioUapi {
    static final int GET_CHIP_INFO = 0x8044B401;
    static final int GET_LINE_INFO = 0xC100B405;
    static final int GET_LINE = 0xC250B407;
    static final int GET_VALUES = 0xC010B40E;
    static final int SET_VALUES = 0xC010B40F;

    static final int CHIP_INFO_BYTES = 68;
    static final int LINE_INFO_BYTES = 256;
    static final int EVENT_BYTES = 48;

    /** Edges that the kernel holds for a request between two reads; then the oldest go. The most that it allows for two lines or more. */
    static final int EVENT_BUFFER = 1_024;

    private static final int REQUEST_BYTES = 592;
    private static final int VALUES_BYTES = 16;
    private static final int NAME_BYTES = 32;
    private static final int CONSUMER = 256;
    private static final int CONFIG = 288;
    private static final int NUM_ATTRS = CONFIG + 8;
    private static final int ATTR_ID = CONFIG + 32;
    private static final int ATTR_VALUES = CONFIG + 40;
    private static final int ATTR_MASK = CONFIG + 48;
    private static final int NUM_LINES = 560;
    private static final int EVENTS = 564;
    private static final int FD = 588;

    private static final long FLAG_INPUT = 1 << 2;
    private static final long FLAG_OUTPUT = 1 << 3;
    private static final long FLAG_RISING = 1 << 4;
    private static final long FLAG_FALLING = 1 << 5;
    private static final long FLAG_PULL_UP = 1 << 8;
    private static final long FLAG_PULL_DOWN = 1 << 9;
    private static final long FLAG_NO_PULL = 1 << 10;
    private static final int ATTR_ID_OUTPUT_VALUES = 2;
    private static final int RISING_EDGE = 1;

    private GpioUapi() {}

    /**
     * One edge.
     *
     * @param timeNs CLOCK_MONOTONIC, taken in the interrupt
     * @param rising from low to high
     * @param offset which line
     * @param seqno counts the edges of all lines of the request, from 1, in the order of their interrupts; 32 bits
     */
    record Edge(long timeNs, boolean rising, int offset, int seqno) {}

    /** A request for inputs whose edges are told. */
    static byte[] inputs(List<Integer> offsets, GpioLine.Pull pull, GpioLine.Edges edges, String consumer) {
        return request(offsets, consumer)
                .putLong(CONFIG, FLAG_INPUT | pull(pull) | edges(edges))
                .putInt(EVENTS, EVENT_BUFFER)
                .array();
    }

    /** A request for inputs that are only asked for their levels. */
    static byte[] levels(List<Integer> offsets, GpioLine.Pull pull, String consumer) {
        return request(offsets, consumer)
                .putLong(CONFIG, FLAG_INPUT | pull(pull))
                .array();
    }

    private static long pull(GpioLine.Pull pull) {
        return switch (pull) {
            case AS_IS -> 0;
            case NONE -> FLAG_NO_PULL;
            case UP -> FLAG_PULL_UP;
            case DOWN -> FLAG_PULL_DOWN;
        };
    }

    private static long edges(GpioLine.Edges edges) {
        return switch (edges) {
            case BOTH -> FLAG_RISING | FLAG_FALLING;
            case RISING -> FLAG_RISING;
            case FALLING -> FLAG_FALLING;
        };
    }

    /** A request for an output that has its level from the first moment. */
    static byte[] output(int offset, boolean high, String consumer) {
        return request(List.of(offset), consumer)
                .putLong(CONFIG, FLAG_OUTPUT)
                .putInt(NUM_ATTRS, 1)
                .putInt(ATTR_ID, ATTR_ID_OUTPUT_VALUES)
                .putLong(ATTR_VALUES, high ? 1 : 0)
                .putLong(ATTR_MASK, 1)
                .array();
    }

    private static ByteBuffer request(List<Integer> offsets, String consumer) {
        ByteBuffer request = of(new byte[REQUEST_BYTES]);
        for (int i = 0; i < offsets.size(); i++) {
            request.putInt(i * Integer.BYTES, offsets.get(i));
        }
        byte[] name = consumer.getBytes(StandardCharsets.US_ASCII);
        request.put(CONSUMER, name, 0, Math.min(name.length, NAME_BYTES - 1));
        return request.putInt(NUM_LINES, offsets.size());
    }

    /** The descriptor that the kernel gave for a request. */
    static int fd(byte[] request) {
        return of(request).getInt(FD);
    }

    /** To ask for, or to set, the levels of this many lines; bit 0 is the first line. */
    static byte[] values(int lines, long bits) {
        long mask = -1L >>> (Long.SIZE - lines);
        return of(new byte[VALUES_BYTES])
                .putLong(0, bits)
                .putLong(Long.BYTES, mask)
                .array();
    }

    /** The levels that the kernel has put in; bit 0 is the first line. */
    static long bits(byte[] values) {
        return of(values).getLong(0);
    }

    /** The n-th edge of what was read. */
    static Edge edge(byte[] events, int n) {
        ByteBuffer in = of(events);
        int at = n * EVENT_BYTES;
        return new Edge(in.getLong(at), in.getInt(at + 8) == RISING_EDGE, in.getInt(at + 12), in.getInt(at + 16));
    }

    /** To ask who has a line. */
    static byte[] lineInfo(int offset) {
        return of(new byte[LINE_INFO_BYTES]).putInt(2 * NAME_BYTES, offset).array();
    }

    /** The consumer in a line's information, and the label in a chip's: the second name of both. */
    static String secondName(byte[] info) {
        int end = NAME_BYTES;
        while (end < 2 * NAME_BYTES && info[end] != 0) {
            end++;
        }
        return new String(info, NAME_BYTES, end - NAME_BYTES, StandardCharsets.UTF_8);
    }

    private static ByteBuffer of(byte[] structure) {
        return ByteBuffer.wrap(structure).order(ByteOrder.nativeOrder());
    }
}
