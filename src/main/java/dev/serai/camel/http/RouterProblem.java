package dev.serai.camel.http;

import dev.serai.http.Problem;
import io.netty.handler.codec.DecoderException;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpClosedException;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import org.apache.camel.CamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers what Vert.x Web's router does not.
 *
 * <p>Threads: safe.
 */
final class RouterProblem implements Handler<RoutingContext> {
    private static final Logger LOG = LoggerFactory.getLogger(FlowServer.class);
    private static final Duration STARTING = Duration.ofSeconds(1);

    private final CamelContext camel;
    private final PathTable mounts;

    RouterProblem(CamelContext camel, PathTable mounts) {
        this.camel = camel;
        this.mounts = mounts;
    }

    static Problem stopping() {
        return Problem.of(503, "This server is starting or stopping. Send it again in a moment.", STARTING);
    }

    @Override
    public void handle(RoutingContext context) {
        int status = status(context);
        Problem problem =
                switch (status) {
                    case 404 -> notFound(context);
                    case 413 -> Problem.of(413, "The body is too large. Send less at once.");
                    case 500 -> Problem.of(500, "An error in this server. Send it again later.");
                    default -> Problem.of(status, "The request is not valid here.");
                };
        if (status == 500) {
            LOG.error("A request to a platform-http route failed", context.failure());
        }
        if (!context.response().headWritten()) {
            problem.answer().send(context.response());
        }
    }

    /** 400 for what the sender is to blame for, or has left unfinished. */
    private static int status(RoutingContext failed) {
        Throwable cause = failed.failure();
        return cause instanceof DecoderException || cause instanceof HttpClosedException
                ? 400
                : Math.max(400, failed.statusCode());
    }

    /** The port is open before the first route and after the last one; a sender must not get a 404 then. */
    private Problem notFound(RoutingContext context) {
        // The path may have been mounted in the meantime.
        if (!camel.getStatus().isStarted() || mounts.find(context.request()) != null) {
            return stopping();
        }
        // The paths of a platform-http route are not known while it is replaced.
        return mounts.isReplacing()
                ? Problem.of(503, "Flows are being replaced. Send it again in a moment.", STARTING)
                : Problem.of(404, "Nothing is here. Check the path.");
    }
}
