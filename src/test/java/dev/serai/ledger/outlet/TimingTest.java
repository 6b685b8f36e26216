package dev.serai.ledger.outlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.ledger.VirtualTime;
import dev.serai.ledger.delivery.RedeliveryPolicy;
import dev.serai.ledger.write.IntakeLimit;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The classes that decide when and how much is sent: pace, timer, redelivery policy and queue limit. */
class TimingTest {
    private final VirtualTime time = new VirtualTime();
    private final Throttle.DrainPace pace = new Throttle.DrainPace(false);

    @Test
    void withoutAnOutageThereIsNoPace() {
        for (int i = 0; i < 10_000; i++) {
            assertThat(take(i)).isTrue();
        }
        assertThat(pace.untilNext(5)).isZero();
    }

    @Test
    void thePaceDoublesEverySecondAndEnds() {
        pace.start(0);
        int first = taken(0, 1_000);
        int second = taken(1_000, 2_000);
        int third = taken(2_000, 3_000);

        assertThat(first).isBetween(40, 50);
        assertThat(second).isBetween(2 * first - 10, 2 * first + 10);
        assertThat(third).isBetween(2 * second - 10, 2 * second + 10);
        assertThat(pace.untilNext(10_000)).isZero();
    }

    @Test
    void afterTheDelayOfThePaceAChangeMayBeSent() {
        pace.start(0);
        long now = 0;
        for (int i = 0; i < 200; i++) {
            if (!take(now)) {
                now += pace.untilNext(now).toMillis();
                assertThat(take(now)).isTrue();
            }
        }
        assertThat(now).isBetween(1_000L, 4_000L);
    }

    private boolean take(long now) {
        if (pace.room(now) < 1) {
            return false;
        }
        pace.sent(1, now);
        return true;
    }

    private int taken(long from, long to) {
        int taken = 0;
        for (long now = from; now < to; now += 5) {
            while (take(now)) {
                taken++;
            }
        }
        return taken;
    }

    @Test
    void theTimerRunsOnceAtTheEarliestRequestedTime() {
        AtomicInteger rung = new AtomicInteger();
        long start = time.monotonicMillis();
        WakeTimer alarm = new WakeTimer(time.scheduler(), time, rung::incrementAndGet);
        alarm.in(5_000);
        alarm.in(2_000);
        alarm.in(3_000);
        while (!time.runDue()) {
            time.advance(Duration.ofMillis(100));
        }
        assertThat(time.monotonicMillis() - start).isEqualTo(2_000);
        time.advance(Duration.ofSeconds(10));
        while (time.runDue()) {
            time.advance(Duration.ofSeconds(10));
        }

        assertThat(rung).hasValue(1);
    }

    @Test
    void anAlarmRingsAfterItsDelayHoweverTheWallClockIsSet() {
        AtomicInteger rung = new AtomicInteger();
        new WakeTimer(time.scheduler(), time, rung::incrementAndGet).in(2_000);
        time.set(Duration.ofHours(-1));
        time.advance(Duration.ofSeconds(2));
        time.runDue();

        assertThat(rung).hasValue(1);
    }

    @Test
    void delaysGrowUpToTheLongest() {
        RedeliveryPolicy policy = new RedeliveryPolicy(5, Duration.ofSeconds(1), 2, Duration.ofSeconds(5), 0);
        Random random = new Random(1);

        assertThat(policy.delayAfter(1, random)).hasSeconds(1);
        assertThat(policy.delayAfter(2, random)).hasSeconds(2);
        assertThat(policy.delayAfter(3, random)).hasSeconds(4);
        assertThat(policy.delayAfter(4, random)).hasSeconds(5);
        assertThat(policy.delayAfter(5_000, random)).hasSeconds(5);
    }

    @Test
    void delaysAreSpread() {
        Random random = new Random(1);
        for (int i = 0; i < 100; i++) {
            assertThat(RedeliveryPolicy.DEFAULT.delayAfter(1, random).toMillis())
                    .isBetween(800L, 1_200L);
        }
    }

    @Test
    void aChangeIsGivenUpAfterTheLastRedelivery() {
        RedeliveryPolicy none = new RedeliveryPolicy(0, Duration.ZERO, 1, Duration.ZERO, 0);
        RedeliveryPolicy endless = new RedeliveryPolicy(-1, Duration.ZERO, 1, Duration.ZERO, 0);

        assertThat(none.isExhausted(1)).isTrue();
        assertThat(RedeliveryPolicy.DEFAULT.isExhausted(20)).isFalse();
        assertThat(RedeliveryPolicy.DEFAULT.isExhausted(21)).isTrue();
        assertThat(endless.isExhausted(1_000_000)).isFalse();
    }

    @Test
    void aPolicyThatMakesNoSenseIsRefused() {
        Duration second = Duration.ofSeconds(1);

        assertThatThrownBy(() -> new RedeliveryPolicy(1, second, 0.5, second, 0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new RedeliveryPolicy(1, second, Double.NaN, second, 0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new RedeliveryPolicy(1, second.negated(), 1, second, 0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new RedeliveryPolicy(1, second, 1, second, 2))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aFullQueueRefusesUntilAChangeLeaves() {
        IntakeLimit gate = new IntakeLimit(2, 100);

        assertThat(gate.tryEnter(2, 10)).isTrue();
        assertThat(gate.tryEnter(1, 10)).isFalse();
        gate.leave(1, 10);
        assertThat(gate.tryEnter(1, 101)).isFalse();
        assertThat(gate.tryEnter(1, 10)).isTrue();
    }

    @Test
    void aChangeLargerThanTheLimitIsAcceptedAlone() {
        IntakeLimit gate = new IntakeLimit(2, 100);

        assertThat(gate.tryEnter(5, 1_000)).isTrue();
        assertThat(gate.tryEnter(1, 1)).isFalse();
        gate.leave(5, 1_000);
        assertThat(gate.tryEnter(1, 1)).isTrue();
    }
}
