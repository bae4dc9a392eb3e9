package ansim.profile;

import ansim.profile.UbxEpoch.Source;

/** The fields of the UBX-NAV messages, put into an epoch. Offsets are those of the interface description's tables. */
final class UbxNav {
    private static final long NOTHING = NmeaSentence.NOTHING;
    private static final long MINUTE_MS = 60_000;
    private static final long WEEK_MS = 7 * NmeaEpoch.DAY_MS;
    /** 1980-01-06. */
    private static final long GPS_BEGAN_MS = 315_964_800_000L;

    private static final int NS_PER_SECOND = 1_000_000_000;
    private static final int BEGIN = UbxNmeaFramer.HEADER;
    private static final int LAT_LIMIT_E7 = 900_000_000;
    private static final int LON_LIMIT_E7 = 1_800_000_000;

    private final UbxEpoch epoch;
    private byte[] frame = {};
    private long leapSeconds = NOTHING;

    UbxNav(UbxEpoch epoch) {
        this.epoch = epoch;
    }

    /** Takes a message that is long enough; what it does not know says nothing. */
    Reject take(UbxMessage message, byte[] bytes) {
        frame = bytes;
        return switch (message) {
            case NAV_PVT -> pvt();
            case NAV_POSLLH -> posllh();
            case NAV_HPPOSLLH -> hpposllh();
            case NAV_SOL -> sol();
            case NAV_TIMEUTC -> timeUtc();
            case NAV_TIMEGPS -> timeGps();
            case NAV_STATUS -> {
                epoch.vouch(Source.STATUS, flag(5, 0), u1(4));
                yield Reject.NONE;
            }
            case NAV_VELNED -> {
                epoch.motion(LeBytes.u4(frame, BEGIN + 20), i4(24));
                yield Reject.NONE;
            }
            case NAV_DOP -> {
                epoch.hdop(u2(12));
                yield Reject.NONE;
            }
            default -> Reject.NONE;
        };
    }

    /** 4..10 date and time, 11 valid, 16 nano, 20 fixType, 21 flags, 23 numSV, 24 lon, 28 lat, 36 hMSL, 40 hAcc, 60 gSpeed, 64 headMot. */
    private Reject pvt() {
        boolean ok = flag(21, 0);
        epoch.vouch(Source.PVT, false, u1(20));
        if (!ok || u1(20) < 2 || u1(20) > 4) {
            return Reject.NONE;
        }
        long timeMs = utcMs(u2(4), 6, i4(16));
        if (!inRange(i4(28), i4(24)) || (flag(11, 0) && flag(11, 1) && timeMs == NOTHING)) {
            return Reject.MALFORMED;
        }
        if (!flag(11, 0) || !flag(11, 1)) {
            return Reject.UNDATED;
        }
        epoch.vouch(Source.PVT, true, u1(20));
        epoch.time(Source.PVT, timeMs);
        epoch.place(Source.PVT, i4(28), i4(24));
        epoch.altitude(i4(36));
        epoch.accuracy(LeBytes.u4(frame, BEGIN + 40));
        epoch.motion(Math.floorDiv(i4(60) + 5L, 10), i4(64));
        epoch.satellites(u1(23));
        return Reject.NONE;
    }

    /** 4 lon, 8 lat, 16 hMSL. */
    private Reject posllh() {
        if (!inRange(i4(8), i4(4))) {
            return Reject.MALFORMED;
        }
        epoch.place(Source.POSLLH, i4(8), i4(4));
        epoch.altitude(i4(16));
        return Reject.NONE;
    }

    /** 3 flags (bit 0 invalid), 8 lon, 12 lat, 24 and 25 their parts in 1e-9 degree. */
    private Reject hpposllh() {
        if (flag(3, 0)) {
            return Reject.NONE;
        }
        long lat = Math.floorDiv(i4(12) * 100L + frame[BEGIN + 25] + 50, 100);
        long lon = Math.floorDiv(i4(8) * 100L + frame[BEGIN + 24] + 50, 100);
        if (!inRange(lat, lon)) {
            return Reject.MALFORMED;
        }
        epoch.place(Source.HPPOSLLH, (int) lat, (int) lon);
        return Reject.NONE;
    }

