package dev.serai.http;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A complete HTTP answer. Nothing of the request gets into it by accident.
 *
 * @param headers all headers but Content-Length
 * @param body sent unchanged
 */
public record HttpAnswer(int status, Map<String, String> headers, byte[] body) {

    /** With one more header. */
    public HttpAnswer with(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return new HttpAnswer(status, more, body);
    }

    /** Sends it, unless the peer is gone; completes when it is written. Runs on the request's event loop. */
    public Future<Void> send(HttpServerResponse response) {
        if (response.closed() || response.ended()) {
            return Future.succeededFuture();
        }
        response.setStatusCode(status);
        headers.forEach(response::putHeader);
        return body.length == 0 ? response.end() : response.end(Buffer.buffer(body));
    }
}
