package ansim.hub.view;

import ansim.hub.core.Order;
import ansim.wire.Bytes;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.OtherVerb;
import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What operators order units to do, on its way from their command to the hub's log. What became of it there is in {@link Views}; here
 * stand the number that it got, or why it was refused, and when it was first sent. Thread rule as {@link Registry}.
 */
public final class OrderTable {
    /** Rows kept; older ones that were decided are in the log. */
    static final int KEPT = 200_000;

    private static final String SELECT =
            "SELECT unit, request, verb, body, expires_s, ordered_by, ordered_ms, command, refused, sent_ms FROM orders ";

    private final Registry registry;
    private final Database database;

    OrderTable(Registry registry, Database database) {
        this.registry = registry;
        this.database = database;
    }

    /**
     * One order.
     *
     * @param order what was ordered, with its number once it has one
     * @param orderedMs when, ms since 1970 UTC
     * @param refused why the hub did not take it
     * @param sentMs when it was first sent
     */
    public record Row(Order order, long orderedMs, Optional<String> refused, OptionalLong sentMs) {
        /** Whether the hub has neither taken nor refused it yet. */
        public boolean isOpen() {
            return order.number() == 0 && refused.isEmpty();
        }
    }

    /** Orders something, as soon as a hub runs. */
    public void add(List<Order> orders, long nowMs) throws IOException {
        synchronized (registry) {
            database.transaction(() -> {
                for (Order order : orders) {
                    database.update(
                            "INSERT INTO orders VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, NULL)",
                            order.request().bytes(),
                            order.unit().bytes(),
                            order.verb().number(),
                            order.verb().body().toByteArray(),
                            order.expS(),
                            order.by(),
                            nowMs);
                }
                return database.update(
                        "DELETE FROM orders WHERE (command IS NOT NULL OR refused IS NOT NULL) AND row <= (SELECT max(row)"
                                + " FROM orders) - ?",
                        KEPT);
            });
        }
    }

    /** The oldest that the hub has neither taken nor refused. */
    public List<Order> open(int most) throws IOException {
        synchronized (registry) {
            return database.list(
                    row -> read(row).order(),
                    SELECT + "WHERE command IS NULL AND refused IS NULL ORDER BY row LIMIT ?",
                    most);
        }
    }

    /**
     * What the hub made of an order.
     *
     * @param number it has taken it under this number
     * @param refused why it has not
     */
    public record Decision(Id8 request, OptionalLong number, Optional<String> refused) {}

    /** The hub has taken or refused these. */
    public void decided(List<Decision> decisions) throws IOException {
        synchronized (registry) {
            database.transaction(() -> {
                for (Decision each : decisions) {
                    database.update(
                            "UPDATE orders SET command = ?, refused = ? WHERE request = ?",
                            each.number().isPresent() ? each.number().getAsLong() : null,
                            each.refused().orElse(null),
                            each.request().bytes());
                }
                return decisions.size();
            });
        }
    }

    /** These were sent at these moments; only the first time is kept. */
    public void sent(Map<Id8, Long> moments) throws IOException {
        synchronized (registry) {
            database.transaction(() -> {
                for (Map.Entry<Id8, Long> each : moments.entrySet()) {
                    database.update(
                            "UPDATE orders SET sent_ms = ? WHERE request = ? AND sent_ms IS NULL",
                            each.getValue(),
                            each.getKey().bytes());
                }
                return moments.size();
            });
        }
    }

    public Optional<Row> row(Id8 request) throws IOException {
        synchronized (registry) {
            return database.first(OrderTable::read, SELECT + "WHERE request = ?", request.bytes());
        }
    }

    /** All that are kept, oldest first. */
    public List<Row> rows() throws IOException {
        synchronized (registry) {
            return database.list(OrderTable::read, SELECT + "ORDER BY row");
        }
    }

    private static Row read(ResultSet row) throws SQLException {
        long number = row.getLong(8);
        Order order = new Order(
                Id16.of(row.getBytes(1)),
                number,
                Id8.of(row.getBytes(2)),
                new OtherVerb(row.getInt(3), Bytes.of(row.getBytes(4))),
                row.getLong(5),
                row.getString(6));
        long sentMs = row.getLong(10);
        OptionalLong sent = row.wasNull() ? OptionalLong.empty() : OptionalLong.of(sentMs);
        return new Row(order, row.getLong(7), Optional.ofNullable(row.getString(9)), sent);
    }
}
