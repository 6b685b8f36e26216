package dev.serai.http;

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

    /** Sends it, unless the peer is gone. Runs on the request's event loop. */
    public void send(HttpServerResponse response) {
        if (response.closed() || response.ended()) {
            return;
        }
        response.setStatusCode(status);
        headers.forEach(response::putHeader);
        if (body.length == 0) {
            response.end();
        } else {
            response.end(Buffer.buffer(body));
        }
    }
}
