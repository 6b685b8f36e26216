package dev.serai.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;

/** The text of a JSON value that is a key, a version or another name: a text is that text, a number is written without an exponent. */
public final class JsonValueText {
    /** More digits than any number that identifies something; {@code 1e999999999} written out would fill the memory. */
    private static final int DIGITS_MAX = 1_000;

    private JsonValueText() {}

    public static String of(JsonNode value) {
        if (value.isBigDecimal()) {
            BigDecimal number = value.decimalValue();
            boolean isShort = Math.abs((long) number.scale()) <= DIGITS_MAX;
            return isShort ? number.toPlainString() : number.toString();
        }
        return value.isValueNode() ? value.asText() : value.toString();
    }
}
