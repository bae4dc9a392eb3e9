package ansim.edge.sim;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.HexFormat;
import java.util.Locale;

/** What simulated devices send, byte for byte. Pure. */
final class Frames {
    private static final double KNOT_MS = 1852.0 / 3600;

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
