package dev.serai.reconcile.state;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * JSON in the one form that <a href="https://www.rfc-editor.org/rfc/rfc8785">RFC 8785</a> gives to equal values: sorted names, no
 * white space, numbers as ECMAScript writes them. So {@code 1}, {@code 1.0} and {@code 1e0} are the same.
 *
 * <p>One thing is stricter: an integer that a double cannot hold, such as a long identifier, keeps its digits, so that two of
 * them do not become equal.
 */
final class CanonicalJson {
    /** So many digits a double always holds. */
    private static final int SURE_DIGITS = 15;

    /** Integers below it are written with all their digits. */
    private static final long SHORT_INTEGER_END = 1_000_000_000_000_000L;

    private static final int DIGITS_MAX = 17;
    private static final String HEX = "0123456789abcdef";

    private final StringBuilder text = new StringBuilder(128);

    private CanonicalJson() {}

    static String of(JsonNode value) {
        CanonicalJson json = new CanonicalJson();
        json.write(value);
        return json.text.toString();
    }

    static byte[] bytes(JsonNode value) {
        return of(value).getBytes(StandardCharsets.UTF_8);
    }

    private void write(JsonNode value) {
        if (value.isObject()) {
            object(value);
        } else if (value.isArray()) {
            array(value);
        } else if (value.isTextual()) {
            string(value.textValue());
        } else if (isShortInteger(value)) {
            text.append(value.longValue());
        } else if (value.isNumber() && Double.isFinite(value.doubleValue())) {
            text.append(number(value.decimalValue()));
        } else if (value.isNumber()) { // an exponent beyond a double's, or NaN, which is not JSON
            string(value.asText());
        } else if (value.isBoolean()) {
            text.append(value.booleanValue());
        } else {
            text.append("null");
        }
    }

    private static boolean isShortInteger(JsonNode value) {
        return value.isIntegralNumber()
                && value.canConvertToLong()
                && value.longValue() < SHORT_INTEGER_END
                && value.longValue() > -SHORT_INTEGER_END;
    }

    private void object(JsonNode object) {
        text.append('{');
        // By UTF-16 code units, as the RFC wants it.
        List<Map.Entry<String, JsonNode>> sorted = new ArrayList<>(object.properties());
        sorted.sort(Map.Entry.comparingByKey());
        String separator = "";
        for (Map.Entry<String, JsonNode> field : sorted) {
            text.append(separator);
            string(field.getKey());
            text.append(':');
            write(field.getValue());
            separator = ",";
        }
        text.append('}');
    }

    private void array(JsonNode array) {
        text.append('[');
        Iterator<JsonNode> elements = array.elements();
        while (elements.hasNext()) {
            write(elements.next());
            if (elements.hasNext()) {
                text.append(',');
            }
        }
        text.append(']');
    }

    private void string(String value) {
        text.append('"');
        int written = 0;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c < ' ' || c == '"' || c == '\\') {
                text.append(value, written, i);
                escaped(c);
                written = i + 1;
            }
        }
        text.append(value, written, value.length()).append('"');
    }

    private void escaped(char c) {
        switch (c) {
            case '"' -> text.append("\\\"");
            case '\\' -> text.append("\\\\");
            case '\b' -> text.append("\\b");
            case '\t' -> text.append("\\t");
            case '\n' -> text.append("\\n");
            case '\f' -> text.append("\\f");
            case '\r' -> text.append("\\r");
            default -> text.append("\\u00").append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 15));
        }
    }

    /** As ECMAScript's Number::toString writes it. */
    static String number(BigDecimal exact) {
        if (exact.signum() == 0) {
            return "0";
        }
        BigDecimal plain = exact.stripTrailingZeros();
        if (plain.precision() <= SURE_DIGITS) {
            return written(plain);
        }
        BigDecimal rounded = shortest(exact.doubleValue());
        boolean isLongInteger = plain.scale() <= 0 && rounded.compareTo(plain) != 0;
        return isLongInteger ? plain.toPlainString() : written(rounded);
    }

    /** The fewest digits that are read as this double again. */
    private static BigDecimal shortest(double value) {
        BigDecimal exact = new BigDecimal(value);
        for (int digits = SURE_DIGITS; digits < DIGITS_MAX; digits++) {
            BigDecimal rounded = exact.round(new MathContext(digits, RoundingMode.HALF_EVEN));
            if (rounded.doubleValue() == value) {
                return rounded.stripTrailingZeros();
            }
        }
        return exact.round(new MathContext(DIGITS_MAX, RoundingMode.HALF_EVEN)).stripTrailingZeros();
    }

    private static String written(BigDecimal value) {
        String sign = value.signum() < 0 ? "-" : "";
        String digits = value.unscaledValue().abs().toString();
        int k = digits.length();
        int n = k - value.scale(); // the value is 0.DIGITS times ten to the n
        if (k <= n && n <= 21) {
            return sign + digits + "0".repeat(n - k);
        } else if (0 < n && n <= 21) {
            return sign + digits.substring(0, n) + "." + digits.substring(n);
        } else if (-6 < n && n <= 0) {
            return sign + "0." + "0".repeat(-n) + digits;
        }
        String exponent = (n > 0 ? "+" : "-") + Math.abs(n - 1);
        String fraction = k == 1 ? "" : "." + digits.substring(1);
        return sign + digits.charAt(0) + fraction + "e" + exponent;
    }
}
