package dev.serai.ledger;

import static dev.serai.ledger.Stage.DOWN;
import static dev.serai.ledger.Stage.OK;
import static dev.serai.ledger.Stage.OUTAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.ledger.delivery.CircuitState;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.delivery.RedeliveryPolicy;
import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.delivery.Trouble;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Limits;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** An outage uses up no attempt, however quiet the flow; a change that fails alone uses up its own. */
class OutageTest {
    private static final Outcome TIMED_OUT = new Outcome.Failed(null, "timed out", null, true);
    private static final Duration TIME_OUT = Duration.ofSeconds(15);
    private static final Outcome EXPIRED = new Outcome.Refused(401, "token expired");
    private static final Outcome INVALID = new Outcome.Refused(422, "no such field");
    private static final RedeliveryPolicy NEVER_AGAIN =
            new RedeliveryPolicy(0, Duration.ofSeconds(1), 2, Duration.ofMinutes(1), 0);

    private final Stage stage = new Stage();
    private int sent;

    @Test
    void aDayOf503KillsNoChangeOfAQuietFlow() {
        Stage.Scripted target = target(RedeliveryPolicy.DEFAULT);
        send("before");
        stage.pass(Duration.ofHours(2));
        target.script = (change, attempt) -> OUTAGE;
        for (int i = 0; i < 12; i++) {
            send("k" + i);
            stage.pass(Duration.ofHours(2));
        }
        assertNoAttemptCounted();
        target.script = (change, attempt) -> OK;
        stage.pass(Duration.ofSeconds(20));

        assertAllDelivered(target);
    }

    @Test
    void aDayOf503AtATargetThatNeverSucceededKillsNeitherOfTwoChanges() {
        Stage.Scripted target = target(RedeliveryPolicy.DEFAULT);
        target.script = (change, attempt) -> OUTAGE;
        send("a");
        send("b");
        stage.pass(Duration.ofHours(24));
        assertNoAttemptCounted();
        target.script = (change, attempt) -> OK;
        stage.pass(Duration.ofSeconds(20));

        assertAllDelivered(target);
    }

    @Test
    void anOutageThatBeginsAmidFullTrafficKillsNoChangeThatMayFailOnlyOnce() {
        Stage.Scripted target = target(NEVER_AGAIN);
        for (Outcome outage : new Outcome[] {OUTAGE, DOWN, TIMED_OUT}) {
            target.script = (change, attempt) -> OK;
            for (int i = 0; i < 200; i++) {
                send("k" + i);
            }
            stage.pass(Duration.ofMillis(20));
            target.script = (change, attempt) -> outage;
            stage.pass(Duration.ofMinutes(10));
        }
        target.script = (change, attempt) -> OK;
        stage.pass(Duration.ofMinutes(2));

        assertAllDelivered(target);
    }

    @Test
    void aTargetThatRefusesAThirdOfItsDeliveriesIsNotDown() {
        Stage.Scripted target = target(RedeliveryPolicy.DEFAULT);
        Random random = new Random(1);
        target.script = (change, attempt) -> random.nextDouble() < 0.3 ? OUTAGE : OK;
        for (int i = 0; i < 1_000; i++) {
            send("k" + i);
            stage.pass(Duration.ofMillis(100 + random.nextInt(200)));
            assertThat(target.status().circuit()).as("after %d changes", i).isEqualTo(CircuitState.CLOSED);
        }
        stage.pass(Duration.ofHours(2));

        assertAllDelivered(target);
    }

    @Test
    void aTargetThatTakesLongAndRefusesAThirdIsNotDown() {
        Stage.Scripted target = target(RedeliveryPolicy.DEFAULT);
        Random random = new Random(2);
        target.takes = change -> Duration.ofMillis(1_500 + random.nextInt(1_500));
        target.script = (change, attempt) -> random.nextDouble() < 0.3 ? OUTAGE : OK;
        for (int i = 0; i < 400; i++) {
            send("k" + i);
            stage.pass(Duration.ofMillis(100));
            assertThat(target.status().circuit()).as("after %d changes", i).isEqualTo(CircuitState.CLOSED);
        }
        target.script = (change, attempt) -> OUTAGE;
        send("one more");
        stage.pass(Duration.ofSeconds(30));
        assertThat(target.status().circuit()).isNotEqualTo(CircuitState.CLOSED);
    }

