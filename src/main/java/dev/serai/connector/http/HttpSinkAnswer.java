package dev.serai.connector.http;

import io.vertx.core.MultiMap;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.jspecify.annotations.Nullable;

/**
 * A complete answer of a target.
 *
 * @param reason the text behind the status, maybe empty
 * @param body null if such an answer has none
 */
record HttpSinkAnswer(int status, String reason, MultiMap headers, byte @Nullable [] body) {

    boolean isSuccess() {
        return status >= 200 && status < 300;
    }

    /** As camel-http reports it, for the steps of the user's route. */
    HttpOperationFailedException failure(String url) {
        Map<String, String> copy = new LinkedHashMap<>();
        headers.forEach(header -> copy.put(header.getKey(), header.getValue()));
        String location = status >= 300 && status < 400 ? headers.get("Location") : null;
        String text = body == null ? null : new String(body, StandardCharsets.UTF_8);
        return new HttpOperationFailedException(url, status, reason, location, copy, text);
    }
}
