package dev.serai.ledger;

import java.time.InstantSource;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What came of one change for one target, and the next change of its key if that is now free to go. */
final class SettleWrite extends Write {
    private final Item item;
    private final Delivery delivery;
    private final @Nullable Attempt attempt;
    private final boolean releasesKey;
    private final InstantSource clock;
    private final Consumer<SettleWrite> whenCommitted;

    private @Nullable Held next;
    private boolean keyStillHeld;

    /**
     * @param attempt the failed attempt to keep, if it was one
     * @param releasesKey whether the change held back its key and no longer does
     */
    SettleWrite(
            Item item,
            Delivery delivery,
            @Nullable Attempt attempt,
            boolean releasesKey,
            InstantSource clock,
            Consumer<SettleWrite> whenCommitted) {
        this.item = item;
        this.delivery = delivery;
        this.attempt = attempt;
        this.releasesKey = releasesKey;
        this.clock = clock;
        this.whenCommitted = whenCommitted;
    }

    Item item() {
        return item;
    }

    Delivery delivery() {
        return delivery;
    }

    boolean releasesKey() {
        return releasesKey;
    }

    /** The change of the key that is to go next, once applied. */
    @Nullable Held next() {
        return next;
    }

    /** Whether another change of the key waits in the store, once applied. */
    boolean isKeyStillHeld() {
        return keyStillHeld;
    }

    @Override
    void apply(Transaction transaction) {
        transaction.settle(item.sequence(), item.keyHash(), item.storedState(), delivery);
        if (attempt != null) {
            transaction.attempt(item.sequence(), attempt);
        }
        if (releasesKey) {
            next = transaction.promote(delivery.target(), item.keyHash(), clock.instant());
            keyStillHeld = next != null || transaction.isHeld(delivery.target(), item.keyHash());
        }
    }

    @Override
    void committed() {
        whenCommitted.accept(this);
    }

    @Override
    boolean failed(StoreException reason) {
        return true;
    }

    @Override
    boolean isUrgent() {
        return false;
    }
}
