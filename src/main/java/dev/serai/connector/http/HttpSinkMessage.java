package dev.serai.connector.http;

import dev.serai.connector.http.token.AccessToken;
import dev.serai.connector.http.token.TokenPlace;
import dev.serai.text.HttpText;
import dev.serai.text.SecretNames;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request of {@code http-sink}.
 *
 * @param target path and query, as they are sent
 * @param headers by name, in the order in which they are sent
 * @param body null if the request has none
 */
record HttpSinkMessage(String method, String target, Map<String, String> headers, byte @Nullable [] body) {
    private static final int SECRET_CHARS_MIN = 6;

    /** For this path and query. */
    HttpSinkMessage to(String otherTarget) {
        return new HttpSinkMessage(method, otherTarget, headers, body);
    }

    /** What of its headers and its query must not be shown, should the target repeat it in its answer. */
    List<String> secrets() {
        List<String> secrets = new ArrayList<>();
        headers.forEach((name, value) -> {
            if (SecretNames.isHeader(name)) {
                secrets.add(value);
                String bare = value.substring(value.lastIndexOf(' ') + 1); // behind Bearer or Basic
                if (bare.length() >= SECRET_CHARS_MIN) {
                    secrets.add(bare);
                }
            }
        });
        for (String secret : SecretNames.inQuery(target)) {
            String decoded = HttpText.decoded(secret);
            (decoded.length() >= SECRET_CHARS_MIN ? List.of(secret, decoded) : List.<String>of()).forEach(secrets::add);
        }
        secrets.removeIf(String::isBlank);
        return secrets;
    }

    @Nullable String contentType() {
        return headers.entrySet().stream()
                .filter(header -> header.getKey().equalsIgnoreCase("Content-Type"))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(null);
    }

    /** With this access token at its place, instead of what is there. */
    HttpSinkMessage with(AccessToken token, TokenPlace place) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        place.headers(token).forEach((name, value) -> {
            more.keySet().removeIf(name::equalsIgnoreCase);
            more.put(name, value);
        });
        return new HttpSinkMessage(method, place.target(target, token), more, body);
    }
}
