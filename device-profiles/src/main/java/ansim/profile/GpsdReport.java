package ansim.profile;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;

/**
 * What is read of a TPV or SKY report (gpsd_json(5)). A value that is absent, of another type or out of its range is
 * {@link NmeaSentence#NOTHING}.
 *
 * @param type TPV, SKY, ...
 * @param device the receiver's path
 * @param mode 0 and 1 no fix, 2 and 3 dimensions
 * @param timed there is a time, whether it can be read or not
 * @param timeMs UTC, ms since 1970
 * @param latE7 1e-7 degree
 * @param lonE7 1e-7 degree
 * @param speedCms over ground; gpsd tells m/s
 * @param courseCdeg 1/100 degree
 * @param altitudeDm above mean sea level
 * @param satellites used: uSat, or the satellites that say that they are
 * @param hdopE2 1/100
 */
record GpsdReport(
        String type,
        String device,
        long mode,
        boolean timed,
        long timeMs,
        long latE7,
        long lonE7,
        long speedCms,
        long courseCdeg,
        long altitudeDm,
        long satellites,
        long hdopE2) {
    private static final long NOTHING = NmeaSentence.NOTHING;
    private static final int LONGEST_TIME = 40;
    private static final long GPS_BEGAN_MS = 315_964_800_000L;
    private static final long YEAR_10000_MS = 253_402_300_800_000L;

    /** Reads a report as far as it goes. */
    static GpsdReport read(JsonParser json) throws IOException {
        Fields fields = new Fields();
        if (json.nextToken() == JsonToken.START_OBJECT) {
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                fields.take(name, json.nextToken(), json);
            }
        }
        return fields.report();
    }

    /** Only of a report with a time, latitude and longitude. */
    Reading.Fix fix(long satellitesUsed, long hdop) {
        Reading.Quality quality = new Reading.Quality(
                NmeaEpoch.within(satellitesUsed, 0, 999),
                NmeaEpoch.within(hdop, 0, 9_999),
                NmeaEpoch.within(altitudeDm, -20_000, 1_000_000),
                NmeaEpoch.within(mode, 2, 3));
        return new Reading.Fix(
                timeMs,
                false,
                (int) latE7,
                (int) lonE7,
                NmeaEpoch.within(speedCms, 0, NmeaEpoch.FASTEST_CMS),
                NmeaEpoch.within(courseCdeg, 0, NmeaEpoch.FULL_CIRCLE_CDEG - 1),
                quality);
    }

    /** What has been read so far. */
    private static final class Fields {
        private String type = "";
        private String device = "";
        private String time = "";
        private double mode = Double.NaN;
        private double lat = Double.NaN;
        private double lon = Double.NaN;
        private double speed = Double.NaN;
        private double track = Double.NaN;
        private double aboveSea = Double.NaN;
        private double altitude = Double.NaN;
        private double used = Double.NaN;
        private double usedCounted = Double.NaN;
        private double hdop = Double.NaN;

        void take(String name, JsonToken value, JsonParser json) throws IOException {
            switch (name) {
                case "class" -> type = text(value, json);
                case "device" -> device = text(value, json);
                case "time" -> time = text(value, json);
                case "mode" -> mode = number(value, json);
                case "lat" -> lat = number(value, json);
                case "lon" -> lon = number(value, json);
                case "speed" -> speed = number(value, json);
                case "track" -> track = number(value, json);
                case "altMSL" -> aboveSea = number(value, json);
                case "alt" -> altitude = number(value, json);
                case "uSat" -> used = number(value, json);
                case "hdop" -> hdop = number(value, json);
                case "satellites" -> usedCounted = count(value, json);
                default -> json.skipChildren();
            }
        }

        GpsdReport report() {
            long course = scaled(track, 100, 0, 360);
            return new GpsdReport(
                    type,
                    device,
                    scaled(mode, 1, 0, 9),
                    !time.isEmpty(),
                    instant(time),
                    scaled(lat, 1e7, -90, 90),
                    scaled(lon, 1e7, -180, 180),
                    scaled(speed, 100, 0, 1e6),
                    course == NOTHING ? NOTHING : course % NmeaEpoch.FULL_CIRCLE_CDEG,
                    scaled(Double.isNaN(aboveSea) ? altitude : aboveSea, 10, -1e6, 1e6),
                    scaled(Double.isNaN(used) ? usedCounted : used, 1, 0, 1e6),
                    scaled(hdop, 100, 0, 1e6));
        }

        private static String text(JsonToken value, JsonParser json) throws IOException {
            json.skipChildren();
            return value == JsonToken.VALUE_STRING ? json.getText() : "";
        }

        private static double number(JsonToken value, JsonParser json) throws IOException {
            json.skipChildren();
            return value.isNumeric() ? json.getDoubleValue() : Double.NaN;
        }

        private static double count(JsonToken value, JsonParser json) throws IOException {
            if (value != JsonToken.START_ARRAY) {
                json.skipChildren();
                return Double.NaN;
            }
            int count = 0;
            while (json.nextToken() == JsonToken.START_OBJECT) {
                while (json.nextToken() == JsonToken.FIELD_NAME) {
                    boolean used = json.currentName().equals("used");
                    count += json.nextToken() == JsonToken.VALUE_TRUE && used ? 1 : 0;
                    json.skipChildren();
                }
            }
            return count;
        }

        private static long scaled(double value, double scale, double min, double max) {
            return value >= min && value <= max ? Math.round(value * scale) : NOTHING;
        }

        private static long instant(String text) {
            if (text.isEmpty() || text.length() > LONGEST_TIME) {
                return NOTHING;
            }
            try {
                long timeMs = Instant.parse(text).plusNanos(500_000).toEpochMilli();
                return timeMs >= GPS_BEGAN_MS && timeMs < YEAR_10000_MS ? timeMs : NOTHING;
            } catch (DateTimeException | ArithmeticException malformed) {
                return NOTHING;
            }
        }
    }
}
