package dev.serai.camel.http;

import dev.serai.http.ConnectionLimits;
import dev.serai.http.Problem;
import dev.serai.http.RequestRefusal;
import dev.serai.http.RequestSyntax;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One event loop's share of the connections to the flows' server.
 *
 * <p>Threads: the event loop, but for {@link #drain} and {@link #drained}, which are safe.
 */
final class FlowListener extends AbstractVerticle {
    private final HttpServerOptions options;
    private final ConnectionLimits limits;
    private final PathTable mounts;
    private final Router routes;
    private final Consumer<HttpServer> whenBound;
    private volatile @Nullable Context loop;

    /** @param routes for what is not mounted */
    FlowListener(
            HttpServerOptions options,
            ConnectionLimits limits,
            PathTable mounts,
            Router routes,
            Consumer<HttpServer> whenBound) {
        this.options = options;
        this.limits = limits;
        this.mounts = mounts;
        this.routes = routes;
        this.whenBound = whenBound;
    }

    @Override
    public void start(Promise<Void> started) {
        loop = context;
        limits.watch(vertx);
        vertx.createHttpServer(options)
                .connectionHandler(limits::opened)
                .invalidRequestHandler(RequestRefusal::unreadable)
                .requestHandler(this::handle)
                .listen()
                .<Void>map(bound -> {
                    whenBound.accept(bound);
                    return null;
                })
                .onComplete(started);
    }

    /** Refuses new requests from now on; then runs the task. */
    void drain(Runnable task) {
        Context current = loop;
        if (current != null) {
            current.runOnContext(now -> {
                limits.drain(vertx);
                task.run();
            });
        }
    }

    /** Completes when everything in progress is answered and all connections are closed. */
    Future<Void> drained() {
        Promise<Void> drained = Promise.promise();
        Context current = loop;
        if (current == null) {
            drained.complete();
        } else {
            current.runOnContext(now -> limits.drained(vertx).onComplete(drained));
        }
        return drained.future();
    }

    private void handle(HttpServerRequest request) {
        limits.requested(request);
        if (limits.isDraining()) {
            RequestRefusal.close(request, RouterProblem.stopping());
            return;
        }
        Handler<HttpServerRequest> ours = mounts.find(request);
        if (ours != null) {
            ours.handle(request);
            return;
        }
        Problem fault = RequestSyntax.fault(request);
        if (fault != null) {
            RequestRefusal.close(request, fault);
        } else {
            routes.handle(request);
        }
    }
}
