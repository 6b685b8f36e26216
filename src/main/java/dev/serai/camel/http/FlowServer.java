package dev.serai.camel.http;

import dev.serai.http.ConnectionLimits;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServer;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServerConfiguration;
import org.apache.camel.component.vertx.common.VertxHelper;
import org.apache.camel.support.TempDirHelper;
import org.apache.camel.support.jsse.SSLContextParameters;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP server of the flows: one port for {@code ingress:} and for users' own {@code platform-http:} routes.
 *
 * <p>It stands in for platform-http's own server, which cannot be told any limits, listens on one event loop only, and
 * swallows the failure when its port is taken. Limits: request line and headers 8 KiB each, silence on a connection (also while a
 * route is at work on the answer), and those of {@link ConnectionLimits}. HTTP/1.1 only, no compression.
 *
 * <p>Start it before the routes: {@link #start}. It stops with the context, after the routes have drained.
 *
 * <p>Threads: safe.
 */
public final class FlowServer extends VertxPlatformHttpServer {

    private static final Logger LOG = LoggerFactory.getLogger(FlowServer.class);

    private static final int REQUEST_LINE_BYTES_MAX = 8 * 1024;
    private static final int LOOPS = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    private static final long START_SECONDS_MAX = 30;
    private static final Duration STARTING = Duration.ofSeconds(1);
    private static final List<Integer> ROUTER_STATUSES = List.of(400, 404, 405, 406, 413, 415, 500);

    /**
     * What the server is told.
     *
     * @param host the address to bind
     * @param port 0 takes a free one, see {@link FlowServer#port()}
     * @param tls whether to speak TLS as the context's global SSL parameters say ({@code camel.ssl.*})
     * @param bodyBytesMax of a request to a {@code platform-http:} route; {@code ingress:} has its own limit
     * @param headTimeout from a connection's opening or its last answer to the end of the next request's headers
     * @param idleTimeout silence after which a connection is closed, the most a body may take, and how long a peer may take nothing of
     *     an answer
     */
    public record Settings(
            String host, int port, boolean tls, long bodyBytesMax, Duration headTimeout, Duration idleTimeout) {

        /** Plain HTTP with the usual limits: 1 MiB, 30 s, 60 s. */
        public static Settings of(String host, int port) {
            return new Settings(
                    host, port, false, BodyLimit.BYTES_MAX_DEFAULT, Duration.ofSeconds(30), Duration.ofSeconds(60));
        }
    }

    private final Settings settings;
    private final PathTable mounts = new PathTable();
    private @Nullable Vertx vertx;
    private @Nullable Router router;
    private volatile @Nullable HttpServer server;

    private FlowServer(Settings settings) {
        super(configuration(settings));
        this.settings = settings;
    }

    /**
     * Starts a server that lives as long as the context.
     *
     * @throws IOException if the port cannot be bound; a taken one has a {@link java.net.BindException} among its causes
     */
    public static FlowServer start(CamelContext context, Settings settings) throws Exception {
        FlowServer server = new FlowServer(settings);
        server.setCamelContext(context);
        try {
            // Not left to the context, which would start it later: the port and its failure are wanted now.
            server.start();
        } catch (Exception failure) {
            server.stop();
            for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
                if (cause instanceof IOException io) {
                    throw io;
                }
            }
            throw failure;
        }
        context.addService(server, true);
        return server;
    }

    /** The context's server, or null if none was started. */
    public static @Nullable FlowServer of(CamelContext context) {
        return context.hasService(FlowServer.class);
    }

    /** The port it listens on. */
    public int port() {
        return getPort();
    }

    /**
     * Says that routes are being replaced: until this is closed, the paths that they leave and take are answered 503 with
     * Retry-After, so that no sender meets a 404 or a flow that has only half started. One at a time.
     */
    public Replacement replaceRoutes() {
        mounts.replacing();
        return mounts::replaced;
    }

    /** A time during which routes are replaced. */
    @FunctionalInterface
    public interface Replacement extends AutoCloseable {
        @Override
        void close();
    }

    /** Where other handlers can be mounted; those of {@code ingress:} come first. */
    public Router router() {
        return started(router);
    }

    public PathTable mounts() {
        return mounts;
    }

    @Override
    public Vertx getVertx() {
        return started(vertx);
    }

    @Override
    public @Nullable HttpServer getServer() {
        return server;
    }

    @Override
    public int getPort() {
        HttpServer listening = server;
        return listening == null ? settings.port() : listening.actualPort();
    }

    @Override
    protected void initializeServer() {
        Vertx fresh = Vertx.vertx(new VertxOptions()
                .setFileSystemOptions(new FileSystemOptions()
                        .setClassPathResolvingEnabled(false)
                        .setFileCachingEnabled(false)));
        Router routes = Router.router(fresh);
        ROUTER_STATUSES.forEach(status -> routes.errorHandler(status, this::problem));
        vertx = fresh;
        router = routes;
        getCamelContext().getRegistry().bind(routerName(), new SharedRouter(routes));
    }

    @Override
    protected void startServer() throws Exception {
        HttpServerOptions options = options();
        DeploymentOptions loops = new DeploymentOptions().setInstances(LOOPS);
        CompletableFuture<String> listening = getVertx()
                .deployVerticle(() -> new Listener(options), loops)
                .toCompletionStage()
                .toCompletableFuture();
        String address = settings.host() + ":" + settings.port();
        try {
            listening.get(START_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IOException("cannot listen on " + address, e.getCause());
        }
        LOG.debug("Flows listen on {}:{}", settings.host(), port());
    }

    @Override
    protected void stopServer() {
        server = null;
        getCamelContext().getRegistry().unbind(routerName());
    }

    @Override
    protected void stopVertx() {
        Vertx running = vertx;
        if (running != null) {
            vertx = null;
            running.close().toCompletionStage().toCompletableFuture().join();
        }
    }

    private String routerName() {
        return VertxPlatformHttpRouter.getRouterNameFromPort(settings.port());
    }

    private HttpServerOptions options() throws Exception {
        HttpServerOptions options = new HttpServerOptions()
                .setHost(settings.host())
                // A negative port is a free one that all listeners share.
                .setPort(settings.port() == 0 ? -1 : settings.port())
                .setMaxInitialLineLength(REQUEST_LINE_BYTES_MAX)
                .setMaxHeaderSize(ConnectionLimits.HEAD_BYTES_MAX)
                .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
                .setIdleTimeout(Math.toIntExact(settings.idleTimeout().toMillis()))
                .setHttp2ClearTextEnabled(false)
                .setUseAlpn(false)
                .setDecompressionSupported(false)
                .setCompressionSupported(false)
                .setTcpNoDelay(true);
        if (settings.tls()) {
            SSLContextParameters tls = getCamelContext().getSSLContextParameters();
            if (tls == null) {
                throw new IllegalArgumentException("TLS is asked for, but no certificate is set: see camel.ssl.*");
            }
            VertxHelper.setupSSLOptions(getCamelContext(), tls, options);
        }
        return options;
    }

    private void problem(RoutingContext context) {
        int status = context.statusCode();
        Problem problem =
                switch (status) {
                    case 404 -> notFound(context.request());
                    case 413 -> Problem.of(413, "The body is too large. Send less at once.");
                    case 500 -> Problem.of(500, "The request failed here, not with you. Send it again later.");
                    default -> Problem.of(status, "The request cannot be taken like this.");
                };
        if (status == 500) {
            LOG.error("A request to a platform-http route failed", context.failure());
        }
        if (!context.response().headWritten()) {
            problem.answer().send(context.response());
        }
    }

    /** The port is open before the first route and after the last one; a sender must not take that for a wrong path. */
    private Problem notFound(HttpServerRequest request) {
        // The path may have been mounted after it was looked for.
        if (!getCamelContext().getStatus().isStarted() || mounts.find(request) != null) {
            return Problem.of(503, "This server is starting or stopping. Send it again in a moment.", STARTING);
        }
        // Which paths a platform-http route takes is not known while it is away.
        return mounts.isReplacing()
                ? Problem.of(503, "Flows are being replaced. Send it again in a moment.", STARTING)
                : Problem.of(404, "Nothing is here. Check the path.");
    }

    private static VertxPlatformHttpServerConfiguration configuration(Settings settings) {
        VertxPlatformHttpServerConfiguration configuration = new VertxPlatformHttpServerConfiguration();
        configuration.setBindHost(settings.host());
        configuration.setBindPort(settings.port());
        configuration.setMaxBodySize(settings.bodyBytesMax());
        return configuration;
    }

    private static <T> T started(@Nullable T part) {
        if (part == null) {
            throw new IllegalStateException("the flow server is not running");
        }
        return part;
    }

    /** One event loop's share of the connections. */
    private final class Listener extends AbstractVerticle {

        private final HttpServerOptions options;
        private final ConnectionLimits limits =
                new ConnectionLimits(LOOPS, settings.headTimeout(), settings.idleTimeout());

        Listener(HttpServerOptions options) {
            this.options = options;
        }

        @Override
        public void start(Promise<Void> started) {
            Router routes = router();
            HttpServer listening = vertx.createHttpServer(options)
                    .connectionHandler(this::opened)
                    .requestHandler(request -> handle(request, routes));
            limits.watch(vertx);
            listening
                    .listen()
                    .<Void>map(bound -> {
                        server = bound;
                        return null;
                    })
                    .onComplete(started);
        }

        private void opened(HttpConnection connection) {
            limits.opened(connection);
        }

        private void handle(HttpServerRequest request, Router routes) {
            limits.requested(request);
            Handler<HttpServerRequest> ours = mounts.find(request);
            if (ours != null) {
                ours.handle(request);
            } else {
                routes.handle(request);
            }
        }
    }

    /** The router as platform-http wants it, with the body handler of its routes. */
    private final class SharedRouter extends VertxPlatformHttpRouter {

        SharedRouter(Router routes) {
            super(FlowServer.this, getVertx(), routes, routerName());
        }

        @Override
        public Handler<RoutingContext> bodyHandler() {
            Handler<RoutingContext> body = BodyHandler.create(
                            TempDirHelper.resolveTempDir(getCamelContext(), null, "serai-uploads"))
                    .setBodyLimit(settings.bodyBytesMax())
                    .setDeleteUploadedFilesOnEnd(true);
            return context -> {
                context.request().resume();
                body.handle(context);
            };
        }
    }
}
