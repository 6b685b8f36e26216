package dev.serai.ledger.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.ledger.BacklogTest;
import dev.serai.ledger.model.DueChange;
import dev.serai.ledger.model.Hash;
import dev.serai.ledger.outcome.PendingChange;
import dev.serai.ledger.outlet.SendLane;
import dev.serai.ledger.stuck.StuckKeys;
import java.time.Instant;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class KeyQueuesTest {
    private final KeyQueues keys = new KeyQueues(key -> false);
    private final StuckKeys held = new StuckKeys(() -> 9);
    private final PendingChange first = item(1, "a");
    private final PendingChange second = item(2, "a");
    private final PendingChange other = item(3, "b");

    @Test
    void onlyTheHeadOfEachKeyIsSent() {
        add(first, second, other);

        assertThat(keys.next(SendLane.UNPROVEN)).isSameAs(first);
        assertThat(keys.next(SendLane.UNPROVEN)).isSameAs(other);
        assertThat(keys.peek(SendLane.UNPROVEN)).isNull();
        keys.remove(first);
        assertThat(keys.next(SendLane.UNPROVEN)).isSameAs(second);
    }

    @Test
    void aHeadThatIsPutBackGoesBehindTheOtherHeads() {
        add(first, second, other);
        keys.putBack(Objects.requireNonNull(keys.next(SendLane.UNPROVEN)));

        assertThat(keys.next(SendLane.UNPROVEN)).isSameAs(other);
        assertThat(keys.next(SendLane.UNPROVEN)).isSameAs(first);
    }

    @Test
    void aLineIsRemovedWithItsHead() {
        add(first, second);
        keys.next(SendLane.UNPROVEN);

        assertThat(keys.removeLine(first)).containsExactly(second);
        assertThat(keys.contains(Hash.of("a"))).isFalse();
    }

    @Test
    void aLineWhoseHeadIsInFlightIsNotRemoved() {
        add(first, second, other);
        keys.next(SendLane.UNPROVEN);

        assertThat(keys.removeUnsent(Hash.of("a"))).isEmpty();
        assertThat(keys.contains(Hash.of("a"))).isTrue();
        assertThat(keys.removeUnsent(Hash.of("b"))).containsExactly(other);
        assertThat(keys.contains(Hash.of("b"))).isFalse();
        assertThat(keys.removeUnsent(Hash.of("c"))).isEmpty();
    }

    @Test
    void aNewerStateTakesThePlaceOfThoseThatWait() {
        add(first, second, other);

        assertThat(keys.replaceWaiting(item(4, "a"))).containsExactly(first, second);
        PendingChange newest = item(5, "b");
        assertThat(Objects.requireNonNull(keys.next(SendLane.UNPROVEN)).sequence())
                .isEqualTo(4);
        assertThat(keys.replaceWaiting(newest)).containsExactly(other);
        assertThat(keys.next(SendLane.UNPROVEN)).isSameAs(newest);
        assertThat(keys.replaceWaiting(item(6, "b"))).isEmpty();
        assertThat(keys.replaceWaiting(item(7, "c"))).isEmpty();
        keys.remove(newest);
        assertThat(Objects.requireNonNull(keys.next(SendLane.UNPROVEN)).sequence())
                .isEqualTo(7);
        assertThat(Objects.requireNonNull(keys.next(SendLane.UNPROVEN)).sequence())
                .isEqualTo(6);
    }

    @Test
    void onlyAHeadCanBeRemoved() {
        add(first, second);

        assertThatThrownBy(() -> keys.remove(second)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aDueChangeIsQueuedOnceAndHoldsItsKey() {
        DueChange due = held(1, "a");

        PendingChange item = takeToSend(due);
        assertThat(held.take(due)).isNull();
        assertThat(held.contains(Hash.of("a"))).isTrue();
        assertThat(held.inHand()).isOne();
        assertThat(held.retries().poll()).isSameAs(item);
        held.finished(item);
        assertThat(held.inHand()).isZero();
        assertThat(held.take(due)).isNotNull();
    }

    @Test
    void aFinishedChangeInAStaleReadIsIgnored() {
        PendingChange item = takeToSend(held(1, "a"));
        held.startRead();
        held.expectDue();
        held.finished(item);

        assertThat(held.take(held(1, "a"))).isNull();
        assertThat(held.isReadNeeded()).isFalse();
        held.endRead();
        assertThat(held.isReadNeeded()).isTrue();
    }

    @Test
    void unsentChangesCanBeDropped() {
        takeToSend(held(1, "a"));
        takeToSend(held(2, "b"));
        PendingChange sent = Objects.requireNonNull(held.retries().poll());
        held.dropReady();

        assertThat(held.retries()).isEmpty();
        assertThat(held.inHand()).isOne();
        held.finished(sent);
        assertThat(held.inHand()).isZero();
    }

    @Test
    void aKeyIsFreeOnceNothingOfItIsHeld() {
        long key = Hash.of("a");
        held.hold(key);
        held.startRelease(key);
        assertThat(held.endRelease(key, true)).isFalse();
        assertThat(held.contains(key)).isTrue();
        held.startRelease(key);
        assertThat(held.endRelease(key, false)).isFalse();

        assertThat(held.isEmpty()).isTrue();
    }

    @Test
    void aKeyHeldDuringAReleaseIsCheckedAgain() {
        long key = Hash.of("a");
        held.hold(key);
        held.startRelease(key);
        held.hold(key);

        assertThat(held.endRelease(key, false)).isTrue();
        assertThat(held.contains(key)).isTrue();
    }

    @Test
    void theLastOfSeveralReleasesDecides() {
        long key = Hash.of("a");
        held.hold(key);
        held.startRelease(key);
        held.hold(key);
        held.startRelease(key);

        assertThat(held.endRelease(key, false)).isFalse();
        assertThat(held.contains(key)).isTrue();
        assertThat(held.endRelease(key, false)).isTrue();
    }

    private void add(PendingChange... items) {
        for (PendingChange item : items) {
            keys.add(item);
        }
    }

    private PendingChange takeToSend(DueChange due) {
        PendingChange item = Objects.requireNonNull(held.take(due));
        held.putBack(item);
        return item;
    }

    private static PendingChange item(long sequence, String key) {
        return PendingChange.pending(BacklogTest.entry(sequence, key), true);
    }

    private static DueChange held(long sequence, String key) {
        return new DueChange(BacklogTest.entry(sequence, key), 1, Instant.EPOCH, Hash.of(key), false);
    }
}
