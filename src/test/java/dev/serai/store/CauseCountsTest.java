package dev.serai.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Store.CauseCount;
import dev.serai.ledger.model.TargetName;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** When failed deliveries are counted anew, and when not. */
class CauseCountsTest {
    private static final TargetName TARGET = new TargetName("orders", "erp");
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final CauseCounts counts = new CauseCounts();
    private int counted;

    @Test
    void nothingIsCountedTwiceWhileNothingChanges() {
        assertThat(ask(1, 3)).hasSize(3).isEqualTo(ask(1, 9));
        counts.changed(Set.of(2));
        ask(1, 9);
        assertThat(counted).isEqualTo(1);
    }

    @Test
    void aChangeOfItsDeliveriesIsSeenAtOnce() {
        ask(1, 3);
        counts.changed(Set.of(1, 2));
        assertThat(ask(1, 2)).hasSize(2);
        assertThat(counted).isEqualTo(2);
    }

    @Test
    void aChangeWhileItIsCountedIsSeenByTheNext() {
        counts.of(1, DeliveryState.DEAD, NOW, () -> {
            counts.changed(Set.of(1));
            return causes(3, 0);
        });
        assertThat(ask(1, 2)).hasSize(2);
    }

    @Test
    void recentFailuresAreCountedUntilTheyAreNoLonger() {
        counts.of(1, DeliveryState.DEAD, NOW, () -> causes(2, 1));
        ask(1, 2);
        ask(1, 2);
        assertThat(counted).isEqualTo(1);
    }

    @Test
    void anEarlierTimeIsNotAnsweredWithTheCountsOfALaterOne() {
        ask(1, 2);
        counts.of(1, DeliveryState.DEAD, NOW.minusSeconds(2), () -> {
            counted++;
            return causes(2, 1);
        });
        assertThat(counted).isEqualTo(2);
    }

    @Test
    void longListsAreNotKept() {
        ask(1, 201);
        ask(1, 201);
        assertThat(counted).isEqualTo(2);
    }

    @Test
    void eachIsCountedWhenItIsUnknownWhatWasCommitted() {
        ask(1, 3);
        counts.stop();
        assertThat(ask(1, 2)).hasSize(2);
        assertThat(ask(1, 1)).hasSize(1);
    }

    private List<CauseCount> ask(int target, int causes) {
        return counts.of(target, DeliveryState.DEAD, NOW, () -> {
            counted++;
            return causes(causes, 0);
        });
    }

    /** All failed a second ago. */
    private static List<CauseCount> causes(int number, long recent) {
        Instant at = NOW.minusSeconds(1);
        return LongStream.range(0, number)
                .mapToObj(cause -> new CauseCount(
                        TARGET, DeliveryState.DEAD, cause, 1, recent, 1, at, at, 1 + cause, 500, "no " + cause))
                .toList();
    }
}
