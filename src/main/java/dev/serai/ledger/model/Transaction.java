package dev.serai.ledger.model;

import dev.serai.ledger.audit.AuditEntry;
import dev.serai.ledger.history.HistoryWrites;
import dev.serai.ledger.time.SavedClock;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * One atomic write to the store. It sees its own writes. The counts of flows and targets are derived from the calls and
 * saved with the commit.
 *
 * <p>Threads: one thread, the writer.
 */
public interface Transaction extends AutoCloseable {

    /** The position for a target that gets later changes only. */
    long NEWEST = Long.MAX_VALUE;

    /** The sequence of the change with this id, if the flow accepted it within the retention. */
    OptionalLong find(String flow, String id);

    /**
     * The newest changes of a key in the flow, newest first, without bodies and headers. Only those are returned after which
     * retention has deleted none, so that the first is the key's newest state for sure.
     */
    List<Entry> newest(String flow, String key, int limit);

    /** Appends a change and returns its sequence, which is greater than every earlier one. */
    long insert(Change change, Instant acceptedAt);

    /** Counts a change that was recognised as already accepted. */
    void duplicate(String flow);

    /** A change with its body, or null if it is no longer kept. */
    @Nullable Entry entry(long sequence);

    /**
     * Adds a target unless it exists.
     *
     * @param position all changes after it are pending for the target: 0 for all that are kept, {@link #NEWEST} for none
     */
    void addTarget(TargetName target, long position);

    /** Whether the target exists. Other methods refuse a target that does not. */
    boolean knows(TargetName target);

    /** Deletes a target, its deliveries and attempts. */
    void removeTarget(TargetName target);

    /** @param pause null to resume it */
    void pause(TargetName target, TargetCounts.@Nullable Pause pause);

    /**
     * Writes the delivery row of a change for the delivery's target: inserts it if {@code from} is {@code PENDING}, else
     * updates it.
     *
     * <p>Throws {@link IllegalStateException} if the state change is not legal, see {@link DeliveryState#requireMove}.
     *
     * @param from the stored state, {@code PENDING} if there is no row
     * @param keyHash {@link Hash#of(String)} of the key; held changes are found by it
     */
    void settle(long sequence, long keyHash, DeliveryState from, Delivery delivery);

    /** The stored delivery of a change, or null. */
    @Nullable Delivery delivery(TargetName target, long sequence);

    /** Saves one failed attempt. */
    void attempt(long sequence, Attempt attempt);

    /** Whether the target has a waiting or parked delivery of the key. */
    boolean isHeld(TargetName target, long keyHash);

    /**
     * Makes the first parked delivery of the key a waiting one, due at {@code dueAt}, and returns it. Does nothing and
     * returns null if a delivery of the key is waiting or none is parked.
     */
    @Nullable DueChange promote(TargetName target, long keyHash, Instant dueAt);

    /** Makes a delivery that waits due then, if it is due later; returns whether it waits. */
    boolean expedite(TargetName target, long sequence, Instant dueAt);

    /** Saves the state of a replay; replaces what was saved of it before. */
    void replay(Store.Replay replay);

    /**
     * Adds an entry to the audit, with an id greater than all others, and deletes some of the oldest if there are too many or they
     * are too old. One that has an id, and is still there, gets its new count and outcome instead.
     *
     * @return its id
     */
    long audit(AuditEntry entry, Instant keptSince, long entriesMax);

    /** Writes what happened in each minute and hour. */
    HistoryWrites history();

    /**
     * Puts a held delivery in the order of its key: none waits but the first of the key, all others are parked.
     *
     * @param blocked whether a dead letter before it blocks the key: then it is parked
     */
    void putInOrder(TargetName target, long sequence, long keyHash, boolean blocked);

    /** The most deliveries that one call of {@link #supersedeParked} marks. */
    int SUPERSEDED_MAX = 1_000;

    /**
     * Marks the key's first parked deliveries before a sequence as superseded; returns their sequences. Of very many the rest
     * stays parked until the next call, or until its turn comes.
     */
    List<Long> supersedeParked(TargetName target, long keyHash, long before, Instant finishedAt);

    /** Saves the newest version of a key that the target received; replaces the one saved before. */
    void deliveredVersion(TargetName target, String key, String version);

    void position(TargetName target, long sequence);

    void cursor(Cursor cursor);

    /** Saves the ledger's clock; replaces what was saved before. */
    void clock(SavedClock clock);

    /** Makes each waiting delivery of the target that is due later than {@code latest} due then. */
    void limitDue(TargetName target, Instant latest);

    /**
     * Deletes expired changes, in small steps: changes whose deliveries are all settled, each with its body, deliveries and
     * attempts. Expired dead letters become discarded, so that their changes can be deleted later. A step walks each flow in
     * sequence order and stops at the first change that is younger or still pending. It skips changes with a dead letter or
     * an open delivery.
     *
     * <p>A change is as old as the first call that saw it, give or take a part of its retention, and so is a dead letter: the
     * store marks at which running time which sequence was the newest.
     *
     * @param runningMillis how long the ledger has been open, over all starts
     * @param limit the maximum number of changes to look at
     * @param expired receives each dead letter that became discarded
     * @return whether there may be more to delete
     */
    boolean purge(long runningMillis, Retention retention, int limit, ExpiredLetters expired);

    /** Receives dead letters that became discarded because their time is over. */
    @FunctionalInterface
    interface ExpiredLetters {
        void discarded(TargetName target, String key, long sequence);
    }

    /** Makes all writes durable. */
    void commit();

    /** Rolls back unless committed. */
    @Override
    void close();
}
