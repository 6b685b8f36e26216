package dev.serai.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.serai.ledger.audit.AuditEntry;
import dev.serai.ledger.cluster.ClusterNode;
import dev.serai.ledger.cluster.FeedAnswer;
import dev.serai.ledger.cluster.FeedCall;
import dev.serai.ledger.cluster.FeedCall.FeedStep;
import dev.serai.ledger.cluster.NodeNews;
import dev.serai.ledger.cluster.NodeProgress;
import dev.serai.ledger.cluster.PortClosedException;
import dev.serai.ledger.cluster.ReplayOrder;
import dev.serai.ledger.cluster.ShardCalls;
import dev.serai.ledger.cluster.ShardOrder;
import dev.serai.ledger.cluster.ShardOrder.OrderResult;
import dev.serai.ledger.cluster.TargetPart;
import dev.serai.ledger.delivery.CircuitState;
import dev.serai.ledger.delivery.Confirmation;
import dev.serai.ledger.delivery.RecentOutcomes.Summary;
import dev.serai.ledger.delivery.Reply;
import dev.serai.ledger.delivery.Trouble;
import dev.serai.ledger.history.ChainRows;
import dev.serai.ledger.history.ChainRows.PeriodRow;
import dev.serai.ledger.history.ChainRows.ScoreRow;
import dev.serai.ledger.history.TargetDrift;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Cursor;
import dev.serai.ledger.model.DeliveryFilter;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.Operation;
import dev.serai.ledger.model.Receipt;
import dev.serai.ledger.model.Store.Replay;
import dev.serai.ledger.model.Store.ReplayState;
import dev.serai.ledger.model.StoreException.StoreAwayException;
import dev.serai.ledger.model.TargetCounts.Pause;
import dev.serai.ledger.model.TargetName;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PeerNetworkTest {
    private static final String SECRET = "what only the nodes know";
    private static final Change CHANGE = new Change(
            "orders",
            "id 1",
            "key \u00fc",
            null,
            Operation.DELETE,
            "text/plain",
            Map.of("A", "1"),
            "body \u0000\u00ff".getBytes(StandardCharsets.ISO_8859_1),
            true);

    private final Recorded own = new Recorded();
    private PeerNetwork network;

    @BeforeEach
    void open() throws IOException {
        network = PeerNetwork.open("127.0.0.1", 0, SECRET, Runnable::run);
        network.serve(own);
    }

    @AfterEach
    void close() {
        network.close();
    }

    private ShardCalls self() {
        return network.at(new ClusterNode("id", "other", network.address()));
    }

    @Test
    void aChangeArrivesWholeAndItsReceiptComesBack() throws Exception {
        own.answer = CompletableFuture.completedFuture(List.of(new Receipt("orders", "id 1", 65, true)));
        assertThat(self().accept(3, List.of(CHANGE), null).get())
                .containsExactly(new Receipt("orders", "id 1", 65, true));
        Change got = own.changes.get(0);
        assertThat(got).usingRecursiveComparison().isEqualTo(CHANGE);
        assertThat(own.shard).isEqualTo(3);
    }

    @Test
    void theAnswerOfATargetComesBackToTheSenderThatWaits() throws Exception {
        Reply reply = new Reply("text/plain", new byte[] {1, 2, -1});
        own.confirmation = new Confirmation(
                new Receipt("orders", "id 1", 65, false), DeliveryState.DELIVERED, Map.of("shop", reply), null);
        Confirmation got =
                self().acceptAndWait(3, CHANGE, "shop", Duration.ofSeconds(30)).get();
        assertThat(got).usingRecursiveComparison().isEqualTo(own.confirmation);
    }

    @Test
    void countedAttemptsArriveAsTheyAreAndWhatDriftsComesBack() throws Exception {
        List<ChainRows> rows = List.of(new ChainRows(
                "orders",
                "shop",
                Map.of(3, 7L),
                List.of(new PeriodRow("up", Instant.ofEpochMilli(5), Instant.ofEpochMilli(6), false)),
                List.of(new ScoreRow(0, 7, 0.25, 0.5))));
        assertThat(self().count(Instant.ofEpochSecond(60), rows).get())
                .containsExactly(new TargetDrift("orders", "shop", 0.5, 0.1));
        assertThat(own.counted).isEqualTo(rows);
    }

    @Test
    void aPartOfTheNodeIsAskedAndItsRefusalComesBack() throws Exception {
        assertThat(self().ask("reconcile", "orders").get()).isEqualTo("reconcile of orders");
        assertThatThrownBy(() -> self().ask("reconcile", "").get())
                .cause()
                .isInstanceOf(LedgerException.InUse.class)
                .hasMessage("a run is under way");
    }

    @Test
    void aPauseKeepsWhoAndWhy() throws Exception {
        Pause pause = new Pause(false, Instant.ofEpochMilli(5), "me", "because");
        self().pause(new TargetName("orders", "shop"), pause).get();
        assertThat(own.pause).isEqualTo(pause);
        self().pause(new TargetName("orders", "shop"), null).get();
        assertThat(own.pause).isNull();
    }

    @Test
    void whatAnOperatorWantsIsDoneThere() throws Exception {
        ShardOrder order = new ShardOrder("orders", "shop", ShardOrder.Act.SKIP, List.of(1L << 40, 3L), "because");
        assertThat(self().act(2, order).get()).isEqualTo(new OrderResult(1, 2, List.of(3L)));
        assertThat(own.orders).containsExactly(order);
    }

    @Test
    void aReplayIsBegunThereAndItsStateComesBack() throws Exception {
        DeliveryFilter filter = new DeliveryFilter(
                "orders",
                null,
                List.of("k"),
                List.of(3L),
                "no",
                -5L,
                400,
                Instant.parse("2026-01-02T03:04:05.678901Z"),
                null);
        assertThat(self().newReplay().get()).isEqualTo(4);
        ReplayOrder order = ReplayOrder.begin(4, filter, 0.5, 7);
        Replay begun = self().replay(order).get();
        assertThat(own.replayed).isEqualTo(order);
        assertThat(begun)
                .isEqualTo(new Replay(
                        4, filter, 0.5, ReplayState.RUNNING, Instant.ofEpochMilli(5), null, null, 7, 1, 0, 0));
    }

    @Test
    void whatWasDoneAndByWhomIsKeptThere() throws Exception {
        AuditEntry entry =
                new AuditEntry(3, Instant.ofEpochMilli(5), "me", "pause", "orders/shop", null, null, "because", "done");
        assertThat(self().audit(entry).get()).isEqualTo(17);
        assertThat(own.audited).isEqualTo(entry);
    }

    @Test
    void theStateOfTargetsComesBack() throws Exception {
        TargetPart part = TargetPart.of(
                "orders",
                "shop",
                new int[] {1, 2, 3},
                CircuitState.OPEN,
                new Trouble("refused", Instant.ofEpochMilli(7)),
                4,
                new Summary(9, 8, Instant.ofEpochMilli(6), "no", 5, 4),
                11,
                12,
                true,
                List.of(1L << 40, 3L));
        own.progress = new NodeProgress(
                List.of(part), new NodeNews(Map.of("orders", "1"), "[]", Map.of("orders/shop", "why")));
        assertThat(self().progress().get()).isEqualTo(own.progress);
    }

    @Test
    void aCallAboutAFeedArrivesAndItsChangesComeBack() throws Exception {
        for (FeedCall call : List.of(
                FeedCall.lease("orders/mobile", 7, 100, "id of a node"),
                FeedCall.lease("orders/mobile", 7, 0, null),
                FeedCall.of(FeedStep.ACKNOWLEDGE, "orders/mobile", "orders/mobile~id:1"))) {
            FeedAnswer answer = self().feed(call).get();
            assertThat(own.asked).isEqualTo(call);
            assertThat(answer.cursor()).isEqualTo("orders/mobile~id:1");
            assertThat(answer.changes()).containsExactly(new byte[] {'{', -1}, new byte[0]);
            assertThat(answer.ack()).isEqualTo("DONE");
        }
    }

    @Test
    void eachRefusalIsTheSameForTheSender() {
        assertThatThrownBy(() -> refused(new LedgerException.Overloaded("later", Duration.ofSeconds(7))))
                .cause()
                .isInstanceOfSatisfying(LedgerException.Overloaded.class, refusal -> assertThat(refusal.retryAfter())
                        .isEqualTo(Duration.ofSeconds(7)));
        assertThatThrownBy(() -> refused(new LedgerException.Conflict("orders", "id 1", "body")))
                .cause()
                .isInstanceOf(LedgerException.Conflict.class)
                .hasMessageContaining("another body");
        assertThatThrownBy(() -> refused(new LedgerException.Invalid("no")))
                .cause()
                .isInstanceOf(LedgerException.Invalid.class)
                .hasMessage("no");
        assertThatThrownBy(() -> refused(new LedgerException.Unavailable("away", new StoreAwayException("x"))))
                .cause()
                .isInstanceOf(LedgerException.Unavailable.class)
                .hasCauseInstanceOf(StoreAwayException.class);
    }

    private void refused(LedgerException refusal) throws Exception {
        own.answer = CompletableFuture.failedFuture(refusal);
        self().accept(3, List.of(CHANGE), null).get();
    }

    @Test
    void aNodeThatDoesNotAnswerLeavesItUnknown() {
        ShardCalls nobody = network.at(new ClusterNode("id", "gone", "127.0.0.1:1"));
        assertThatThrownBy(() -> nobody.accept(3, List.of(CHANGE), null).get())
                .cause()
                .isInstanceOf(LedgerException.Unavailable.class)
                .hasMessageContaining("node gone at 127.0.0.1:1 does not answer")
                .hasCauseInstanceOf(StoreAwayException.class);
    }

    @Test
    void aPortWhereNobodyListensIsToldFromOneWhoseProcessStandsStill() throws Exception {
        ServerSocket closed = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        closed.close();
        try (ServerSocket still = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) { // nobody accepts
            assertThat(failures(still.getLocalPort())).isNotEmpty().noneMatch(PortClosedException.class::isInstance);
            assertThat(failures(closed.getLocalPort())).anyMatch(PortClosedException.class::isInstance);
        }
    }

    /** Of a node that is asked for its progress. */
    private List<Throwable> failures(int port) {
        ShardCalls other = network.at(new ClusterNode("id", "other", "127.0.0.1:" + port));
        Throwable failure = catchThrowable(() -> other.progress().get());
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause).toList();
    }

    @Test
    void aStrangerIsRefusedAndNothingIsDone() throws Exception {
        for (String authorization : List.of("Bearer wrong", "Basic " + SECRET, "Bearer")) {
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + network.address() + "/accept"))
                    .header("Authorization", authorization)
                    .POST(HttpRequest.BodyPublishers.ofString("{\"shard\":1,\"changes\":[]}"))
                    .build();
            assertThat(HttpClient.newHttpClient()
                            .send(request, HttpResponse.BodyHandlers.discarding())
                            .statusCode())
                    .isEqualTo(401);
        }
        try (PeerNetwork stranger = PeerNetwork.open("127.0.0.1", 0, "another secret", Runnable::run)) {
            ShardCalls calls = stranger.at(new ClusterNode("id", "other", network.address()));
            assertThatThrownBy(() -> calls.accept(1, List.of(CHANGE), null).get())
                    .cause()
                    .isInstanceOf(LedgerException.Unavailable.class)
                    .hasMessageContaining("serai.node.secretFile");
        }
        assertThat(own.changes).isEmpty();
    }

    /** Keeps what it was asked. */
    private static final class Recorded implements ShardCalls {
        private final List<Change> changes = new ArrayList<>();
        private CompletableFuture<List<Receipt>> answer = CompletableFuture.completedFuture(List.of());
        private Confirmation confirmation;
        private @Nullable Pause pause;
        private @Nullable List<ChainRows> counted;
        private int shard;
        private NodeProgress progress;
        private AuditEntry audited;
        private ReplayOrder replayed;
        private FeedCall asked;
        private final List<ShardOrder> orders = new ArrayList<>();

        @Override
        public CompletableFuture<List<Receipt>> accept(int number, List<Change> some, @Nullable Executor loop) {
            shard = number;
            changes.addAll(some);
            return answer;
        }

        @Override
        public CompletableFuture<Confirmation> acceptAndWait(
                int number, Change change, @Nullable String await, Duration timeout) {
            assertThat(await).isEqualTo("shop");
            assertThat(timeout).isEqualTo(Duration.ofSeconds(30));
            return CompletableFuture.completedFuture(confirmation);
        }

        @Override
        public CompletableFuture<Void> save(int number, Cursor cursor) {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletableFuture<OrderResult> act(int number, ShardOrder order) {
            orders.add(order);
            return CompletableFuture.completedFuture(new OrderResult(1, 2, List.of(3L)));
        }

        @Override
        public CompletableFuture<Long> newReplay() {
            return CompletableFuture.completedFuture(4L);
        }

        @Override
        public CompletableFuture<Replay> replay(ReplayOrder order) {
            replayed = order;
            return CompletableFuture.completedFuture(new Replay(
                    order.id(),
                    order.filter(),
                    order.rate(),
                    ReplayState.RUNNING,
                    Instant.ofEpochMilli(5),
                    null,
                    null,
                    order.matched(),
                    1,
                    0,
                    0));
        }

        @Override
        public CompletableFuture<Long> audit(AuditEntry entry) {
            audited = entry;
            return CompletableFuture.completedFuture(17L);
        }

        @Override
        public CompletableFuture<NodeProgress> progress() {
            return CompletableFuture.completedFuture(progress);
        }

        @Override
        public CompletableFuture<FeedAnswer> feed(FeedCall call) {
            asked = call;
            return CompletableFuture.completedFuture(
                    new FeedAnswer("orders/mobile~id:1", List.of(new byte[] {'{', -1}, new byte[0]), "DONE"));
        }

        @Override
        public CompletableFuture<List<TargetDrift>> count(Instant minute, List<ChainRows> rows) {
            counted = rows;
            return CompletableFuture.completedFuture(List.of(new TargetDrift("orders", "shop", 0.5, 0.1)));
        }

        @Override
        public CompletableFuture<String> ask(String part, String text) {
            return text.isEmpty()
                    ? CompletableFuture.failedFuture(new LedgerException.InUse("a run is under way"))
                    : CompletableFuture.completedFuture(part + " of " + text);
        }

        @Override
        public CompletableFuture<Void> pause(TargetName name, @Nullable Pause now) {
            pause = now;
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletableFuture<Void> remove(TargetName name) {
            return CompletableFuture.completedFuture(null);
        }
    }
}
