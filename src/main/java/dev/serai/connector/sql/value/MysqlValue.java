package dev.serai.connector.sql.value;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.text.ExactJson;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What MySQL and MariaDB are sent for a JSON value: text for most types, since they would round or cut what does not fit, and
 * numbers as numbers, since they compare text and numbers as doubles.
 */
public final class MysqlValue {
    private static final DateTimeFormatter DATE_TIME = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd HH:mm:ss.SSSSSS", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private MysqlValue() {}

    /** Throws {@link IllegalArgumentException} for a value that can never have that type. */
    public static @Nullable Object of(JsonNode json, String type) {
        if (json.isNull() || json.isMissingNode()) {
            return null;
        } else if (type.equals("json")) {
            return json.isTextual() && isJson(json.textValue()) ? json.textValue() : json.toString();
        } else if (MysqlType.isNumber(type) || type.equals("boolean")) {
            return number(json, type);
        } else if (MysqlType.isDateTime(type) || type.equals("date")) {
            return time(json, type);
        } else if (json.isTextual() && MysqlType.isBinary(type)) {
            return Base64.getDecoder().decode(json.textValue());
        } else if (json.isNumber()) {
            return SqliteValue.plain(json.decimalValue());
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

    private static Object number(JsonNode json, String type) {
        String text = json.isBoolean()
                ? (json.booleanValue() ? "1" : "0")
                : json.asText().strip();
        if (type.equals("boolean") && (text.equals("true") || text.equals("false"))) {
            return text.equals("true") ? 1 : 0;
        }
        BigDecimal number;
        try {
            number = json.isNumber() ? json.decimalValue() : new BigDecimal(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(json + " is not a number", e);
        }
        if (MysqlType.isApproximate(type)) {
            return number.doubleValue();
        }
        if (!MysqlType.isDecimal(type) && number.stripTrailingZeros().scale() > 0) {
            throw new IllegalArgumentException(json + " is not a whole number");
        }
        if (number.precision() - number.scale() > 65 || number.scale() > 1_000) {
            throw new IllegalArgumentException(json + " has more digits than a number of MySQL");
        }
        return number;
    }

    /** Times with an offset and numbers (seconds or milliseconds since 1970) in UTC; others as they are. */
    private static String time(JsonNode json, String type) {
        Instant instant = null;
        if (json.isNumber()) {
            instant = Instant.parse(PostgresValue.epoch(json.decimalValue()));
        } else if (MysqlType.isDateTime(type)) {
            try {
                instant = OffsetDateTime.parse(json.asText().replace(' ', 'T')).toInstant();
            } catch (DateTimeException e) {
                return json.asText(); // the database knows more forms
            }
        }
        if (instant == null) {
            String text = json.asText();
            return text.length() > 10 && text.charAt(10) == 'T' ? text.substring(0, 10) : text;
        }
        String time = dateTime(instant);
        return type.equals("date") ? time.substring(0, 10) : time;
    }

    /** The time in UTC. More digits than microseconds are left out: the database would round them up. */
    public static String dateTime(Instant time) {
        return DATE_TIME.format(time.truncatedTo(ChronoUnit.MICROS));
    }
}
