package ansim.hub.view;

import ansim.hub.core.Course;
import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What changes of a ride with each of its messages: a row of the table {@code driven}, or what it is to become. Its course is for the thread
 * of the views alone; the rest is immutable.
 *
 * @param districts every district that it passed, apart by blanks, the newest last
 * @param owner the district whose centre owns it
 * @param seenMs when something last came of it, ms since 1970 UTC
 * @param lengthM metres, by its tracks
 * @param course its way, by its tracks
 * @param test whether a fitter tries the unit
 * @param sent every district that something of the ride was routed to, apart by blanks: as many as the map has at most
 */
record Driven(String districts, String owner, long seenMs, long lengthM, Course course, boolean test, String sent) {
    /** Districts remembered of a ride. */
    static final int MAX_DISTRICTS = 32;

    /** Of {@code driven AS d}, in the order in which {@link #read} and {@link #values} have them. */
    static final String COLUMNS = "d.districts, d.owner, d.seen_ms, d.length_m, d.course, d.test, d.sent";

    /** How many these are. */
    static final int COLUMN_COUNT = 7;

    static Driven begun(boolean test) {
        return new Driven("", "", 0, 0, new Course(), test, "");
    }

    Driven seen(long ms) {
        return new Driven(districts, owner, ms, lengthM, course, test, sent);
    }

    /** A message of it has come, or the hub itself speaks of it: then the moment is as it was. */
    Driven heard(List<String> here, String by, long atMs) {
        return new Driven(with(here), by, Math.max(seenMs, atMs), lengthM, course, test, sent);
    }

    /** Its course has become longer. */
    Driven passed(List<String> more) {
        return new Driven(with(more), owner, seenMs, course.lengthM(), course, test, sent);
    }

    /** Something of it was routed there; nearly always it was before. */
    Driven sentTo(String code) {
        return has(sent, code)
                ? this
                : new Driven(
                        districts, owner, seenMs, lengthM, course, test, sent.isEmpty() ? code : sent + " " + code);
    }

    /** Whether a code is among some that are apart by blanks. */
    static boolean has(String codes, String code) {
        for (int at = codes.indexOf(code); at >= 0; at = codes.indexOf(code, at + 1)) {
            int end = at + code.length();
            if ((at == 0 || codes.charAt(at - 1) == ' ') && (end == codes.length() || codes.charAt(end) == ' ')) {
                return true;
            }
        }
        return false;
    }

    private String with(List<String> more) {
        if (more.isEmpty() || (more.size() == 1 && isNewest(more.get(0)))) {
            return districts;
        }
        List<String> codes = new ArrayList<>(districts.isEmpty() ? List.of() : List.of(districts.split(" ")));
        for (String code : more) {
            boolean newest = !codes.isEmpty() && codes.get(codes.size() - 1).equals(code);
            if (!newest) {
                codes.remove(code);
                codes.add(code);
            }
        }
        while (codes.size() > MAX_DISTRICTS) {
            codes.remove(0);
        }
        return String.join(" ", codes);
    }

    private boolean isNewest(String code) {
        return districts.equals(code) || districts.endsWith(" " + code);
    }

    static Driven read(ResultSet row, int at) throws SQLException {
        try {
            return new Driven(
                    row.getString(at),
                    row.getString(at + 1),
                    row.getLong(at + 2),
                    row.getLong(at + 3),
                    Course.of(row.getBytes(at + 4)),
                    row.getBoolean(at + 5),
                    row.getString(at + 6));
        } catch (IOException e) {
            throw new SQLException("a ride's way does not read: " + e.getMessage(), e);
        }
    }

    /** As columns. */
    @Nullable
    Object[] values(Touched.Part ride) {
        return new @Nullable Object[] {
            ride.unit().bytes(),
            ride.id().bytes(),
            districts,
            owner,
            seenMs,
            lengthM,
            course.fixes() == 0 ? null : course.bytes(),
            test ? 1 : 0,
            sent
        };
    }
}
