package dev.serai.node.mistake;

import dev.serai.text.DurationText;
import dev.serai.text.LogText;
import dev.serai.text.NearestName;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What values of a parameter must look like. Each rule returns what is wrong and what would be right, or null. */
final class ValueRule {
    private static final int SHOWN_MAX = 100;
    private static final Pattern WORDS = Pattern.compile("(\\d+)\\s*([A-Za-z]+)");
    private static final Pattern ADDRESS = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*)://.*", Pattern.DOTALL);
    private static final Pattern HOST = Pattern.compile("[\\w.-]+(:\\d+)?(?=[/?#]|$)");

    private ValueRule() {}

    static @Nullable String fault(KameletDefinition.Parameter parameter, String value) {
        String text = value.strip();
        if (text.isEmpty()) {
            return null;
        }
        String fault = !parameter.allowed().isEmpty() ? oneOf(parameter.allowed(), text) : typed(parameter, text);
        return fault == null || !parameter.isSecret() ? fault : "has a value that it cannot have";
    }

    private static @Nullable String typed(KameletDefinition.Parameter parameter, String text) {
        return switch (parameter.type() + " " + parameter.format()) {
            case "string duration" -> duration(text);
            case "string cron" -> CronText.fault(text);
            case "string uri" -> address(text);
            case "integer " -> whole(text);
            case "number " -> number(text);
            case "boolean " -> oneOf(List.of("true", "false"), text.toLowerCase(Locale.ROOT));
            default -> null;
        };
    }

    static @Nullable String oneOf(List<String> allowed, String value) {
        return allowed.stream().anyMatch(value::equalsIgnoreCase)
                ? null
                : "cannot be " + shown(value) + NearestName.hint(value, allowed) + ": it is "
                        + (allowed.size() == 2 ? String.join(" or ", allowed) : "one of " + String.join(", ", allowed));
    }

    static @Nullable String whole(String value) {
        return value.matches("[+-]?\\d{1,18}") ? null : "must be a whole number, not " + shown(value);
    }

    static @Nullable String number(String value) {
        try {
            Double.parseDouble(value);
            return null;
        } catch (NumberFormatException e) {
            return "must be a number, not " + shown(value);
        }
    }

    static @Nullable String duration(String value) {
        try {
            DurationText.millis(value);
            return null;
        } catch (IllegalArgumentException e) {
            return "must be a duration such as 500ms, 30s, 5m or 1h, not " + shown(value) + meant(value);
        }
    }

    /** For options of Camel, which also reads those of ISO 8601, such as PT5M. */
    static @Nullable String camelDuration(String value) {
        try {
            Duration.parse(value);
            return null;
        } catch (DateTimeParseException e) {
            return duration(value);
        }
    }

    /** Camel takes a duration for any number. */
    static @Nullable String camelNumber(String value) {
        String fault = camelDuration(value);
        return fault == null ? null : fault.replaceFirst("a duration", "a number or a duration");
    }

    private static String meant(String value) {
        Matcher words = WORDS.matcher(value);
        if (!words.matches()) {
            return "";
        }
        String unit = words.group(2).toLowerCase(Locale.ROOT);
        String letters = unit.startsWith("mil") || unit.equals("ms") ? "ms" : unit.substring(0, 1);
        return letters.matches("ms|[smhd]") ? ": write " + words.group(1) + letters : "";
    }

    /** Without its query and user, which may be secret. */
    static @Nullable String address(String value) {
        Matcher address = ADDRESS.matcher(value);
        if (!address.matches()) {
            Matcher host = HOST.matcher(value);
            return "has no scheme: it must begin with https:// or http://"
                    + (host.lookingAt() && !value.contains("@") ? ", as in https://" + host.group() : "");
        }
        String scheme = address.group(1).toLowerCase(Locale.ROOT);
        return scheme.equals("http") || scheme.equals("https")
                ? null
                : "must begin with https:// or http://, not " + scheme + "://";
    }

    static String shown(String value) {
        return "\"" + LogText.line(value, SHOWN_MAX) + "\"";
    }
}
