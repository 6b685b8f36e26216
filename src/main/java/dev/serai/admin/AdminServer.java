package dev.serai.admin;

import dev.serai.access.AdminCaller;
import dev.serai.access.NamedTokens;
import dev.serai.admin.console.AllowedHosts;
import dev.serai.admin.console.ConsolePages;
import dev.serai.admin.console.ConsoleSessions;
import dev.serai.admin.console.SessionAccess;
import dev.serai.admin.document.OpenApiDocument;
import dev.serai.admin.event.EventStreams;
import dev.serai.admin.meter.BackgroundLooks;
import dev.serai.camel.http.ByteBudget;
import dev.serai.http.ConnectionLimits;
import dev.serai.http.Problem;
import dev.serai.http.RequestRefusal;
import dev.serai.http.RequestSyntax;
import dev.serai.http.RouterErrors;
import dev.serai.http.ServerTls;
import dev.serai.ledger.Ledger;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The admin port: API, metrics and health, on an HTTP server of its own.
 *
 * <p>Closed by default: every request must carry the {@link AdminToken}, one of the {@link NamedTokens} or a session of the console, checked before
 * anything looks at its path, method or body; reading needs the role view, all else operate. Only the paths of {@link HealthApi#PATHS}, spelt exactly so, are open, and they reach a router that
 * has nothing else; and the {@link ConsolePages}, which show nothing without a token.
 *
 * <p>Threads: safe.
 */
public final class AdminServer implements AutoCloseable {
    static final int BODY_BYTES_MAX = 64 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);
    static final String CALLER = "caller";
    private static final int LINE_BYTES_MAX = 8 * 1024;
    private static final Duration HEAD_MAX = Duration.ofSeconds(30);
    private static final Duration IDLE_MAX = Duration.ofSeconds(60);
    private static final Duration DRAIN_MAX = Duration.ofSeconds(2);
    /** So soon a change of the named tokens has effect. */
    private static final int TOKENS_LOOK_MILLIS = 1000;

    private final Vertx vertx;
    private final Context loop;
    private final NamedTokens tokens;
    private final AdminAccess access;
    private final ConsolePages console;
    private final AdminReplies replies;
    private final StatusApi status;
    private final AuditApi audit;
    private final EventStreams events;
    private final BackgroundLooks looks = new BackgroundLooks();

    private final Router open;
    private final Router guarded;
    private final ConnectionLimits limits;
    private final HttpServer server;
    private final String host;
    private final int port;

    /**
     * A server that does not listen yet.
     *
     * @param port 0 for any free one
     * @param metrics writes all meters in Prometheus' text format; may block
     * @param tls null for none
     * @param hosts the names by which browsers may call the port
     */
    public AdminServer(
            Vertx vertx,
            String host,
            int port,
            AdminToken token,
            NamedTokens tokens,
            Ledger ledger,
            CamelContext camel,
            Supplier<String> metrics,
            Clock clock,
            @Nullable ServerTls tls,
            AllowedHosts hosts) {
        this(vertx, host, port, token, tokens, ledger, camel, metrics, clock, tls, hosts, HEAD_MAX, IDLE_MAX);
    }

    /** A server that has no further names. */
    AdminServer(
            Vertx vertx,
            String host,
            int port,
            AdminToken token,
            NamedTokens tokens,
            Ledger ledger,
            CamelContext camel,
            Supplier<String> metrics,
            Clock clock,
            @Nullable ServerTls tls) {
        this(vertx, host, port, token, tokens, ledger, camel, metrics, clock, tls, AllowedHosts.of(host, null));
    }

    /**
     * A server with time limits of its own.
     *
     * @param headMax see {@link ConnectionLimits}
     * @param bodyMax see {@link ConnectionLimits}
     */
    AdminServer(
            Vertx vertx,
            String host,
            int port,
            AdminToken token,
            NamedTokens tokens,
            Ledger ledger,
            CamelContext camel,
            Supplier<String> metrics,
            Clock clock,
            @Nullable ServerTls tls,
            AllowedHosts hosts,
            Duration headMax,
            Duration bodyMax) {
        this.vertx = vertx;
        this.loop = vertx.getOrCreateContext();
        this.host = host;
        this.port = port;
        this.tokens = tokens;
        SessionAccess sessions = new SessionAccess(new ConsoleSessions(tokens, clock), hosts, tls != null);
        this.access = new AdminAccess(vertx, token, tokens, sessions);
        this.console = new ConsolePages(vertx, hosts, access.sessionApi());
        ByteBudget budget = ByteBudget.of(camel);
        this.replies = new AdminReplies(vertx, budget, camel, ledger);
        this.open = router();
        this.status = new StatusApi(camel, ledger, tokens, clock, replies);
        new HealthApi(camel, ledger, status, replies).mount(open);
        this.guarded = router();
        guarded.route().handler(access::authorize);
        guarded.route().handler(BodyHandler.create(false).setBodyLimit(BODY_BYTES_MAX));
        this.audit = new AuditApi(ledger, replies);
        audit.mount(guarded);
        ActionAudit actions = new ActionAudit(ledger, replies);
        new AdminApi(ledger, clock, replies, actions).mount(guarded);
        status.mount(guarded);
        SearchApi search = new SearchApi(ledger, replies);
        search.mount(guarded);
        this.events = new EventStreams(vertx, status.events(search, audit), budget);
        guarded.get("/api/events").handler(ctx -> {
            new RequestQuery(ctx.queryParams());
            events.open(ctx.request(), access.end(ctx.request()));
        });
        new HistoryApi(ledger, clock, replies).mount(guarded);
        new ActionApi(ledger, actions).mount(guarded);
        new BackupApi(ledger, replies, actions).mount(guarded);
        new ReconcileApi(camel, replies, actions).mount(guarded);
        guarded.get("/api/openapi.json").handler(ctx -> replies.json(ctx, OpenApiDocument::read));
        guarded.get("/observe/metrics").handler(ctx -> replies.text(ctx, metrics));
        this.limits = new ConnectionLimits(1, headMax, bodyMax);
        HttpServerOptions options = new HttpServerOptions()
                .setMaxHeaderSize(ConnectionLimits.HEAD_BYTES_MAX)
                .setMaxInitialLineLength(LINE_BYTES_MAX)
                .setIdleTimeout(Math.toIntExact(IDLE_MAX.toSeconds()))
                .setHttp2ClearTextEnabled(false);
        if (tls != null) {
            tls.configure(options, false);
        }
        this.server = vertx.createHttpServer(options)
                .connectionHandler(limits::opened)
                .invalidRequestHandler(RequestRefusal::unreadable)
                .requestHandler(this::receive);
    }

    /**
     * Listens, and returns when it does.
     *
     * @throws IOException if it cannot, for example because the port is taken
     */
    public void start() throws IOException {
        tokens.look();
        status.watchGrowth(looks);
        looks.begin(
                "The look at the named tokens",
                TOKENS_LOOK_MILLIS,
                TOKENS_LOOK_MILLIS,
                () -> audit.tokens(tokens.look()));
        try {
            listening().toCompletionStage().toCompletableFuture().join();
        } catch (CompletionException e) {
            throw new IOException(
                    "the admin port " + host + ":" + port + " cannot be opened: "
                            + (e.getCause() == null ? e : e.getCause()).getMessage(),
                    e);
        }
    }

    /** On one event loop, which then owns the limits. */
    private Future<HttpServer> listening() {
        Promise<HttpServer> listening = Promise.promise();
        loop.runOnContext(now -> {
            limits.watch(vertx);
            server.listen(port, host).onComplete(listening);
        });
        return listening.future();
    }

    /** What {@code GET /api/status} answers; may block. */
    public StatusJson status() {
        return status.status();
    }

    /** The port it listens on. */
    public int port() {
        return server.actualPort();
    }

    @Override
    public void close() {
        endStreams();
        looks.close();
        CompletableFuture<Void> drained = new CompletableFuture<>();
        loop.runOnContext(now -> limits.drained(vertx).onComplete(done -> drained.complete(null)));
        try {
            drained.get(DRAIN_MAX.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("Some requests to the admin port were not answered in time");
        }
        server.close().toCompletionStage().toCompletableFuture().join();
    }

    /** Ends the streams of events, at the beginning of a stop: nobody is to wait for them. */
    public void endStreams() {
        loop.runOnContext(now -> events.stop());
    }

    private Router router() {
        Router router = Router.router(vertx);
        RouterErrors.handle(router, replies::failed);
        return router;
    }

    private void receive(HttpServerRequest request) {
        limits.requested(request);
        AdminReplies.protect(request.response());
        String path = request.path();
        boolean isOpen = path != null && HealthApi.PATHS.contains(path);
        if (!isOpen && console.serves(request)) {
            console.handle(request);
            return;
        }
        if (!isOpen && access.caller(request) == null) {
            access.refuse(request);
            return;
        }
        Problem fault = RequestSyntax.strictFault(request);
        if (fault != null) {
            fault.answer().send(request.response());
        } else {
            (isOpen ? open : guarded).handle(request);
        }
    }

    /** Who sent a request to a guarded route. */
    static AdminCaller callerOf(RoutingContext ctx) {
        return Objects.requireNonNull(ctx.get(CALLER));
    }

    /** All that needs a token. */
    List<Route> guardedRoutes() {
        return guarded.getRoutes();
    }

    /** All that needs none. */
    List<Route> openRoutes() {
        return open.getRoutes();
    }
}
