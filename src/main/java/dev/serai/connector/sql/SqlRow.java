package dev.serai.connector.sql;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.serai.camel.ledger.LedgerConstants;
import dev.serai.connector.sql.SqlColumns.SqlColumn;
import dev.serai.text.ExactJson;
import dev.serai.text.LogText;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.ValidationException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the columns of a row from a change, converted to the types of the columns.
 *
 * <p>Throws {@link ValidationException} and {@link JsonProcessingException} for a change that can never become a row.
 */
final class SqlRow {
    private SqlRow() {}

    /** The fields of the body. */
    static Map<String, JsonNode> fields(Exchange change) throws Exception {
        JsonNode json = ExactJson.ONE_VALUE.readTree(change.getMessage().getMandatoryBody(byte[].class));
        if (!json.isObject()) {
            throw new ValidationException(change, "the body is not a JSON object, so it has no columns");
        }
        Map<String, JsonNode> fields = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> field : json.properties()) {
            fields.put(field.getKey(), field.getValue());
        }
        return fields;
    }

    /** All columns in the body, and the change's key and version if the body lacks them. */
    static Map<String, @Nullable Object> ofUpsert(
            Exchange change, Map<String, JsonNode> fields, SqlSinkTable table, boolean ignoresUnknown)
            throws ValidationException {
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> field : fields.entrySet()) {
            SqlColumn column = table.column(field.getKey());
            if (column == null && ignoresUnknown) {
                continue;
            }
            if (column == null && !SqlName.isName(field.getKey())) {
                throw new ValidationException(
                        change, "the field \"" + LogText.of(field.getKey()) + "\" cannot name a column");
            }
            String name = column == null ? field.getKey() : column.name();
            if (row.containsKey(name)) {
                throw new ValidationException(change, "two fields name the column " + name);
            }
            row.put(name, value(change, field.getValue(), table, name));
        }
        boolean isWithoutVersion = table.version() != null && row.containsKey(table.version());
        complete(change, table, row, !isWithoutVersion);
        return row;
    }

    /** Key and version only, from the body if it is a JSON object that has them: most deletes have an empty body. */
    static Map<String, @Nullable Object> ofDelete(Exchange change, SqlSinkTable table) throws Exception {
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        JsonNode json = objectOrNull(change.getMessage());
        if (json != null) {
            row.put(table.key(), value(change, field(json, table.key()), table, table.key()));
            if (table.version() != null) {
                row.put(table.version(), value(change, field(json, table.version()), table, table.version()));
            }
        }
        complete(change, table, row, true);
        return row;
    }

    private static JsonNode field(JsonNode json, String column) {
        return json.properties().stream()
                .filter(field -> field.getKey().equalsIgnoreCase(column))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElseGet(() -> json.path(column));
    }

    private static @Nullable JsonNode objectOrNull(Message message) throws IOException {
        byte[] body = message.getBody(byte[].class);
        try {
            JsonNode json = body == null || body.length == 0 ? null : ExactJson.ONE_VALUE.readTree(body);
            return json != null && json.isObject() ? json : null;
        } catch (JsonProcessingException e) {
            return null;
        }
    }

    /**
     * Adds the change's key and version if the body lacks them.
     *
     * @param needsVersion false if the body says that it has none: such a state replaces only states without a version
     */
    private static void complete(
            Exchange change, SqlSinkTable table, Map<String, @Nullable Object> row, boolean needsVersion)
            throws ValidationException {
        fill(change, row, table, table.key(), LedgerConstants.KEY, "key");
        String version = table.version();
        if (version != null && (needsVersion || change.getMessage().getHeader(LedgerConstants.VERSION) != null)) {
            fill(change, row, table, version, LedgerConstants.VERSION, "version");
        }
    }

    private static void fill(
            Exchange change,
            Map<String, @Nullable Object> row,
            SqlSinkTable table,
            String column,
            String header,
            String what)
            throws ValidationException {
        if (row.get(column) == null) {
            String value = change.getMessage().getHeader(header, String.class);
            if (value == null) {
                throw new ValidationException(
                        change, "the body has no value for the column " + column + ", and the change has no " + what);
            }
            row.put(column, value(change, TextNode.valueOf(value), table, column));
        }
    }

    private static @Nullable Object value(Exchange change, JsonNode json, SqlSinkTable table, String name)
            throws ValidationException {
        SqlColumn column = table.column(name);
        String type = column == null ? "" : column.type();
        try {
            return table.value(json, type);
        } catch (IllegalArgumentException e) {
            throw new ValidationException(
                    change, "the value does not fit the column " + name + " of type " + type + ": " + e.getMessage());
        }
    }
}
