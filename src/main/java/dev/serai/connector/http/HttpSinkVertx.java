package dev.serai.connector.http;

import dev.serai.http.EventLoops;
import io.vertx.core.Vertx;
import org.apache.camel.CamelContext;
import org.apache.camel.support.service.ServiceSupport;
import org.jspecify.annotations.Nullable;

/**
 * The event loops of all {@code http-sink}s of a Camel context, apart from those that receive requests, so that targets
 * cannot slow down sources. It starts with the first sink and stops with the context, after the routes.
 *
 * <p>Threads: safe.
 */
final class HttpSinkVertx extends ServiceSupport {
    private static final int LOOPS = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);

    /** How many names can be looked up at once. */
    private static final int LOOKUPS = 4;

    private @Nullable Vertx vertx;

    private HttpSinkVertx() {}

    /** The context's own. */
    static Vertx of(CamelContext context) throws Exception {
        synchronized (context) {
            HttpSinkVertx service = context.hasService(HttpSinkVertx.class);
            if (service == null) {
                service = new HttpSinkVertx();
                context.addService(service, true, true);
            }
            return service.running();
        }
    }

    private synchronized Vertx running() {
        if (vertx == null) {
            vertx = Vertx.vertx(EventLoops.options()
                    .setEventLoopPoolSize(LOOPS)
                    .setWorkerPoolSize(LOOKUPS)
                    .setInternalBlockingPoolSize(1));
        }
        return vertx;
    }

    @Override
    protected synchronized void doStop() {
        if (vertx != null) {
            vertx.close().toCompletionStage().toCompletableFuture().join();
            vertx = null;
        }
    }
}
