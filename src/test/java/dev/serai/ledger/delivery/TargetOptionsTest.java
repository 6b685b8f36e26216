package dev.serai.ledger.delivery;

import static dev.serai.ledger.Stage.NO;
import static dev.serai.ledger.Stage.OK;
import static dev.serai.ledger.Stage.OOPS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.ledger.Stage;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryFilter;
import dev.serai.ledger.model.DeliveryState;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The delivery options of a target: batches, no order, newest only, a rate. */
class TargetOptionsTest {
    private final Stage stage = new Stage();
    private final Stage.Scripted target = stage.new Scripted("shop");

    /** The options under test; the others are as in the other tests. */
    private record Wanted(
            int concurrency, int batchSize, boolean ordered, boolean coalesce, boolean versionGuard, double rate) {
        TargetOptions options() {
            return new TargetOptions(
                    concurrency, batchSize, ordered, coalesce, versionGuard, rate, Stage.TWICE_MORE, true, false);
        }
    }

    private void start(Wanted wanted) {
        target.start(wanted.options());
    }

    @Test
    void aBatchHasSeveralKeysAndEachOnlyOnce() {
        start(new Wanted(1, 3, true, false, false, 0));
        stage.send("1", "a");
        stage.send("2", "b");
        stage.send("3", "a");
        stage.send("4", "c");
        stage.send("5", "d");
        stage.pass();

        assertThat(target.batches).allSatisfy(batch -> assertThat(batch).hasSizeLessThanOrEqualTo(3));
        assertThat(target.batches).anySatisfy(batch -> assertThat(batch).hasSize(3));
        assertThat(target.batches).noneMatch(batch -> batch.contains("1") && batch.contains("3"));
        assertThat(target.got).containsExactlyInAnyOrder("1", "2", "3", "4", "5");
        assertThat(target.got.indexOf("1")).isLessThan(target.got.indexOf("3"));
    }

    @Test
    void onlyTheBadChangeOfABatchIsGivenUp() {
        start(new Wanted(1, 64, true, false, false, 0));
        target.script = (change, attempt) -> change.id().equals("17") ? NO : OK;
        for (int i = 1; i <= 65; i++) {
            stage.send("" + i, "k" + i);
        }
        stage.pass(Duration.ofSeconds(2));

        for (long sequence = 1; sequence <= 65; sequence++) {
            assertThat(target.state(sequence)).isEqualTo(sequence == 17 ? DeliveryState.DEAD : DeliveryState.DELIVERED);
        }
        assertThat(target.batches).hasSizeLessThan(20);
        assertThat(stage.store.attempts(17)).hasSize(1);
    }

    @Test
    void attemptsOfAFailingBatchCountOnlyForTheSingleBadChange() {
        start(new Wanted(1, 4, true, false, false, 0));
        target.script = (change, attempt) -> change.id().equals("2") ? OOPS : OK;
        for (int i = 1; i <= 4; i++) {
            stage.send("" + i, "k" + i);
        }
        stage.pass(Duration.ofMillis(500));

        assertThat(target.state(2)).isEqualTo(DeliveryState.WAITING);
        assertThat(stage.store.attempts(2)).hasSize(1);
        assertThat(target.state(1)).isEqualTo(DeliveryState.DELIVERED);
    }

    @Test
    void anOutageKeepsBatchesWhole() {
        start(new Wanted(1, 4, true, false, false, 0));
        target.script = (change, attempt) -> Stage.DOWN;
        for (int i = 1; i <= 4; i++) {
            stage.send("" + i, "k" + i);
        }
        stage.pass(Duration.ofSeconds(30));
        target.script = (change, attempt) -> OK;
        stage.pass(Duration.ofSeconds(30)); // while the backlog drains, the rising pace of changes limits the batches
        for (int i = 5; i <= 8; i++) {
            stage.send("" + i, "k" + (i - 4));
        }
        stage.pass();

        assertThat(target.batches.get(target.batches.size() - 1)).hasSizeGreaterThan(1);
        assertThat(target.state(4)).isEqualTo(DeliveryState.DELIVERED);
        assertThat(stage.store.attempts(1)).isEmpty();
    }