    @Test
    void aTargetThatIsDownIsNotFlooded() {
        Stage.Scripted target = target(NEVER_AGAIN);
        target.script = (change, attempt) -> OUTAGE;
        for (int i = 0; i < 2_000; i++) {
            send("k" + i);
        }
        stage.pass(Duration.ofSeconds(3));

        assertThat(target.got).hasSizeBetween(100, 120);
    }

    @Test
    void aRestartInAnOutageCostsNoAttempt() throws InterruptedException {
        Stage.Scripted target = target(NEVER_AGAIN);
        target.script = (change, attempt) -> OUTAGE;
        for (int i = 0; i < 20; i++) {
            send("k" + i);
            stage.pass(Duration.ofMinutes(5));
            target.restart(options(NEVER_AGAIN));
        }
        target.script = (change, attempt) -> OK;
        stage.pass(Duration.ofSeconds(20));

        assertAllDelivered(target);
    }

    @Test
    void aChangeThatAlwaysTimesOutAmongOthersThatSucceedDiesAfterItsAttempts() {
        Stage.Scripted target = target(Stage.TWICE_MORE);
        target.script = (change, attempt) -> change.key().equals("poison") ? TIMED_OUT : OK;
        target.takes = change -> change.key().equals("poison") ? TIME_OUT : Duration.ofMillis(5);
        send("poison");
        for (int i = 0; i < 70; i++) {
            send("k" + i % 7);
            stage.pass(Duration.ofSeconds(1));
            assertThat(target.status().circuit()).isEqualTo(CircuitState.CLOSED);
        }

        assertThat(target.state(1)).isEqualTo(DeliveryState.DEAD);
        assertThat(stage.store.attempts(1)).hasSize(3);
    }

    @Test
    void aPoisonChangeOfAQuietFlowDiesAndHarmsNoOther() {
        Stage.Scripted target = target(Stage.TWICE_MORE);
        target.script = (change, attempt) -> change.key().startsWith("poison") ? OUTAGE : OK;
        send("poison 1");
        send("poison 2");
        for (int i = 0; i < 6; i++) {
            stage.pass(Duration.ofHours(2));
            send("k" + i);
            stage.pass(Duration.ofSeconds(20));
            assertThat(target.state(sent)).isEqualTo(DeliveryState.DELIVERED);
        }

        assertThat(target.state(1)).isEqualTo(DeliveryState.DEAD);
        assertThat(target.state(2)).isEqualTo(DeliveryState.DEAD);
    }

    @Test
    void aPoisonKeyWhoseChangesFillTheMemoryLetsOthersThrough() {
        Stage small = new Stage(new Limits(16, 20_000, 6, 8_000, 8, 12_000, 12_000, 12, 4, 64, 4));
        Stage.Scripted target = small.new Scripted("shop").start(options(Stage.TWICE_MORE));
        target.script = (change, attempt) -> change.key().equals("poison") ? TIMED_OUT : OK;
        for (int i = 0; i < 40; i++) {
            small.send("poison" + i, "poison");
            small.pass(Duration.ofMillis(20));
        }
        small.pass(Duration.ofMinutes(1));
        small.send("1", "k");
        small.pass(Duration.ofMinutes(2));

        assertThat(target.state(41)).isEqualTo(DeliveryState.DELIVERED);
        assertThat(small.store.attempts(1)).hasSizeLessThanOrEqualTo(1);
    }

