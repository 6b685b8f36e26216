package dev.serai.cluster;

import dev.serai.cluster.ChangeFrames.AwaitedDelivery;
import dev.serai.cluster.ChangeFrames.PassedChange;
import dev.serai.cluster.ChangeLink.OpenCall;
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
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Calls the internal ports of other nodes, over one HTTP/2 connection for each. Single changes go over {@link ChangeLinks}.
 *
 * <p>Threads: safe; futures complete on the given executor, unless a call names another one.
 */
final class PeerCalls {
    private static final Duration CONNECT_MAX = Duration.ofSeconds(2);
    /** As long as a lease: a node that answers later may have lost the shard. */
    private static final Duration ANSWER_MAX = Duration.ofSeconds(6);

    private static final Duration PROGRESS_MAX = Duration.ofSeconds(3);

    private final HttpClient client;
    private final ChangeLinks links;
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
        this.links = new ChangeLinks(vertx, authorization, CONNECT_MAX);
        this.completions = completions;
    }

    /** Ends the calls under way that pass changes on. */
    void close() {
        links.close();
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
        // Both limits: a process that stands still accepts a connection, but sends no greeting.
        RequestOptions to = to(node).setMethod(HttpMethod.POST)
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

    static RequestOptions to(ClusterNode node) {
        int colon = node.address().lastIndexOf(':');
        return new RequestOptions()
                .setHost(node.address().substring(0, colon))
                .setPort(Integer.parseInt(node.address().substring(colon + 1)));
    }

    private record PeerAnswer(int status, byte[] body) {}

    private static <T> T read(
            ClusterNode node, @Nullable PeerAnswer answered, @Nullable Throwable failure, Class<T> type) {
        if (failure != null || answered == null) {
            throw PeerFailure.noAnswer(node, failure == null ? new IOException("no answer") : failure);
        }
        if (answered.status() == 401) {
            throw PeerFailure.noAnswer(node, new IOException(PeerFailure.OTHER_SECRET));
        }
        try {
            if (answered.status() != 200) {
                throw PeerJson.read(answered.body(), PeerFailure.class).toException();
            }
            return PeerJson.read(answered.body(), type);
        } catch (IOException e) {
            throw PeerFailure.noAnswer(node, e);
        }
    }

    /** The calls to one node. */
    private final class CallsTo implements ShardCalls {
        private final ClusterNode node;

        CallsTo(ClusterNode node) {
            this.node = node;
        }

        @Override
        public CompletableFuture<List<Receipt>> accept(int shard, List<Change> changes, @Nullable Executor loop) {
            Executor completes = loop == null ? completions : loop;
            if (changes.size() != 1) {
                return acceptOverHttp(shard, changes, completes);
            }
            PassedChange passed = new PassedChange(shard, changes.get(0), null);
            return links.pass(
                            node,
                            loop,
                            new OpenCall<>(
                                    passed,
                                    Receipt.class,
                                    () -> acceptOverHttp(shard, changes, completes)
                                            .thenApply(receipts -> receipts.get(0)),
                                    completes,
                                    ANSWER_MAX))
                    .thenApply(List::of);
        }

        private CompletableFuture<List<Receipt>> acceptOverHttp(int shard, List<Change> changes, Executor completes) {
            AcceptCall call = new AcceptCall(shard, changes);
            return call(node, PeerJson.ACCEPT, call, Accepted.class, ANSWER_MAX, completes)
                    .thenApply(Accepted::receipts);
        }

        @Override
        public CompletableFuture<Confirmation> acceptAndWait(
                int shard, Change change, @Nullable String await, Duration timeout) {
            Duration answerMax = timeout.plus(ANSWER_MAX);
            WaitCall call = new WaitCall(shard, change, await, timeout.toMillis());
            PassedChange passed = new PassedChange(shard, change, new AwaitedDelivery(await, timeout));
            return links.pass(
                    node,
                    null,
                    new OpenCall<>(
                            passed,
                            Confirmation.class,
                            () -> call(node, PeerJson.ACCEPT_AND_WAIT, call, Confirmation.class, answerMax),
                            completions,
                            answerMax));
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
