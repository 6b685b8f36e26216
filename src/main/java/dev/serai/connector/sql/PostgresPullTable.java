package dev.serai.connector.sql;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.serai.text.ExactJson;
import dev.serai.text.LogText;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.apache.camel.util.TimeUtils;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * A PostgreSQL table. The database creates the JSON. Cursor positions are stored as text and cast back to the column's type,
 * so that no digit is lost.
 */
final class PostgresPullTable extends SqlTable {
    private static final String COLUMNS = """
            SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
            WHERE attrelid = to_regclass(?) AND attnum > 0 AND NOT attisdropped ORDER BY attnum""";

    private final String cursorColumn;
    private final String cursorType;
    private final String idType;

    private PostgresPullTable(
            JdbcTemplate db, String table, String cursorColumn, String idColumn, Map<String, String> types) {
        super(db, table, cursorColumn, idColumn, types);
        this.cursorColumn = cursorColumn;
        this.cursorType = Objects.requireNonNull(types.get(cursorColumn));
        this.idType = Objects.requireNonNull(types.get(idColumn));
    }

    static PostgresPullTable find(JdbcTemplate db, String table, String cursorColumn, String idColumn) {
        Map<String, String> types = new LinkedHashMap<>();
        for (Map<String, Object> column : db.queryForList(COLUMNS, table)) {
            types.put(String.valueOf(column.get("name")), String.valueOf(column.get("type")));
        }
        check(table, types, cursorColumn, idColumn);
        return new PostgresPullTable(db, table, cursorColumn, idColumn, types);
    }

    private static boolean isTime(String type) {
        return type.startsWith("timestamp") || type.equals("date");
    }

    @Override
    void checkOverlap(String overlap) {
        if (overlap.isEmpty()) {
            return;
        }
        if (isTime(cursorType)) {
            TimeUtils.toMilliSeconds(overlap);
        } else if (isNumber()) {
            new BigDecimal(overlap);
        } else {
            throw new IllegalArgumentException("overlap cannot be used with a cursor column of type " + cursorType
                    + ": remove it, or use a column of a time or number type");
        }
    }

    private boolean isNumber() {
        String type = cursorType.toLowerCase(Locale.ROOT);
        return type.endsWith("int")
                || type.equals("integer")
                || type.startsWith("numeric")
                || type.startsWith("real")
                || type.startsWith("double");
    }

    @Override
    String select() {
        return "CAST(row_to_json(r) AS text) AS serai_body, CAST(" + cursor + " AS text) AS serai_at, CAST(" + id
                + " AS text) AS serai_id";
    }

    @Override
    SqlPullRow row(Map<String, Object> columns) {
        ObjectNode body = body(String.valueOf(columns.get("serai_body")));
        Mark mark = new Mark(text(columns.get("serai_at")), text(columns.get("serai_id")));
        types.forEach((name, type) -> {
            if (type.startsWith("timestamp") && body.path(name).isTextual()) {
                body.put(name, time(body.path(name).textValue(), type.endsWith("with time zone")));
            }
        });
        return new SqlPullRow(body, mark, body.path(cursorColumn).asText());
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
    String mark(String column) {
        return "CAST(? AS " + (column.equals(cursor) ? cursorType : idType) + ")";
    }

    @Override
    Object bound(JsonNode value) {
        return value.asText();
    }

    @Override
    String older(JsonNode at, String overlap, List<Object> values) {
        boolean unset = overlap.isEmpty();
        values.add(bound(at));
        if (isTime(cursorType)) {
            values.add(TimeUtils.toMilliSeconds(unset ? TIME_OVERLAP : overlap) + " milliseconds");
            return mark(cursor) + " - CAST(? AS interval)";
        }
        if (unset) {
            return mark(cursor);
        }
        values.add(overlap);
        return mark(cursor) + " - CAST(? AS numeric)";
    }
}
