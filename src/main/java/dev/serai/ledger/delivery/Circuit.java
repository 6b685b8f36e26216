package dev.serai.ledger.delivery;

import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether a target is up, so that an outage costs no change an attempt.
 *
 * <p>Threads: used under its outlet's lock, but for {@link #state} and {@link #trouble}, which are safe.
 */
public interface Circuit {
    /** Asks to send something; each true is followed by one {@link #record} or {@link #release}. */
    boolean tryAcquire();

    /** Releases a permit without an outcome. */
    void release();

    /** The next number: sendings and failures are numbered in the order in which they happen. */
    long nextNumber();

    /**
     * Learns from an outcome, and tells who is to blame if it is a failure.
     *
     * @param sent the number of the sending
     */
    Blame record(Outcome outcome, long keyHash, long sent);

    /** The target counts as down, because everything sent to it since then has failed. */
    void open(Outcome last, Instant since);

    /** Whether the last delivery of this key succeeded; false if it is not remembered. */
    boolean hasSucceeded(long keyHash);

    /** Whether any delivery ever succeeded. */
    boolean hasSucceeded();

    /** Whether the last delivery of this key failed; false if it is not remembered. */
    boolean hasFailed(long keyHash);

    CircuitState state();

    /** Why it is open, or null while it is closed. */
    @Nullable Trouble trouble();

    /** The next probe is due now. */
    void probeNow();

    /** Whether another node that shares the ledger probes the target too, so that few probes of this one are enough. */
    default void probeSeldom(boolean isSeldom) {}

    /**
     * What is known of when to probe, for a circuit that learns.
     *
     * @param waits milliseconds until the next probe, by how many milliseconds it has been down; empty if nothing is known
     */
    default void probeAfter(LongFunction<OptionalLong> waits) {}

    /** How long until {@link #tryAcquire} is worth asking again; zero when closed. */
    Duration untilProbe();
}
