package dev.serai.ledger;

import static dev.serai.ledger.Stage.NO;
import static dev.serai.ledger.Stage.OK;
import static dev.serai.ledger.Stage.OOPS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.ledger.delivery.Confirmation;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.delivery.Reply;
import dev.serai.ledger.delivery.TargetOptions;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.Limits;
import dev.serai.ledger.model.Operation;
import dev.serai.ledger.model.Receipt;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.outcome.WaiterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Waiting until targets have a change. */
class WaitTest {
    private final Stage stage = new Stage();

    private CompletableFuture<Confirmation> sendAndWait(String id, @Nullable String await) {
        Change change = new Change(Stage.FLOW, id, "k", null, Operation.UPSERT, null, Map.of(), new byte[1]);
        return stage.ledger.acceptAndWait(change, await, Duration.ofSeconds(5));
    }

    @Test
    void allTargetsAreWaitedForUnlessOneIsNamed() {
        stage.target("shop", false);
        Stage.Scripted slow = stage.target("mail", false);
        slow.script = (change, attempt) -> attempt == 1 ? OOPS : OK;
        CompletableFuture<Confirmation> one = sendAndWait("1", "shop");
        CompletableFuture<Confirmation> all = sendAndWait("1", null);
        stage.pass();

        assertThat(one.join().state()).isEqualTo(DeliveryState.DELIVERED);
        assertThat(all).isNotDone();
        stage.pass(Duration.ofSeconds(3));
        assertThat(all.join().state()).isEqualTo(DeliveryState.DELIVERED);
        assertThat(all.join().receipt().duplicate()).isTrue();
    }

    @Test
    void theTimeoutEndsTheWaitButNotTheDelivery() {
        Stage.Scripted target = stage.target("shop", false);
        target.script = (change, attempt) -> Stage.DOWN;
        CompletableFuture<Confirmation> sent = sendAndWait("1", null);
        stage.pass(Duration.ofSeconds(6));
        assertThat(sent.join().state()).isEqualTo(DeliveryState.PENDING);
        assertThat(stage.ledger.isAwaited(1)).isFalse();
        target.script = (change, attempt) -> OK;
        stage.pass(Duration.ofSeconds(30));

        assertThat(target.state(1)).isEqualTo(DeliveryState.DELIVERED);
    }

    @Test
    void aDeadLetterEndsTheWaitOnceItIsDurable() {
        Stage.Scripted target = stage.target("shop", false);
        target.script = (change, attempt) -> NO;
        CompletableFuture<Confirmation> sent = sendAndWait("1", null);
        stage.pass();

        assertThat(sent.join().state()).isEqualTo(DeliveryState.DEAD);
        assertThat(sent.join().error()).startsWith("shop: ");
        assertThat(target.state(1)).isEqualTo(DeliveryState.DEAD);
        CompletableFuture<Confirmation> again = sendAndWait("1", null);
        stage.pass();
        assertThat(again.join().state()).isEqualTo(DeliveryState.DEAD);
    }

    @Test
    void aReplacedStateEndsTheWaitToo() {
        Stage.Scripted target = stage.new Scripted("shop");
        target.start(new TargetOptions(1, 1, true, true, false, 0, Stage.TWICE_MORE, true, false));
        target.script = (change, attempt) -> change.id().equals("1") ? OOPS : OK;
        CompletableFuture<Confirmation> first = sendAndWait("1", null);
        stage.pass();
        CompletableFuture<Confirmation> second = sendAndWait("2", null);
        stage.pass();
        CompletableFuture<Confirmation> third = sendAndWait("3", null);
        stage.pass(Duration.ofSeconds(4));

        assertThat(first.join().state()).isEqualTo(DeliveryState.SUPERSEDED);
        assertThat(second.join().state()).isEqualTo(DeliveryState.SUPERSEDED);
        assertThat(third.join().state()).isEqualTo(DeliveryState.DELIVERED);
    }

    @Test
    void theTargetsReplyIsReturned() {
        Stage.Scripted target = stage.target("shop", false);
        Reply reply = new Reply("text/plain", new byte[] {7});
        target.script = (change, attempt) -> new Outcome.Delivered(200, reply);
        CompletableFuture<Confirmation> sent = sendAndWait("1", null);
        stage.pass();

        assertThat(sent.join().replies()).isEqualTo(Map.of("shop", reply));
    }

    @Test
    void repliesThatWaitForOthersTakeBoundedMemory() {
        WaiterRegistry waiters = new WaiterRegistry(Runnable::run, new Limits(1, 10, 1, 1, 1, 1, 1, 1, 1, 1, 4));
        TargetName quick = new TargetName(Stage.FLOW, "quick");
        TargetName slow = new TargetName(Stage.FLOW, "slow");
        Reply reply = new Reply("text/plain", new byte[6]);
        List<WaiterRegistry.Waiter> waiting = LongStream.rangeClosed(1, 2)
                .mapToObj(sequence ->
                        waiters.add(new Receipt(Stage.FLOW, "" + sequence, sequence, false), Set.of(quick, slow)))
                .toList();
        for (TargetName target : List.of(quick, slow)) {
            Reply its = target.equals(quick) ? reply : null;
            LongStream.rangeClosed(1, 2)
                    .forEach(sequence -> waiters.settled(sequence, target, DeliveryState.DELIVERED, null, its));
        }

        assertThat(waiting).allMatch(waiter -> waiter.done().join().state() == DeliveryState.DELIVERED);
        assertThat(waiting.get(0).done().join().replies()).containsOnlyKeys("quick");
        assertThat(waiting.get(1).done().join().replies()).isEmpty();
        waiting.forEach(waiters::forget);
        WaiterRegistry.Waiter later = waiters.add(new Receipt(Stage.FLOW, "3", 3, false), Set.of(quick));
        waiters.settled(3, quick, DeliveryState.DELIVERED, null, new Reply(null, new byte[10]));
        assertThat(later.done().join().replies()).containsOnlyKeys("quick");
    }

    @Test
    void aChangeThatIsRefusedIsNotWaitedFor() {
        stage.target("shop", false);
        stage.send("1", "k", "another body");
        CompletableFuture<Confirmation> sent = sendAndWait("1", null);
        stage.pass();

        assertThatThrownBy(sent::join).hasCauseInstanceOf(LedgerException.Conflict.class);
        assertThat(stage.ledger.isAwaited(1)).isFalse();
    }

    @Test
    void waitingForAnUnknownTargetIsRefused() {
        assertThatThrownBy(() -> sendAndWait("1", null)).hasMessageContaining("has no target to wait for");
        stage.target("shop", false);
        assertThatThrownBy(() -> sendAndWait("1", "mail")).hasMessageContaining("no target mail");
        stage.pass();
        assertThat(stage.store.lastSequence()).isZero();
    }
}
