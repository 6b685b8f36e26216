package dev.serai.http;

import io.netty.handler.codec.http.QueryStringDecoder;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.impl.HttpUtils;
import io.vertx.core.net.impl.URIDecoder;
import org.jspecify.annotations.Nullable;

/** Finds requests on which Vert.x Web's router fails with an exception, and so with a 500. */
public final class RequestSyntax {
    private RequestSyntax() {}

    /** What is wrong with the request, for its sender; null if nothing is. */
    public static @Nullable Problem fault(HttpServerRequest request) {
        String path = request.path();
        if (path == null || request.authority() == null) {
            return Problem.of(400, "The request is malformed: check its path and its Host.");
        }
        try {
            URIDecoder.decodeURIComponent(path, false);
            new QueryStringDecoder(request.uri()).parameters();
        } catch (IllegalArgumentException e) {
            return Problem.of(400, "The address is malformed: a % in it must be followed by two hexadecimal digits.");
        }
        try { // what cannot be written into an answer, where routes return the headers that they were given
            request.headers().forEach(HttpUtils::validateHeader);
        } catch (IllegalArgumentException e) {
            return Problem.of(
                    400, "A header is malformed: its name or value has a character that is not allowed there.");
        }
        return null;
    }
}
