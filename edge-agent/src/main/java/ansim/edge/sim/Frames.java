package ansim.edge.sim;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.Locale;

/** What simulated devices send, byte for byte. Pure. */
final class Frames {
    private static final double KNOT_MS = 1852.0 / 3600;

    private static final int PVT_BYTES = 92;
    /** 1980-01-06, when GPS time began; it is ahead of UTC by the leap seconds since then. */
    private static final long GPS_EPOCH_MS = 315_964_800_000L;

    private static final long GPS_AHEAD_MS = 18_000;
    private static final long WEEK_MS = 604_800_000;

    private Frames() {}

    /** A GNSS receiver's second: RMC (NMEA 0183) with status A, and GGA of the same time. */
    static byte[] fix(Instant time, Drive.Place place) {
        ZonedDateTime utc = time.atZone(ZoneOffset.UTC);
        String clock = String.format(
                Locale.ROOT,
                "%02d%02d%02d.%02d",
                utc.getHour(),
                utc.getMinute(),
                utc.getSecond(),
                utc.getNano() / 10_000_000);
        String position = angle(place.lat(), 2, 'N', 'S') + "," + angle(place.lon(), 3, 'E', 'W');
        String rmc = String.format(
                Locale.ROOT,
                "GPRMC,%s,A,%s,%.2f,%.2f,%02d%02d%02d,,,A",
                clock,
                position,
                place.speedMs() / KNOT_MS,
                place.courseDeg(),
                utc.getDayOfMonth(),
                utc.getMonthValue(),
                utc.getYear() % 100);
        String gga = String.format(Locale.ROOT, "GPGGA,%s,%s,1,09,0.9,38.0,M,18.0,M,,", clock, position);
        return (sentence(rmc) + sentence(gga)).getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * The same second in binary: UBX-NAV-PVT (u-blox 8/M8 receiver description R24, 32.17.15), a good fix in three dimensions with
     * nine satellites.
     */
    static byte[] navPvt(Instant time, Drive.Place place) {
        ZonedDateTime utc = time.atZone(ZoneOffset.UTC);
        ByteBuffer frame = ByteBuffer.allocate(6 + PVT_BYTES + 2).order(ByteOrder.LITTLE_ENDIAN);
        frame.put((byte) 0xB5)
                .put((byte) 0x62)
                .put((byte) 0x01)
                .put((byte) 0x07)
                .putShort((short) PVT_BYTES);
        frame.putInt((int) ((time.toEpochMilli() - GPS_EPOCH_MS + GPS_AHEAD_MS) % WEEK_MS));
        frame.putShort((short) utc.getYear());
        frame.put((byte) utc.getMonthValue()).put((byte) utc.getDayOfMonth());
        frame.put((byte) utc.getHour()).put((byte) utc.getMinute()).put((byte) utc.getSecond());
        // Date and time are valid; the accuracy of time, the part of the second; 3-D, the fix is good.
        frame.put((byte) 3).putInt(25).putInt(utc.getNano());
        frame.put((byte) 3).put((byte) 1).put((byte) 0).put((byte) 9);
        frame.putInt((int) Math.round(place.lon() * 1e7)).putInt((int) Math.round(place.lat() * 1e7));
        frame.putInt(56_000).putInt(38_000).putInt(1_500).putInt(2_200);
        double course = Math.toRadians(place.courseDeg());
        int speedMms = (int) Math.round(place.speedMs() * 1_000);
        frame.putInt((int) Math.round(speedMms * Math.cos(course)));
        frame.putInt((int) Math.round(speedMms * Math.sin(course))).putInt(0);
        frame.putInt(speedMms).putInt((int) Math.round(place.courseDeg() * 1e5));
        int length = frame.capacity() - 2;
        int a = 0;
        int b = 0;
        for (int i = 2; i < length; i++) {
            a = (a + frame.get(i)) & 0xFF;
            b = (b + a) & 0xFF;
        }
        return frame.put(length, (byte) a).put(length + 1, (byte) b).array();
    }

    /** The same second as gpsd tells it (gpsd_json(5)). */
    static byte[] tpv(Instant time, Drive.Place place) {
        String line = String.format(
                Locale.ROOT,
                "{\"class\":\"TPV\",\"device\":\"/dev/simulated\",\"mode\":3,\"time\":\"%s\",\"lat\":%.9f,\"lon\":%.9f,"
                        + "\"altMSL\":38.0,\"track\":%.4f,\"speed\":%.3f}\r\n",
                time.truncatedTo(ChronoUnit.MILLIS),
                place.lat(),
                place.lon(),
                place.courseDeg(),
                place.speedMs());
        return line.getBytes(StandardCharsets.US_ASCII);
    }

    /** What gpsd says to whom has just connected. */
    static byte[] gpsdVersion() {
        return "{\"class\":\"VERSION\",\"release\":\"3.25\",\"proto_major\":3,\"proto_minor\":15}\r\n"
                .getBytes(StandardCharsets.US_ASCII);
    }

    /** A card reader's answer to a card (ID-12LA): STX, 10 hex digits, XOR of the five bytes, CR LF, ETX. */
    static byte[] card(String tenHexDigits) {
        int xor = 0;
        for (byte b : HexFormat.of().parseHex(tenHexDigits)) {
            xor ^= b & 0xff;
        }
        return String.format("\u0002%s%02X\r\n\u0003", tenHexDigits, xor).getBytes(StandardCharsets.US_ASCII);
    }

    private static String sentence(String body) {
        int xor = 0;
        for (int i = 0; i < body.length(); i++) {
            xor ^= body.charAt(i);
        }
        return String.format("$%s*%02X\r\n", body, xor);
    }

    private static String angle(double degrees, int width, char positive, char negative) {
        long tenThousandths = Math.round(Math.abs(degrees) * 60 * 100_000);
        long whole = tenThousandths / 6_000_000;
        long minutes = tenThousandths % 6_000_000;
        return String.format(
                Locale.ROOT,
                "%0" + width + "d%02d.%05d,%c",
                whole,
                minutes / 100_000,
                minutes % 100_000,
                degrees < 0 ? negative : positive);
    }
}
