package dev.serai.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.cluster.PeerJson.AcceptCall;
import dev.serai.cluster.PeerJson.Accepted;
import dev.serai.ledger.cluster.ClusterNode;
import dev.serai.ledger.cluster.ShardCalls;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.Operation;
import dev.serai.ledger.model.Receipt;
import io.netty.channel.EventLoop;
import io.netty.channel.nio.NioEventLoopGroup;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ChangeLinkTest {
    private static final String SECRET = "what only the nodes know";

    private final NioEventLoopGroup loops = new NioEventLoopGroup(1);
    private final EventLoop loop = loops.next();
    private final BlockingQueue<Arrived> arrived = new LinkedBlockingQueue<>();
    private PeerNetwork sender;
    private PeerNetwork owner;

    private record Arrived(Change change, CompletableFuture<List<Receipt>> answer) {}

    @BeforeEach
    void open() throws IOException {
        sender = PeerNetwork.open("127.0.0.1", 0, SECRET, Runnable::run);
        owner = PeerNetwork.open("127.0.0.1", 0, SECRET, Runnable::run);
        owner.serve(keeping(arrived));
    }

    @AfterEach
    void close() {
        sender.close();
        owner.close();
        loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    }

    /** Answers nothing by itself. */
    private static ShardCalls keeping(BlockingQueue<Arrived> arrived) {
        return (ShardCalls) Proxy.newProxyInstance(
                ShardCalls.class.getClassLoader(), new Class<?>[] {ShardCalls.class}, (proxy, method, given) -> {
                    Arrived one = new Arrived((Change) ((List<?>) given[1]).get(0), new CompletableFuture<>());
                    arrived.add(one);
                    return one.answer();
                });
    }

    private static Change change(String id) {
        return new Change(
                "orders", id, "key", "7", Operation.UPSERT, null, Map.of(), id.getBytes(StandardCharsets.UTF_8));
    }

    private static Receipt receipt(String id) {
        return new Receipt("orders", id, 1L << 40, false);
    }

    private ShardCalls at(String address) {
        return sender.at(new ClusterNode("id", "owner", address));
    }

    private CompletableFuture<List<Receipt>> pass(String id, Executor from) {
        return at(owner.address()).accept(3, List.of(change(id)), from);
    }

    private Arrived next() throws InterruptedException {
        Arrived next = arrived.poll(120, TimeUnit.SECONDS);
        assertThat(next).isNotNull();
        return next;
    }

    private static <T> T get(CompletableFuture<T> answer) throws Exception {
        return answer.get(120, TimeUnit.SECONDS);
    }

    @Test
    void changesArriveInTheirOrderAndEachGetsItsOwnAnswerWhenThatIsThere() throws Exception {
        List<CompletableFuture<List<Receipt>>> answers = Collections.synchronizedList(new ArrayList<>());
        loop.submit(() -> {
                    for (int i = 0; i < 500; i++) {
                        answers.add(pass("id " + i, loop));
                    }
                })
                .sync();
        List<Arrived> came = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            came.add(next());
        }
        assertThat(came).extracting(one -> one.change().id()).isEqualTo(ids(500));
        for (int i = 499; i > 0; i--) {
            came.get(i).answer().complete(List.of(receipt("id " + i)));
            assertThat(get(answers.get(i))).containsExactly(receipt("id " + i));
        }
        assertThat(answers.get(0)).isNotDone();
        came.get(0).answer().completeExceptionally(new LedgerException.Conflict("orders", "id 0", "body"));
        assertThatThrownBy(() -> get(answers.get(0))).cause().isInstanceOf(LedgerException.Conflict.class);
    }

    private static List<String> ids(int count) {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ids.add("id " + i);
        }
        return ids;
    }

    @Test
    void theAnswerComesOnTheEventLoopThatPassedTheChangeOn() throws Exception {
        CompletableFuture<Boolean> onLoop = new CompletableFuture<>();
        loop.execute(() -> pass("id", loop).thenAccept(receipts -> onLoop.complete(loop.inEventLoop())));
        next().answer().complete(List.of(receipt("id")));
        assertThat(get(onLoop)).isTrue();
    }

    @Test
    void aChangeOfAMegabyteArrivesWhole() throws Exception {
        String large = "x".repeat(1 << 20);
        pass(large, null);
        assertThat(next().change()).usingRecursiveComparison().isEqualTo(change(large));
    }

    @Test
    void aNodeThatIsStartingAsksToSendItAgain() throws Exception {
        try (PeerNetwork starting = PeerNetwork.open("127.0.0.1", 0, SECRET, Runnable::run)) {
            assertThatThrownBy(() -> get(at(starting.address()).accept(3, List.of(change("id")), null)))
                    .cause()
                    .isInstanceOf(LedgerException.Overloaded.class);
        }
    }

    @Test
    void changesWithoutAnAnswerFailWhenTheNodeGoesAndLaterOnesWhileItIsAway() throws Exception {
        CompletableFuture<List<Receipt>> answer = pass("id", null);
        next();
        String address = owner.address();
        owner.close();
        assertUnknown(answer);
        assertUnknown(at(address).accept(3, List.of(change("later")), null));
    }

    private static void assertUnknown(CompletableFuture<?> answer) {
        assertThatThrownBy(() -> get(answer))
                .cause()
                .isInstanceOf(LedgerException.Unavailable.class)
                .hasMessageContaining("node owner at 127.0.0.1:");
    }

    @Test
    void aNodeThatStandsStillLeavesItUnknown() throws Exception {
        try (ServerSocket still = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) { // nobody accepts
            assertUnknown(at("127.0.0.1:" + still.getLocalPort()).accept(3, List.of(change("id")), null));
        }
    }

    @Test
    void tooManyChangesWithoutAnAnswerAreRefused() throws Exception {
        CompletableFuture<Throwable> refused = new CompletableFuture<>();
        loop.submit(() -> {
                    for (int i = 0; i < 10_001; i++) {
                        CompletableFuture<List<Receipt>> answer = pass("id " + i, loop);
                        if (i == 10_000) {
                            answer.whenComplete((receipts, failure) -> refused.complete(failure));
                        }
                    }
                })
                .sync();
        assertThat(get(refused)).hasRootCauseInstanceOf(LedgerException.Overloaded.class);
    }

    /** As all were before there were links: they answer 422 to what they do not know. */
    @Test
    void aNodeOfAnEarlierVersionGetsChangesInTheOldWay() throws Exception {
        Vertx vertx = Vertx.vertx();
        try {
            int port = vertx.createHttpServer()
                    .requestHandler(ChangeLinkTest::answerAsBefore)
                    .listen(0, "127.0.0.1")
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get()
                    .actualPort();
            for (String id : List.of("first", "second")) {
                assertThat(get(at("127.0.0.1:" + port).accept(3, List.of(change(id)), null)))
                        .containsExactly(receipt(id));
            }
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().get();
        }
    }

    private static void answerAsBefore(HttpServerRequest request) {
        request.body().onSuccess(body -> {
            if (!request.path().equals("/accept")) {
                request.response().setStatusCode(422).end("{\"kind\":\"INVALID\",\"message\":\"?\",\"retryMillis\":0}");
                return;
            }
            try {
                String id = PeerJson.read(body.getBytes(), AcceptCall.class)
                        .changes()
                        .get(0)
                        .id();
                request.response().end(Buffer.buffer(PeerJson.write(new Accepted(List.of(receipt(id))))));
            } catch (IOException e) {
                request.response().setStatusCode(500).end();
            }
        });
    }
}
