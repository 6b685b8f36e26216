package dev.serai.camel.http;

import dev.serai.http.Problem;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import org.apache.camel.CamelContext;

/**
 * Admits requests to the routes of Vert.x Web's router, such as {@code platform-http:}, within the limits that {@code ingress:}
 * has: their bodies are counted before they are read.
 *
 * <p>Threads: safe.
 */
final class RouterEdge implements Handler<RoutingContext> {
    private static final int REQUESTS_MAX = 2_048;
    private static final Problem BUSY =
            Problem.of(503, "This server is overloaded. Send it again in a moment.", Duration.ofSeconds(1));

    private final AdmissionShare share;
    private final int bodyBytesMax;

    RouterEdge(CamelContext context, long bodyBytesMax) {
        this.share = new Admission(REQUESTS_MAX, Long.MAX_VALUE, ByteBudget.of(context)).share();
        this.bodyBytesMax = (int) Math.min(bodyBytesMax, Integer.MAX_VALUE);
    }

    @Override
    public void handle(RoutingContext asked) {
        HttpServerRequest request = asked.request();
        AdmissionShare.Claim claim = share.claim(request.remoteAddress().hostAddress());
        int bytes = bodyBytes(request);
        if (claim.enter() && (bytes == 0 || claim.hold(bytes))) {
            asked.addEndHandler(ended -> claim.close());
            asked.next();
        } else {
            claim.close();
            RequestRefusal.close(request, BUSY);
        }
    }

    /** At most; a body without a length may be as long as the limit. */
    private int bodyBytes(HttpServerRequest request) {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        if (length == null) {
            return request.headers().contains(HttpHeaders.TRANSFER_ENCODING) ? bodyBytesMax : 0;
        }
        return (int) Math.min(Long.parseLong(length), bodyBytesMax);
    }
}
