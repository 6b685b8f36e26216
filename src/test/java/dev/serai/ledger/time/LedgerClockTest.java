package dev.serai.ledger.time;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.ledger.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class LedgerClockTest {
    private final VirtualTime time = new VirtualTime();
    private final Instant start = time.instant();
    private final LedgerClock clock = time.clock();

    @Test
    void steadyTimeBeginsAsTheWallClockAndNeverSteps() {
        clock.start(null);
        time.set(Duration.ofDays(-3));
        time.advance(Duration.ofSeconds(5));

        assertThat(clock.steady()).isEqualTo(start.plusSeconds(5));
        assertThat(clock.instant()).isEqualTo(start.minus(Duration.ofDays(3)).plusSeconds(5));
        assertThat(clock.runningMillis()).isEqualTo(5_000);
        assertThat(clock.isFirstStart()).isTrue();
    }

    @Test
    void steadyTimeGoesOnWhileTheLedgerIsClosedAndRunningTimeDoesNot() {
        clock.start(null);
        time.advance(Duration.ofSeconds(5));
        SavedClock saved = clock.toSave();
        time.advance(Duration.ofHours(8));
        LedgerClock next = time.clock();
        next.start(saved);

        assertThat(next.steady()).isEqualTo(time.instant());
        assertThat(next.runningMillis()).isEqualTo(5_000);
        assertThat(next.isFirstStart()).isFalse();
        assertThat(next.recentStep()).isEmpty();
    }

    @Test
    void steadyTimeDoesNotGoBackWithAClockThatWasSetBackWhileTheLedgerWasClosed() {
        clock.start(null);
        SavedClock saved = clock.toSave();
        time.set(Duration.ofHours(-2));
        LedgerClock next = time.clock();
        next.start(saved);

        assertThat(next.steady()).isEqualTo(start);
        assertThat(next.recentStep().orElseThrow().by()).isEqualTo(Duration.ofHours(-2));
        assertThat(next.look()).isEmpty();
    }

    @Test
    void aStepThatWasSavedIsNoTimeThatTheLedgerWasClosed() {
        clock.start(null);
        time.set(Duration.ofDays(3));
        LedgerClock next = time.clock();
        next.start(clock.toSave());

        assertThat(next.steady()).isEqualTo(start);
        assertThat(next.toWall(next.steady().plusSeconds(60)))
                .isEqualTo(time.instant().plusSeconds(60));
    }

    @Test
    void smallAdjustmentsAreNoSteps() {
        clock.start(null);
        for (int i = 0; i < 100; i++) {
            time.set(Duration.ofMillis(1_900));
            assertThat(clock.look()).isEmpty();
        }
        assertThat(clock.steps()).isZero();
    }

    @Test
    void eachStepIsSeenOnce() {
        clock.start(null);
        time.set(Duration.ofSeconds(-2));
        assertThat(clock.look().orElseThrow().by()).hasSeconds(-2);
        assertThat(clock.look()).isEmpty();
        time.set(Duration.ofSeconds(2));
        assertThat(clock.look().orElseThrow().by()).hasSeconds(2);

        assertThat(clock.steps()).isEqualTo(2);
    }
}