    /** 4 fTOW, 8 week, 10 gpsFix, 11 flags (bit 0 fix, 2 week, 3 time of week), 12..20 ECEF in cm, 47 numSV. */
    private Reject sol() {
        epoch.vouch(Source.SOL, false, u1(10));
        if (!flag(11, 0)) {
            return Reject.NONE;
        }
        if (flag(11, 2) && flag(11, 3)) {
            epoch.time(Source.SOL, gpsToUtc());
        }
        double x = i4(12) / 100.0;
        double y = i4(16) / 100.0;
        double z = i4(20) / 100.0;
        if (!Wgs84.nearEarth(x, y, z)) {
            return Reject.MALFORMED;
        }
        epoch.vouch(Source.SOL, true, u1(10));
        epoch.place(Source.SOL, Wgs84.latE7(x, y, z), Wgs84.lonE7(x, y));
        epoch.satellites(u1(47));
        return Reject.NONE;
    }

    /** 8 nano, 12..18 date and time, 19 valid (bits 0..2 time of week, week, UTC). */
    private Reject timeUtc() {
        if ((u1(19) & 7) != 7) {
            return Reject.NONE;
        }
        long timeMs = utcMs(u2(12), 14, i4(8));
        if (timeMs == NOTHING) {
            return Reject.MALFORMED;
        }
        epoch.time(Source.TIMEUTC, timeMs);
        return Reject.NONE;
    }

    /** 4 fTOW, 8 week, 10 leap seconds, 11 valid (bits 0..2 time of week, week, leap seconds). */
    private Reject timeGps() {
        if (flag(11, 2)) {
            leapSeconds = frame[BEGIN + 10];
        }
        if (flag(11, 0) && flag(11, 1)) {
            epoch.time(Source.TIMEGPS, gpsToUtc());
        }
        return Reject.NONE;
    }

    /** Of NAV-SOL and NAV-TIMEGPS, which begin alike: 0 iTOW, 4 fTOW, 8 week. */
    private long gpsToUtc() {
        long gpsMs = GPS_BEGAN_MS + u2(8) * WEEK_MS + LeBytes.u4(frame, BEGIN) + roundedMs(i4(4));
        return gpsMs - 1000 * (leapSeconds == NOTHING ? LeapSeconds.at(epoch.rolledForward(gpsMs)) : leapSeconds);
    }

    /** Month, day, hour, minute and second begin at {@code at}; nothing where there is no such time. */
    private long utcMs(int year, int at, int nanos) {
        long days = year < 1980 || year > 9999 ? NOTHING : NmeaSentence.days(u1(at + 1), u1(at), year);
        boolean bad = u1(at + 2) > 23 || u1(at + 3) > 59 || u1(at + 4) > 60 || Math.abs((long) nanos) > NS_PER_SECOND;
        if (days == NOTHING || bad) {
            return NOTHING;
        }
        long minutes = u1(at + 2) * 60L + u1(at + 3);
        return days * NmeaEpoch.DAY_MS + minutes * MINUTE_MS + u1(at + 4) * 1000L + roundedMs(nanos);
    }

    /** The receiver's clock is steered around the second: -300 us belongs to the second that is told, not to the one before. */
    private static long roundedMs(int nanos) {
        return Math.floorDiv(nanos + 500_000L, 1_000_000);
    }

    private static boolean inRange(long latE7, long lonE7) {
        return Math.abs(latE7) <= LAT_LIMIT_E7 && Math.abs(lonE7) <= LON_LIMIT_E7;
    }

    private boolean flag(int at, int bit) {
        return (u1(at) >> bit & 1) == 1;
    }

    private int u1(int at) {
        return LeBytes.u1(frame, BEGIN + at);
    }

    private int u2(int at) {
        return LeBytes.u2(frame, BEGIN + at);
    }

    private int i4(int at) {
        return LeBytes.i4(frame, BEGIN + at);
    }
}