    @Test
    void aPoisonChangeThatFillsHalfTheMemoryLetsOthersThrough() {
        Stage small = new Stage(new Limits(16, 20_000, 6, 8_000, 8, 12_000, 12_000, 12, 4, 64, 4));
        Stage.Scripted target = small.new Scripted("shop").start(options(Stage.TWICE_MORE));
        target.script = (change, attempt) -> change.key().equals("poison") ? TIMED_OUT : OK;
        small.pass();
        target.subscription().suspend();
        for (int i = 1; i <= 7; i++) {
            small.send("" + i, "k" + i);
        }
        small.send("8", "poison", "x".repeat(5_500));
        small.send("9", "k");
        small.pass();
        target.subscription().resume();
        small.pass(Duration.ofMinutes(2));

        assertThat(target.state(9)).isEqualTo(DeliveryState.DELIVERED);
    }

    @Test
    void poisonChangesThatFillTheRetriesLetOtherRetriesThrough() {
        Stage.Scripted target = target(RedeliveryPolicy.DEFAULT); // more of them than the target reads at once
        target.script = (change, attempt) -> DOWN;
        for (int i = 0; i < 40; i++) {
            send("poison " + i);
        }
        send("k");
        stage.pass(Duration.ofSeconds(2));
        target.script = (change, attempt) -> new Outcome.Failed(503, "busy", Duration.ofSeconds(5), true);
        stage.pass(Duration.ofMinutes(15)); // all get a row
        target.script = (change, attempt) -> change.key().startsWith("poison") ? TIMED_OUT : OK;
        stage.pass(Duration.ofMinutes(30));

        assertThat(target.state(41)).isEqualTo(DeliveryState.DELIVERED);
    }

    @Test
    void aNewPoisonChangeDoesNotTakeTheProbesFromTheRetries() {
        Stage.Scripted target = target(RedeliveryPolicy.DEFAULT);
        target.script = (change, attempt) -> new Outcome.Failed(503, "busy", Duration.ofSeconds(5), true);
        for (int i = 0; i < 20; i++) {
            send("poison " + i);
        }
        send("k");
        stage.pass(Duration.ofMinutes(15)); // all get a row
        target.script = (change, attempt) -> change.key().startsWith("poison") ? TIMED_OUT : OK;
        send("poison 20");
        stage.pass(Duration.ofMinutes(15));

        assertThat(target.state(21)).isEqualTo(DeliveryState.DELIVERED);
    }

    @Test
    void aLonePoisonChangeShowsAsAnOutage() {
        Stage.Scripted target = target(Stage.TWICE_MORE);
        target.script = (change, attempt) -> OUTAGE;
        Instant start = stage.time.instant();
        send("poison");
        stage.pass(Duration.ofDays(2));

        Trouble trouble = Objects.requireNonNull(target.status().trouble());
        assertThat(target.state(1)).isEqualTo(DeliveryState.PENDING);
        assertThat(target.status().circuit()).isNotEqualTo(CircuitState.CLOSED);
        assertThat(trouble.reason()).isEqualTo("busy");
        assertThat(trouble.since()).isBetween(start, start.plusSeconds(1));
    }

    @Test
    void sixtyFourHangingKeysDoNotOpenTheCircuitWhileOthersSucceed() {
        Stage.Scripted target = stage.new Scripted("shop");
        target.start(TargetOptions.of(80, RedeliveryPolicy.DEFAULT, true, false));
        target.script = (change, attempt) -> change.key().startsWith("hanging") ? TIMED_OUT : OK;
        target.takes = change -> change.key().startsWith("hanging") ? TIME_OUT : Duration.ofMillis(5);
        for (int i = 0; i < 64; i++) {
            send("hanging " + i);
        }
        for (int i = 0; i < 600; i++) {
            send("k" + i % 50);
            stage.pass(Duration.ofMillis(200));
            assertThat(target.status().circuit()).isEqualTo(CircuitState.CLOSED);
        }

        assertThat(stage.store.attempts(1)).hasSizeBetween(3, 6);
        assertThat(target.status().delivered()).isEqualTo(600);
    }

