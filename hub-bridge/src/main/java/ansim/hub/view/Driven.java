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
 */
record Driven(String districts, String owner, long seenMs, long lengthM, Course course, boolean test) {
    /** Districts remembered of a ride. */
    static final int MAX_DISTRICTS = 32;

    /** Of {@code driven AS d}, in the order in which {@link #read} and {@link #values} have them. */
    static final String COLUMNS = "d.districts, d.owner, d.seen_ms, d.length_m, d.course, d.test";

    static Driven begun(boolean test) {
        return new Driven("", "", 0, 0, new Course(), test);
    }

    Driven seen(long ms) {
        return new Driven(districts, owner, ms, lengthM, course, test);
    }

    /** A message of it has come. */
    Driven heard(List<String> here, String by, long arrivedMs) {
        return new Driven(with(here), by, Math.max(seenMs, arrivedMs), lengthM, course, test);
    }

    /** Its course has become longer. */
    Driven passed(List<String> more) {
        return new Driven(with(more), owner, seenMs, course.lengthM(), course, test);
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
                    row.getBoolean(at + 5));
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
            test ? 1 : 0
        };
    }
}
