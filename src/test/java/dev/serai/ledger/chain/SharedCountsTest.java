package dev.serai.ledger.chain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.forecast.Regime;
import dev.serai.ledger.MemoryStore;
import dev.serai.ledger.VirtualTime;
import dev.serai.ledger.cluster.ShardCalls;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.delivery.RedeliveryPolicy;
import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.history.ChainRows;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.TargetName;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A node counts what it sends, and another one keeps it. */
class SharedCountsTest {
    private static final TargetName SHOP = new TargetName("orders", "shop");
    private static final TargetOptions OPTIONS = TargetOptions.of(4, RedeliveryPolicy.DEFAULT, true, false);
    private static final Outcome OK = new Outcome.Delivered(200);
    private static final Outcome NO = new Outcome.Refused(400, "no");

    private final VirtualTime time = new VirtualTime();
    private final ChainBook keeper = book();
    private final ChainBook other = book();
    private final TargetRecorder atKeeper = keeper.open(SHOP, OPTIONS);
    private final TargetRecorder atOther = other.open(SHOP, OPTIONS);
    private final List<ChainRows> kept = new ArrayList<>();
    private boolean isAway;

    private ChainBook book() {
        MemoryStore store = MemoryStore.ofShard(0);
        return new ChainBook(store::history, time);
    }

    /** The node with the first shard, which is asked for nothing but this. */
    private ShardCalls calls() {
        if (isAway) {
            throw new LedgerException.Overloaded("no node has it", Duration.ofSeconds(1));
        }
        return (ShardCalls) Proxy.newProxyInstance(
                ShardCalls.class.getClassLoader(), new Class<?>[] {ShardCalls.class}, (proxy, method, args) -> {
                    assertThat(method.getName()).isEqualTo("count");
                    @SuppressWarnings("unchecked")
                    List<ChainRows> rows = (List<ChainRows>) args[1];
                    kept.addAll(keeper.heard(rows));
                    return CompletableFuture.completedFuture(keeper.drifts());
                });
    }

    private void minutes(int count, int failuresAtOther) {
        for (int minute = 0; minute < count; minute++) {
            time.advance(Duration.ofMinutes(1));
            for (int i = 0; i < 30; i++) {
                atKeeper.counted(null, 1, OK);
                atOther.counted(null, 1, i < failuresAtOther ? NO : OK);
            }
            other.send(this::calls, time.instant(), false);
            keeper.writes(time.instant(), time.instant());
        }
    }

    private long keptAttempts() {
        return kept.stream()
                .flatMap(rows -> rows.counts().values().stream())
                .mapToLong(count -> count)
                .sum();
    }

    @Test
    void failuresOfAnotherNodeRaiseTheDriftAlarmWhichIsTheSameAtAllNodes() {
        minutes(10, 0);
        assertThat(keeper.drift(SHOP)).isEmpty();
        assertThat(other.drift(SHOP)).isEmpty();

        minutes(10, 12);
        other.send(this::calls, time.instant(), false);
        assertThat(keeper.drift(SHOP))
                .hasValueSatisfying(
                        drift -> assertThat(drift.lately()).as("of both").isBetween(0.1, 0.25));
        assertThat(other.drift(SHOP)).isEqualTo(keeper.drift(SHOP));
    }

    @Test
    void whatIsCountedWhileNoNodeHasTheFirstShardIsSentLater() {
        isAway = true;
        minutes(3, 0);
        assertThat(keptAttempts()).isZero();
        isAway = false;
        minutes(1, 0);
        assertThat(keptAttempts()).isEqualTo(4 * 30);
        assertThat(kept).allSatisfy(rows -> assertThat(rows.periods()).isEmpty());
    }

    @Test
    void aNodeThatGetsTheFirstShardKnowsWhatDriftsByItself() {
        minutes(10, 0);
        minutes(10, 12);
        assertThat(keeper.drift(SHOP)).isPresent();
        other.writes(time.instant(), time.instant());
        assertThat(other.drift(SHOP))
                .hasValueSatisfying(
                        drift -> assertThat(drift.lately()).as("of its own").isGreaterThan(0.25));
    }

    @Test
    void aTargetIsDownAsLongAsItIsForAnyNode() {
        atKeeper.downElsewhere(time.instant());
        assertThat(atKeeper.running().regime()).isEqualTo(Regime.DOWN);
        time.advance(Duration.ofMinutes(1));
        atKeeper.down(time.instant());
        atKeeper.downElsewhere(null);
        assertThat(atKeeper.running().regime()).isEqualTo(Regime.DOWN);
        assertThat(atKeeper.running().seconds()).isEqualTo(60);
        atKeeper.up();
        assertThat(atKeeper.running().regime()).isEqualTo(Regime.UP);
        atKeeper.down(time.instant());
        atKeeper.downElsewhere(time.instant());
        atKeeper.up();
        assertThat(atKeeper.running().regime()).isEqualTo(Regime.DOWN);
        atKeeper.downElsewhere(null);
        assertThat(atKeeper.running().regime()).isEqualTo(Regime.UP);
    }
}
