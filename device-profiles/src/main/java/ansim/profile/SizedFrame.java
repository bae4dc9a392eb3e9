package ansim.profile;

import ansim.settings.Default;
import ansim.settings.Range;

/** The layout of frames of a fixed or a told length: framers {@code fixed} and {@code length-prefixed}. Stateless. */
final class SizedFrame implements LengthFramer.Layout {
    /**
     * Options of {@code fixed}.
     *
     * @param start bytes with which every frame begins, hex; without, the line must be in step, so a pause ends what came before
     * @param length of a frame with its start, bytes
     */
    record Fixed(
            @Default("") String start,
            @Range(min = 1, max = 4_096) int length) {
        Fixed {
            if (Markers.parse("start", start).length > length) {
                throw new IllegalArgumentException("start must not be longer than length");
            }
        }
    }

    /**
     * Options of {@code length-prefixed}.
     *
     * @param start bytes with which every frame begins, hex
     * @param at where the length stands, bytes from the frame's beginning
     * @param bytes how wide it is
     * @param order of its two bytes
     * @param plus what must be added to the number to have the whole frame's length
     * @param longest no whole frame is longer
     */
    record Prefixed(
            @Default("") String start,
            @Range(min = 0, max = 64) int at,
            @Default("1") @Range(min = 1, max = 2) int bytes,
            @Default("big") Order order,
            @Default("0") @Range(min = -64, max = 64) int plus,
            @Default("256") @Range(min = 1, max = 4_096) int longest) {
        Prefixed {
            if (Markers.parse("start", start).length > at) {
                throw new IllegalArgumentException("at must be behind start (got " + at + ")");
            }
        }
    }

    /** Which byte comes first. */
    enum Order {
        BIG,
        LITTLE
    }

    private final byte[] start;
    private final int at;
    private final int bytes;
    private final Order order;
    private final int plus;
    private final int longest;
    private final LengthFramer.Proof proof;

    SizedFrame(Fixed options, LengthFramer.Proof proof) {
        start = Markers.parse("start", options.start());
        at = 0;
        bytes = 0;
        order = Order.BIG;
        plus = options.length();
        longest = options.length();
        this.proof = proof;
    }

    SizedFrame(Prefixed options, LengthFramer.Proof proof) {
        start = Markers.parse("start", options.start());
        at = options.at();
        bytes = options.bytes();
        order = options.order();
        plus = options.plus();
        longest = Math.max(options.longest(), options.at() + options.bytes());
        this.proof = proof;
    }

    @Override
    public int whole(byte[] held, int length) {
        if (!Markers.begins(held, length, start)) {
            return 0;
        }
        if (length < at + bytes) {
            return UNKNOWN;
        }
        int told = 0;
        for (int i = 0; i < bytes; i++) {
            int next = held[at + (order == Order.BIG ? i : bytes - 1 - i)] & 0xFF;
            told = (told << Byte.SIZE) | next;
        }
        int whole = told + plus;
        return whole < Math.max(1, at + bytes) || whole > longest ? 0 : whole;
    }

    @Override
    public int longest() {
        return longest;
    }

    @Override
    public boolean firm(byte[] frame, int length) {
        return proof.holds(frame, length);
    }

    @Override
    public boolean proves() {
        return proof != LengthFramer.Proof.NONE;
    }
}