    @Test
    void batchesAreFilledWhileABacklogDrainsAtItsPace() {
        start(new Wanted(4, 64, true, false, false, 0));
        target.script = (change, attempt) -> Stage.DOWN;
        for (int i = 1; i <= 500; i++) {
            stage.send("" + i, "k" + i);
        }
        stage.pass(Duration.ofSeconds(30));
        int before = target.batches.size();
        int changesBefore = target.got.size();
        target.script = (change, attempt) -> OK;
        while (!target.status().circuit().equals(CircuitState.CLOSED)) {
            stage.pass(Duration.ofMillis(10));
        }
        stage.pass(Duration.ofSeconds(1));
        assertThat(target.got.size() - changesBefore).as("in the first second").isBetween(25, 60);
        stage.pass(Duration.ofSeconds(9));

        assertThat(target.status().delivered()).isEqualTo(500);
        assertThat(target.batches.size() - before).isLessThan(500 / 8);
    }

    @Test
    void withoutOrderAFailingChangeHoldsBackNotEvenItsKey() {
        start(new Wanted(4, 1, false, false, false, 0));
        target.script = (change, attempt) -> change.id().equals("1") && attempt == 1 ? OOPS : OK;
        stage.send("1", "k");
        stage.send("2", "k");
        stage.send("3", "k");
        stage.pass(Duration.ofMillis(200));

        assertThat(target.state(1)).isEqualTo(DeliveryState.WAITING);
        assertThat(target.state(2)).isEqualTo(DeliveryState.DELIVERED);
        assertThat(target.state(3)).isEqualTo(DeliveryState.DELIVERED);
        stage.pass(Duration.ofSeconds(3));
        assertThat(target.state(1)).isEqualTo(DeliveryState.DELIVERED);
    }

    @Test
    void noMoreChangesAreSentThanTheRateAllows() {
        start(new Wanted(4, 1, true, false, false, 10));
        for (int i = 1; i <= 100; i++) {
            stage.send("" + i, "k" + i);
        }
        stage.pass(Duration.ofSeconds(5));

        assertThat(target.got).hasSizeBetween(45, 52);
    }

    @Test
    void theRateCountsChangesAndNotBatches() {
        start(new Wanted(4, 5, true, false, false, 10));
        for (int i = 1; i <= 100; i++) {
            stage.send("" + i, "k" + i);
        }
        stage.pass(Duration.ofSeconds(5));

        assertThat(target.got).hasSizeBetween(45, 60);
    }

    @Test
    void theNewestStateReplacesThoseThatWaitButNotTheOneOnItsWay() {
        start(new Wanted(1, 1, true, true, false, 0));
        stage.pass();
        stage.send("1", "k");
        stage.writer().stepOnce();
        for (int i = 2; i <= 5; i++) {
            stage.send("" + i, "k");
        }
        stage.pass();

        assertThat(target.got).containsExactly("1", "5");
        assertThat(target.state(1)).isEqualTo(DeliveryState.DELIVERED);
        assertThat(target.state(3)).isEqualTo(DeliveryState.SUPERSEDED);
        assertThat(target.state(5)).isEqualTo(DeliveryState.DELIVERED);
        assertThat(stage.store.deliveries(3).get(0).error()).isEqualTo(Delivery.REPLACED);
        assertThat(stage.store.attempts(3)).isEmpty();
    }

    @Test
    void aFailedStateIsReplacedByTheNewestWhenItIsDue() {
        start(new Wanted(4, 1, true, true, false, 0));
        target.script = (change, attempt) -> change.id().equals("1") ? OOPS : OK;
        stage.send("1", "k");
        stage.pass();
        for (int i = 2; i <= 4; i++) {
            stage.send("" + i, "k");
            stage.pass();
        }
        assertThat(target.state(2)).isEqualTo(DeliveryState.SUPERSEDED);
        assertThat(target.state(4)).isEqualTo(DeliveryState.PARKED);
        stage.pass(Duration.ofSeconds(5));

        assertThat(target.got).containsExactly("1", "4");
        assertThat(target.state(1)).isEqualTo(DeliveryState.SUPERSEDED);
        assertThat(target.state(4)).isEqualTo(DeliveryState.DELIVERED);
        assertThat(stage.ledger.flows().get(0).targets().get(0).parked()).isZero();
    }

