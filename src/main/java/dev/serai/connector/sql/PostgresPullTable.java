package dev.serai.connector.sql;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.serai.connector.sql.SqlColumns.SqlColumn;
import dev.serai.text.ExactJson;
import dev.serai.text.LogText;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * A PostgreSQL table. The database creates the JSON. Cursor positions are stored as text and cast back to the column's type,
 * so that no digit is lost.
 */
final class PostgresPullTable extends SqlTable {
    private static final Set<String> NUMBERS =
            Set.of("smallint", "integer", "bigint", "numeric", "real", "double precision");
    /** Stands for infinity, years of more digits, and NaN, which PostgreSQL sorts behind all numbers. */
    private static final String LATEST = "9999-12-31";

    /**
     * A statement locks its table before it takes a number from a sequence, and keeps the lock until its transaction ends.
     * Behind a view or a query all tables of the database may be.
     */
    private static final String WRITERS = """
            WITH RECURSIVE tree AS (
                SELECT CAST(to_regclass(?) AS oid) AS oid
                UNION SELECT inhrelid FROM pg_inherits JOIN tree ON inhparent = tree.oid)
            SELECT DISTINCT l.virtualtransaction FROM pg_locks l
            JOIN pg_class c ON c.oid = l.relation AND c.oid >= 16384 AND c.relkind IN ('r', 'p')
            WHERE l.locktype = 'relation' AND l.granted AND l.pid IS DISTINCT FROM pg_backend_pid()
            AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND l.mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
            AND (l.relation IN (SELECT oid FROM tree)
                OR NOT EXISTS (SELECT 1 FROM tree JOIN pg_class USING (oid) WHERE relkind <> 'v'))""";

    PostgresPullTable(JdbcTemplate db, SqlColumns columns, String cursorColumn, List<String> idColumns) {
        super(db, columns, cursorColumn, idColumns);
    }

    private boolean isTime() {
        return cursorColumn.type().startsWith("timestamp")
                || cursorColumn.type().equals("date");
    }

    private boolean isNumber() {
        return NUMBERS.contains(cursorColumn.type());
    }

    @Override
    boolean hasWriters() {
        return true;
    }

    @Override
    Set<String> writers() {
        return new HashSet<>(db.queryForList(WRITERS, String.class, columns.isTable() ? columns.from() : null));
    }

    @Override
    @Nullable String limitation() {
        return Boolean.TRUE.equals(db.queryForObject("SELECT pg_is_in_recovery()", Boolean.class))
                ? "the database is a standby, which does not show the transactions of its primary: rows that are committed"
                        + " behind the cursor are read only within the overlap"
                : null;
    }

    /** A time without a zone may be in any, and none is further ahead than 14 hours. */
    @Override
    @Nullable String latest(Instant now) {
        boolean hasZone = cursorColumn.type().endsWith("with time zone");
        Instant latest = now.plus(hasZone ? Duration.ofMinutes(5) : Duration.ofHours(14));
        return isTime() ? latest.truncatedTo(ChronoUnit.SECONDS).toString() : null;
    }

    @Override
    void checkOverlap(String overlap) {
        SqlOverlap.check(overlap, cursorColumn.type(), isTime(), isNumber());
    }

    /** The column may have the name of the alias, so that {@code r} alone would be its value. */
    @Override
    String select() {
        StringBuilder list = new StringBuilder("CAST(row_to_json(r.*) AS text) AS serai_body");
        list.append(", CAST(").append(cursor).append(" AS text) AS serai_at");
        for (int i = 0; i < idColumns.size(); i++) {
            list.append(", CAST(")
                    .append(ref(idColumns.get(i)))
                    .append(" AS text) AS serai_id")
                    .append(i);
        }
        return list.toString();
    }

    @Override
    SqlPullRow row(Map<String, Object> values) {
        ObjectNode body = body(String.valueOf(values.get("serai_body")));
        SqlMark mark = new SqlMark(
                text(values.get("serai_at")),
                IntStream.range(0, idColumns.size())
                        .mapToObj(i -> text(values.get("serai_id" + i)))
                        .toList());
        for (SqlColumn column : columns.byName().values()) {
            JsonNode value = body.path(column.name());
            if (column.type().startsWith("timestamp") && value.isTextual()) {
                body.put(column.name(), time(value.textValue(), column.type().endsWith("with time zone")));
            } else if (column.type().equals("bytea") && value.asText().startsWith("\\x")) {
                byte[] bytes = HexFormat.of().parseHex(value.textValue().substring(2));
                body.put(column.name(), Base64.getEncoder().encodeToString(bytes));
            }
        }
        JsonNode at = body.path(cursorColumn.name());
        return new SqlPullRow(body, mark, at.isNull() ? null : at.asText());
    }

    private static JsonNode text(@Nullable Object value) {
        return TextNode.valueOf(String.valueOf(value));
    }

    private static ObjectNode body(String json) {
        try {
            return (ObjectNode) ExactJson.MAPPER.readTree(json);
        } catch (IOException e) {
            throw new IllegalStateException("PostgreSQL returned a row that is not JSON: " + LogText.of(json), e);
        }
    }

    /** RFC 3339 in UTC, independent of the connection's time zone. A time without a zone is read as UTC. */
    private static String time(String text, boolean hasZone) {
        try {
            return OffsetDateTime.parse(hasZone ? text : text + "Z").toInstant().toString();
        } catch (DateTimeException e) { // infinity, or a year that Java does not support
            return text;
        }
    }

    @Override
    String time(SqlMark mark) {
        String at = mark.at().asText();
        boolean isLate = isTime() ? at.equals("infinity") || at.matches("\\d{5,}-.*") : at.matches("NaN|Infinity");
        return isLate && (isTime() || isNumber()) ? LATEST : at;
    }

    @Override
    String mark(SqlColumn column) {
        return "CAST(? AS " + column.type() + ")";
    }

    @Override
    Object bound(SqlColumn column, JsonNode value) {
        return value.asText();
    }

    @Override
    void older(SqlWhere where, JsonNode at, String overlap) {
        String value = at.asText();
        if (isTime()) {
            String interval = SqlOverlap.duration(overlap, value).toMillis() + " milliseconds";
            where.and(cursor + " >= " + mark(cursorColumn) + " - CAST(? AS interval)", value, interval);
            return;
        }
        if (!isNumber() || !SqlOverlap.isNumber(value)) { // NaN is a number too
            where.and(cursor + " >= " + mark(cursorColumn), value);
            return;
        }
        BigDecimal earlier = SqlOverlap.earlier(value, overlap);
        String type = cursorColumn.type().startsWith("real") ? "double precision" : cursorColumn.type();
        if (type.endsWith("int") || type.equals("integer")) {
            type = "bigint";
            earlier = earlier.setScale(0, RoundingMode.FLOOR);
        }
        where.and(cursor + " >= CAST(? AS " + type + ")", earlier.toPlainString());
    }
}
