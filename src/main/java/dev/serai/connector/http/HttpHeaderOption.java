package dev.serai.connector.http;

import dev.serai.text.HttpText;
import dev.serai.text.LogText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The option {@code headers} of an HTTP Kamelet. No message has a value, which may be a secret.
 *
 * @param passedOn names without a value
 * @param constants values by name
 */
public record HttpHeaderOption(List<String> passedOn, Map<String, String> constants) {
    private static final Set<String> OF_THE_CONNECTION = Set.of(
            "connection",
            "content-length",
            "content-type",
            "expect",
            "host",
            "keep-alive",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade");

    /**
     * Reads the option.
     *
     * @param headers separated by commas: {@code NAME}, {@code NAME=VALUE} or {@code NAME: VALUE}
     */
    static HttpHeaderOption of(@Nullable String headers) {
        List<String> passedOn = new ArrayList<>();
        Map<String, String> constants = new LinkedHashMap<>();
        for (String part : (headers == null ? "" : headers).split(",", -1)) {
            if (!part.isBlank()) {
                add(part.strip(), passedOn, constants);
            }
        }
        return new HttpHeaderOption(passedOn, constants);
    }

    /** Those of requests that have no other headers to pass on. */
    public static Map<String, String> constants(@Nullable String headers) {
        HttpHeaderOption option = of(headers);
        if (!option.passedOn.isEmpty()) {
            throw new IllegalArgumentException("headers has headers as NAME=VALUE, separated by commas; the part "
                    + (1 + option.constants.size()) + " or one behind it has no value");
        }
        return option.constants;
    }

    private static void add(String part, List<String> passedOn, Map<String, String> constants) {
        int end = part.indexOf('=');
        int colon = part.indexOf(':');
        end = colon >= 0 && (end < 0 || colon < end) ? colon : end;
        String name = end < 0 ? part : part.substring(0, end).strip();
        String lower = name.toLowerCase(Locale.ROOT);
        if (end < 0 && !HttpText.isHeaderName(name)) { // it may be what follows a comma in a secret
            throw new IllegalArgumentException(
                    "headers: a part is neither NAME nor NAME=VALUE; a value cannot have a comma");
        }
        if (!HttpText.isHeaderName(name) || lower.startsWith("camel") || OF_THE_CONNECTION.contains(lower)) {
            throw new IllegalArgumentException(
                    "headers: \"" + LogText.of(name) + "\" is not a header that can be sent");
        }
        if (end < 0) {
            passedOn.add(name);
            return;
        }
        String value = part.substring(end + 1).strip();
        if (!value.chars().allMatch(c -> c >= ' ' && c < 0x7f)) {
            throw new IllegalArgumentException("headers: the value of " + name + " is not plain ASCII");
        }
        constants.put(name, value);
    }
}
