package dev.serai.ledger.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.ledger.time.TimeSource;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TargetCircuitTest {
    private static final Outcome DOWN = new Outcome.Unreachable("connection refused");
    private static final Outcome OUTAGE = new Outcome.Failed(503, "busy", null, true);
    private static final Outcome OOPS = new Outcome.Failed(500, "oops", null, false);
    private static final Outcome OK = new Outcome.Delivered(200);

    private final SettableClock clock = new SettableClock();
    private final TargetCircuit circuit = new TargetCircuit("orders/shop", clock);

    @Test
    void itOpensAtOnceWhenTheTargetIsUnreachable() {
        attempt(DOWN, true);

        assertThat(circuit.state()).isEqualTo(CircuitState.OPEN);
        assertThat(circuit.tryAcquire()).isFalse();
        assertThat(circuit.untilProbe()).isEqualTo(Duration.ofMillis(201));
    }

    @Test
    void itOpensAfterOutagesOfDistinctChanges() {
        attempt(OUTAGE, true);
        attempt(OUTAGE, true);
        assertThat(circuit.state()).isEqualTo(CircuitState.CLOSED);
        attempt(OUTAGE, true);

        assertThat(circuit.state()).isEqualTo(CircuitState.OPEN);
    }

    @Test
    void repeatedFailuresOfOneChangeDoNotOpenIt() {
        attempt(OUTAGE, true);
        for (int i = 0; i < 100; i++) {
            attempt(OUTAGE, false);
        }

        assertThat(circuit.state()).isEqualTo(CircuitState.CLOSED);
    }

    @Test
    void failuresOfSingleChangesDoNotOpenIt() {
        for (int i = 0; i < 100; i++) {
            attempt(OOPS, true);
        }

        assertThat(circuit.state()).isEqualTo(CircuitState.CLOSED);
    }

    @Test
    void oneProbeIsSentAtATime() {
        attempt(DOWN, true);
        clock.advance(circuit.untilProbe());

        assertThat(circuit.tryAcquire()).isTrue();
        assertThat(circuit.state()).isEqualTo(CircuitState.HALF_OPEN);
        assertThat(circuit.tryAcquire()).isFalse();
        circuit.release();
        assertThat(circuit.tryAcquire()).isTrue();
    }

    @Test
    void probesComeLessAndLessOften() {
        attempt(DOWN, true);
        List<Long> waits = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            waits.add(circuit.untilProbe().toMillis());
            clock.advance(circuit.untilProbe());
            attempt(DOWN, true);
        }

        assertThat(waits).containsExactly(201L, 401L, 801L, 1_601L, 3_201L, 6_401L, 12_801L, 15_001L, 15_001L);
    }

    @Test
    void itClosesAfterASuccessfulProbeAndStartsOver() {
        attempt(DOWN, true);
        clock.advance(circuit.untilProbe());
        attempt(DOWN, true);
        clock.advance(circuit.untilProbe());
        attempt(OK, true);
        assertThat(circuit.state()).isEqualTo(CircuitState.CLOSED);
        assertThat(circuit.untilProbe()).isZero();
        attempt(DOWN, true);

        assertThat(circuit.untilProbe()).isEqualTo(Duration.ofMillis(201));
    }

    @Test
    void aProbeThatIsRefusedShowsThatTheTargetIsUp() {
        attempt(DOWN, true);
        clock.advance(circuit.untilProbe());
        attempt(new Outcome.Refused(400, "no"), false);

        assertThat(circuit.state()).isEqualTo(CircuitState.CLOSED);
    }

    @Test
    void lateOutcomesDoNotUseUpTheProbe() {
        for (int i = 0; i < 5; i++) {
            circuit.tryAcquire();
        }
        for (int i = 0; i < 5; i++) {
            circuit.record(DOWN, true);
        }
        clock.advance(circuit.untilProbe());

        assertThat(circuit.tryAcquire()).isTrue();
    }

    private void attempt(Outcome outcome, boolean first) {
        assertThat(circuit.tryAcquire()).isTrue();
        circuit.record(outcome, first);
    }

    private static final class SettableClock extends Clock implements TimeSource {
        private Instant now = Instant.EPOCH;

        void advance(Duration duration) {
            now = now.plus(duration);
        }

        @Override
        public long monotonicMillis() {
            return now.toEpochMilli();
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
