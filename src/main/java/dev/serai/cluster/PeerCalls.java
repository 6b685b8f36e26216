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
import dev.serai.ledger.audit.AuditEntry;
import dev.serai.ledger.cluster.ClusterNode;
import dev.serai.ledger.cluster.FeedAnswer;
import dev.serai.ledger.cluster.FeedCall;
import dev.serai.ledger.cluster.NodeProgress;
import dev.serai.ledger.cluster.PortClosedException;
import dev.serai.ledger.cluster.ReplayOrder;
import dev.serai.ledger.cluster.ShardCalls;
import dev.serai.ledger.cluster.ShardOrder;
import dev.serai.ledger.cluster.ShardOrder.OrderResult;
import dev.serai.ledger.delivery.Confirmation;
import dev.serai.ledger.history.ChainRows;
import dev.serai.ledger.history.TargetDrift;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Cursor;
import dev.serai.ledger.model.Receipt;
import dev.serai.ledger.model.Store.Replay;
import dev.serai.ledger.model.TargetCounts.Pause;
import dev.serai.ledger.model.TargetName;
import io.netty.channel.ConnectTimeoutException;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Calls the internal ports of other nodes, over one HTTP/2 connection for each.
 *
 * <p>Threads: safe; futures complete on the given executor, unless a call names another one.
 */
final class PeerCalls {
    private static final Duration CONNECT_MAX = Duration.ofSeconds(2);
    /** As long as a lease: a node that answers later may have lost the shard. */
    private static final Duration ANSWER_MAX = Duration.ofSeconds(6);

    private static final Duration PROGRESS_MAX = Duration.ofSeconds(3);

    private final HttpClient client;
    private final String authorization;
    private final Executor completions;

