package dev.serai.ledger.chain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.forecast.Regime;
import dev.serai.forecast.RegimePeriod;
import dev.serai.ledger.VirtualTime;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.ledger.delivery.RedeliveryPolicy;
import dev.serai.ledger.delivery.TargetCircuit;
import dev.serai.ledger.delivery.TargetOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** When a target that is down is probed, after the lengths of its outages were learned. */
class LearnedProbesTest {
    private static final Outcome DOWN = new Outcome.Unreachable("connection refused");
    private static final long OUTAGE_SECONDS = 7_200;

    private final Random random = new Random(5);

    /** How many probes an outage took, and how many seconds after its end the last one came. */
    private record Probed(int probes, double lateSeconds) {}

    private long outage() {
        return OUTAGE_SECONDS + Math.round(60 * random.nextGaussian());
    }

    private TargetRecorder recorder(int outages) {
        TargetRecorder recorder =
                new TargetRecorder(TargetOptions.of(4, RedeliveryPolicy.DEFAULT, true, false), new VirtualTime());
        List<RegimePeriod> periods = new ArrayList<>();
        for (int day = 0; day < outages; day++) {
            long begin = day * 86_400_000L;
            long end = begin + outage() * 1000;
            periods.add(new RegimePeriod(Regime.DOWN, begin, end, true));
            periods.add(new RegimePeriod(Regime.UP, end, begin + 86_400_000L, true));
        }
        recorder.learn(periods);
        return recorder;
    }

    private static Probed probed(TargetRecorder recorder, boolean learns, long outageSeconds) {
        VirtualTime time = new VirtualTime();
        TargetCircuit circuit = new TargetCircuit(time, learns);
        circuit.probeAfter(recorder::probeWait);
        circuit.open(DOWN, time.instant());
        int probes = 0;
        while (time.monotonicMillis() < outageSeconds * 1000) {
            Duration until = circuit.untilProbe();
            time.advance(until);
            assertThat(circuit.tryAcquire()).isTrue();
            probes++;
            circuit.record(DOWN, probes, circuit.nextNumber());
        }
        return new Probed(probes, time.monotonicMillis() / 1000.0 - outageSeconds);
    }

    @Test
    void outagesThatAreLikeEachOtherAreProbedSeldomUntilTheirEndIsNear() {
        TargetRecorder recorder = recorder(20);
        int learned = 0;
        int stepped = 0;
        double learnedLate = 0;
        double steppedLate = 0;
        for (int i = 0; i < 50; i++) {
            long seconds = outage();
            Probed withLearning = probed(recorder, true, seconds);
            Probed without = probed(recorder, false, seconds);
            learned += withLearning.probes();
            stepped += without.probes();
            learnedLate += withLearning.lateSeconds();
            steppedLate += without.lateSeconds();
        }

        assertThat(learned).isLessThan(stepped / 4);
        assertThat(learnedLate).isLessThan(2 * steppedLate);
        assertThat(recorder.probeWait(600_000)).hasValue(120_000);
        assertThat(recorder.probeWait(OUTAGE_SECONDS * 1000).orElseThrow()).isBetween(200L, 30_000L);
    }

    @Test
    void untilEnoughOutagesAreKnownTheStepsHold() {
        TargetRecorder recorder = recorder(4);

        assertThat(recorder.probeWait(1_000)).isEmpty();
        assertThat(probed(recorder, true, 600)).isEqualTo(probed(recorder, false, 600));
    }
}
