package dev.serai.cluster;

import dev.serai.cluster.PeerJson.AcceptCall;
import dev.serai.cluster.PeerJson.Accepted;
import dev.serai.cluster.PeerJson.ActCall;
import dev.serai.cluster.PeerJson.AskCall;
import dev.serai.cluster.PeerJson.AuditId;
import dev.serai.cluster.PeerJson.CallDone;
import dev.serai.cluster.PeerJson.CountCall;
import dev.serai.cluster.PeerJson.CursorCall;
import dev.serai.cluster.PeerJson.Drifts;
import dev.serai.cluster.PeerJson.PartText;
import dev.serai.cluster.PeerJson.PauseCall;
import dev.serai.cluster.PeerJson.RemoveCall;
import dev.serai.cluster.PeerJson.ReplayId;
import dev.serai.cluster.PeerJson.WaitCall;
import dev.serai.http.BearerToken;
import dev.serai.ledger.audit.AuditEntry;
import dev.serai.ledger.cluster.FeedCall;
import dev.serai.ledger.cluster.ReplayOrder;
import dev.serai.ledger.cluster.ShardCalls;
import dev.serai.ledger.model.Cursor;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.TargetName;
import dev.serai.text.LogPace;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.impl.HttpServerConnection;
import io.vertx.core.impl.ContextInternal;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The internal port of a node: HTTP/2 with the secret that the nodes of a ledger share. What it is asked it does with its own
 * shards, and never asks another node.
 *
 * <p>Threads: safe.
 */
final class PeerPort {
    private static final Logger LOG = LoggerFactory.getLogger(PeerPort.class);
    /** Where a node asks for a link, by an upgrade to {@link ChangeFrames#PROTOCOL}. */
    static final String LINK = "/link";

    private static final int STREAMS_MAX = 10_000;
    private static final int WINDOW_BYTES = 16 << 20;
    private static final Duration SOON = Duration.ofSeconds(1);

    private final BearerToken secret;
    private final LogPace strangers = new LogPace();
    private final HttpServer server;
    private volatile @Nullable ShardCalls own;

    private PeerPort(Vertx vertx, BearerToken secret) {
        this.secret = secret;
        this.server = vertx.createHttpServer(new HttpServerOptions()
                .setInitialSettings(
                        new Http2Settings().setMaxConcurrentStreams(STREAMS_MAX).setInitialWindowSize(WINDOW_BYTES))
                .setHttp2ConnectionWindowSize(WINDOW_BYTES));
        server.requestHandler(this::handle);
    }

    /**
     * Opens the port; until {@link #serve} all calls are answered 503.
     *
     * @param port 0 for one that the system chooses
     * @throws IOException if the port cannot be opened
     */
    static PeerPort open(Vertx vertx, String host, int port, String secret) throws IOException {
        PeerPort opened = new PeerPort(vertx, new BearerToken(secret));
        try {
            opened.server
                    .listen(port, host)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join();
        } catch (RuntimeException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IOException(
                    "the internal port " + host + ":" + port + " (serai.node.port) cannot be opened: "
                            + cause.getMessage(),
                    cause);
        }
        return opened;
    }

    int port() {
        return server.actualPort();
    }

    /** From now on calls are answered by these shards. */
    void serve(ShardCalls shards) {
        own = shards;
    }

    private void handle(HttpServerRequest request) {
        if (!secret.allows(request.headers().getAll("Authorization"))) {
            long untold = strangers.untold(request.remoteAddress().host());
            if (untold >= 0) {
                LOG.warn(
                        "A call to the internal port from {} does not have the secret of this ledger's nodes (serai.node.secretFile){}",
                        request.remoteAddress().host(),
                        LogPace.more(untold));
            }
            request.response().setStatusCode(401).end();
            return;
        }
        if (ChangeFrames.PROTOCOL.equals(request.getHeader("Upgrade"))) {
            HttpServerConnection connection = (HttpServerConnection) request.connection();
            request.toNetSocket().onSuccess(upgraded -> new LinkPort(connection.channel(), this::ready));
            return;
        }
        Context loop = Vertx.currentContext();
        request.body().onSuccess(body -> answer(request, body.getBytes(), loop).whenComplete((answer, failure) -> {
            if (Vertx.currentContext() == loop) {
                send(request, answer, failure);
            } else {
                loop.runOnContext(none -> send(request, answer, failure));
            }
        }));
    }

