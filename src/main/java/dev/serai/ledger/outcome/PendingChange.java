package dev.serai.ledger.outcome;

import dev.serai.forecast.AttemptForecast;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.DueChange;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.Hash;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One change that a dispatcher has in memory. */
public final class PendingChange {
    private final long sequence;
    private final long keyHash;
    private final int size;
    private final boolean followed;
    private final Entry entry;
    private DeliveryState storedState;
    private boolean retry;
    private boolean fromBefore;
    private boolean sentBefore;
    private int attempts;
    private int batchMax = Integer.MAX_VALUE;
    private long sent;
    private @Nullable String skipped;
    private @Nullable AttemptForecast foretold;

    private PendingChange(Entry entry, long keyHash, int attempts, DeliveryState storedState, boolean followed) {
        this.sequence = entry.sequence();
        this.keyHash = keyHash;
        this.size = entry.change().memoryBytes();
        this.storedState = storedState;
        this.followed = followed;
        this.entry = entry;
        this.attempts = attempts;
    }

    /** A change without a delivery row. With order=none its sequence is used as its key. */
    public static PendingChange pending(Entry entry, boolean ordered) {
        long keyHash = ordered ? Hash.of(entry.change().key()) : entry.sequence();
        return new PendingChange(entry, keyHash, 0, DeliveryState.PENDING, false);
    }

    /** A change whose delivery row says that it waits. */
    public static PendingChange held(DueChange held) {
        PendingChange item = new PendingChange(
                held.entry(), held.keyHash(), held.attempts(), DeliveryState.WAITING, held.followed());
        item.retry = true;
        return item;
    }

    /** A change whose delivery row says that it is parked, and whose turn has come. */
    public static PendingChange parked(DueChange parked) {
        return new PendingChange(
                parked.entry(), parked.keyHash(), parked.attempts(), DeliveryState.PARKED, parked.followed());
    }

    public static List<Long> sequences(List<PendingChange> items) {
        return items.stream().map(PendingChange::sequence).toList();
    }

    public long sequence() {
        return sequence;
    }

    /** What it must not overtake and what must not overtake it. */
    public long keyHash() {
        return keyHash;
    }

    /** Whether a later change of its key was parked when it was read. */
    public boolean isFollowed() {
        return followed;
    }

    /** It was in the ledger when its target started. */
    public void setFromBefore() {
        fromBefore = true;
    }

    /** See {@link dev.serai.ledger.delivery.Sending#mayHaveArrived}. */
    public boolean mayHaveArrived() {
        return fromBefore || sentBefore || attempts > 0 || storedState == DeliveryState.WAITING;
    }

    /** The largest batch that it may be part of. */
    public int batchMax() {
        return batchMax;
    }

    /** After a batch failed: tried again in smaller ones, until the change that is to blame is alone. */
    public void limitBatch(int changes) {
        batchMax = changes;
    }

    /** The number of its last sending, as {@link dev.serai.ledger.delivery.Circuit#nextNumber} counts. */
    public long sent() {
        return sent;
    }

    public void sent(long number) {
        sentBefore = sent > 0;
        sent = number;
    }

    /** What was foretold about the attempt that is under way, or about the last one. */
    public @Nullable AttemptForecast foretold() {
        return foretold;
    }

    public void foretell(AttemptForecast forecast) {
        foretold = forecast;
    }

    /** See {@link dev.serai.ledger.model.Change#memoryBytes}. */
    public int size() {
        return size;
    }

    /** Where its delivery stood in the store when it was read. */
    public DeliveryState storedState() {
        return storedState;
    }

    public boolean isStored() {
        return storedState != DeliveryState.PENDING;
    }

    /** Whether it, or the change of its key before it, failed last. */
    public boolean isRetry() {
        return retry;
    }

    public void setRetry(boolean retry) {
        this.retry = retry;
    }

    /** A row that says that it waits has been submitted, though it is still under way. */
    public void markStored() {
        storedState = DeliveryState.WAITING;
    }

    public Entry entry() {
        return entry;
    }

    /** An operator gives it up, if the attempt that is under way fails. */
    public void skip(String reason) {
        skipped = reason;
    }

    /** Why it is given up when it fails, or null. */
    public @Nullable String skipped() {
        return skipped;
    }

    /** Whether it cannot be delivered, because it is not what was accepted. */
    public boolean isDamaged() {
        return entry().damage() != null;
    }

    public int attempts() {
        return attempts;
    }

    public void countAttempt() {
        attempts++;
    }
}
