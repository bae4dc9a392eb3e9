package ansim.profile;

import ansim.settings.Default;
import ansim.settings.Range;

/**
 * What one OSDP device says (IEC 60839-11-5, packet format): {@code 53 addr+80 len(LE) ctrl code data crc(LE)}. What the unit says,
 * which a two-wire line may bring back, has no 80 in its address and is noise.
 */
final class OsdpReply implements LengthFramer.Layout {
    /**
     * Options.
     *
     * @param address of the device
     */
    record Options(@Default("0") @Range(min = 0, max = 126) int address) {}

    static final int CTRL_AT = 4;
    static final int CODE_AT = 5;
    static final int DATA_AT = 6;
    /** Everything but the data. */
    static final int OVERHEAD = 8;

    /** In ctrl: the number of the question, whether there is a CRC, whether there is a security block. */
    static final int SEQUENCE = 0x03;

    static final int WITH_CRC = 0x04;
    static final int WITH_SECURITY = 0x08;

    private static final byte START = 0x53;
    private static final int REPLY = 0x80;
    /** No reply of a reader in clear mode is longer; the standard allows 1,440 for files and pictures. */
    private static final int LONGEST = 256;

    private final byte address;

    OsdpReply(Options options) {
        address = (byte) (options.address() | REPLY);
    }

    @Override
    public int whole(byte[] held, int length) {
        if (held[0] != START || (length > 1 && held[1] != address)) {
            return 0;
        }
        if (length < CTRL_AT) {
            return UNKNOWN;
        }
        int whole = (held[2] & 0xFF) | ((held[3] & 0xFF) << Byte.SIZE);
        return whole >= OVERHEAD && whole <= LONGEST ? whole : 0;
    }

    @Override
    public int longest() {
        return LONGEST;
    }

    @Override
    public boolean firm(byte[] frame, int length) {
        return check(frame, length) == Reject.NONE;
    }

    static Reject check(byte[] frame, int length) {
        if (length < OVERHEAD) {
            return Reject.MALFORMED;
        }
        if ((frame[CTRL_AT] & WITH_CRC) == 0) {
            return Reject.NO_CHECKSUM;
        }
        return Crc16.osdp(frame, length - 2) == Crc16.at(frame, length - 2) ? Reject.NONE : Reject.CHECKSUM;
    }

    /** What the unit says. */
    static byte[] command(int address, int sequence, int code, byte... data) {
        byte[] packet = new byte[OVERHEAD + data.length];
        packet[0] = START;
        packet[1] = (byte) address;
        packet[2] = (byte) packet.length;
        packet[CTRL_AT] = (byte) (sequence | WITH_CRC);
        packet[CODE_AT] = (byte) code;
        System.arraycopy(data, 0, packet, DATA_AT, data.length);
        Crc16.put(Crc16.osdp(packet, packet.length - 2), packet, packet.length - 2);
        return packet;
    }
}
