package ansim.profile;

/** The 16-bit checks of field buses, which come low byte first. */
final class Crc16 {
    private Crc16() {}

    /** MODBUS over Serial Line 1.02, 6.2.2. */
    static int modbus(byte[] bytes, int length) {
        return Check.Kind.CRC16_MODBUS.of(bytes, length);
    }

    /** OSDP 2.2 (IEC 60839-11-5), annex on CRC. */
    static int osdp(byte[] bytes, int length) {
        return Check.Kind.CRC16_SPI_FUJITSU.of(bytes, length);
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
