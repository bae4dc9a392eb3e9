package ansim.profile;

/**
 * How far GPS time is ahead of UTC, for receivers that do not say (IERS Bulletin C). A leap second announced after the last row is
 * not known here; receivers that tell their own are believed.
 */
final class LeapSeconds {
    /** From this GPS time on (ms since 1970 as if it were UTC), and so many seconds. */
    private static final long[][] TABLE = {
        {1_483_228_818_000L, 18}, // 2017-01-01
        {1_435_708_817_000L, 17}, // 2015-07-01
        {1_341_100_816_000L, 16}, // 2012-07-01
        {1_230_768_015_000L, 15}, // 2009-01-01
        {1_136_073_614_000L, 14}, // 2006-01-01
        {915_148_813_000L, 13}, // 1999-01-01
        {867_715_212_000L, 12}, // 1997-07-01
        {820_454_411_000L, 11}, // 1996-01-01
    };
    /** Of 1994-07-01; no receiver that is read here is older. */
    private static final int BEFORE = 10;

    private LeapSeconds() {}

    static long at(long gpsMs) {
        for (long[] row : TABLE) {
            if (gpsMs >= row[0]) {
                return row[1];
            }
        }
        return BEFORE;
    }
}
