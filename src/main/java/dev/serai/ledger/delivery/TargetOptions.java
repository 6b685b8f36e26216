package dev.serai.ledger.delivery;

import java.time.Duration;

/**
 * How a target wants its changes.
 *
 * @param concurrency deliveries under way at once, from 1
 * @param batchSize the most changes in one delivery, from 1
 * @param ordered whether changes of one key are delivered in order, one at a time
 * @param coalesce whether a newer state of a key replaces those of its states that still wait
 * @param versionGuard whether a change that is older than one already delivered for its key is left out
 * @param ratePerSecond the most changes sent in a second, 0 for no bound
 * @param fromEarliest whether a new target gets the changes already in the ledger, or only later ones
 * @param blockOnDeadLetter whether a dead letter holds back the later changes of its key until it is replayed or
 *     discarded
 * @param deliveryTimeout how long a delivery may be under way; after that it counts as failed
 */
public record TargetOptions(
        int concurrency,
        int batchSize,
        boolean ordered,
        boolean coalesce,
        boolean versionGuard,
        double ratePerSecond,
        RedeliveryPolicy redelivery,
        boolean fromEarliest,
        boolean blockOnDeadLetter,
        Duration deliveryTimeout) {

    /** Far above the time-outs of the sinks, which are 15 s unless set. */
    public static final Duration DELIVERY_TIMEOUT = Duration.ofMinutes(10);

    private static final Duration DELIVERY_TIMEOUT_MAX = Duration.ofDays(1);
    private static final int COUNT_MAX = 10_000;

    public TargetOptions {
        requireCount("concurrency", concurrency);
        requireCount("batchSize", batchSize);
        RateLimit.requireValid(ratePerSecond);
        if (coalesce && !ordered) {
            throw new IllegalArgumentException("coalesce needs order=key: without an order no state is the newest");
        }
        if (blockOnDeadLetter && !ordered) {
            throw new IllegalArgumentException(
                    "deadLetter=block needs order=key: without an order nothing is held back");
        }
        if (deliveryTimeout.toMillis() < 1 || deliveryTimeout.compareTo(DELIVERY_TIMEOUT_MAX) > 0) {
            throw new IllegalArgumentException("deliveryTimeout must be from 1 ms to 1 day, not " + deliveryTimeout);
        }
    }

    /** With the usual {@link #DELIVERY_TIMEOUT}. */
    public TargetOptions(
            int concurrency,
            int batchSize,
            boolean ordered,
            boolean coalesce,
            boolean versionGuard,
            double ratePerSecond,
            RedeliveryPolicy redelivery,
            boolean fromEarliest,
            boolean blockOnDeadLetter) {
        this(
                concurrency,
                batchSize,
                ordered,
                coalesce,
                versionGuard,
                ratePerSecond,
                redelivery,
                fromEarliest,
                blockOnDeadLetter,
                DELIVERY_TIMEOUT);
    }

    private static void requireCount(String name, int count) {
        if (count < 1 || count > COUNT_MAX) {
            throw new IllegalArgumentException(name + " must be from 1 to " + COUNT_MAX + ", not " + count);
        }
    }

    /** One change at a time, in order per key, as fast as the target takes them. */
    public static TargetOptions of(
            int concurrency, RedeliveryPolicy redelivery, boolean fromEarliest, boolean blockOnDeadLetter) {
        return new TargetOptions(concurrency, 1, true, false, false, 0, redelivery, fromEarliest, blockOnDeadLetter);
    }
}
