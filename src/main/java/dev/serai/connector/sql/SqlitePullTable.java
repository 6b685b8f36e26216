package dev.serai.connector.sql;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.util.TimeUtils;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * An SQLite table, in which each value has its own type. Times are text; a time in SQLite's own form ({@code 2026-01-01
 * 10:00:00}, in UTC) in a column of a date type becomes RFC 3339.
 */
final class SqlitePullTable extends SqlTable {
    private static final Pattern TIME =
            Pattern.compile("(\\d{4}-\\d{2}-\\d{2})([ T])(\\d{2}:\\d{2}:\\d{2})(\\.\\d+)?(.*)");
    private static final Pattern NAME = Pattern.compile("\"([^\"]*)\"");

    private final String cursorColumn;
    private final String idColumn;

    private SqlitePullTable(
            JdbcTemplate db, String table, String cursorColumn, String idColumn, Map<String, String> types) {
        super(db, table, cursorColumn, idColumn, types);
        this.cursorColumn = cursorColumn;
        this.idColumn = idColumn;
    }

    static SqlitePullTable find(JdbcTemplate db, String table, String cursorColumn, String idColumn) {
        List<String> names =
                NAME.matcher(table).results().map(found -> found.group(1)).toList();
        String name = names.get(names.size() - 1);
        List<Map<String, Object>> columns = names.size() == 1
                ? db.queryForList("SELECT name, type FROM pragma_table_xinfo(?) WHERE hidden <> 1", name)
                : db.queryForList(
                        "SELECT name, type FROM pragma_table_xinfo(?, ?) WHERE hidden <> 1", name, names.get(0));
        Map<String, String> types = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        columns.forEach(column -> types.put(
                String.valueOf(column.get("name")),
                String.valueOf(column.get("type")).toUpperCase(Locale.ROOT)));
        check(table, types, cursorColumn, idColumn);
        return new SqlitePullTable(db, table, cursorColumn, idColumn, types);
    }

    @Override
    void checkOverlap(String overlap) {
        if (!overlap.isEmpty() && !isNumber(overlap)) {
            TimeUtils.toMilliSeconds(overlap);
        }
    }

    private static boolean isNumber(String text) {
        return text.matches("\\d+(\\.\\d+)?");
    }

    @Override
    String select() {
        return "*";
    }

    @Override
    SqlPullRow row(Map<String, Object> columns) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        columns.forEach((name, value) -> body.set(name, json(name, value)));
        return new SqlPullRow(
                body,
                new Mark(
                        plain(Objects.requireNonNull(columns.get(cursorColumn))),
                        plain(Objects.requireNonNull(columns.get(idColumn)))),
                json(cursorColumn, columns.get(cursorColumn)).asText()); // the body's name may differ in case
    }

    private JsonNode json(String column, @Nullable Object value) {
        if (value == null) {
            return JsonNodeFactory.instance.nullNode();
        }
        String type = types.getOrDefault(column, "");
        if (value instanceof String text && (type.contains("TIMESTAMP") || type.contains("DATETIME"))) {
            Matcher time = TIME.matcher(text);
            if (time.matches() && time.group(5).isEmpty()) {
                String fraction = time.group(4) == null ? "" : time.group(4);
                return JsonNodeFactory.instance.textNode(time.group(1) + "T" + time.group(3) + fraction + "Z");
            }
        }
        return plain(value);
    }

    private static JsonNode plain(Object value) {
        JsonNodeFactory json = JsonNodeFactory.instance;
        if (value instanceof Integer number) {
            return json.numberNode(number.longValue());
        } else if (value instanceof Long number) {
            return json.numberNode(number.longValue());
        } else if (value instanceof Number number) {
            return json.numberNode(number.doubleValue());
        } else if (value instanceof byte[] bytes) {
            return json.binaryNode(bytes);
        }
        return json.textNode(value.toString());
    }

    @Override
    String mark(String column) {
        return "?";
    }

    @Override
    Object bound(JsonNode value) {
        if (value.isIntegralNumber()) {
            return value.longValue();
        }
        return value.isNumber() ? (Object) value.doubleValue() : value.asText();
    }

    @Override
    String older(JsonNode at, String overlap, List<Object> values) {
        boolean unset = overlap.isEmpty();
        if (at.isTextual() && (unset || !isNumber(overlap))) {
            long millis = TimeUtils.toMilliSeconds(unset ? TIME_OVERLAP : overlap);
            values.add(older(at.textValue(), Duration.ofMillis(millis)));
        } else if (unset) {
            values.add(bound(at));
        } else if (at.isIntegralNumber() && isNumber(overlap)) {
            values.add(at.longValue() - new BigDecimal(overlap).longValue());
        } else if (at.isNumber() && isNumber(overlap)) {
            values.add(at.doubleValue() - Double.parseDouble(overlap));
        } else {
            values.add(bound(at));
        }
        return "?";
    }

    /** Subtracts the overlap from a time and truncates it to seconds, so that it sorts before all later times. */
    private static String older(String at, Duration overlap) {
        Matcher time = TIME.matcher(at);
        if (!time.matches()) {
            return at;
        }
        try {
            LocalDateTime local = LocalDateTime.parse(time.group(1) + "T" + time.group(3));
            String pattern = "uuuu-MM-dd'" + time.group(2) + "'HH:mm:ss";
            return local.minus(overlap).format(DateTimeFormatter.ofPattern(pattern, Locale.ROOT));
        } catch (DateTimeException e) {
            return at;
        }
    }
}
