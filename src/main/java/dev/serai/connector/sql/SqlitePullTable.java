package dev.serai.connector.sql;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.serai.connector.sql.SqlColumns.SqlColumn;
import dev.serai.text.ExactJson;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * An SQLite table, in which each value has its own type. Times are text; a time in SQLite's own form ({@code 2026-01-01
 * 10:00:00}, in UTC) in a column of a date type becomes RFC 3339.
 */
final class SqlitePullTable extends SqlTable {
    private static final Pattern TIME =
            Pattern.compile("(\\d{4}-\\d{2}-\\d{2})([ T])(\\d{2}:\\d{2}:\\d{2})(\\.\\d+)?(.*)");

    SqlitePullTable(JdbcTemplate db, SqlColumns columns, String cursorColumn, List<String> idColumns) {
        super(db, columns, cursorColumn, idColumns);
    }

    @Override
    void checkOverlap(String overlap) {
        if (!SqlOverlap.isNumber(overlap)) {
            SqlOverlap.duration(overlap);
        }
    }

    @Override
    String select() {
        return "*";
    }

    @Override
    SqlPullRow row(Map<String, Object> values) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        values.forEach((name, value) -> body.set(name, json(name, value)));
        Object at = values.get(cursorColumn.name());
        return new SqlPullRow(
                body,
                new SqlMark(plain(at), idsOf(id -> plain(values.get(id.name())))),
                at == null ? null : body.path(cursorColumn.name()).asText());
    }

    private JsonNode json(String name, @Nullable Object value) {
        SqlColumn column = columns.find(name);
        String type = column == null ? "" : column.type();
        if (value instanceof String text && (type.contains("TIMESTAMP") || type.contains("DATETIME"))) {
            Matcher time = TIME.matcher(text);
            if (time.matches() && time.group(5).isEmpty()) {
                String fraction = time.group(4) == null ? "" : time.group(4);
                return JsonNodeFactory.instance.textNode(time.group(1) + "T" + time.group(3) + fraction + "Z");
            }
        }
        if (value instanceof String text && type.equals("JSON")) {
            return nested(text);
        }
        if (value instanceof Integer flag && type.startsWith("BOOL") && (flag == 0 || flag == 1)) {
            return JsonNodeFactory.instance.booleanNode(flag == 1);
        }
        return plain(value);
    }

    private static JsonNode nested(String text) {
        try {
            return ExactJson.ONE_VALUE.readTree(text);
        } catch (JsonProcessingException e) {
            return JsonNodeFactory.instance.textNode(text);
        }
    }

    private static JsonNode plain(@Nullable Object value) {
        JsonNodeFactory json = JsonNodeFactory.instance;
        if (value == null) {
            return json.nullNode();
        } else if (value instanceof Integer number) {
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
    String mark(SqlColumn column) {
        return "?";
    }

    @Override
    Object bound(SqlColumn column, JsonNode value) {
        if (value.isIntegralNumber()) {
            return value.longValue();
        }
        return value.isNumber() ? (Object) value.doubleValue() : value.asText();
    }

    @Override
    void older(SqlWhere where, JsonNode at, String overlap) {
        where.and(cursor + " >= ?", older(at, overlap));
    }

    private Object older(JsonNode at, String overlap) {
        if (at.isTextual() && !SqlOverlap.isNumber(overlap)) {
            return older(at.textValue(), SqlOverlap.duration(overlap, at.textValue()));
        } else if (at.isIntegralNumber()) {
            BigDecimal earlier = SqlOverlap.earlier(at.asText(), overlap).setScale(0, RoundingMode.FLOOR);
            return earlier.max(BigDecimal.valueOf(Long.MIN_VALUE)).longValue();
        } else if (at.isNumber()) {
            return SqlOverlap.earlier(at.decimalValue().toPlainString(), overlap)
                    .doubleValue();
        }
        return bound(cursorColumn, at);
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
