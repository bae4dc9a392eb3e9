package ansim.profile;

import java.time.LocalDate;
import java.time.YearMonth;

/**
 * The fields of one NMEA 0183 sentence, read in place: no strings are made. A field that is empty, absent or not in its format
 * is {@link #NOTHING}; nothing throws. Numbers are integers of a stated power of ten throughout.
 */
final class NmeaSentence {
    /** No such value; as an int it is {@link Integer#MIN_VALUE}. */
    static final long NOTHING = Long.MIN_VALUE;

    private static final int MOST_FIELDS = 40;
    private static final int MOST_DIGITS = 9;
    private static final int GPS_BEGAN = 80;

    private byte[] line = {};
    private final int[] start = new int[MOST_FIELDS + 1];
    private int count;

    /** Points at a sentence of {@code length} bytes without its checksum; fields past the {@value #MOST_FIELDS}th are not seen. */
    void read(byte[] sentence, int length) {
        line = sentence;
        count = 0;
        start[count++] = 0;
        for (int i = 0; i < length && count < MOST_FIELDS; i++) {
            if (sentence[i] == ',') {
                start[count++] = i + 1;
            }
        }
        start[count] = end(length);
    }

    /** Is field 0 {@code $ttTYP}, any talker tt? What begins with P is a maker's own, whatever it looks like. */
    boolean is(char a, char b, char c) {
        return line[0] == '$' && length(0) == 6 && line[1] != 'P' && line[3] == a && line[4] == b && line[5] == c;
    }

    /** The only byte of a field, or 0 where it has none or several. */
    char letter(int field) {
        return length(field) == 1 ? (char) line[start[field]] : 0;
    }

    /** Is the field exactly this text? */
    boolean text(int field, String text) {
        boolean same = length(field) == text.length();
        for (int i = 0; same && i < text.length(); i++) {
            same = line[start[field] + i] == text.charAt(i);
        }
        return same;
    }

    /** Does the field have this letter and nothing but letters? A GNS mode such as {@code AAN}. */
    boolean anyButN(int field) {
        boolean any = false;
        for (int i = 0; i < length(field); i++) {
            byte mode = line[start[field] + i];
            if (mode < 'A' || mode > 'Z') {
                return false;
            }
            any |= mode != 'N';
        }
        return any;
    }

    /** {@code -12.345} in units of 10^-places, rounded half away from zero. */
    long decimal(int field, int places) {
        int at = start(field);
        int end = at + length(field);
        boolean negative = at < end && line[at] == '-';
        at += negative ? 1 : 0;
        int point = at;
        while (point < end && line[point] != '.') {
            point++;
        }
        long whole = digits(at, point);
        if (whole == NOTHING) {
            return NOTHING;
        }
        long fraction = 0;
        int next = point + 1;
        for (int i = 0; i < places + 1; i++, next++) {
            int digit = next < end ? digit(next) : 0;
            if (digit < 0) {
                return NOTHING;
            }
            fraction = fraction * 10 + digit;
        }
        long value = (whole * power(places + 1) + fraction + 5) / 10;
        return negative ? -value : value;
    }

    /** {@code hhmmss} or {@code hhmmss.sss} as ms of the day; second 60 is the next minute's first. */
    long timeOfDayMs(int field) {
        int at = start(field);
        int length = length(field);
        long hms = length >= 6 ? digits(at, at + 6) : NOTHING;
        if (hms == NOTHING || (length > 6 && line[at + 6] != '.')) {
            return NOTHING;
        }
        long ms = 0;
        for (int i = 0; i < 3; i++) {
            int digit = length > 7 + i ? digit(at + 7 + i) : 0;
            if (digit < 0) {
                return NOTHING;
            }
            ms = ms * 10 + digit;
        }
        long hours = hms / 10_000;
        long minutes = hms / 100 % 100;
        long seconds = hms % 100;
        if (hours > 23 || minutes > 59 || seconds > 60) {
            return NOTHING;
        }
        return ((hours * 60 + minutes) * 60 + seconds) * 1000 + ms;
    }

    /** {@code ddmmyy} as days since 1970; years 80 to 99 are the 20th century's, in which GPS began. */
    long date(int field) {
        int at = start(field);
        long dmy = length(field) == 6 ? digits(at, at + 6) : NOTHING;
        if (dmy == NOTHING) {
            return NOTHING;
        }
        int year = (int) (dmy % 100);
        return days((int) (dmy / 10_000), (int) (dmy / 100 % 100), year + (year < GPS_BEGAN ? 2000 : 1900));
    }

    /** ZDA's day, month and four-digit year in three fields, as days since 1970. */
    long date(int day, int month, int year) {
        long d = decimal(day, 0);
        long m = decimal(month, 0);
        long y = decimal(year, 0);
        return d < 0 || m < 0 || y < 1980 || y > 9999 || d > 31 || m > 12 ? NOTHING : days((int) d, (int) m, (int) y);
    }

    /**
     * {@code dddmm.mmmm} and its hemisphere in the next field, in 1e-7 degree, half up in magnitude; minutes count to nine
     * decimals.
     *
     * @param positive the hemisphere that is positive: N or E
     * @param limit degrees, inclusive
     */
    long angleE7(int field, char positive, char negative, int limit) {
        int at = start(field);
        int end = at + length(field);
        int point = at;
        while (point < end && line[point] != '.') {
            point++;
        }
        long whole = digits(at, point);
        char hemisphere = letter(field + 1);
        if (whole == NOTHING
                || point - at < 3
                || point - at > 5
                || (hemisphere != positive && hemisphere != negative)) {
            return NOTHING;
        }
        long minutes = whole % 100;
        long scale = 1;
        for (int i = point + 1; i < end; i++) {
            int digit = digit(i);
            if (digit < 0) {
                return NOTHING;
            }
            if (scale < 1_000_000_000) {
                minutes = minutes * 10 + digit;
                scale *= 10;
            }
        }
        long e7 = whole / 100 * 10_000_000 + (minutes * 20_000_000 + 60 * scale) / (120 * scale);
        if (whole % 100 > 59 || e7 > limit * 10_000_000L) {
            return NOTHING;
        }
        return hemisphere == positive ? e7 : -e7;
    }

    /** Days since 1970, or {@link #NOTHING} where there is no such day. */
    static long days(int day, int month, int year) {
        if (month < 1
                || month > 12
                || day < 1
                || day > YearMonth.of(year, month).lengthOfMonth()) {
            return NOTHING;
        }
        return LocalDate.of(year, month, day).toEpochDay();
    }

    private int start(int field) {
        return field < count ? start[field] : 0;
    }

    private int length(int field) {
        return field < count ? start[field + 1] - start[field] - 1 : 0;
    }

    /** The end of the last field, as if a comma followed. */
    private int end(int length) {
        int end = start[count - 1];
        while (end < length && line[end] != ',') {
            end++;
        }
        return end + 1;
    }

    /** One to nine digits, or nothing. */
    private long digits(int from, int to) {
        if (to <= from || to - from > MOST_DIGITS) {
            return NOTHING;
        }
        long value = 0;
        for (int i = from; i < to; i++) {
            int digit = digit(i);
            if (digit < 0) {
                return NOTHING;
            }
            value = value * 10 + digit;
        }
        return value;
    }

    private int digit(int at) {
        byte b = line[at];
        return b >= '0' && b <= '9' ? b - '0' : -1;
    }

    private static long power(int tens) {
        long value = 1;
        for (int i = 0; i < tens; i++) {
            value *= 10;
        }
        return value;
    }
}
