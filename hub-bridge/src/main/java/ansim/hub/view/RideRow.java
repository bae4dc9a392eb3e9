package ansim.hub.view;

import ansim.hub.core.Course;
import ansim.wire.Id16;
import ansim.wire.Id8;
import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A ride with all that is known of it, for people, as it is in the file, or as far as it says so as it is by now.
 *
 * @param ride as on a screen
 * @param boardedQuality what the unit said of its clock then, and where the date comes from; empty when nobody has boarded yet
 * @param alightedQuality likewise
 * @param destination the code of the district that the city's app named; empty if it named none
 * @param seenMs when something last came of it
 * @param course its way, by its tracks
 */
public record RideRow(
        Picture.Ride ride,
        String boardedQuality,
        String alightedQuality,
        String destination,
        long seenMs,
        Course course) {
    static final String SELECT =
            ViewReader.RIDE_COLUMNS + ", r.boarded_quality, r.alighted_quality, r.destination" + ViewReader.RIDES_FROM;

    private static final int OWN = ViewReader.RIDE_PLACE;

    /**
     * Which rides.
     *
     * @param open only those that are on
     * @param attention only those that need attention
     * @param district only those that a district owns or that passed it
     * @param vehicle only those of a vehicle number
     * @param ride only the one with this id
     * @param most rows at most
     */
    public record Query(
            boolean open,
            boolean attention,
            Optional<String> district,
            Optional<String> vehicle,
            Optional<Id8> ride,
            int most) {
        List<RideRow> rows(Database database) throws IOException {
            StringBuilder sql = new StringBuilder(SELECT).append(" WHERE 1");
            List<@Nullable Object> values = new ArrayList<>();
            if (open) {
                sql.append(" AND r.alighted_ms IS NULL");
            }
            if (attention) {
                sql.append(" AND r.attention <> ''");
            }
            district.ifPresent(code -> {
                sql.append(" AND (d.owner = ? OR ' ' || d.districts || ' ' LIKE ?)");
                values.add(code);
                values.add("% " + code + " %");
            });
            vehicle.ifPresent(number -> {
                sql.append(" AND r.vehicle = ?");
                values.add(number);
            });
            ride.ifPresent(id -> {
                sql.append(" AND r.ride = ?");
                values.add(id.bytes());
            });
            sql.append(" ORDER BY r.log_index DESC LIMIT ?");
            values.add(most);
            return database.list(RideRow::of, sql.toString(), values.toArray());
        }
    }

    /** As it is by now, its way and what was said of it aside. */
    RideRow with(Picture.Ride newest, long heardMs) {
        return new RideRow(newest, boardedQuality, alightedQuality, destination, heardMs, course);
    }

    static RideRow of(ResultSet row) throws SQLException {
        Driven driven = ViewReader.driven(row);
        return new RideRow(
                ViewReader.ride(row, driven),
                text(row, OWN),
                text(row, OWN + 1),
                row.getString(OWN + 2),
                driven.seenMs(),
                driven.course());
    }

    private static String text(ResultSet row, int column) throws SQLException {
        String text = row.getString(column);
        return text == null ? "" : text;
    }

    /** When nothing tells where it went, until it ended or something last came of it. */
    public List<Course.Gap> gaps() {
        long until = ride.alightedMs().orElse(course.endMs().orElse(0L));
        OptionalLong boarded = ride.boardedMs();
        long from = boarded.isPresent() ? boarded.getAsLong() : course.startMs().orElse(until);
        return course.gaps(from, until);
    }

    public Id16 unit() {
        return ride.unit();
    }
}
