package dev.serai.ledger.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.ledger.delivery.CircuitState;
import dev.serai.ledger.delivery.FailureCounts;
import dev.serai.ledger.delivery.NodePhase;
import dev.serai.ledger.delivery.RecentOutcomes.Summary;
import dev.serai.ledger.delivery.TargetState;
import dev.serai.ledger.delivery.TargetStatus;
import dev.serai.ledger.delivery.Trouble;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.StoreException.StoreAwayException;
import dev.serai.ledger.model.TargetName;
import dev.serai.support.CapturedLog;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.ConnectException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class PeerWatchTest {
    private static final Instant START = Instant.parse("2026-01-31T08:00:00Z");
    private static final ClusterNode A = new ClusterNode("1", "a", "127.0.0.1:1");
    private static final ClusterNode B = new ClusterNode("2", "b", "127.0.0.1:2");
    private static final ClusterView VIEW = new ClusterView("1", List.of(A, B), List.of("1", "2"));

    private Instant now = START;
    private CompletableFuture<NodeProgress> answer = says();
    private final FailureCounts failures = new FailureCounts((target, state, since) -> {});
    private final PeerWatch watch = new PeerWatch(new OnePeer(), VIEW, failures, () -> now);

    /** Another node, which is asked for nothing but its progress. */
    private final class OnePeer implements Peers {
        @Override
        public void serve(ShardCalls own) {}

        @Override
        public ShardCalls at(ClusterNode node) {
            return (ShardCalls) Proxy.newProxyInstance(
                    ShardCalls.class.getClassLoader(), new Class<?>[] {ShardCalls.class}, (proxy, method, args) -> {
                        assertThat(method.getName()).isEqualTo("progress");
                        return answer;
                    });
        }

        @Override
        public void close() {}
    }

    private void look(ClusterView view, int seconds) {
        now = now.plusSeconds(seconds);
        watch.ask(view, NodeNews.NONE);
    }

    private static CompletableFuture<NodeProgress> says(TargetPart... parts) {
        return CompletableFuture.completedFuture(new NodeProgress(List.of(parts), NodeNews.NONE));
    }

    private static TargetPart part(CircuitState circuit, boolean hasRoute) {
        return part(circuit, hasRoute, 0, 0);
    }

    private static TargetPart part(CircuitState circuit, boolean hasRoute, long failed, long dead) {
        Trouble trouble = circuit == CircuitState.CLOSED ? null : new Trouble("connection refused", START);
        return TargetPart.of(
                "orders",
                "shop",
                new int[] {1, 2, 0},
                circuit,
                trouble,
                1,
                new Summary(4, 1, START, "no", 10, 1),
                failed,
                dead,
                hasRoute,
                List.of(17L));
    }

    private static TargetStatus own() {
        return new TargetStatus(
                "shop",
                7,
                5,
                1,
                4,
                0,
                0,
                100,
                null,
                CircuitState.CLOSED,
                null,
                null,
                0,
                new Summary(6, 0, null, null, 20, 0),
                true,
                NodePhase.RUNNING);
    }

    @Test
    void moreNodesThanShardsAreSaidOnce() {
        try (CapturedLog log = new CapturedLog(PeerWatch.class)) {
            look(VIEW, 1);
            ClusterView crowded = new ClusterView("1", List.of(A, B), List.of("1"));
            look(crowded, 1);
            look(crowded, 1);

            assertThat(log.lines())
                    .singleElement()
                    .asString()
                    .contains("2 nodes", "shards is 1", "1 of them deliver nothing");
        }
    }

    @Test
    void aNodeThatDoesNotAnswerIsNamedWithTheTimeSinceWhenAndWhy() {
        look(VIEW, 0);
        assertThat(watch.trouble()).isEmpty();
        answer = CompletableFuture.failedFuture(new LedgerException.Unavailable("cut off", new StoreException("x")));
        look(VIEW, 4);
        assertThat(watch.trouble()).isEmpty();
        look(VIEW, 2);
        assertThat(watch.trouble().orElseThrow())
                .contains("node b has not answered since 2026-01-31T08:00:00Z", "not known", "cut off");
        answer = says();
        look(VIEW, 1);
        assertThat(watch.trouble()).isEmpty();
    }

    @Test
    void aNodeThatStopsAnsweringIsNamedAlsoIfTheClockWasSetBack() {
        look(VIEW, 0);
        assertThat(watch.hearsAll()).isTrue();
        answer = new CompletableFuture<>();
        look(VIEW, -3_600);
        assertThat(watch.hearsAll()).isFalse();
        assertThat(watch.trouble().orElseThrow()).contains("node b has not answered");
        answer.complete(says().join());
        assertThat(watch.hearsAll()).isTrue();
        assertThat(watch.trouble()).isEmpty();
    }

    private static CompletableFuture<NodeProgress> refuses() {
        PortClosedException closed = new PortClosedException(new ConnectException("connection refused"));
        return CompletableFuture.failedFuture(
                new LedgerException.Unavailable("no answer", new StoreAwayException("no answer", closed)));
    }

    @Test
    void aNodeWhosePortIsRefusedIsGoneUntilItAnswers() {
        assertThat(watch.gone(VIEW)).isEmpty();
        answer = refuses();
        look(VIEW, 0);
        assertThat(watch.gone(VIEW)).containsExactly(B);
        answer = says();
        look(VIEW, 1);
        assertThat(watch.gone(VIEW)).isEmpty();
    }

    @Test
    void aNodeThatStandsStillOrIsCutOffIsNotGone() {
        answer = new CompletableFuture<>();
        look(VIEW, 0);
        assertThat(watch.gone(VIEW)).isEmpty();
        answer.completeExceptionally(
                new LedgerException.Unavailable("timed out", new StoreAwayException("timed out", new IOException())));
        assertThat(watch.gone(VIEW)).isEmpty();
    }

    @Test
    void aRefusalOfSecondsAgoSaysNothingAboutNow() {
        answer = refuses();
        look(VIEW, 0);
        answer = new CompletableFuture<>();
        look(VIEW, 1);
        assertThat(watch.gone(VIEW)).containsExactly(B);
        now = now.plusSeconds(1);
        assertThat(watch.gone(VIEW)).isEmpty();
    }

    @Test
    void aRefusalAtAnotherAddressSaysNothingAboutANodeThatStartedAnew() {
        answer = refuses();
        look(VIEW, 0);
        ClusterNode moved = new ClusterNode("2", "b", "127.0.0.1:3");
        assertThat(watch.gone(new ClusterView("1", List.of(A, moved), List.of("1", "2"))))
                .isEmpty();
    }

    @Test
    void aNodeWhoseAddressThisNodeHasNowIsGone() {
        ClusterNode before = new ClusterNode("3", "c", A.address());
        assertThat(watch.gone(new ClusterView("1", List.of(A, B, before), List.of("1", "3"))))
                .containsExactly(before);
    }

    @Test
    void aNodeThatNeverAnswersIsNotWaitedForAndIsNamed() {
        answer = new CompletableFuture<>();
        look(VIEW, 0);
        look(VIEW, 6);
        assertThat(watch.trouble().orElseThrow()).contains("node b", "no answer yet");
    }

    @Test
    void shardsWithoutANodeAreNamedUnlessTheyAreOnTheirWay() {
        ClusterView unowned = new ClusterView("1", List.of(A), Arrays.asList("1", null));
        look(unowned, 0);
        look(unowned, 4);
        assertThat(watch.trouble()).isEmpty();
        look(unowned, 2);
        assertThat(watch.trouble().orElseThrow()).contains("1 of 2 shards have no node since 2026-01-31T08:00:00Z");
        look(new ClusterView("1", List.of(A), List.of("1", "1")), 1);
        assertThat(watch.trouble()).isEmpty();
    }

    @Test
    void itIsSaidWhenTheDatabaseCannotBeAsked() {
        look(VIEW, 0);
        now = now.plusSeconds(6);
        assertThat(watch.trouble().orElseThrow()).contains("not known since 2026-01-31T08:00:00Z");
    }

    @Test
    void aTargetThatIsDownForAnotherNodeIsDown() {
        answer = says(part(CircuitState.OPEN, true));
        look(VIEW, 0);
        TargetStatus all = watch.withOthers("orders", own());
        assertThat(all.state(now)).isEqualTo(TargetState.DOWN);
        assertThat(all.reason(now)).isEqualTo("connection refused");
        assertThat(all.delivering()).isEqualTo(4);
        assertThat(all.pending()).isEqualTo(4);
        assertThat(all.waiting()).isEqualTo(2);
        assertThat(all.timedOut()).isEqualTo(1);
        assertThat(all.recent()).isEqualTo(new Summary(10, 1, START, "no", 30, 1));
        assertThat(watch.withOthers("payments", own())).isEqualTo(own());
    }

    @Test
    void ofTheNodesForWhichATargetIsDownTheOneWithTheLowestIdProbesIt() {
        TargetName shop = new TargetName("orders", "shop");
        answer = says(part(CircuitState.OPEN, true));
        look(VIEW, 0);
        assertThat(watch.elsewhere(shop).downSince()).contains(START);
        assertThat(watch.elsewhere(shop).isProbed()).as("this one is before b").isFalse();
        look(new ClusterView("3", List.of(A, B), List.of("1", "2")), 1);
        assertThat(watch.elsewhere(shop).isProbed()).isTrue();
        answer = CompletableFuture.failedFuture(new LedgerException.Unavailable("cut off", new StoreException("x")));
        look(new ClusterView("3", List.of(A, B), List.of("1", "2")), 1);
        now = now.plusSeconds(6);
        assertThat(watch.elsewhere(shop).isProbed())
                .as("of nodes that do not answer")
                .isFalse();
    }

    @Test
    void aTargetThatComesUpAgainAtAnotherNodeIsARecoveryAndANodeThatGoesAwayIsNone() {
        TargetName shop = new TargetName("orders", "shop");
        answer = says(part(CircuitState.OPEN, true));
        look(VIEW, 0);
        answer = says(part(CircuitState.HALF_OPEN, true));
        look(VIEW, 1);
        assertThat(watch.elsewhere(shop).recoveries()).isZero();
        answer = says(part(CircuitState.CLOSED, true));
        look(VIEW, 1);
        assertThat(watch.elsewhere(shop).recoveries()).isEqualTo(1);
        assertThat(watch.elsewhere(shop).downSince()).isEmpty();
        answer = says(part(CircuitState.OPEN, true));
        look(VIEW, 1);
        look(new ClusterView("1", List.of(A), List.of("1", "1")), 1);
        answer = says(part(CircuitState.CLOSED, true));
        look(VIEW, 1);
        assertThat(watch.elsewhere(shop).recoveries()).isEqualTo(1);
    }

    @Test
    void aNodeWithoutARouteToATargetIsNamedWithTheTarget() {
        answer = says(part(CircuitState.CLOSED, false));
        look(VIEW, 0);
        assertThat(watch.trouble().orElseThrow()).contains("node b has no route that delivers to orders/shop");
        assertThat(watch.withOthers("orders", own()).hasRoute()).isFalse();
    }

    @Test
    void whatFailsAtAnotherNodeIsCountedFromItsFirstAnswerOn() {
        TargetName shop = new TargetName("orders", "shop");
        answer = says(part(CircuitState.CLOSED, true, 100, 10));
        look(VIEW, 0);
        assertThat(failures.attempts(shop)).isZero();
        answer = says(part(CircuitState.CLOSED, true, 103, 11));
        look(VIEW, 1);
        assertThat(failures.attempts(shop)).isEqualTo(3);
        assertThat(failures.letters(shop)).isEqualTo(1);
        answer = says(part(CircuitState.CLOSED, true, 2, 1)); // it has started anew
        look(VIEW, 1);
        assertThat(failures.attempts(shop)).isEqualTo(5);
        assertThat(failures.letters(shop)).isEqualTo(2);
        assertThat(failures.ownAttempts(shop)).isZero();
    }

    @Test
    void aNodeWithOtherRouteFilesIsNamedUnlessTheyAreJustBeingReplaced() {
        NodeNews own = new NodeNews(Map.of("orders", "1", "refunds", "2"), "", Map.of());
        answer = CompletableFuture.completedFuture(new NodeProgress(
                List.of(), new NodeNews(Map.of("orders", "3", "payments", "2", "refunds", "2"), "", Map.of())));
        watch.ask(VIEW, own);
        watch.ask(VIEW, own);
        assertThat(watch.trouble()).isEmpty();
        now = now.plusSeconds(6);
        watch.ask(VIEW, own);
        assertThat(watch.trouble())
                .contains("node b has other route files than this one for orders, payments: give all nodes the same"
                        + " route files");
        watch.ask(VIEW, NodeNews.NONE);
        assertThat(watch.trouble()).isEmpty();
    }
}
