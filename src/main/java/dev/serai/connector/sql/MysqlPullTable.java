package dev.serai.connector.sql;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.serai.connector.sql.SqlColumns.SqlColumn;
import dev.serai.connector.sql.value.MysqlType;
import dev.serai.connector.sql.value.MysqlValue;
import dev.serai.text.ExactJson;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * A table of MySQL or MariaDB. Times are read as text in a session in UTC, so that neither the driver nor the session's time
 * zone changes them; those of the type DATETIME, which has no zone, are read as UTC.
 */
final class MysqlPullTable extends SqlTable {
    private static final JsonNodeFactory JSON = JsonNodeFactory.withExactBigDecimals(true);

    private final MysqlWriters writers;

    MysqlPullTable(JdbcTemplate db, SqlColumns columns, String cursorColumn, List<String> idColumns) {
        super(db, columns, cursorColumn, idColumns);
        this.writers = new MysqlWriters(db, transaction);
    }

    private boolean isTime() {
        return MysqlType.isDateTime(cursorColumn.type()) || cursorColumn.type().equals("date");
    }

    private boolean isNumber() {
        return MysqlType.isNumber(cursorColumn.type());
    }

    @Override
    boolean hasWriters() {
        return writers.areVisible();
    }

    @Override
    @Nullable Set<String> writers() {
        return writers.areVisible() ? writers.running() : Set.of();
    }

    @Override
    @Nullable String limitation() {
        return writers.limitation();
    }

    /** A time without a zone may be in any, and none is further ahead than 14 hours. */
    @Override
    @Nullable String latest(Instant now) {
        boolean hasZone = cursorColumn.type().equals("timestamp");
        Instant latest = now.plus(hasZone ? Duration.ofMinutes(5) : Duration.ofHours(14));
        return isTime() ? MysqlValue.dateTime(latest) : null;
    }

    @Override
    void checkOverlap(String overlap) {
        SqlOverlap.check(overlap, cursorColumn.type(), isTime(), isNumber());
    }

    @Override
    <T> T session(Supplier<T> read) {
        return MysqlSession.inUtc(db, read);
    }

    /** An enum and a set sort by their numbers, but compare with text as text. */
    @Override
    String ref(SqlColumn column) {
        boolean isListed = column.type().equals("enum") || column.type().equals("set");
        return isListed ? "CAST(" + super.ref(column) + " AS CHAR)" : super.ref(column);
    }

    @Override
    String select() {
        return columns.byName().values().stream()
                .map(column -> value(column) + " AS " + columns.quoted(column))
                .collect(Collectors.joining(", "));
    }

    private String value(SqlColumn column) {
        String type = column.type();
        if (MysqlType.isDateTime(type) || Set.of("date", "time", "year").contains(type)) {
            return "CAST(" + super.ref(column) + " AS CHAR)";
        } else if (type.startsWith("float")) {
            return super.ref(column) + " + 0E0"; // as it is, the database would show six digits
        }
        return type.equals("boolean") || type.equals("bit") ? super.ref(column) + " + 0" : super.ref(column);
    }

    @Override
    SqlPullRow row(Map<String, Object> values) {
        ObjectNode body = JSON.objectNode();
        for (SqlColumn column : columns.byName().values()) {
            body.set(column.name(), json(column, values.get(column.name())));
        }
        SqlMark mark = new SqlMark(plain(values.get(cursorColumn.name())), idsOf(id -> plain(values.get(id.name()))));
        JsonNode at = body.path(cursorColumn.name());
        return new SqlPullRow(body, mark, at.isNull() ? null : at.asText());
    }

    private static JsonNode json(SqlColumn column, @Nullable Object value) {
        String type = column.type();
        if (value == null) {
            return JSON.nullNode();
        } else if (type.equals("boolean")) {
            String text = value.toString();
            return text.equals("0") || text.equals("1")
                    ? JSON.booleanNode(text.equals("1"))
                    : JSON.numberNode(new BigDecimal(text));
        } else if (type.startsWith("float") && value instanceof Number number) {
            return JSON.numberNode(new BigDecimal(Float.toString(number.floatValue())));
        } else if (type.equals("year")) {
            return JSON.numberNode(Integer.parseInt(value.toString()));
        } else if (value instanceof String text) {
            return text(type, text);
        } else if (value instanceof BigInteger
                || value instanceof Long
                || value instanceof Integer
                || value instanceof Short) {
            return JSON.numberNode(new BigInteger(value.toString()));
        } else if (value instanceof Number number) {
            return JSON.numberNode(new BigDecimal(number.toString()));
        } else if (value instanceof byte[] bytes) {
            return JSON.binaryNode(bytes);
        }
        return JSON.textNode(value.toString());
    }

    private static JsonNode text(String type, String text) {
        try {
            if (type.equals("json")) {
                return ExactJson.ONE_VALUE.readTree(text);
            } else if (MysqlType.isDateTime(type)) {
                return JSON.textNode(time(text).toInstant(ZoneOffset.UTC).toString());
            }
        } catch (JsonProcessingException | DateTimeException e) {
            return JSON.textNode(text); // 0000-00-00, for example
        }
        return JSON.textNode(text);
    }

    private static LocalDateTime time(String text) {
        return LocalDateTime.parse((text.length() == 10 ? text + "T00:00:00" : text).replace(' ', 'T'));
    }

    /** The value as text, from which {@link MysqlValue} makes a parameter. */
    private static JsonNode plain(@Nullable Object value) {
        return TextNode.valueOf(
                value instanceof byte[] bytes ? Base64.getEncoder().encodeToString(bytes) : String.valueOf(value));
    }

    @Override
    String mark(SqlColumn column) {
        return "?";
    }

    @Override
    Object bound(SqlColumn column, JsonNode value) {
        return Objects.requireNonNull(MysqlValue.of(value, column.type()));
    }

    /** Written out, since MySQL uses no index for comparisons of rows. */
    @Override
    void compare(SqlWhere where, String operator, List<SqlColumn> sorted, List<Object> values) {
        where.and(ref(sorted.get(0)) + (operator.contains(">") ? " >= ?" : " <= ?"), values.get(0));
        int last = sorted.size() - 1;
        String condition = ref(sorted.get(last)) + operator + "?";
        List<Object> all = new ArrayList<>(List.of(values.get(last)));
        for (int i = last - 1; i >= 0; i--) {
            String column = ref(sorted.get(i));
            String strict = operator.contains(">") ? " > ?" : " < ?";
            condition = "(" + column + strict + " OR (" + column + " = ? AND " + condition + "))";
            all.add(0, values.get(i));
            all.add(0, values.get(i));
        }
        where.and(condition, all.toArray());
    }

    @Override
    void older(SqlWhere where, JsonNode at, String overlap) {
        String value = at.asText();
        Object from = bound(cursorColumn, at);
        if (isTime()) {
            from = older(value, from, SqlOverlap.duration(overlap, value));
        } else if (isNumber()) {
            BigDecimal earlier = SqlOverlap.earlier(new BigDecimal(value).toPlainString(), overlap);
            boolean isInteger = MysqlType.isInteger(cursorColumn.type());
            from = isInteger ? earlier.setScale(0, RoundingMode.FLOOR) : earlier;
        }
        where.and(cursor + " >= ?", from);
    }

    private static Object older(String value, Object otherwise, Duration overlap) {
        try {
            return MysqlValue.dateTime(time(value).minus(overlap).toInstant(ZoneOffset.UTC));
        } catch (DateTimeException e) {
            return otherwise;
        }
    }
}