    @Test
    void failuresBetweenSuccessesCountAsAttempts() {
        Stage.Scripted target = target(Stage.TWICE_MORE);
        Map<String, Integer> tries = new HashMap<>();
        target.script = (change, attempt) -> tries.merge(change.id(), 1, Integer::sum) == 1 ? OUTAGE : OK;
        for (int i = 0; i < 50; i++) {
            send("k" + i);
            send("fine" + i);
            tries.put("" + sent, 1);
            stage.pass(Duration.ofMillis(500));
            assertThat(target.status().circuit()).isEqualTo(CircuitState.CLOSED);
        }
        stage.pass(Duration.ofSeconds(10));

        assertAllDelivered(target);
        for (int i = 0; i < 50; i++) {
            assertThat(stage.store.attempts(2 * i + 1)).hasSize(1);
        }
    }

    @Test
    void aTokenThatExpiredKillsTwoChangesAndHoldsTheOthers() {
        Stage.Scripted target = target(RedeliveryPolicy.DEFAULT);
        target.script = (change, attempt) -> EXPIRED;
        for (int i = 0; i < 100; i++) {
            send("k" + i);
            stage.pass(Duration.ofMinutes(6));
        }
        assertThat(target.status().trouble())
                .extracting(Trouble::reason)
                .isEqualTo("it refuses every change: token expired");
        target.script = (change, attempt) -> OK;
        stage.pass(Duration.ofSeconds(30));

        assertThat(target.status().dead()).isEqualTo(2);
        assertThat(target.status().delivered()).isEqualTo(98);
        assertThat(target.status().circuit()).isEqualTo(CircuitState.CLOSED);
    }

    @Test
    void aTokenThatExpiresAmidFullTrafficKillsTwoChanges() {
        Stage.Scripted target = target(RedeliveryPolicy.DEFAULT);
        for (int i = 0; i < 1_000; i++) {
            send("k" + i);
        }
        stage.pass(Duration.ofMillis(50));
        target.script = (change, attempt) -> EXPIRED;
        stage.pass(Duration.ofHours(1));
        target.script = (change, attempt) -> OK;
        stage.pass(Duration.ofMinutes(1));

        assertThat(target.status().dead()).isEqualTo(2);
        assertThat(target.status().delivered()).isEqualTo(998);
    }

    @Test
    void aTokenThatExpiresBeforeChangesAreTriedAgainKillsTwoOfThem() {
        Stage.Scripted target = target(RedeliveryPolicy.DEFAULT);
        target.script = (change, attempt) -> new Outcome.Failed(
                503, "busy", Duration.ofMinutes(10 + change.key().length()), true);
        for (int i = 1; i <= 10; i++) {
            send("k".repeat(i)); // each is asked to wait for another time
            stage.pass(Duration.ofSeconds(30));
        }
        target.script = (change, attempt) -> OK;
        send("good");
        stage.pass(Duration.ofSeconds(30));
        target.script = (change, attempt) -> EXPIRED;
        stage.pass(Duration.ofHours(2));
        target.script = (change, attempt) -> OK;
        stage.pass(Duration.ofHours(1));

        assertThat(target.status().dead()).isEqualTo(2);
        assertThat(target.status().delivered()).isEqualTo(9);
    }

    @Test
    void refusalsOfWhatChangesContainHoldTheTargetOnlyAfterManyKeys() {
        Stage.Scripted target = target(RedeliveryPolicy.DEFAULT);
        target.script = (change, attempt) -> INVALID;
        for (int i = 0; i < 40; i++) {
            send("k" + i);
        }
        stage.pass(Duration.ofMinutes(1));

        assertThat(target.status().dead()).isEqualTo(19);
        assertThat(target.status().circuit()).isNotEqualTo(CircuitState.CLOSED);
    }

