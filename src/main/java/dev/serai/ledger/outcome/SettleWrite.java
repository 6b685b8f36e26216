package dev.serai.ledger.outcome;

import dev.serai.ledger.model.Attempt;
import dev.serai.ledger.model.Attempt.Transcript;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.DueChange;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.model.Transaction;
import dev.serai.ledger.time.LedgerClock;
import dev.serai.ledger.write.Write;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Writes the outcome of one change for one target; where newer states replace older ones it also makes the next change of its key due. */
public final class SettleWrite extends Write {
    private static final int ERROR_CHARS_MAX = 500;

    private final PendingChange item;
    /** Where the delivery stood in the store when this was submitted. */
    private final DeliveryState from;

    private final Delivery delivery;
    private final @Nullable Transcript transcript;
    private final boolean releasesKey;
    private final LedgerClock clock;
    private final Instant triedAt;
    private final OutcomeRetry retry;
    private final Consumer<SettleWrite> whenCommitted;
    private boolean promotesNext;
    private boolean replacesParked;
    private List<Long> replaced = List.of();
    private Supplier<@Nullable String> deliveredVersion = () -> null;
    private Next next = Next.NONE;
    private boolean waitsForRetry;
    private boolean wasApplied;
    private boolean mayBeThere;
    private boolean wasInVain;

    /**
     * An outcome that is not written yet.
     *
     * @param transcript of the attempt, if that failed
     * @param releasesKey whether the change held back its key and no longer does
     */
    SettleWrite(
            PendingChange item,
            Delivery delivery,
            @Nullable Transcript transcript,
            boolean releasesKey,
            LedgerClock clock,
            OutcomeRetry retry,
            Consumer<SettleWrite> whenCommitted) {
        this.item = item;
        this.from = item.storedState();
        this.delivery = shortened(delivery);
        this.transcript = transcript;
        this.releasesKey = releasesKey;
        this.clock = clock;
        this.triedAt = delivery.finishedAt() != null ? delivery.finishedAt() : clock.instant();
        this.retry = retry;
        this.whenCommitted = whenCommitted;
    }

    /**
     * What is stored for a held key.
     *
     * @param change the next change to send, unless one is under way already
     * @param keyHeld whether a waiting or parked delivery of the key is stored
     */
    public record Next(@Nullable DueChange change, boolean keyHeld) {
        public static final Next NONE = new Next(null, false);

        /** Makes the key's first parked change due. */
        public static Next of(Transaction transaction, TargetName target, long keyHash, Instant now) {
            DueChange change = transaction.promote(target, keyHash, now);
            return new Next(change, change != null || transaction.isHeld(target, keyHash));
        }
    }

    /** Also makes the next change of its key due. */
    void promotingNext() {
        promotesNext = true;
    }

    /** Also supersedes the parked changes of the key before this one. */
    SettleWrite replacingParked() {
        replacesParked = true;
        return this;
    }

    /** Also stores the newest version of its key that the target has, or nothing if it is null. */
    SettleWrite withDeliveredVersion(Supplier<@Nullable String> version) {
        deliveredVersion = version;
        return this;
    }

    /** Whether the change gets its first row. */
    public boolean isFirst() {
        return from == DeliveryState.PENDING;
    }

    public PendingChange item() {
        return item;
    }

    public Delivery delivery() {
        return delivery;
    }

    /** The sequences that it superseded. */
    List<Long> replaced() {
        return replaced;
    }

    public boolean releasesKey() {
        return releasesKey;
    }

    public @Nullable DueChange next() {
        return next.change();
    }

    public boolean isKeyStillHeld() {
        return next.keyHeld();
    }

    @Override
    public void apply(Transaction transaction) {
        waitsForRetry = retry.mustWait(this);
        if (waitsForRetry) {
            return;
        }
        wasApplied = true;
        if (!mayBeThere || !isThere(transaction)) {
            write(transaction);
        }
        if (promotesNext) {
            next = Next.of(transaction, delivery.target(), item.keyHash(), clock.steady());
        }
    }

    /** Whether the failed commit that this was part of did take effect. */
    private boolean isThere(Transaction transaction) {
        Delivery stored = transaction.delivery(delivery.target(), item.sequence());
        if (stored == null) {
            return transaction.entry(item.sequence()) == null; // delivered, and purged since
        }
        if (isFirst()) {
            return true;
        }
        return !stored.state().isHeld()
                || (delivery.state() == stored.state() && delivery.attempts() == stored.attempts());
    }

    private void write(Transaction transaction) {
        wasInVain = isSkip() && hasMovedOn(transaction);
        if (wasInVain) {
            return;
        }
        transaction.settle(item.sequence(), item.keyHash(), stateBefore(transaction), delivery);
        if (replacesParked) {
            replaced = transaction.supersedeParked(delivery.target(), item.keyHash(), item.sequence(), clock.instant());
        }
        String version = deliveredVersion.get();
        if (version != null) {
            transaction.deliveredVersion(
                    delivery.target(), item.entry().change().key(), version);
        }
        if (delivery.error() != null && delivery.state() != DeliveryState.SUPERSEDED && !isSkip()) {
            transaction.attempt(
                    item.sequence(),
                    new Attempt(
                            delivery.target(),
                            delivery.attempts(),
                            triedAt,
                            delivery.status(),
                            delivery.error(),
                            transcript));
        }
    }

    private boolean isSkip() {
        return item.skipped() != null && delivery.state() == DeliveryState.DEAD;
    }

    /** What an operator skips was read before the dispatcher took it in hand, and may have had another outcome meanwhile. */
    private boolean hasMovedOn(Transaction transaction) {
        Delivery stored = transaction.delivery(delivery.target(), item.sequence());
        return stored == null || stored.state() != stateBefore(transaction);
    }

    /** Whether it changed nothing, because the change to skip did not wait any more. */
    public boolean wasInVain() {
        return wasInVain;
    }

    /** A parked change that was read may have become due since, because an operator replayed or discarded a dead letter. */
    private DeliveryState stateBefore(Transaction transaction) {
        if (from == DeliveryState.PARKED) {
            Delivery stored = transaction.delivery(delivery.target(), item.sequence());
            if (stored != null && stored.state().isHeld()) {
                return stored.state();
            }
        }
        return from;
    }

    @Override
    public void committed() {
        if (!waitsForRetry) {
            retry.committed(this);
            whenCommitted.accept(this);
        }
    }

    @Override
    public boolean failed(StoreException reason) {
        mayBeThere |= wasApplied;
        return true;
    }

    @Override
    public void refused(RuntimeException reason) {
        retry.refused(this);
    }

    @Override
    public String toString() {
        return "the outcome " + delivery.state() + " of change " + item.sequence() + " for " + delivery.target();
    }

    private static Delivery shortened(Delivery delivery) {
        String error = delivery.error();
        if (error == null || error.length() <= ERROR_CHARS_MAX) {
            return delivery;
        }
        return new Delivery(
                delivery.target(),
                delivery.state(),
                delivery.attempts(),
                delivery.dueAt(),
                delivery.finishedAt(),
                delivery.status(),
                error.substring(0, ERROR_CHARS_MAX) + "…");
    }
}
