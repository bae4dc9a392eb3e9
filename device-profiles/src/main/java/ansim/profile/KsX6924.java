package ansim.profile;

import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * The purse application of Korean transit cards (KS X 6924): how it is selected, and its serial in the answer. Only the answer to
 * SELECT is read; balance and history are never asked for.
 */
final class KsX6924 {
    /** SELECT by name of T-money, then Cashbee: ISO/IEC 7816-4 11.1.1, with any length of answer. */
    static final List<byte[]> SELECTS = List.of(select("D4100000030001"), select("D4100000140001"));

    private static final int FCI = 0x6F;
    private static final int PURSE = 0xB0;
    private static final int SERIAL_AT = 4;
    private static final int SERIAL_BYTES = 8;
    private static final int STATUS_BYTES = 2;
    private static final int LONGEST_SHORT_LENGTH = 0x7F;
    /** A length of 128 to 255 follows in one byte. */
    private static final int ONE_BYTE_LENGTH = 0x81;

    private KsX6924() {}

    private static byte[] select(String name) {
        return HexFormat.of().parseHex("00A4040007" + name + "00");
    }

    /** Does the response end with 9000? */
    static boolean succeeded(byte[] bytes, int from, int to) {
        return to - from >= STATUS_BYTES && (bytes[to - 2] & 0xFF) == 0x90 && bytes[to - 1] == 0;
    }

    /** The purse's serial in a response to SELECT: FCI template 6F, in it tag B0, in it eight bytes at offset 4. */
    static Optional<CardNumber> serial(byte[] bytes, int from, int to) {
        int end = to - STATUS_BYTES;
        if (!succeeded(bytes, from, to) || end - from < 2 || (bytes[from] & 0xFF) != FCI) {
            return Optional.empty();
        }
        int at = from + ((bytes[from + 1] & 0xFF) == ONE_BYTE_LENGTH ? 3 : 2);
        while (at + 1 < end) {
            int tag = bytes[at++] & 0xFF;
            if ((tag & 0x1F) == 0x1F) {
                at++;
            }
            int length = at < end ? bytes[at++] & 0xFF : LONGEST_SHORT_LENGTH + 1;
            if (length > LONGEST_SHORT_LENGTH || at + length > end) {
                return Optional.empty();
            }
            if (tag == PURSE) {
                return length < SERIAL_AT + SERIAL_BYTES ? Optional.empty() : number(bytes, at + SERIAL_AT);
            }
            at += length;
        }
        return Optional.empty();
    }

    /** Eight bytes of 00 or FF are a card that was never personalised. */
    private static Optional<CardNumber> number(byte[] bytes, int at) {
        boolean blank = bytes[at] == 0 || bytes[at] == (byte) 0xFF;
        for (int i = 1; i < SERIAL_BYTES; i++) {
            blank &= bytes[at + i] == bytes[at];
        }
        return blank ? Optional.empty() : Optional.of(CardNumber.ofBytes(bytes, at, at + SERIAL_BYTES));
    }
}
