package ansim.profile;

import ansim.settings.Default;
import ansim.settings.Range;

/**
 * The check digits of a frame described in YAML. Positions count bytes of the frame as the framer gives it; negative ones from its
 * end: -1 is the last byte.
 *
 * @param kind how it is calculated
 * @param from the first byte that it covers
 * @param to the last byte that it covers; by default the one before the check
 * @param at where its first byte or digit stands; by default at the end of the frame
 * @param written as bytes, or as hex digits of ASCII
 * @param order which byte of a 16-bit check comes first
 * @param covered the bytes themselves, or the octets that pairs of ASCII hex digits stand for
 */
record Check(
        @Default("none") Kind kind,
        @Default("0") @Range(min = -4_096, max = 4_096) int from,
        @Default("0") @Range(min = -4_096, max = 4_096) int to,
        @Default("0") @Range(min = -4_096, max = 4_096) int at,
        @Default("binary") Written written,
        @Default("big") SizedFrame.Order order,
        @Default("binary") Written covered) {
    /** What is written how. */
    enum Written {
        BINARY,
        HEX
    }

    /** The known calculations. CRC names are those of the CRC RevEng catalogue. */
    enum Kind {
        NONE(0, 0, 0, false, 0),
        /** Exclusive or of the bytes. */
        XOR(1, 0, 0, false, 0),
        /** Sum modulo 256. */
        SUM(1, 0, 0, false, 0),
        /** Two's complement of the sum: all bytes and the check add up to 0 modulo 256. */
        SUM_COMPLEMENT(1, 0, 0, false, 0),
        /** Two sums modulo 256, the plain one first (RFC 1145, as u-blox has it). */
        FLETCHER(2, 0, 0, false, 0),
        CRC16_ARC(2, 0xA001, 0x0000, true, 0),
        CRC16_MODBUS(2, 0xA001, 0xFFFF, true, 0),
        CRC16_KERMIT(2, 0x8408, 0x0000, true, 0),
        CRC16_X25(2, 0x8408, 0xFFFF, true, 0xFFFF),
        CRC16_XMODEM(2, 0x1021, 0x0000, false, 0),
        CRC16_CCITT_FALSE(2, 0x1021, 0xFFFF, false, 0),
        CRC16_SPI_FUJITSU(2, 0x1021, 0x1D0F, false, 0);

        final int bytes;
        private final int polynomial;
        private final int initial;
        private final boolean reflected;
        private final int xorOut;

        Kind(int bytes, int polynomial, int initial, boolean reflected, int xorOut) {
            this.bytes = bytes;
            this.polynomial = polynomial;
            this.initial = initial;
            this.reflected = reflected;
            this.xorOut = xorOut;
        }

        /** The check of the first so many bytes. */
        int of(byte[] bytes, int length) {
            int state = initial;
            int second = 0;
            for (int i = 0; i < length; i++) {
                state = next(state, bytes[i] & 0xFF);
                second = (second + state) & 0xFF;
            }
            return end(state, second);
        }

        private int next(int state, int octet) {
            return switch (this) {
                case NONE -> 0;
                case XOR -> state ^ octet;
                case SUM, SUM_COMPLEMENT, FLETCHER -> (state + octet) & 0xFF;
                default -> reflected ? rightwards(state ^ octet) : leftwards(state ^ (octet << Byte.SIZE));
            };
        }

        private int end(int state, int second) {
            return switch (this) {
                case SUM_COMPLEMENT -> -state & 0xFF;
                case FLETCHER -> (state & 0xFF) << Byte.SIZE | second;
                default -> state ^ xorOut;
            };
        }

        private int rightwards(int start) {
            int crc = start;
            for (int bit = 0; bit < Byte.SIZE; bit++) {
                crc = (crc & 1) == 0 ? crc >>> 1 : (crc >>> 1) ^ polynomial;
            }
            return crc;
        }

        private int leftwards(int start) {
            int crc = start;
            for (int bit = 0; bit < Byte.SIZE; bit++) {
                crc = (crc & 0x8000) == 0 ? crc << 1 : (crc << 1) ^ polynomial;
            }
            return crc & 0xFFFF;
        }
    }

    /** Is the check right? A frame too short to have one is refused as such. */
    Reject verdict(byte[] frame, int length) {
        if (kind == Kind.NONE) {
            return Reject.NONE;
        }
        int width = kind.bytes * (written == Written.HEX ? 2 : 1);
        int place = at == 0 ? length - width : position(at, length);
        int first = position(from, length);
        int last = to == 0 ? place - 1 : position(to, length);
        if (place < 0 || place + width > length || first < 0 || last < first || last >= length) {
            return Reject.TOO_SHORT;
        }
        int expected = calculate(frame, first, last);
        int found = written == Written.HEX ? hexAt(frame, place, width) : binaryAt(frame, place);
        return expected == found ? Reject.NONE : Reject.CHECKSUM;
    }

    private static int position(int position, int length) {
        return position < 0 ? length + position : position;
    }

    private int binaryAt(byte[] frame, int place) {
        int value = 0;
        for (int i = 0; i < kind.bytes; i++) {
            int next = frame[place + (order == SizedFrame.Order.BIG ? i : kind.bytes - 1 - i)] & 0xFF;
            value = (value << Byte.SIZE) | next;
        }
        return value;
    }

    /** -1, which no check equals, when they are no hex digits. */
    private static int hexAt(byte[] frame, int place, int digits) {
        int value = 0;
        for (int i = 0; i < digits; i++) {
            int digit = Hex.digit(frame[place + i]);
            if (digit < 0) {
                return -1;
            }
            value = (value << 4) | digit;
        }
        return value;
    }

    private int calculate(byte[] frame, int first, int last) {
        int step = covered == Written.HEX ? 2 : 1;
        int state = kind.initial;
        int second = 0;
        for (int i = first; i + step - 1 <= last; i += step) {
            int octet = covered == Written.HEX ? Hex.octet(frame[i], frame[i + 1]) & 0xFF : frame[i] & 0xFF;
            state = kind.next(state, octet);
            second = (second + state) & 0xFF;
        }
        return kind.end(state, second);
    }
}
