package dev.serai.connector.sql.value;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.Base64;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What SQLite stores for a JSON value: SQLite converts it by the column's declared type. */
public final class SqliteValue {
    private static final Pattern TEXT = Pattern.compile("CHAR|CLOB|TEXT");
    private static final Pattern APPROXIMATE = Pattern.compile("REAL|FLOA|DOUB");
    private static final BigDecimal LONG_MIN = BigDecimal.valueOf(Long.MIN_VALUE);
    private static final BigDecimal LONG_MAX = BigDecimal.valueOf(Long.MAX_VALUE);

    private SqliteValue() {}

    /** Throws {@link IllegalArgumentException} for a number that such a column would round. */
    public static @Nullable Object of(JsonNode json, String type) {
        if (json.isNull() || json.isMissingNode()) {
            return null;
        } else if (json.isNumber()) {
            return number(json.decimalValue(), json.isIntegralNumber(), type);
        } else if (json.isBoolean()) {
            return json.booleanValue();
        } else if (json.isTextual()) {
            return type.contains("BLOB") ? bytes(json.textValue()) : json.textValue();
        }
        return json.toString();
    }

    /** Text that is no Base64 stays text. */
    private static Object bytes(String text) {
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }

    /** SQLite would turn a double into text with 15 digits, and text in a numeric column into a double. */
    private static Object number(BigDecimal number, boolean isIntegral, String type) {
        boolean isText = !type.contains("INT") && TEXT.matcher(type).find();
        if (isText) {
            return plain(number);
        }
        if (isIntegral && number.compareTo(LONG_MIN) >= 0 && number.compareTo(LONG_MAX) <= 0) {
            return number.longValue();
        }
        double nearest = number.doubleValue();
        boolean isSame = Double.isFinite(nearest) && new BigDecimal(Double.toString(nearest)).compareTo(number) == 0;
        boolean isApproximate =
                !type.contains("INT") && APPROXIMATE.matcher(type).find();
        if (isSame || isApproximate) {
            return nearest;
        }
        if (type.isEmpty() || type.contains("BLOB")) {
            return plain(number);
        }
        throw new IllegalArgumentException("SQLite would round " + number + "; a column of type TEXT keeps all digits");
    }

    /** All digits, unless they are mostly zeros. */
    public static String plain(BigDecimal number) {
        return Math.abs((long) number.scale()) > 1_000 ? number.toString() : number.toPlainString();
    }
}
