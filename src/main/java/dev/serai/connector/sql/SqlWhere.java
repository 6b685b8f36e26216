package dev.serai.connector.sql;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The conditions of a statement with their parameters, in order. */
final class SqlWhere {
    private final List<String> conditions = new ArrayList<>();
    private final List<Object> values = new ArrayList<>();

    SqlWhere and(String condition, Object... parameters) {
        conditions.add(condition);
        Collections.addAll(values, parameters);
        return this;
    }

    Object[] values() {
        return values.toArray();
    }

    @Override
    public String toString() {
        return String.join(" AND ", conditions);
    }
}
