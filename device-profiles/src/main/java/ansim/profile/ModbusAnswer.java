package ansim.profile;

import ansim.settings.Default;
import ansim.settings.Range;

/**
 * The answers of one Modbus RTU device to functions 1 to 4: address, function, byte count, data, CRC; or address, function + 128,
 * exception code, CRC. They are framed by their length and CRC, not by the 3.5 characters of silence that the standard names: a
 * line that is polled every 20 ms cannot see 4 ms. MODBUS over Serial Line 1.02, 2.5.1.
 */
final class ModbusAnswer implements LengthFramer.Layout {
    /**
     * Options.
     *
     * @param address of the device; frames of others are noise
     */
    record Options(@Default("1") @Range(min = 1, max = 247) int address) {}

    /** Address, function, byte count or exception, CRC. */
    static final int OVERHEAD = 5;

    static final int EXCEPTION = 0x80;
    private static final int LAST_BIT_FUNCTION = 2;
    private static final int LAST_FUNCTION = 4;
    private static final int MOST_DATA = 250;

    private final int address;

    ModbusAnswer(Options options) {
        address = options.address();
    }

    @Override
    public int whole(byte[] held, int length) {
        if ((held[0] & 0xFF) != address) {
            return 0;
        }
        if (length < 2) {
            return UNKNOWN;
        }
        int function = held[1] & 0xFF & ~EXCEPTION;
        if (function < 1 || function > LAST_FUNCTION) {
            return 0;
        }
        if (held[1] < 0) {
            return OVERHEAD;
        }
        if (length == 2) {
            return UNKNOWN;
        }
        int count = held[2] & 0xFF;
        boolean fits = count >= 1 && count <= MOST_DATA && (function <= LAST_BIT_FUNCTION || count % 2 == 0);
        return fits ? OVERHEAD + count : 0;
    }

    @Override
    public int longest() {
        return OVERHEAD + MOST_DATA;
    }

    @Override
    public boolean firm(byte[] frame, int length) {
        return holds(frame, length);
    }

    static boolean holds(byte[] frame, int length) {
        return length >= OVERHEAD && Crc16.modbus(frame, length - 2) == Crc16.at(frame, length - 2);
    }
}
