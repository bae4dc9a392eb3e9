package ansim.hub.view;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.StringJoiner;

/** What all rows of a query must be, with the values in the order of their places. One thread. */
final class Conditions {
    private final StringJoiner sql = new StringJoiner(" AND ");
    final List<Object> values = new ArrayList<>();

    void add(String condition, Object... its) {
        add(condition, Arrays.asList(its));
    }

    void add(String condition, List<Object> its) {
        sql.add("(" + condition + ")");
        values.addAll(its);
    }

    /** All of another's. */
    void add(Conditions others) {
        if (others.sql.length() > 0) {
            sql.add(others.sql.toString());
            values.addAll(others.values);
        }
    }

    /** With a blank before it; empty when nothing was added. */
    String sql() {
        return sql.length() == 0 ? "" : " WHERE " + sql;
    }

    /** A pattern for LIKE of what is somewhere in a text without blanks. */
    static String within(String part) {
        return "%" + part.replaceAll("[%_\\\\\\s]", "") + "%";
    }
}
