package dev.serai.connector.sql;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.camel.ledger.LedgerConstants;
import dev.serai.text.ExactJson;
import dev.serai.text.LogText;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.ValidationException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the columns of a row from a change. Numbers and booleans keep their type, nested JSON becomes text.
 *
 * <p>Throws {@link ValidationException} and {@link JsonProcessingException} for a change that can never become a row.
 */
final class SqlRow {
    private static final BigInteger LONG_MIN = BigInteger.valueOf(Long.MIN_VALUE);
    private static final BigInteger LONG_MAX = BigInteger.valueOf(Long.MAX_VALUE);

    private SqlRow() {}

    /** All columns in the body, and the change's key and version if the body lacks them. */
    static Map<String, @Nullable Object> ofUpsert(Exchange change, SqlSinkTable table) throws Exception {
        JsonNode json = ExactJson.ONE_VALUE.readTree(change.getMessage().getMandatoryBody(byte[].class));
        if (!json.isObject()) {
            throw new ValidationException(change, "the body is not a JSON object, so it has no columns");
        }
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> field : json.properties()) {
            if (!SqlSinkTable.isName(field.getKey())) {
                throw new ValidationException(
                        change, "the field \"" + LogText.of(field.getKey()) + "\" cannot name a column");
            }
            row.put(field.getKey(), value(field.getValue()));
        }
        complete(change, table, row);
        return row;
    }

    /** Key and version only, from the body if it is a JSON object that has them: most deletes have an empty body. */
    static Map<String, @Nullable Object> ofDelete(Exchange change, SqlSinkTable table) throws Exception {
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        JsonNode json = objectOrNull(change.getMessage());
        if (json != null) {
            row.put(table.key(), value(json.path(table.key())));
            if (table.version() != null) {
                row.put(table.version(), value(json.path(table.version())));
            }
        }
        complete(change, table, row);
        return row;
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

    /** Adds the change's key and version if the body lacks them. */
    private static void complete(Exchange change, SqlSinkTable table, Map<String, @Nullable Object> row)
            throws ValidationException {
        fill(change, row, table.key(), LedgerConstants.KEY, "key");
        if (table.version() != null) {
            fill(change, row, table.version(), LedgerConstants.VERSION, "version");
        }
    }

    private static void fill(
            Exchange change, Map<String, @Nullable Object> row, String column, String header, String what)
            throws ValidationException {
        if (row.get(column) == null) {
            Object value = change.getMessage().getHeader(header);
            if (value == null) {
                throw new ValidationException(
                        change, "the body has no value for the column " + column + ", and the change has no " + what);
            }
            row.put(column, value);
        }
    }

    private static @Nullable Object value(JsonNode json) {
        if (json.isNull() || json.isMissingNode()) {
            return null;
        } else if (json.isTextual()) {
            return json.textValue();
        } else if (json.isBoolean()) {
            return json.booleanValue();
        } else if (json.isIntegralNumber()) {
            BigInteger number = json.bigIntegerValue();
            boolean fits = number.compareTo(LONG_MIN) >= 0 && number.compareTo(LONG_MAX) <= 0;
            return fits ? (Object) number.longValue() : new BigDecimal(number);
        } else if (json.isNumber()) {
            return number(json.decimalValue());
        }
        return json.toString();
    }

    /** As a double if it is exact, because SQLite stores other decimals as text. */
    private static Object number(BigDecimal decimal) {
        double nearest = decimal.doubleValue();
        boolean same = Double.isFinite(nearest) && new BigDecimal(Double.toString(nearest)).compareTo(decimal) == 0;
        return same ? (Object) nearest : decimal;
    }
}