    private static void send(HttpServerRequest request, @Nullable Object answer, @Nullable Throwable failure) {
        if (failure != null) {
            PeerFailure refused = PeerFailure.of(failure);
            request.response().setStatusCode(refused.status()).end(Buffer.buffer(PeerJson.write(refused)));
        } else if (answer != null) {
            request.response().end(Buffer.buffer(PeerJson.write(answer)));
        }
    }

    private CompletableFuture<?> answer(HttpServerRequest request, byte[] body, Context loop) {
        try {
            ShardCalls calls = ready();
            if (!request.method().equals(HttpMethod.POST)) {
                throw new LedgerException.Invalid("the internal port takes POST alone");
            }
            return call(calls, request.path(), body, loop);
        } catch (IOException e) {
            return CompletableFuture.failedFuture(
                    new LedgerException.Invalid("not a call of this version: " + e.getMessage()));
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private ShardCalls ready() {
        ShardCalls calls = own;
        if (calls == null) {
            throw new LedgerException.Overloaded("this node is starting: send it again", SOON);
        }
        return calls;
    }

    private static CompletableFuture<?> call(ShardCalls own, String path, byte[] body, Context loop)
            throws IOException {
        switch (path) {
            case PeerJson.ACCEPT -> {
                AcceptCall call = PeerJson.read(body, AcceptCall.class);
                return own.accept(call.shard(), call.changes(), ((ContextInternal) loop).nettyEventLoop())
                        .thenApply(Accepted::new);
            }
            case PeerJson.ACCEPT_AND_WAIT -> {
                WaitCall call = PeerJson.read(body, WaitCall.class);
                return own.acceptAndWait(
                        call.shard(), call.change(), call.await(), Duration.ofMillis(call.timeoutMillis()));
            }
            case PeerJson.CURSOR -> {
                CursorCall call = PeerJson.read(body, CursorCall.class);
                Cursor cursor = new Cursor(call.name(), call.value(), call.savedAt());
                return done(own.save(call.shard(), cursor));
            }
            case PeerJson.ACT -> {
                ActCall call = PeerJson.read(body, ActCall.class);
                return own.act(call.shard(), call.order());
            }
            case PeerJson.NEW_REPLAY -> {
                return own.newReplay().thenApply(ReplayId::new);
            }
            case PeerJson.REPLAY -> {
                return own.replay(PeerJson.read(body, ReplayOrder.class));
            }
            case PeerJson.AUDIT -> {
                return own.audit(PeerJson.read(body, AuditEntry.class)).thenApply(AuditId::new);
            }
            case PeerJson.PROGRESS -> {
                return own.progress();
            }
            case PeerJson.FEED -> {
                return own.feed(PeerJson.read(body, FeedCall.class));
            }
            case PeerJson.COUNT -> {
                CountCall call = PeerJson.read(body, CountCall.class);
                return own.count(call.minute(), call.rows()).thenApply(Drifts::new);
            }
            case PeerJson.ASK -> {
                AskCall call = PeerJson.read(body, AskCall.class);
                return own.ask(call.part(), call.text()).thenApply(PartText::new);
            }
            case PeerJson.PAUSE -> {
                PauseCall call = PeerJson.read(body, PauseCall.class);
                return done(own.pause(new TargetName(call.flow(), call.target()), call.pause()));
            }
            case PeerJson.REMOVE -> {
                RemoveCall call = PeerJson.read(body, RemoveCall.class);
                return done(own.remove(new TargetName(call.flow(), call.target())));
            }
            default ->
                throw new LedgerException.Invalid("the internal port does not know " + path
                        + ": the nodes of a ledger must run the same program");
        }
    }

    private static CompletableFuture<CallDone> done(CompletableFuture<Void> call) {
        return call.thenApply(none -> new CallDone(true));
    }
}
