package dev.serai.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class KeysTest {
    private final Keys keys = new Keys();
    private final HeldKeys held = new HeldKeys();
    private final Item first = item(1, "a");
    private final Item second = item(2, "a");
    private final Item other = item(3, "b");

    @Test
    void onlyTheHeadOfEachKeyMayGo() {
        add(first, second, other);

        assertThat(keys.next()).isSameAs(first);
        assertThat(keys.next()).isSameAs(other);
        assertThat(keys.hasNext()).isFalse();
        keys.remove(first);
        assertThat(keys.next()).isSameAs(second);
    }

    @Test
    void aHeadThatIsPutBackGoesBehindTheOtherHeads() {
        add(first, second, other);
        keys.putBack(Objects.requireNonNull(keys.next()));

        assertThat(keys.next()).isSameAs(other);
        assertThat(keys.next()).isSameAs(first);
    }

    @Test
    void aLineIsRemovedWithItsHead() {
        add(first, second);
        keys.next();

        assertThat(keys.removeLine(first)).containsExactly(second);
        assertThat(keys.contains("a")).isFalse();
    }

    @Test
    void whatWaitsIsRemovedButNotWhatIsOnItsWay() {
        add(first, second, other);
        keys.next();

        assertThat(keys.removeWaiting("a")).containsExactly(second);
        assertThat(keys.contains("a")).isTrue();
        assertThat(keys.removeWaiting("b")).containsExactly(other);
        assertThat(keys.contains("b")).isFalse();
        assertThat(keys.removeWaiting("c")).isEmpty();
    }

    @Test
    void onlyAHeadCanBeRemoved() {
        add(first, second);

        assertThatThrownBy(() -> keys.remove(second)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aDueChangeIsTakenInHandOnceAndHoldsItsKey() {
        Held due = held(1, "a");

        assertThat(held.take(due)).isTrue();
        assertThat(held.take(due)).isFalse();
        assertThat(held.contains(Hash.of("a"))).isTrue();
        assertThat(held.inHand()).isOne();
        Item item = Objects.requireNonNull(held.next());
        held.finished(item);
        assertThat(held.inHand()).isZero();
        assertThat(held.take(due)).isTrue();
    }

    @Test
    void aReadThatStillShowsAFinishedChangeIsNotBelieved() {
        held.take(held(1, "a"));
        Item item = Objects.requireNonNull(held.next());
        held.startRead();
        held.finished(item);

        assertThat(held.take(held(1, "a"))).isFalse();
        held.endRead();
        assertThat(held.isReading()).isFalse();
    }

    @Test
    void whatWasNotSentCanBeDropped() {
        held.take(held(1, "a"));
        held.take(held(2, "b"));
        Item sent = Objects.requireNonNull(held.next());
        held.dropReady();

        assertThat(held.hasNext()).isFalse();
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
    void whatWasHeldDuringAReleaseMakesItLookAgain() {
        long key = Hash.of("a");
        held.hold(key);
        held.startRelease(key);
        held.hold(key);

        assertThat(held.endRelease(key, false)).isTrue();
        assertThat(held.contains(key)).isTrue();
    }

    @Test
    void ofSeveralReleasesTheLastDecides() {
        long key = Hash.of("a");
        held.hold(key);
        held.startRelease(key);
        held.hold(key);
        held.startRelease(key);

        assertThat(held.endRelease(key, false)).isFalse();
        assertThat(held.contains(key)).isTrue();
        assertThat(held.endRelease(key, false)).isTrue();
        assertThat(held.size()).isOne();
    }

    private void add(Item... items) {
        for (Item item : items) {
            keys.add(item);
        }
    }

    private static Item item(long sequence, String key) {
        return Item.pending(BacklogTest.entry(sequence, key));
    }

    private static Held held(long sequence, String key) {
        return new Held(BacklogTest.entry(sequence, key), 1, Instant.EPOCH);
    }
}
