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
        if (path == null || !path.startsWith("/") || request.authority() == null) {
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

    /**
     * The same for a server that takes each path in one spelling and no token in the address. Routers and proxies read an empty
     * part, a dot and a slash at the end in different ways, so what a proxy lets pass could be another path here.
     */
    public static @Nullable Problem strictFault(HttpServerRequest request) {
        Problem fault = fault(request);
        if (fault != null) {
            return fault;
        }
        if (BearerToken.isInQuery(request.uri())) {
            return Problem.of(400, BearerToken.NOT_IN_ADDRESS);
        }
        return isPlain(request.path())
                ? null
                : Problem.of(
                        404,
                        "there is nothing at this path: write it without empty parts, without . and .. as parts, and without a"
                                + " slash at its end");
    }

    private static boolean isPlain(String path) {
        String[] parts = path.split("/", -1);
        for (int i = 1; i < parts.length; i++) {
            String part = URIDecoder.decodeURIComponent(parts[i], false);
            if (part.equals(".") || part.equals("..") || (part.isEmpty() && parts.length > 2)) {
                return false;
            }
        }
        return true;
    }
}
