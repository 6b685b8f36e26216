package dev.serai.camel.http;

import dev.serai.camel.StopDeadline;
import dev.serai.http.ConnectionLimits;
import dev.serai.http.EventLoops;
import dev.serai.http.RouterErrors;
import dev.serai.http.ServerTls;
import dev.serai.http.TrustedProxies;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.camel.CamelContext;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServer;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServerConfiguration;
import org.apache.camel.support.TempDirHelper;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP server of the flows: one port for {@code ingress:} and for users' own {@code platform-http:} routes.
 *
 * <p>It replaces platform-http's own server, which has no limits, listens on one event loop, and hides the failure when
 * its port is taken. Limits: request line and headers 8 KiB each, and those of {@link ConnectionLimits}. HTTP/2 with TLS only, no compression.
 *
 * <p>It has to be there before the routes: {@link #prepare}. It stops with the context, after the routes have drained.
 *
 * <p>Threads: safe.
 */
public final class FlowServer extends VertxPlatformHttpServer {

    private static final Logger LOG = LoggerFactory.getLogger(FlowServer.class);

    private static final int LOOPS = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    private static final long START_SECONDS_MAX = 30;
    private static final Duration DRAIN_MAX = Duration.ofSeconds(10);
    private static final long LAST_ANSWERS_MILLIS = 1_000; // even if the time to stop is over

    private final FlowServerSettings settings;
    private final PathTable mounts = new PathTable();
    private @Nullable Vertx vertx;
    private @Nullable Router router;
    private volatile @Nullable HttpServer server;
    private @Nullable ServerTls tls;
    private final List<FlowListener> listeners = new CopyOnWriteArrayList<>();
    private final List<Runnable> drainTasks = new CopyOnWriteArrayList<>();

    private FlowServer(FlowServerSettings settings) {
        super(configuration(settings));
        this.settings = settings;
    }

    /** A server that stops with the context, for routes to be made with; {@link #listen} opens its port. */
    public static FlowServer prepare(CamelContext context, FlowServerSettings settings) throws Exception {
        FlowServer server = new FlowServer(settings);
        server.setCamelContext(context);
        try {
            server.start();
        } catch (Exception failure) {
            server.stop();
            throw failure;
        }
        context.addService(server, true);
        return server;
    }

    /**
     * Prepares a server and opens its port.
     *
     * @throws IOException as {@link #listen}
     */
    public static FlowServer start(CamelContext context, FlowServerSettings settings) throws Exception {
        FlowServer server = prepare(context, settings);
        server.listen();
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
     * Call it before routes are replaced. Until the result is closed, paths that come or go are answered 503 with
     * Retry-After, so no sender gets a 404 or reaches a flow that is only half started. One at a time.
     */
    public Replacement replaceRoutes() {
        mounts.replacing();
        return mounts::replaced;
    }

    /** Call it before routes start: until the result is closed, paths that are not there yet are answered 503, since they come. */
    public Replacement starting() {
        mounts.starting(true);
        return () -> mounts.starting(false);
    }

    /** A time during which routes are replaced, or start. */
    @FunctionalInterface
    public interface Replacement extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Answers new requests 503 from now on, and closes every connection behind the answer in progress. What waits for something
     * that may not come is told to end.
     */
    public void drain() {
        listeners.forEach(listener -> listener.drain(() -> drainTasks.forEach(Runnable::run)));
    }

    /** Adds what ends open answers when the server begins to drain. */
    public void whenDraining(Runnable task) {
        drainTasks.add(task);
    }

    public void removeDrainTask(Runnable task) {
        drainTasks.remove(task);
    }

    /** For other handlers; those of {@code ingress:} come first. */
    public Router router() {
        return started(router);
    }

    public PathTable mounts() {
        return mounts;
    }

    public TrustedProxies proxies() {
        return settings.proxies();
    }

    /** The TLS of its connections, which asks clients for certificates; null without TLS. */
    public @Nullable ServerTls tls() {
        return tls;
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
        Vertx fresh = Vertx.vertx(EventLoops.options());
        Router routes = Router.router(fresh);
        routes.route().handler(new RouterEdge(getCamelContext(), settings.bodyBytesMax(), settings.proxies()));
        RouterProblem problem = new RouterProblem(getCamelContext(), mounts);
        RouterErrors.handle(routes, problem);
        vertx = fresh;
        router = routes;
        getCamelContext().getRegistry().bind(routerName(), new SharedRouter(routes));
    }

    /** The port is opened by {@link #listen}, when it is known that the routes are good. */
    @Override
    protected void startServer() {}

    /**
     * Opens the port.
     *
     * @throws IOException if it cannot be bound; a taken one has a {@link java.net.BindException} among its causes
     */
    public void listen() throws IOException, InterruptedException, TimeoutException {
        HttpServerOptions options = settings.serverOptions();
        if (settings.tls() == null) {
            ServerTls.warnIfOpen("flows", settings.host(), "serai.http.tls");
        } else {
            tls = ServerTls.open("flows", settings.tls(), getVertx(), Clock.systemUTC());
            tls.configure(options, true);
            getCamelContext().getRegistry().bind("flowsTls", tls);
        }
        DeploymentOptions loops = new DeploymentOptions().setInstances(LOOPS);
        CompletableFuture<String> listening = getVertx()
                .deployVerticle(() -> listener(options), loops)
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

    private FlowListener listener(HttpServerOptions options) {
        ConnectionLimits limits = new ConnectionLimits(LOOPS, settings.headTimeout(), settings.idleTimeout());
        FlowListener listener = new FlowListener(options, limits, mounts, router(), bound -> server = bound);
        listeners.add(listener);
        return listener;
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
            awaitDrained();
            running.close().toCompletionStage().toCompletableFuture().join();
        }
    }

    /** Closing Vert.x cuts every connection, so it waits until all is answered. */
    private void awaitDrained() {
        List<Future<Void>> drained =
                listeners.stream().map(FlowListener::drained).toList();
        listeners.clear();
        Duration limit = StopDeadline.of(getCamelContext()).limit(DRAIN_MAX);
        try {
            Future.join(drained)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(Math.max(LAST_ANSWERS_MILLIS, limit.toMillis()), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("Some requests were not answered in time; their senders have to send again");
        }
    }

    private String routerName() {
        return VertxPlatformHttpRouter.getRouterNameFromPort(settings.port());
    }

    private static VertxPlatformHttpServerConfiguration configuration(FlowServerSettings settings) {
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
