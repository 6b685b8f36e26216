package dev.serai.camel;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.ValidationException;
import org.apache.camel.component.sql.SqlConstants;
import org.jspecify.annotations.Nullable;

/**
 * Makes of a delivery the statement that brings its row to a table of SQLite or PostgreSQL: an upsert, or for
 * {@code operation=delete} a delete, that never replaces a newer version. What the change does not name stays as it is.
 *
 * <p>A JSON object's fields are the columns: numbers and booleans as they are, nested JSON as text. Names are quoted, so they
 * are case-sensitive; values are bound.
 *
 * <p>Threads: safe.
 */
public final class SqlUpsert implements Processor {
    private static final Pattern NAME = Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_ $-]{0,62}");
    private static final BigInteger LONG_MIN = BigInteger.valueOf(Long.MIN_VALUE);
    private static final BigInteger LONG_MAX = BigInteger.valueOf(Long.MAX_VALUE);
    private static final ObjectReader JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build()
            .readerFor(JsonNode.class);

    private final String table;
    private final String keyColumn;
    private final @Nullable String versionColumn;

    /**
     * The table's names, as they are in the database.
     *
     * @param table may begin with a schema and a dot
     * @param keyColumn the primary key, or another column with a unique constraint
     * @param versionColumn orders the states of a row as its type compares; null or blank for none
     */
    public SqlUpsert(String table, String keyColumn, @Nullable String versionColumn) {
        this.table = table(table);
        option("keyColumn", keyColumn);
        this.keyColumn = keyColumn;
        this.versionColumn = versionColumn == null || versionColumn.isBlank() ? null : versionColumn;
        if (this.versionColumn != null) {
            option("versionColumn", this.versionColumn);
        }
    }

    /** A table's name, quoted part by part; it may begin with a schema and a dot. */
    static String table(String table) {
        return Arrays.stream(table.split("\\.", -1))
                .map(name -> option("table", name))
                .collect(Collectors.joining("."));
    }

    /** A name, quoted; {@code option} is where it was set. */
    static String option(String option, String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(option + " is no name of a table or column: " + LogText.of(name));
        }
        return quoted(name);
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        Message message = exchange.getMessage();
        boolean delete = "delete".equals(message.getHeader(LedgerConstants.OPERATION));
        Map<String, Object> row = delete ? new LinkedHashMap<>() : row(exchange);
        fill(exchange, row, keyColumn, LedgerConstants.KEY);
        if (versionColumn != null) {
            fill(exchange, row, versionColumn, LedgerConstants.VERSION);
        }
        List<Object> parameters = new ArrayList<>();
        String sql = delete ? delete(row, parameters) : upsert(row, parameters);
        message.removeHeaders("CamelSql*");
        message.setHeader(SqlConstants.SQL_PARAMETERS, parameters);
        message.setBody(sql);
    }

    private static Map<String, Object> row(Exchange exchange) throws Exception {
        JsonNode json = JSON.readTree(exchange.getMessage().getMandatoryBody(byte[].class));
        if (!json.isObject()) {
            throw new ValidationException(exchange, "the body is no JSON object, so it has no columns");
        }
        Map<String, Object> row = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> field : json.properties()) {
            if (!NAME.matcher(field.getKey()).matches()) {
                throw new ValidationException(
                        exchange, "the field \"" + LogText.of(field.getKey()) + "\" cannot name a column");
            }
            row.put(field.getKey(), value(field.getValue()));
        }
        return row;
    }

    /** What the body does not say, the change does. */
    private static void fill(Exchange exchange, Map<String, Object> row, String column, String header)
            throws ValidationException {
        if (row.get(column) == null) {
            Object value = exchange.getMessage().getHeader(header);
            if (value == null) {
                throw new ValidationException(
                        exchange,
                        "neither the body has a value for the column " + column + " nor the change a "
                                + (header.equals(LedgerConstants.KEY) ? "key" : "version"));
            }
            row.put(column, value);
        }
    }

    private String upsert(Map<String, Object> row, List<Object> parameters) {
        parameters.addAll(row.values());
        String columns = row.keySet().stream().map(SqlUpsert::quoted).collect(Collectors.joining(", "));
        String marks = Stream.generate(() -> "?").limit(row.size()).collect(Collectors.joining(", "));
        String changes = row.keySet().stream()
                .map(SqlUpsert::quoted)
                .map(column -> column + " = excluded." + column)
                .collect(Collectors.joining(", "));
        String sql = "INSERT INTO " + table + " AS was (" + columns + ") VALUES (" + marks + ") ON CONFLICT ("
                + quoted(keyColumn) + ") DO UPDATE SET " + changes;
        if (versionColumn == null) {
            return sql;
        }
        String version = quoted(versionColumn);
        return sql + " WHERE was." + version + " IS NULL OR was." + version + " <= excluded." + version;
    }

    private String delete(Map<String, Object> row, List<Object> parameters) {
        parameters.add(row.get(keyColumn));
        String sql = "DELETE FROM " + table + " WHERE " + quoted(keyColumn) + " = ?";
        if (versionColumn == null) {
            return sql;
        }
        parameters.add(row.get(versionColumn));
        String version = quoted(versionColumn);
        return sql + " AND (" + version + " IS NULL OR " + version + " <= ?)";
    }

    private static @Nullable Object value(JsonNode json) {
        if (json.isNull()) {
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

    /** As a double if that loses nothing, since SQLite keeps other decimals as text. */
    private static Object number(BigDecimal decimal) {
        double nearest = decimal.doubleValue();
        boolean same = Double.isFinite(nearest) && new BigDecimal(Double.toString(nearest)).compareTo(decimal) == 0;
        return same ? (Object) nearest : decimal;
    }

    private static String quoted(String name) {
        return '"' + name + '"';
    }
}
