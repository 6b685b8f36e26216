package dev.serai.ledger.delivery;

import java.time.Duration;

/**
 * Tells whether a target is up, so that an outage costs no change an attempt.
 *
 * <p>Threads: used under its dispatcher's lock.
 */
public interface Circuit {
    /** Asks to send one change; each true is followed by one {@link #record} or {@link #release}. */
    boolean tryAcquire();

    /** Releases a permit without an outcome. */
    void release();

    /**
     * Learns from an outcome.
     *
     * @param firstAttempt whether the change had not failed before: one change failing over and over says little about
     *     the target
     */
    void record(Outcome outcome, boolean firstAttempt);

    CircuitState state();

    /** How long until {@link #tryAcquire} is worth asking again; zero when closed. */
    Duration untilProbe();
}
