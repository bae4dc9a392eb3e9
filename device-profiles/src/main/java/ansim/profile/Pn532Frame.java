package ansim.profile;

/**
 * Frames of the NXP PN532 on its serial line (UM0701-02, 6.2.1): {@code 00 00 FF LEN LCS TFI PD... DCS 00}; ACK is
 * {@code 00 00 FF 00 FF 00}, NACK {@code 00 00 FF FF 00 00}. Extended frames are not used: no answer that is asked for is so long.
 */
final class Pn532Frame implements LengthFramer.Layout {
    static final int TFI_AT = 5;
    /** Everything but TFI and PD. */
    static final int OVERHEAD = 7;

    static final int TO_DEVICE = 0xD4;
    static final int FROM_DEVICE = 0xD5;
    /** TFI of the frame by which the device says that it did not understand. */
    static final int SYNTAX_ERROR = 0x7F;

    private static final int LEN_AT = 3;
    private static final int MOST_CONTENT = 255;
    private static final int SHORT_FRAME = 6;

    @Override
    public int whole(byte[] held, int length) {
        if (held[0] != 0 || (length > 1 && held[1] != 0) || (length > 2 && held[2] != (byte) 0xFF)) {
            return 0;
        }
        if (length < TFI_AT) {
            return UNKNOWN;
        }
        if (acknowledges(held) || refuses(held)) {
            return SHORT_FRAME;
        }
        int content = held[LEN_AT] & 0xFF;
        return content > 0 && (byte) (held[LEN_AT] + held[LEN_AT + 1]) == 0 ? OVERHEAD + content : 0;
    }

    @Override
    public int longest() {
        return OVERHEAD + MOST_CONTENT;
    }

    static boolean acknowledges(byte[] frame) {
        return frame[LEN_AT] == 0 && frame[LEN_AT + 1] == (byte) 0xFF;
    }

    static boolean refuses(byte[] frame) {
        return frame[LEN_AT] == (byte) 0xFF && frame[LEN_AT + 1] == 0;
    }

    static Reject check(byte[] frame, int length) {
        if (length < SHORT_FRAME || frame[length - 1] != 0) {
            return Reject.MALFORMED;
        }
        if (length == SHORT_FRAME) {
            return acknowledges(frame) || refuses(frame) ? Reject.NONE : Reject.CHECKSUM;
        }
        int sum = 0;
        for (int i = TFI_AT; i < length - 1; i++) {
            sum += frame[i];
        }
        boolean counted =
                (frame[LEN_AT] & 0xFF) == length - OVERHEAD && (byte) (frame[LEN_AT] + frame[LEN_AT + 1]) == 0;
        return counted && (byte) sum == 0 ? Reject.NONE : Reject.CHECKSUM;
    }

    /** A command: its code and parameters. */
    static byte[] command(byte... content) {
        byte[] frame = new byte[OVERHEAD + 1 + content.length];
        frame[2] = (byte) 0xFF;
        frame[LEN_AT] = (byte) (content.length + 1);
        frame[LEN_AT + 1] = (byte) -frame[LEN_AT];
        frame[TFI_AT] = (byte) TO_DEVICE;
        int sum = TO_DEVICE;
        for (int i = 0; i < content.length; i++) {
            frame[TFI_AT + 1 + i] = content[i];
            sum += content[i];
        }
        frame[frame.length - 2] = (byte) -sum;
        return frame;
    }
}
