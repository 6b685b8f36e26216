package dev.serai.ledger;

import org.jspecify.annotations.Nullable;

/** One change that a dispatcher has in memory. */
final class Item {
    private final long sequence;
    private final String key;
    private final int size;
    private final boolean stored;
    private @Nullable Entry entry;
    private int attempts;

    private Item(Entry entry, int attempts, boolean stored) {
        this.sequence = entry.sequence();
        this.key = entry.change().key();
        this.size = entry.change().body().length;
        this.stored = stored;
        this.entry = entry;
        this.attempts = attempts;
    }

    /** A change without a delivery row. */
    static Item pending(Entry entry) {
        return new Item(entry, 0, false);
    }

    /** A change whose delivery row says that it waits. */
    static Item held(Held held) {
        return new Item(held.entry(), held.attempts(), true);
    }

    long sequence() {
        return sequence;
    }

    String key() {
        return key;
    }

    long keyHash() {
        return Hash.of(key);
    }

    /** Bytes of its body. */
    int size() {
        return size;
    }

    /** Where its delivery stands in the store. */
    DeliveryState storedState() {
        return stored ? DeliveryState.WAITING : DeliveryState.PENDING;
    }

    boolean isStored() {
        return stored;
    }

    Entry entry() {
        Entry present = entry;
        if (present == null) {
            throw new IllegalStateException("already finished: sequence " + sequence);
        }
        return present;
    }

    int attempts() {
        return attempts;
    }

    void countAttempt() {
        attempts++;
    }

    /** Whether its outcome is durable. */
    boolean isFinished() {
        return entry == null;
    }

    /** Its outcome is durable: the body is no longer needed. */
    void finish() {
        entry = null;
    }
}
