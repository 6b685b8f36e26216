package dev.serai.camel.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.serai.camel.feed.Feed.Ack;
import dev.serai.camel.http.ByteBudget;
import dev.serai.ledger.cluster.ClusterNode;
import dev.serai.ledger.cluster.ClusterView;
import dev.serai.ledger.cluster.FeedAnswer;
import dev.serai.ledger.cluster.FeedCall;
import dev.serai.ledger.cluster.NodeTalk;
import dev.serai.ledger.cluster.PeerWatch;
import dev.serai.ledger.cluster.Peers;
import dev.serai.ledger.cluster.ShardCalls;
import dev.serai.ledger.delivery.FailureCounts;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.time.TimeSource;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Three nodes, each with a part of the feed. */
class SharedFeedTest {
    private static final String NAME = "orders/mobile";
    private static final Duration ACK_TIMEOUT = Duration.ofMinutes(5);

    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
    private final Map<String, NodeTalk> talks = new ConcurrentHashMap<>();
    private final List<ClusterNode> nodes = new CopyOnWriteArrayList<>();
    private final List<FeedCall> calls = new CopyOnWriteArrayList<>();
    /** The answers of other nodes come when this is completed. */
    private volatile @Nullable CompletableFuture<Void> held;

    private volatile boolean away;
    private final FeedNode a = new FeedNode("a");
    private final FeedNode b = new FeedNode("b");
    private final FeedNode c = new FeedNode("c");

    @AfterEach
    void close() {
        timer.shutdownNow();
    }

    private final class FeedNode {
        final Feed feed;
        final SharedFeed shared;
        final ByteBudget budget = new ByteBudget(1 << 20);

        FeedNode(String id) {
            nodes.add(new ClusterNode(id, id, "127.0.0.1:1"));
            NodeTalk talk = new NodeTalk();
            Peers peers = peers();
            ClusterView none = new ClusterView(id, List.of(), List.of());
            talk.join(
                    peers,
                    new PeerWatch(peers, none, new FailureCounts((target, state, since) -> {}), InstantSource.system()),
                    () -> new ClusterView(id, nodes, List.of()));
            talks.put(id, talk);
            StreamLeases streams = new StreamLeases(ACK_TIMEOUT, timer);
            feed = new Feed(NAME, talk::self, ACK_TIMEOUT, timer, budget, TimeSource.system());
            shared = new SharedFeed(NAME, feed, new FeedPeers(talk, timer), streams, timer, budget);
            talk.open(NAME, new FeedPart(feed, streams, timer));
        }
    }

    private Peers peers() {
        return new Peers() {
            @Override
            public void serve(ShardCalls own) {}

            @Override
            public ShardCalls at(ClusterNode node) {
                return (ShardCalls) Proxy.newProxyInstance(
                        ShardCalls.class.getClassLoader(), new Class<?>[] {ShardCalls.class}, (proxy, method, args) -> {
                            assertThat(method.getName()).isEqualTo("feed");
                            return called(node.id(), (FeedCall) args[0]);
                        });
            }

            @Override
            public void close() {}
        };
    }

    private CompletableFuture<FeedAnswer> called(String node, FeedCall call) {
        calls.add(call);
        if (away) {
            return CompletableFuture.failedFuture(
                    new LedgerException.Unavailable("it does not answer", new StoreException("x")));
        }
        CompletableFuture<FeedAnswer> answer = talks.get(node).answer(call);
        CompletableFuture<Void> until = held;
        return until == null ? answer : until.thenCompose(none -> answer);
    }

    private static final class Waiting implements FeedOffer {
        private final long sequence;
        final AtomicInteger acknowledged = new AtomicInteger();
        volatile boolean isElsewhere;

        Waiting(long sequence) {
            this.sequence = sequence;
        }

        @Override
        public long sequence() {
            return sequence;
        }

        @Override
        public byte[] json() {
            return ("{" + sequence + "}").getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public boolean mayBeRead() {
            return !isElsewhere;
        }

        @Override
        public void acknowledge() {
            acknowledged.incrementAndGet();
        }
    }

    private static final class Reader implements FeedReader {
        private final int limit;
        final CompletableFuture<@Nullable FeedLease> got = new CompletableFuture<>();
        final List<String> ended = new CopyOnWriteArrayList<>();

        Reader(int limit) {
            this.limit = limit;
        }

        @Override
        public int limit() {
            return limit;
        }

        @Override
        public void give(FeedLease lease) {
            assertThat(got.complete(lease)).as("given twice").isTrue();
        }

        @Override
        public void leaseEnded(String cursor) {
            ended.add(cursor);
        }

        @Override
        public void end() {
            got.complete(null);
        }

