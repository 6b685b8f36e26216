package dev.serai.ledger;

/**
 * How a target wants its changes.
 *
 * @param concurrency keys that are delivered at once, from 1
 * @param fromEarliest whether a target that is new gets the changes already in the ledger, or only those to come
 * @param blockOnDeadLetter whether a dead letter holds back the later changes of its key until it is replayed or
 *     discarded
 */
public record TargetOptions(
        int concurrency, RedeliveryPolicy redelivery, boolean fromEarliest, boolean blockOnDeadLetter) {

    public TargetOptions {
        if (concurrency < 1) {
            throw new IllegalArgumentException("concurrency must be at least 1, not " + concurrency);
        }
    }
}
