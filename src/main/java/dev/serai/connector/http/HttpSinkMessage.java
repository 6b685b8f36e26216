package dev.serai.connector.http;

import dev.serai.connector.http.token.AccessToken;
import dev.serai.connector.http.token.TokenPlace;
import java.util.LinkedHashMap;
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

    /** For this path and query. */
    HttpSinkMessage to(String otherTarget) {
        return new HttpSinkMessage(method, otherTarget, headers, body);
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