        List<String> changes() {
            await().until(got::isDone);
            FeedLease lease = got.join();
            assertThat(lease).as("what it was given").isNotNull();
            lease.written().run();
            return lease.changes().stream()
                    .map(json -> new String(json, StandardCharsets.UTF_8))
                    .toList();
        }

        String cursor() {
            return got.join().cursor();
        }
    }

    private static Waiting offer(FeedNode node, long sequence) {
        Waiting offer = new Waiting(sequence);
        node.feed.offer(offer);
        return offer;
    }

    /** Reads what waits at any node, or will. */
    private static Reader read(FeedNode node, int limit) {
        Reader reader = new Reader(limit);
        node.shared.read(reader, false);
        return reader;
    }

    /** Reads what waits now at any node. */
    private static Reader readNow(FeedNode node, int limit) {
        Reader reader = new Reader(limit);
        node.shared.read(reader, true);
        return reader;
    }

    @Test
    void aReaderAtAnyNodeGetsTheChangesOfAllAndAcknowledgesThemAtAny() {
        List<Waiting> all = List.of(offer(a, 1), offer(a, 2), offer(b, 3), offer(b, 4), offer(c, 5));
        List<String> read = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Reader reader = readNow(a, 100);
            read.addAll(reader.changes());
            assertThat(b.shared.acknowledge(reader.cursor()).join()).isEqualTo(Ack.DONE);
            assertThat(a.shared.acknowledge(reader.cursor()).join())
                    .as("a repeat")
                    .isEqualTo(Ack.DONE);
        }
        assertThat(read).containsExactlyInAnyOrder("{1}", "{2}", "{3}", "{4}", "{5}");
        assertThat(all).allSatisfy(offer -> assertThat(offer.acknowledged).hasValue(1));
        assertThat(readNow(b, 100).got.join()).isNull();
        assertThat(a.budget.taken()).isZero();
        assertThat(b.budget.taken()).isZero();
    }