    @Test
    void refusedChangesAmongOthersThatSucceedDieAtOnce() {
        Stage.Scripted target = target(RedeliveryPolicy.DEFAULT);
        target.script = (change, attempt) -> change.key().startsWith("bad") ? EXPIRED : OK;
        for (int i = 0; i < 100; i++) {
            send("bad" + i);
            if (i % 10 == 9) {
                send("good" + i);
            }
        }
        stage.pass(Duration.ofMillis(500));
        send("good");
        stage.pass();

        assertThat(target.status().dead()).isEqualTo(100);
        assertThat(target.status().circuit()).isEqualTo(CircuitState.CLOSED);
    }

    @Test
    void aLoneRefusedChangeDiesAtOnce() {
        Stage.Scripted target = target(RedeliveryPolicy.DEFAULT);
        target.script = (change, attempt) -> EXPIRED;
        send("k");
        stage.pass();

        assertThat(target.state(1)).isEqualTo(DeliveryState.DEAD);
    }

    @Test
    void aTimeThatATargetAskedForIsKeptInAnOutageToo() {
        Stage.Scripted target = target(Stage.TWICE_MORE);
        target.script = (change, attempt) -> new Outcome.Failed(503, "busy", Duration.ofMinutes(10), true);
        send("k");
        stage.pass(Duration.ofHours(1));

        assertThat(target.got).hasSize(6);
        for (int i = 1; i < target.got.size(); i++) {
            assertThat(target.gotAtMillis.get(i) - target.gotAtMillis.get(i - 1))
                    .isBetween(600_000L, 602_000L);
        }
        assertNoAttemptCounted();
    }

    @Test
    void probesPreferKeysThatHaveSucceeded() {
        Stage.Scripted target = stage.new Scripted("shop");
        target.start(TargetOptions.of(16, RedeliveryPolicy.DEFAULT, true, false));
        target.takes = change -> change.key().startsWith("new") ? TIME_OUT : Duration.ofMillis(5);
        send("known");
        stage.pass();
        target.script = (change, attempt) -> TIMED_OUT;
        for (int i = 0; i < 64; i++) {
            send("new" + i);
        }
        stage.pass(Duration.ofMinutes(2));
        target.script = (change, attempt) -> change.key().startsWith("new") ? TIMED_OUT : OK;
        send("known");
        stage.pass(Duration.ofSeconds(31));

        assertThat(target.state(sent)).isEqualTo(DeliveryState.DELIVERED);
    }

    @Test
    void anOutageOfABatchCountsForNoneOfItsChangesAndTheOneToBlameIsFound() {
        Stage.Scripted target = stage.new Scripted("shop");
        target.start(new TargetOptions(4, 8, true, false, false, 0, Stage.TWICE_MORE, true, false));
        target.script = (change, attempt) -> OUTAGE;
        for (int i = 0; i < 20; i++) {
            send("k" + i);
        }
        stage.pass(Duration.ofHours(1));
        assertNoAttemptCounted();
        target.script = (change, attempt) -> change.key().equals("k7") ? OUTAGE : OK;
        for (int i = 0; i < 20; i++) {
            stage.pass(Duration.ofSeconds(10));
            send("later" + i);
        }
        stage.pass(Duration.ofSeconds(10));

        assertThat(target.state(8)).isEqualTo(DeliveryState.DEAD);
        assertThat(target.status().delivered()).isEqualTo(39);
    }

    private Stage.Scripted target(RedeliveryPolicy policy) {
        return stage.new Scripted("shop").start(options(policy));
    }

    private static TargetOptions options(RedeliveryPolicy policy) {
        return TargetOptions.of(4, policy, true, false);
    }

    private void send(String key) {
        sent++;
        stage.send("" + sent, key);
    }

    private void assertNoAttemptCounted() {
        for (int sequence = 1; sequence <= sent; sequence++) {
            assertThat(stage.store.attempts(sequence)).isEmpty();
        }
    }

    private void assertAllDelivered(Stage.Scripted target) {
        for (int sequence = 1; sequence <= sent; sequence++) {
            assertThat(target.state(sequence)).as("state of %d", sequence).isEqualTo(DeliveryState.DELIVERED);
        }
    }
}
