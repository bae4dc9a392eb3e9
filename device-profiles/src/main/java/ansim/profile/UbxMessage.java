package ansim.profile;

/**
 * The UBX messages that are read: class and id, and the shortest payload that has all that is read of it (u-blox 8/M8 receiver
 * description 32.17 and 32.16; NAV-SOL, the 84-byte NAV-PVT and the others since u-blox 5 to 7 are the same as far as they go).
 */
enum UbxMessage {
    NAV_POSLLH(0x0102, 28),
    NAV_STATUS(0x0103, 16),
    NAV_DOP(0x0104, 18),
    NAV_SOL(0x0106, 52),
    NAV_PVT(0x0107, 84),
    NAV_VELNED(0x0112, 36),
    NAV_HPPOSLLH(0x0114, 36),
    NAV_TIMEGPS(0x0120, 16),
    NAV_TIMEUTC(0x0121, 20),
    NAV_EOE(0x0161, 4),
    MON_HW(0x0A09, 60),
    MON_RF(0x0A38, 4),
    /** Any other: it says nothing. */
    OTHER(0, 0);

    private static final UbxMessage[] ALL = values();
    private static final int CLASS_NAV = 0x01;

    private final int classAndId;
    private final int leastPayload;

    UbxMessage(int classAndId, int leastPayload) {
        this.classAndId = classAndId;
        this.leastPayload = leastPayload;
    }

    static UbxMessage of(byte[] frame) {
        int classAndId = LeBytes.u1(frame, 2) << 8 | LeBytes.u1(frame, 3);
        for (UbxMessage message : ALL) {
            if (message.classAndId == classAndId) {
                return message;
            }
        }
        return OTHER;
    }

    /** Is a frame of this length long enough? */
    boolean fits(int length) {
        return length - UbxNmeaFramer.AROUND >= leastPayload;
    }

    boolean ofNavigation() {
        return classAndId >> 8 == CLASS_NAV;
    }

    /** GPS time of week of the navigation epoch, ms; of a navigation message only. */
    long timeOfWeekMs(byte[] frame) {
        return LeBytes.u4(frame, UbxNmeaFramer.HEADER + (this == NAV_HPPOSLLH ? 4 : 0));
    }
}
