package dev.serai.ledger.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.ledger.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TargetCircuitTest {
    private static final Outcome DOWN = new Outcome.Unreachable("connection refused");
    private static final Outcome OUTAGE = new Outcome.Failed(503, "busy", null, true);
    private static final Outcome OOPS = new Outcome.Failed(500, "oops", null, false);
    private static final Outcome SLOW_DOWN = new Outcome.Failed(429, "slow down", Duration.ofSeconds(1), false);
    private static final Outcome INVALID = new Outcome.Refused(422, "invalid");
    private static final Outcome FORBIDDEN = new Outcome.Refused(403, "forbidden");
    private static final Outcome BROKEN = new Outcome.Refused(null, "not JSON");
    private static final Outcome OK = new Outcome.Delivered(200);

    private final VirtualTime time = new VirtualTime();
    private final TargetCircuit circuit = new TargetCircuit(time);

    @Test
    void nobodyIsToBlameForAnOutageUntilMoreIsKnown() {
        assertThat(attempt(DOWN, 1)).isEqualTo(Blame.UNKNOWN);
        assertThat(attempt(OUTAGE, 2)).isEqualTo(Blame.UNKNOWN);
        assertThat(circuit.state()).isEqualTo(CircuitState.CLOSED);
    }

    @Test
    void whileItIsOpenAnOutageIsTheTargets() {
        open();
        advance(circuit.untilProbe());

        assertThat(attempt(OUTAGE, 1)).isEqualTo(Blame.TARGET);
        assertThat(circuit.state()).isEqualTo(CircuitState.OPEN);
    }

    @Test
    void itTellsWhySinceWhen() {
        Instant since = time.instant();
        advance(Duration.ofSeconds(1));
        circuit.open(DOWN, since);
        assertThat(circuit.trouble()).isEqualTo(new Trouble("connection refused", since));
        advance(circuit.untilProbe());
        attempt(OUTAGE, 1);
        assertThat(circuit.trouble()).isEqualTo(new Trouble("busy", since));
        advance(circuit.untilProbe());
        attempt(OK, 1);

        assertThat(circuit.trouble()).isNull();
    }

    @Test
    void oneProbeGoesOutAtATime() {
        open();
        assertThat(circuit.tryAcquire()).isFalse();
        advance(circuit.untilProbe());

        assertThat(circuit.tryAcquire()).isTrue();
        assertThat(circuit.state()).isEqualTo(CircuitState.HALF_OPEN);
        assertThat(circuit.tryAcquire()).isFalse();
        circuit.release();
        assertThat(circuit.tryAcquire()).isTrue();
    }

    @Test
    void probesComeLessAndLessOften() {
        open();
        List<Long> waits = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            waits.add(circuit.untilProbe().toMillis());
            advance(circuit.untilProbe());
            attempt(DOWN, i);
        }

        assertThat(waits)
                .startsWith(200L, 400L, 800L, 1_600L, 3_200L, 6_400L, 12_800L, 15_000L)
                .endsWith(15_000L);
    }

    @Test
    void whileAnotherNodeProbesItProbesAQuarterAsOftenAndAtOnceWhenThatEnds() {
        open();
        Duration usual = circuit.untilProbe();
        circuit.probeSeldom(true);
        assertThat(circuit.untilProbe()).isEqualTo(usual.multipliedBy(4));
        advance(usual);
        assertThat(circuit.tryAcquire()).isFalse();
        circuit.probeSeldom(false);
        assertThat(circuit.tryAcquire()).isTrue();
        circuit.release();
        circuit.probeSeldom(true);
        circuit.probeNow();
        assertThat(circuit.tryAcquire()).isTrue();
    }

    @Test
    void itClosesWhenAProbeGetsThroughAndBeginsAnew() {
        open();
        advance(circuit.untilProbe());
        attempt(DOWN, 1);
        advance(circuit.untilProbe());
        attempt(OK, 1);
        assertThat(circuit.state()).isEqualTo(CircuitState.CLOSED);
        assertThat(circuit.untilProbe()).isZero();
        open();

        assertThat(circuit.untilProbe()).isEqualTo(Duration.ofMillis(200));
    }

    @Test
    void outcomesThatComeLateLeaveItAProbe() {
        List<Long> sent = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            sent.add(send());
        }
        open();
        advance(circuit.untilProbe());
        long probe = send();
        sent.forEach(number -> assertThat(circuit.record(DOWN, number, number)).isEqualTo(Blame.TARGET));

        assertThat(circuit.tryAcquire()).as("the probe is still under way").isFalse();
        circuit.record(DOWN, 9, probe);
        assertThat(circuit.untilProbe()).isEqualTo(Duration.ofMillis(400));
    }

    @Test
    void whatWasSentBeforeItClosedIsBlamedOnTheOutage() {
        long before = send();
        open();
        advance(circuit.untilProbe());
        attempt(OK, 1);

        assertThat(circuit.record(OUTAGE, 2, before)).isEqualTo(Blame.TARGET);
        assertThat(circuit.record(FORBIDDEN, 2, before)).isEqualTo(Blame.CHANGE);
        assertThat(attempt(OUTAGE, 3)).isEqualTo(Blame.UNKNOWN);
    }

    @Test
    void aRefusalOfOneKeyIsTheChangesOwnFaultHoweverOften() {
        for (int i = 0; i < 100; i++) {
            assertThat(attempt(FORBIDDEN, 1)).isEqualTo(Blame.CHANGE);
        }
    }

    @Test
    void refusalsOfEveryKeyAreDoubtedFromTheThirdOn() {
        assertThat(attempt(FORBIDDEN, 1)).isEqualTo(Blame.CHANGE);
        assertThat(attempt(FORBIDDEN, 2)).isEqualTo(Blame.CHANGE);
        assertThat(attempt(FORBIDDEN, 3)).isEqualTo(Blame.UNKNOWN);
        attempt(OK, 4);
        assertThat(attempt(FORBIDDEN, 3)).isEqualTo(Blame.CHANGE);
    }

    @Test
    void refusalsOfManyKeysAreDoubtedAlsoIfTheyFailedBeforeAnotherSucceeded() {
        for (int i = 1; i <= 3; i++) {
            attempt(OUTAGE, i);
        }
        attempt(OK, 4);
        assertThat(attempt(FORBIDDEN, 1)).isEqualTo(Blame.CHANGE);
        assertThat(attempt(FORBIDDEN, 2)).isEqualTo(Blame.CHANGE);
        assertThat(attempt(FORBIDDEN, 3)).isEqualTo(Blame.UNKNOWN);
    }

    @Test
    void refusalsOfWhatAChangeContainsAreDoubtedFromTheTwentiethKeyOn() {
        for (int i = 1; i < 20; i++) {
            assertThat(attempt(INVALID, i)).isEqualTo(Blame.CHANGE);
        }
        assertThat(attempt(INVALID, 20)).isEqualTo(Blame.UNKNOWN);
    }

    @Test
    void whatIsRefusedOnTheWayIsNeverTheTargets() {
        for (int i = 1; i < 100; i++) {
            assertThat(attempt(BROKEN, i)).isEqualTo(Blame.CHANGE);
        }
        open();
        advance(circuit.untilProbe());

        assertThat(attempt(BROKEN, 1)).isEqualTo(Blame.CHANGE);
        assertThat(circuit.state()).as("nothing is known of the target").isEqualTo(CircuitState.OPEN);
    }

    @Test
    void aLoneProbeThatIsRefusedShowsThatTheTargetIsUp() {
        attempt(DOWN, 1);
        open();
        advance(circuit.untilProbe());

        assertThat(attempt(new Outcome.Refused(400, "no"), 1)).isEqualTo(Blame.CHANGE);
        assertThat(circuit.state()).isEqualTo(CircuitState.CLOSED);
    }

    @Test
    void afterAnOutageOfManyKeysARefusedProbeIsNotBelieved() {
        for (int i = 1; i <= 3; i++) {
            attempt(OUTAGE, i);
        }
        open();
        for (Outcome outcome : List.of(FORBIDDEN, OOPS)) {
            advance(circuit.untilProbe());
            assertThat(attempt(outcome, 4)).as(outcome.toString()).isEqualTo(Blame.TARGET);
        }
        assertThat(circuit.state()).isEqualTo(CircuitState.OPEN);
        advance(circuit.untilProbe());

        assertThat(attempt(SLOW_DOWN, 4)).isEqualTo(Blame.CHANGE);
        assertThat(circuit.state()).isEqualTo(CircuitState.CLOSED);
    }

    @Test
    void failuresThatSayNothingAboutTheTargetDoNotCastDoubt() {
        for (int i = 0; i < 100; i++) {
            assertThat(attempt(OOPS, i)).isEqualTo(Blame.CHANGE);
        }
    }

    @Test
    void itKnowsWhichKeysSucceededLast() {
        attempt(OK, 1);
        attempt(OK, 2);
        attempt(OUTAGE, 2);

        assertThat(circuit.hasSucceeded(1)).isTrue();
        assertThat(circuit.hasSucceeded(2)).isFalse();
        assertThat(circuit.hasSucceeded(3)).isFalse();
    }

    private void open() {
        circuit.open(DOWN, time.instant());
    }

    private void advance(Duration duration) {
        time.advance(duration);
    }

    private long send() {
        assertThat(circuit.tryAcquire()).isTrue();
        return circuit.nextNumber();
    }

    private Blame attempt(Outcome outcome, long keyHash) {
        return circuit.record(outcome, keyHash, send());
    }
}
