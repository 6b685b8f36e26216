package dev.serai.ledger.dispatch;

import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.target.Circuit;
import dev.serai.ledger.target.CircuitState;
import dev.serai.ledger.target.Outcome;
import java.time.Duration;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets as many changes out to a target as it can take: none while it asked for quiet, single probes while it is down, a
 * rising number once it is back.
 *
 * <p>Threads: used under its dispatcher's lock.
 */
final class Throttle {
    private static final Logger LOG = LoggerFactory.getLogger(Throttle.class);
    /** How long this process keeps quiet after it could not send, for example because its threads were busy. */
    private static final Duration BUSY = Duration.ofMillis(100);

    private final TargetName target;
    private final Circuit circuit;
    private final InstantSource clock;
    private final DrainPace pace = new DrainPace();
    private final RateLimit rate;
    private long quietUntilMillis;
    private Duration untilNext = Duration.ZERO;

    Throttle(TargetName target, Circuit circuit, double ratePerSecond, InstantSource clock) {
        this.target = target;
        this.circuit = circuit;
        this.clock = clock;
        this.rate = new RateLimit(ratePerSecond);
    }

    Circuit circuit() {
        return circuit;
    }

    boolean isUp() {
        return circuit.state() == CircuitState.CLOSED;
    }

    /** Asks to send something; each true is followed by {@link #sent} and {@link #learn}, or by {@link #giveBack}. */
    boolean tryPass() {
        long now = clock.millis();
        Duration quiet = Duration.ofMillis(Math.max(0, quietUntilMillis - now));
        untilNext = max(quiet, rate.untilNext(now));
        if (!untilNext.isZero() && !untilNext.isNegative()) {
            return false;
        }
        if (!circuit.tryAcquire()) {
            untilNext = circuit.untilProbe();
            return false;
        }
        if (!pace.tryTake(now)) {
            circuit.release();
            untilNext = pace.untilNext(now);
            return false;
        }
        return true;
    }

    void sent(int changes) {
        rate.sent(changes, clock.millis());
    }

    /** Nothing was sent after all. */
    void giveBack() {
        circuit.release();
    }

    /** After {@link #tryPass} refused: how long until asking again is worth it. */
    Duration untilNext() {
        return untilNext;
    }

    /** Learns from an outcome what the target can take; {@code firstAttempt} as in {@link Circuit#record}. */
    void learn(Outcome outcome, boolean firstAttempt) {
        boolean wasUp = isUp();
        if (outcome instanceof Outcome.Interrupted) {
            circuit.release();
            keepQuiet(BUSY);
        } else {
            circuit.record(outcome, firstAttempt);
        }
        Duration quiet = outcome instanceof Outcome.Failed failed ? failed.quietFor() : null;
        if (quiet != null) {
            keepQuiet(quiet);
        }
        if (wasUp && !isUp()) {
            LOG.warn("{} is down, its changes wait: {}", target, reason(outcome));
        } else if (!wasUp && isUp()) {
            LOG.info("{} is back, its backlog drains at a rising pace", target);
            pace.start(clock.millis());
        }
    }

    private void keepQuiet(Duration duration) {
        quietUntilMillis =
                Math.max(quietUntilMillis, clock.instant().plus(duration).toEpochMilli());
    }

    private static Duration max(Duration a, Duration b) {
        return a.compareTo(b) >= 0 ? a : b;
    }

    private static String reason(Outcome outcome) {
        if (outcome instanceof Outcome.Unreachable unreachable) {
            return unreachable.error();
        }
        return outcome instanceof Outcome.Failed failed ? failed.error() : outcome.toString();
    }
}
