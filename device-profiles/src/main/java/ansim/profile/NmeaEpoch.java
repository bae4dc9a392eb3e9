package ansim.profile;

import java.time.ZoneOffset;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * What the sentences of one time of day add up to: at most one fix, given when the epoch ends. A time that was given last is
 * not given again, so a receiver that repeats itself is not believed twice.
 */
final class NmeaEpoch {
    private static final long NOTHING = NmeaSentence.NOTHING;
    static final long DAY_MS = 86_400_000;
    private static final long ROLLOVER_MS = 1024 * 7 * DAY_MS;
    static final int FULL_CIRCLE_CDEG = 36_000;
    static final int FASTEST_CMS = 60_000_00;

    private final long lostAfterMs;
    private final long epochGapMs;
    private final long notBeforeMs;

    private long timeOfDayMs = NOTHING;
    private long toldMs;
    private boolean fixed;
    private boolean denied;
    private long fixTimeMs;
    private long fixMonoMs;
    private int latE7;
    private int lonE7;
    private long speedCms = NOTHING;
    private long courseCdeg = NOTHING;
    private long satellites = NOTHING;
    private long hdopE2 = NOTHING;
    private long altitudeDm = NOTHING;
    private long mode = NOTHING;

    private long dateDays = NOTHING;
    private long dateAtMs;
    private long dateMonoMs;
    private long givenTimeMs = NOTHING;
    private long lastFixMonoMs = NOTHING;
    private boolean lost;

    NmeaEpoch(Nmea0183.Options options) {
        lostAfterMs = options.lostAfter().toMillis();
        epochGapMs = options.epochGap().toMillis();
        notBeforeMs =
                options.notBefore().atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli();
    }

    /** A sentence of this time of day has come: the same epoch, or the next one. */
    void at(long timeOfDay, long monoMs, Consumer<Reading> sink) {
        if (timeOfDay != timeOfDayMs || timeOfDay == NOTHING) {
            end(monoMs, sink);
            timeOfDayMs = timeOfDay;
            toldMs = monoMs;
        }
    }

    /** The epoch's position; the last one stands. */
    void position(int lat, int lon) {
        latE7 = lat;
        lonE7 = lon;
    }

    /** The receiver vouches for the position. */
    Reject fix(long days, long monoMs) {
        if (timeOfDayMs == NOTHING || days == NOTHING) {
            return Reject.UNDATED;
        }
        fixed = true;
        fixTimeMs = days * DAY_MS + timeOfDayMs;
        fixMonoMs = monoMs;
        return Reject.NONE;
    }

    /** The receiver says that it has no fix, whatever its other sentences claim. */
    void deny() {
        denied = true;
    }

    /** There is a fix, but the sentence that made it told no speed. */
    boolean lacksSpeed() {
        return fixed && speedCms == NOTHING;
    }

    private boolean hasNewFix() {
        return fixed && !denied && fixTimeMs != givenTimeMs;
    }

    /** Speed in 1/1000 knot and course in 1/100 degree. */
    void motion(long milliknots, long course) {
        speedCms = milliknots < 0 ? NOTHING : (milliknots * 463 + 4_500) / 9_000;
        courseCdeg = course < 0 || course > FULL_CIRCLE_CDEG ? NOTHING : course % FULL_CIRCLE_CDEG;
    }

    void gga(long satellitesUsed, long hdop, long altitude) {
        satellites = satellitesUsed;
        hdopE2 = hdop;
        altitudeDm = altitude;
    }

    void gsa(long dimensions, long hdop) {
        mode = Math.max(mode, dimensions);
        hdopE2 = hdopE2 == NOTHING ? hdop : hdopE2;
    }

    /** ZDA: the date, and the time of day at which it was that date. */
    void date(long days, long timeOfDay, long monoMs) {
        if (days != NOTHING && timeOfDay != NOTHING) {
            dateDays = days;
            dateAtMs = timeOfDay;
            dateMonoMs = monoMs;
        }
    }

    /** The date of the current epoch by the last ZDA, however long ago; midnights may lie between the two, in either order. */
    long dateNow(long monoMs) {
        if (dateDays == NOTHING || timeOfDayMs == NOTHING) {
            return NOTHING;
        }
        long sinceDateMs = dateAtMs + monoMs - dateMonoMs;
        return dateDays + Math.floorDiv(sinceDateMs - timeOfDayMs + DAY_MS / 2, DAY_MS);
    }

    void tick(long monoMs, long lastByteMs, Consumer<Reading> sink) {
        if (lastFixMonoMs == NOTHING) {
            lastFixMonoMs = monoMs;
        }
        if (monoMs - lastByteMs >= epochGapMs) {
            end(monoMs, sink);
        }
        if (!lost && monoMs - (hasNewFix() ? fixMonoMs : lastFixMonoMs) >= lostAfterMs) {
            lost = true;
            sink.accept(new Reading.NoFix());
        }
    }

    private void end(long monoMs, Consumer<Reading> sink) {
        if (hasNewFix()) {
            givenTimeMs = fixTimeMs;
            lastFixMonoMs = fixMonoMs;
            lost = false;
            sink.accept(fix(monoMs - toldMs));
        }
        timeOfDayMs = NOTHING;
        fixed = false;
        denied = false;
        speedCms = NOTHING;
        courseCdeg = NOTHING;
        satellites = NOTHING;
        hdopE2 = NOTHING;
        altitudeDm = NOTHING;
        mode = NOTHING;
    }

    private Reading.Fix fix(long heldMs) {
        long timeMs = rolledForward(fixTimeMs, notBeforeMs);
        Reading.Quality quality = new Reading.Quality(
                within(satellites, 0, 999),
                within(hdopE2, 0, 9_999),
                within(altitudeDm, -20_000, 1_000_000),
                within(mode, 2, 3));
        return new Reading.Fix(
                timeMs,
                timeMs != fixTimeMs,
                latE7,
                lonE7,
                within(speedCms, 0, FASTEST_CMS),
                within(courseCdeg, 0, FULL_CIRCLE_CDEG - 1),
                quality,
                heldMs);
    }

    /** A time before the limit gets the 1,024-week periods back that its receiver has lost. */
    static long rolledForward(long timeMs, long notBeforeMs) {
        long time = timeMs;
        while (time < notBeforeMs) {
            time += ROLLOVER_MS;
        }
        return time;
    }

    static OptionalInt within(long value, int min, int max) {
        return value < min || value > max ? OptionalInt.empty() : OptionalInt.of((int) value);
    }
}