    /** @param secret that of all nodes of the ledger */
    PeerCalls(Vertx vertx, String secret, Executor completions) {
        this.client = vertx.createHttpClient(new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false)
                .setHttp2MaxPoolSize(1)
                .setConnectTimeout((int) CONNECT_MAX.toMillis()));
        this.authorization = "Bearer " + secret;
        this.completions = completions;
    }

    /** The calls to a node. */
    ShardCalls at(ClusterNode node) {
        return new CallsTo(node);
    }

    private <T> CompletableFuture<T> call(
            ClusterNode node, String path, Object message, Class<T> answer, Duration answerMax) {
        return call(node, path, message, answer, answerMax, completions);
    }

    private <T> CompletableFuture<T> call(
            ClusterNode node, String path, Object message, Class<T> answer, Duration answerMax, Executor completes) {
        int colon = node.address().lastIndexOf(':');
        // Both limits: a process that stands still accepts a connection, but sends no greeting.
        RequestOptions to = new RequestOptions()
                .setHost(node.address().substring(0, colon))
                .setPort(Integer.parseInt(node.address().substring(colon + 1)))
                .setMethod(HttpMethod.POST)
                .setURI(path)
                .setConnectTimeout(CONNECT_MAX.toMillis())
                .setIdleTimeout(answerMax.toMillis())
                .putHeader("Authorization", authorization);
        Buffer body = Buffer.buffer(PeerJson.write(message));
        // The body is asked for where the head arrives: by a step that is added here it can be over before.
        return client.request(to)
                .compose(request -> request.send(body).compose(response -> response.body()
                        .map(bytes -> new PeerAnswer(response.statusCode(), bytes.getBytes()))))
                .toCompletionStage()
                .toCompletableFuture()
                .handleAsync((answered, failure) -> read(node, answered, failure, answer), completes);
    }

    private record PeerAnswer(int status, byte[] body) {}

    private static <T> T read(
            ClusterNode node, @Nullable PeerAnswer answered, @Nullable Throwable failure, Class<T> type) {
        String name = "node " + node.name() + " at " + node.address();
        if (failure != null || answered == null) {
            throw PeerFailure.noAnswer(name, failure == null ? new IOException("no answer") : cause(failure));
        }
        if (answered.status() == 401) {
            throw PeerFailure.noAnswer(name, new IOException("it has another secret (serai.node.secretFile)"));
        }
        try {
            if (answered.status() != 200) {
                throw PeerJson.read(answered.body(), PeerFailure.class).toException();
            }
            return PeerJson.read(answered.body(), type);
        } catch (IOException e) {
            throw PeerFailure.noAnswer(name, e);
        }
    }

    private static Throwable cause(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return isRefused(cause) ? new PortClosedException(cause) : cause;
    }

    /** Of the failures of this type a refusal is the only one that comes before {@link #CONNECT_MAX}; its text depends on the locale. */
    private static boolean isRefused(Throwable failure) {
        return failure instanceof ConnectException && !(failure instanceof ConnectTimeoutException);
    }

    /** The calls to one node. */
    private final class CallsTo implements ShardCalls {
        private final ClusterNode node;

        CallsTo(ClusterNode node) {
            this.node = node;
        }

        @Override
        public CompletableFuture<List<Receipt>> accept(int shard, List<Change> changes, @Nullable Executor loop) {
            AcceptCall call = new AcceptCall(shard, changes);
            Executor completes = loop == null ? completions : loop;
            return call(node, PeerJson.ACCEPT, call, Accepted.class, ANSWER_MAX, completes)
                    .thenApply(Accepted::receipts);
        }

        @Override
        public CompletableFuture<Confirmation> acceptAndWait(
                int shard, Change change, @Nullable String await, Duration timeout) {
            WaitCall call = new WaitCall(shard, change, await, timeout.toMillis());
            return call(node, PeerJson.ACCEPT_AND_WAIT, call, Confirmation.class, timeout.plus(ANSWER_MAX));
        }

        @Override
        public CompletableFuture<Void> save(int shard, Cursor cursor) {
            return done(PeerJson.CURSOR, new CursorCall(shard, cursor.name(), cursor.value(), cursor.savedAt()));
        }

        @Override
        public CompletableFuture<OrderResult> act(int shard, ShardOrder order) {
            return call(node, PeerJson.ACT, new ActCall(shard, order), OrderResult.class, ANSWER_MAX);
        }

        @Override
        public CompletableFuture<Long> newReplay() {
            return call(node, PeerJson.NEW_REPLAY, new CallDone(true), ReplayId.class, ANSWER_MAX)
                    .thenApply(ReplayId::id);
        }

        @Override
        public CompletableFuture<Replay> replay(ReplayOrder order) {
            return call(node, PeerJson.REPLAY, order, Replay.class, ANSWER_MAX);
        }

        @Override
        public CompletableFuture<Long> audit(AuditEntry entry) {
            return call(node, PeerJson.AUDIT, entry, AuditId.class, ANSWER_MAX).thenApply(AuditId::id);
        }

        @Override
        public CompletableFuture<NodeProgress> progress() {
            return call(node, PeerJson.PROGRESS, new CallDone(true), NodeProgress.class, PROGRESS_MAX);
        }

        @Override
        public CompletableFuture<FeedAnswer> feed(FeedCall call) {
            return call(node, PeerJson.FEED, call, FeedAnswer.class, ANSWER_MAX.plusMillis(call.waitMillis()));
        }

        @Override
        public CompletableFuture<List<TargetDrift>> count(Instant minute, List<ChainRows> rows) {
            return call(node, PeerJson.COUNT, new CountCall(minute, rows), Drifts.class, ANSWER_MAX)
                    .thenApply(Drifts::drifts);
        }

        @Override
        public CompletableFuture<String> ask(String part, String text) {
            return call(node, PeerJson.ASK, new AskCall(part, text), PartText.class, ANSWER_MAX)
                    .thenApply(PartText::text);
        }

        @Override
        public CompletableFuture<Void> pause(TargetName name, @Nullable Pause pause) {
            return done(PeerJson.PAUSE, PauseCall.of(name.flow(), name.target(), pause));
        }

        @Override
        public CompletableFuture<Void> remove(TargetName name) {
            return done(PeerJson.REMOVE, new RemoveCall(name.flow(), name.target()));
        }

        private CompletableFuture<Void> done(String path, Object message) {
            return call(node, path, message, CallDone.class, ANSWER_MAX).thenApply(done -> null);
        }
    }
}
