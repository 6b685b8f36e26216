package dev.serai.ledger.delivery;

import dev.serai.ledger.time.MonotonicClock;
import dev.serai.ledger.time.TimeSource;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.core.IntervalFunction;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A target's circuit on resilience4j.
 *
 * <p>It opens at once when the target cannot be reached, and when at least {@value #CALLS_MIN} of the last
 * {@value #CALLS} changes, and nine in ten of them, met an outage. It then lets one probe through at a time, after
 * {@value #PROBE_FIRST_MILLIS} ms first and up to {@value #PROBE_LAST_MILLIS} ms later.
 *
 * <p>Threads: used under its dispatcher's lock.
 */
public final class TargetCircuit implements Circuit {
    private static final int CALLS = 20;
    private static final int CALLS_MIN = 3;
    private static final float FAILED_PERCENT = 90;
    private static final long PROBE_FIRST_MILLIS = 200;
    private static final long PROBE_LAST_MILLIS = 15_000;
    private static final IntervalFunction PROBES =
            IntervalFunction.ofExponentialBackoff(PROBE_FIRST_MILLIS, 2, PROBE_LAST_MILLIS);

    private final CircuitBreaker breaker;
    private final Clock clock;
    private int opened;
    private long openUntilMillis;

    public TargetCircuit(String name, TimeSource source) {
        this.clock = new MonotonicClock(source);
        CircuitBreakerConfig config = CircuitBreakerConfig.custom()
                .clock(clock)
                .currentTimestampFunction(time -> time.millis(), TimeUnit.MILLISECONDS)
                .slidingWindowType(CircuitBreakerConfig.SlidingWindowType.COUNT_BASED)
                .slidingWindowSize(CALLS)
                .minimumNumberOfCalls(CALLS_MIN)
                .failureRateThreshold(FAILED_PERCENT)
                .permittedNumberOfCallsInHalfOpenState(1)
                .waitIntervalFunctionInOpenState(PROBES)
                .build();
        breaker = CircuitBreaker.of(name, config);
        breaker.getEventPublisher().onStateTransition(event -> {
            if (event.getStateTransition().getToState() == CircuitBreaker.State.OPEN) {
                opened++;
                openUntilMillis = clock.millis() + PROBES.apply(opened) + 1; // the breaker wants it to be past
            } else if (event.getStateTransition().getToState() == CircuitBreaker.State.CLOSED) {
                opened = 0;
            }
        });
    }

    @Override
    public boolean tryAcquire() {
        return breaker.tryAcquirePermission();
    }

    @Override
    public void release() {
        breaker.releasePermission();
    }

    @Override
    public void record(Outcome outcome, boolean firstAttempt) {
        boolean outage =
                outcome instanceof Outcome.Unreachable || (outcome instanceof Outcome.Failed failed && failed.outage());
        boolean closed = breaker.getState() == CircuitBreaker.State.CLOSED;
        if (!outage) {
            breaker.onSuccess(0, TimeUnit.MILLISECONDS);
        } else if (closed && outcome instanceof Outcome.Unreachable) {
            breaker.transitionToOpenState();
        } else if (closed && !firstAttempt) {
            breaker.releasePermission();
        } else {
            breaker.onError(0, TimeUnit.MILLISECONDS, new IOException("outage"));
        }
    }

    @Override
    public CircuitState state() {
        return switch (breaker.getState()) {
            case OPEN, FORCED_OPEN -> CircuitState.OPEN;
            case HALF_OPEN -> CircuitState.HALF_OPEN;
            default -> CircuitState.CLOSED;
        };
    }

    @Override
    public Duration untilProbe() {
        return switch (state()) {
            case CLOSED -> Duration.ZERO;
            case OPEN -> Duration.ofMillis(Math.max(1, openUntilMillis - clock.millis()));
            case HALF_OPEN -> Duration.ofMillis(PROBE_LAST_MILLIS);
        };
    }
}
