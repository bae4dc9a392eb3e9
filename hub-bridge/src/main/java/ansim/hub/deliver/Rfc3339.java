package ansim.hub.deliver;

import java.nio.charset.StandardCharsets;
import java.time.Instant;

/**
 * Moments as RFC 3339, UTC, as {@link Instant#toString} writes them: {@code 2026-11-27T03:04:05Z}, with milliseconds where there are any. Five times as fast, for
 * an event has four of them.
 */
final class Rfc3339 {
    private static final long DAY_MS = 86_400_000;
    /** Days from 0000-03-01 to 1970-01-01. */
    private static final long EPOCH_DAYS = 719_468;

    private static final int DAYS_OF_400_YEARS = 146_097;
    /** 9999-12-31T23:59:59.999Z. What is not in these years is left to the library. */
    private static final long LAST_MS = 253_402_300_799_999L;

    private Rfc3339() {}

    static String of(long ms) {
        if (ms < 0 || ms > LAST_MS) {
            return Instant.ofEpochMilli(ms).toString();
        }
        // Howard Hinnant's civil_from_days: years that begin with March have their odd day at the end.
        int day = (int) (ms / DAY_MS + EPOCH_DAYS);
        int era = day / DAYS_OF_400_YEARS;
        int ofEra = day % DAYS_OF_400_YEARS;
        int yearOfEra = (ofEra - ofEra / 1_460 + ofEra / 36_524 - ofEra / 146_096) / 365;
        int ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        int marchMonth = (5 * ofYear + 2) / 153;
        int month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
        int year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
        int ofDayMs = (int) (ms % DAY_MS);
        int millis = ofDayMs % 1_000;
        byte[] text = new byte[millis == 0 ? 20 : 24];
        digits(text, 0, 4, year);
        text[4] = '-';
        digits(text, 5, 2, month);
        text[7] = '-';
        digits(text, 8, 2, ofYear - (153 * marchMonth + 2) / 5 + 1);
        text[10] = 'T';
        digits(text, 11, 2, ofDayMs / 3_600_000);
        text[13] = ':';
        digits(text, 14, 2, ofDayMs / 60_000 % 60);
        text[16] = ':';
        digits(text, 17, 2, ofDayMs / 1_000 % 60);
        if (millis != 0) {
            text[19] = '.';
            digits(text, 20, 3, millis);
        }
        text[text.length - 1] = 'Z';
        return new String(text, StandardCharsets.ISO_8859_1);
    }

    private static void digits(byte[] text, int at, int count, int value) {
        int left = value;
        for (int i = at + count - 1; i >= at; i--) {
            text[i] = (byte) ('0' + left % 10);
            left /= 10;
        }
    }
}
