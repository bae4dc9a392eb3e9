package ansim.profile;

/** What a PC/SC reader's device tells, see {@link DeviceReader}: kind, length (two bytes, high first), content. */
final class PcscMessage implements LengthFramer.Layout {
    static final byte THERE = 0;
    static final byte CARD = 1;
    static final byte GONE = 2;
    static final byte RESPONSE = 3;
    /** Kind and length. */
    static final int HEAD = 3;

    /** ISO/IEC 7816-3: an ATR has 2 to 33 bytes. */
    private static final int LONGEST_ATR = 33;
    /** A short response: 256 bytes and the status. */
    private static final int LONGEST_RESPONSE = 258;

    private static final int STATUS_BYTES = 2;

    @Override
    public int whole(byte[] held, int length) {
        if (held[0] < THERE || held[0] > RESPONSE) {
            return 0;
        }
        if (length < HEAD) {
            return UNKNOWN;
        }
        int content = ((held[1] & 0xFF) << Byte.SIZE) | (held[2] & 0xFF);
        return content <= LONGEST_RESPONSE ? HEAD + content : 0;
    }

    @Override
    public int longest() {
        return HEAD + LONGEST_RESPONSE;
    }

    static Reject check(byte[] frame, int length) {
        int content = length - HEAD;
        boolean fits = content >= 0
                && switch (frame[0]) {
                    case THERE, GONE -> content == 0;
                    case CARD -> content >= STATUS_BYTES && content <= LONGEST_ATR;
                    case RESPONSE -> content >= STATUS_BYTES;
                    default -> false;
                };
        return fits ? Reject.NONE : Reject.MALFORMED;
    }
}
