package dev.serai.connector.http;

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

    /** With this access token, in place of another Authorization. */
    HttpSinkMessage authorized(String authorization) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.keySet().removeIf("authorization"::equalsIgnoreCase);
        more.put("Authorization", authorization);
        return new HttpSinkMessage(method, target, more, body);
    }
}
