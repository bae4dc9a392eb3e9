package ansim.profile;

/** The 16-bit checks of field buses, bit by bit: frames are short and lines are slow. */
final class Crc16 {
    private static final int MODBUS_POLYNOMIAL = 0xA001;
    private static final int MODBUS_INITIAL = 0xFFFF;
    private static final int OSDP_POLYNOMIAL = 0x1021;
    private static final int OSDP_INITIAL = 0x1D0F;

    private Crc16() {}

    /** MODBUS over Serial Line 1.02, 6.2.2: reflected, low byte first on the line. */
    static int modbus(byte[] bytes, int length) {
        int crc = MODBUS_INITIAL;
        for (int i = 0; i < length; i++) {
            crc ^= bytes[i] & 0xFF;
            for (int bit = 0; bit < Byte.SIZE; bit++) {
                crc = (crc & 1) == 0 ? crc >>> 1 : (crc >>> 1) ^ MODBUS_POLYNOMIAL;
            }
        }
        return crc;
    }

    /** OSDP 2.2 (IEC 60839-11-5), annex on CRC: not reflected, low byte first on the line. */
    static int osdp(byte[] bytes, int length) {
        int crc = OSDP_INITIAL;
        for (int i = 0; i < length; i++) {
            crc ^= (bytes[i] & 0xFF) << Byte.SIZE;
            for (int bit = 0; bit < Byte.SIZE; bit++) {
                crc = (crc & 0x8000) == 0 ? crc << 1 : (crc << 1) ^ OSDP_POLYNOMIAL;
            }
        }
        return crc & 0xFFFF;
    }

    /** Puts a check, low byte first. */
    static void put(int crc, byte[] bytes, int at) {
        bytes[at] = (byte) crc;
        bytes[at + 1] = (byte) (crc >>> Byte.SIZE);
    }

    /** The check that stands there, low byte first. */
    static int at(byte[] bytes, int at) {
        return (bytes[at] & 0xFF) | ((bytes[at + 1] & 0xFF) << Byte.SIZE);
    }
}