    @Test
    void changesOlderThanTheDeliveredVersionAreLeftOut() throws Exception {
        start(new Wanted(4, 1, true, false, true, 0));
        stage.sendVersion("1", "k", "9");
        stage.sendVersion("2", "k", "10");
        stage.sendVersion("3", "k", "8");
        stage.sendVersion("4", "other", "1");
        stage.send("5", "k");
        stage.pass();

        assertThat(target.got).containsExactlyInAnyOrder("1", "2", "4", "5");
        assertThat(target.state(3)).isEqualTo(DeliveryState.SUPERSEDED);
        assertThat(stage.store.deliveries(3).get(0).error()).contains("10");

        target.subscription().close(Duration.ZERO);
        Stage.Scripted again = stage.new Scripted("shop");
        again.start(new Wanted(4, 1, true, false, true, 0).options());
        stage.sendVersion("6", "k", "9.5");
        stage.sendVersion("7", "k", "10");
        stage.pass();

        assertThat(again.got).containsExactly("7");
    }

    @Test
    void aBatchIsSentWithoutOutdatedChanges() {
        start(new Wanted(1, 10, true, false, true, 0));
        stage.sendVersion("1", "a", "5");
        stage.pass();
        for (String key : Set.of("a", "b", "c")) {
            stage.sendVersion("older " + key, key, "4");
        }
        stage.pass();

        assertThat(target.got).containsExactlyInAnyOrder("1", "older b", "older c");
        assertThat(stage.ledger.flows().get(0).targets().get(0).delivering()).isZero();
    }

    @Test
    void optionsThatContradictEachOtherAreRefused() {
        assertThatThrownBy(() -> new Wanted(0, 1, true, false, false, 0).options())
                .hasMessageContaining("concurrency");
        assertThatThrownBy(() -> new Wanted(1, 0, true, false, false, 0).options())
                .hasMessageContaining("batchSize");
        assertThatThrownBy(() -> new Wanted(1, 1, false, true, false, 0).options())
                .hasMessageContaining("order=key");
        assertThatThrownBy(() -> new Wanted(1, 1, true, false, false, -1).options())
                .hasMessageContaining("rate");
    }

    @ParameterizedTest
    @ValueSource(doubles = {1e-300, 0.0009, 1e300, Double.NaN, Double.POSITIVE_INFINITY, -1, Double.MIN_VALUE})
    void aRateThatNoTimeCanBeComputedFromIsRefused(double rate) {
        assertThatThrownBy(() -> new Wanted(1, 1, true, false, false, rate).options())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("rate must be");
        assertThatThrownBy(() -> stage.replay(DeliveryFilter.ALL, rate, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("rate must be");
    }

    @Test
    void numbersThatWouldOverflowLaterAreRefused() {
        assertThatThrownBy(() -> new Wanted(Integer.MAX_VALUE, 1, true, false, false, 0).options())
                .hasMessageContaining("concurrency");
        assertThatThrownBy(() -> new Wanted(1, Integer.MAX_VALUE, true, false, false, 0).options())
                .hasMessageContaining("batchSize");
        Duration huge = Duration.ofMillis(Long.MAX_VALUE);
        assertThatThrownBy(() -> new RedeliveryPolicy(1, huge, 2, Duration.ofHours(1), 0.2))
                .hasMessageContaining("redeliveryDelay");
        assertThatThrownBy(() -> new RedeliveryPolicy(1, Duration.ofSeconds(1), 2, huge, 0.2))
                .hasMessageContaining("maximumRedeliveryDelay");
    }
}