    @Test
    void aNodeThatAlwaysHasChangesDoesNotHoldUpThoseOfAnother() {
        for (FeedNode busy : List.of(a, b)) {
            for (int i = 0; i < 50; i++) {
                offer(busy, i);
            }
        }
        offer(c, 100);
        List<String> read = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            read.addAll(read(a, 1).changes());
        }
        assertThat(read).contains("{100}");
    }

    @Test
    void aReaderThatWaitsGetsWhatComesAtAnyNode() {
        for (FeedNode node : List.of(a, b, c)) {
            Reader reader = read(a, 10);
            assertThat(reader.got).isNotDone();
            offer(node, 7);
            assertThat(reader.changes()).containsExactly("{7}");
            assertThat(c.shared.acknowledge(reader.cursor()).join()).isEqualTo(Ack.DONE);
        }
    }

    @Test
    void aReaderThatWaitsGetsWhatComesAtANodeThatJoinsLater() {
        nodes.removeIf(node -> node.id().equals("b"));
        Reader reader = read(a, 10);
        offer(b, 7);
        assertThat(reader.got).isNotDone();
        nodes.add(new ClusterNode("b", "b", "127.0.0.1:2"));
        assertThat(reader.changes()).containsExactly("{7}");
    }

    @Test
    void severalReadersThatWaitAtOneNodeShareWhatComesAtAnother() {
        Reader first = read(a, 1);
        Reader second = read(a, 1);
        offer(b, 1);
        offer(b, 2);
        assertThat(first.changes()).containsExactly("{1}");
        assertThat(second.changes()).containsExactly("{2}");
    }

    @Test
    void whileReadersWaitOneCallWaitsAtEachOtherNode() {
        for (int i = 0; i < 20; i++) {
            read(a, 1);
        }
        assertThat(calls.stream().filter(call -> call.waitMillis() > 0)).hasSize(2);
    }

    @Test
    void whatComesWhenTheReaderHasGoneIsLeasedToNobody() {
        Reader gone = read(a, 10);
        assertThat(a.shared.cancel(gone)).isTrue();
        assertThat(a.shared.cancel(gone)).isFalse();
        Waiting offer = offer(b, 7);
        Reader next = readNow(b, 10);
        assertThat(next.changes()).containsExactly("{7}");
        assertThat(b.shared.acknowledge(next.cursor()).join()).isEqualTo(Ack.DONE);
        assertThat(offer.acknowledged).hasValue(1);
        assertThat(gone.got).isNotDone();
        assertThat(b.shared.waitReason()).isNull();
    }

    @Test
    void whatIsOnItsWayToAReaderThatHasGoneIsForTheNext() {
        offer(b, 7);
        held = new CompletableFuture<>();
        Reader gone = read(a, 10);
        await().until(() -> calls.stream().anyMatch(call -> call.waitMillis() == 0));
        a.shared.cancel(gone);
        CompletableFuture<Void> until = held;
        held = null;
        Reader next = read(c, 10);
        until.complete(null);
        assertThat(next.changes()).containsExactly("{7}");
        assertThat(gone.got).isNotDone();
        assertThat(b.shared.waitReason()).as("it was never read").isNull();
    }

    @Test
    void aNodeWithoutRoomForAnAnswerGivesItBack() {
        offer(b, 7);
        a.budget.take(1 << 20);
        assertThat(readNow(a, 10).got.join()).isNull();
        Reader waits = read(a, 10);
        assertThat(waits.got).isNotDone();
        a.budget.back(1 << 20);
        assertThat(waits.changes()).containsExactly("{7}");
    }

    @Test
    void aNodeThatDoesNotAnswerKeepsNoReaderFromTheOthers() {
        held = new CompletableFuture<>();
        Waiting offer = offer(a, 7);
        Reader reader = read(a, 10);
        assertThat(reader.changes()).containsExactly("{7}");
        Reader none = readNow(a, 10);
        await().until(none.got::isDone);
        int before = calls.size();
        assertThat(readNow(a, 10).got.join()).isNull();
        assertThat(calls).as("it is not asked again before it has answered").hasSize(before);
        a.shared.acknowledge(reader.cursor()).join();
        assertThat(offer.acknowledged).hasValue(1);
    }

    @Test
    void aNodeWithoutARouteToTheFeedIsPassedOver() {
        talks.put("b", new NodeTalk());
        offer(c, 7);
        assertThat(readNow(a, 10).changes()).containsExactly("{7}");
        assertThat(readNow(a, 10).got.join()).isNull();
        Reader waits = read(a, 10);
        offer(c, 8);
        assertThat(waits.changes()).containsExactly("{8}");
    }

    @Test
    void anAcknowledgementThatANodeDoesNotAnswerFails() {
        offer(b, 7);
        Reader reader = readNow(a, 10);
        assertThat(reader.changes()).containsExactly("{7}");
        away = true;
        assertThatThrownBy(() -> a.shared.acknowledge(reader.cursor()).join())
                .hasCauseInstanceOf(LedgerException.Unavailable.class);
        away = false;
        assertThat(a.shared.acknowledge(reader.cursor()).join()).isEqualTo(Ack.DONE);
    }

    @Test
    void theCursorOfANodeThatIsGoneIsOverAndThatOfAnotherFeedForeign() {
        offer(b, 7);
        Reader reader = readNow(a, 10);
        assertThat(reader.changes()).containsExactly("{7}");
        nodes.removeIf(node -> node.id().equals("b"));
        assertThat(a.shared.acknowledge(reader.cursor()).join()).isEqualTo(Ack.OVER);
        assertThat(a.shared.acknowledge("orders/other~a:x").join()).isEqualTo(Ack.FOREIGN);
        assertThat(a.shared.acknowledge(null).join()).isEqualTo(Ack.FOREIGN);
    }

    @Test
    void aStreamLearnsThatItsLeaseEndedAtAnotherNodeWhereverItIsAcknowledged() {
        Reader stream = new Reader(1);
        a.shared.opened(stream);
        offer(b, 7);
        a.shared.read(stream, false);
        assertThat(stream.changes()).containsExactly("{7}");
        assertThat(a.shared.isOpen(stream.cursor())).isTrue();
        assertThat(c.shared.acknowledge(stream.cursor()).join()).isEqualTo(Ack.DONE);
        assertThat(stream.ended).containsExactly(stream.cursor());
        assertThat(a.shared.isOpen(stream.cursor())).isFalse();
    }

    @Test
    void whatAStreamDidNotAcknowledgeIsReadAgainWhenItEnds() {
        Reader stream = new Reader(1);
        a.shared.opened(stream);
        offer(b, 7);
        a.shared.read(stream, false);
        assertThat(stream.changes()).containsExactly("{7}");
        a.shared.closed(stream);
        a.shared.giveBack(stream.cursor());
        assertThat(readNow(c, 10).changes()).containsExactly("{7}");
        assertThat(a.shared.acknowledge(stream.cursor()).join()).isEqualTo(Ack.OVER);
    }

    @Test
    void whatAnotherNodeMayDeliverByNowIsNotRead() {
        Waiting offer = offer(b, 7);
        offer.isElsewhere = true;
        assertThat(readNow(b, 10).got.join()).isNull();
        Reader waits = read(a, 10);
        assertThat(waits.got).isNotDone();
        offer.isElsewhere = false;
        assertThat(waits.changes()).containsExactly("{7}");
    }
}
