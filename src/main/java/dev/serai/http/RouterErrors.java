package dev.serai.http;

import io.vertx.core.Handler;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;

/** Requests that fail in a router of Vert.x. */
public final class RouterErrors {
    private static final int STATUS_MIN = 200;
    private static final int STATUS_MAX = 599;

    private RouterErrors() {}

    /**
     * Gives all of them to this handler. A router takes one for each status of an answer, and logs an error where it has none; when
     * a connection is closed before the body ends, it fails with the status that the answer would have had.
     */
    public static void handle(Router router, Handler<RoutingContext> handler) {
        for (int status = STATUS_MIN; status <= STATUS_MAX; status++) {
            router.errorHandler(status, handler);
        }
    }
}
