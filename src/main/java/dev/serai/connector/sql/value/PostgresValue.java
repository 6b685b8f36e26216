package dev.serai.connector.sql.value;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.text.ExactJson;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Set;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** The text from which PostgreSQL casts a JSON value to the column's type. */
public final class PostgresValue {
    private static final Set<String> INTEGERS = Set.of("smallint", "integer", "bigint");
    /** In seconds it would be the year 5138, in milliseconds 1973. */
    private static final BigDecimal MILLIS_MIN = BigDecimal.valueOf(100_000_000_000L);

    private PostgresValue() {}

    /** Throws {@link IllegalArgumentException} for a value that can never have that type. */
    public static @Nullable String of(JsonNode json, String type) {
        if (json.isNull() || json.isMissingNode()) {
            return null;
        } else if (type.equals("json") || type.equals("jsonb")) {
            return json.isTextual() && isJson(json.textValue()) ? json.textValue() : json.toString();
        } else if (type.endsWith("[]") && json.isArray()) {
            return array(json, type.substring(0, type.length() - 2));
        } else if (json.isNumber()) {
            return number(json.decimalValue(), type);
        } else if (json.isBoolean() && INTEGERS.contains(type)) {
            return json.booleanValue() ? "1" : "0";
        } else if (json.isTextual() && type.equals("bytea")) {
            return bytes(json.textValue());
        }
        return json.isValueNode() ? json.asText() : json.toString();
    }

    private static boolean isJson(String text) {
        try {
            return !ExactJson.ONE_VALUE.readTree(text).isMissingNode();
        } catch (JsonProcessingException e) {
            return false;
        }
    }

    private static String number(BigDecimal number, String type) {
        if (INTEGERS.contains(type) && number.stripTrailingZeros().scale() <= 0) {
            return SqliteValue.plain(number.stripTrailingZeros());
        }
        boolean isTime = type.startsWith("timestamp") || type.equals("date");
        return isTime ? epoch(number) : SqliteValue.plain(number);
    }

    /** The RFC 3339 time of seconds or milliseconds since 1970. */
    public static String epoch(BigDecimal number) {
        BigDecimal seconds = number.abs().compareTo(MILLIS_MIN) < 0 ? number : number.movePointLeft(3);
        try {
            long nanos = seconds.remainder(BigDecimal.ONE).movePointRight(9).longValue();
            return Instant.ofEpochSecond(seconds.toBigInteger().longValueExact(), nanos)
                    .toString();
        } catch (DateTimeException | ArithmeticException e) {
            throw new IllegalArgumentException(number + " is neither seconds nor milliseconds since 1970", e);
        }
    }

    /** The text {@code \\x} and hexadecimal digits, or Base64. */
    private static String bytes(String text) {
        if (text.startsWith("\\x")) {
            return text;
        }
        return "\\x" + HexFormat.of().formatHex(Base64.getDecoder().decode(text));
    }

    private static String array(JsonNode json, String type) {
        StringJoiner elements = new StringJoiner(",", "{", "}");
        for (JsonNode element : json) {
            boolean isArray = element.isArray() && !type.startsWith("json");
            String text = isArray ? array(element, type) : of(element, type);
            if (text == null) {
                elements.add("NULL");
            } else {
                elements.add(isArray ? text : quoted(text));
            }
        }
        return elements.toString();
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
