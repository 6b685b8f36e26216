package dev.serai.ledger.model;

import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One atomic write to the store; sees its own writes.
 *
 * <p>Threads: the writer's only. Counts of flows and targets follow from the calls and are saved with the commit.
 */
public interface Transaction extends AutoCloseable {

    /** As a position: only changes to come. */
    long NEWEST = Long.MAX_VALUE;

    /** The sequence under which the id was accepted in the flow within the retention, if it was. */
    OptionalLong find(String flow, String id);

    /** Appends a change; returns its sequence, greater than every earlier one. */
    long insert(Change change, Instant acceptedAt);

    /** Counts a change that was recognised as sent before. */
    void duplicate(String flow);

    /** A change with its body, or null if it is no longer kept. */
    @Nullable Entry entry(long sequence);

    /**
     * Makes a target known; everything after {@code position} is pending for it, from {@code 0} for all that is kept to
     * {@link #NEWEST}. Nothing happens if it is known.
     */
    void addTarget(TargetName target, long position);

    /** Whether the target was added and not removed. Other work for a target that is not known is refused. */
    boolean knows(TargetName target);

    /** Forgets a target, its deliveries and attempts. */
    void removeTarget(TargetName target);

    void pause(TargetName target, boolean paused);

    /**
     * Writes the delivery row of a change for the delivery's target: inserts it when {@code from} is {@code PENDING},
     * else replaces the one that is there.
     *
     * <p>Throws {@link IllegalStateException} if the move is not legal, see {@link DeliveryState#requireMove}.
     *
     * @param from the stored state, {@code PENDING} for none
     * @param keyHash {@link Hash#of(String)} of the key, by which held changes are found
     */
    void settle(long sequence, long keyHash, DeliveryState from, Delivery delivery);

    /** The stored delivery of a change, or null. */
    @Nullable Delivery delivery(TargetName target, long sequence);

    /** Keeps one failed attempt. */
    void attempt(long sequence, Attempt attempt);

    /** Whether a waiting or parked delivery of the key stands for the target. */
    boolean isHeld(TargetName target, long keyHash);

    /**
     * Makes the first parked delivery of the key, unless one of the key is waiting, a waiting one due at {@code dueAt}, and
     * returns it.
     */
    @Nullable DueChange promote(TargetName target, long keyHash, Instant dueAt);

    /** Makes the key's parked deliveries before a sequence superseded, with this time as the end; returns their sequences. */
    List<Long> supersedeParked(TargetName target, long keyHash, long before, Instant finishedAt);

    /** Notes the newest version of a key that the target was given; replaces the one noted before. */
    void deliveredVersion(TargetName target, String key, String version);

    void position(TargetName target, long sequence);

    void cursor(Cursor cursor);

    /**
     * Deletes a small step of what is past its time: changes accepted before {@code settledBefore} that every target of
     * their flow has settled, each with its body, deliveries and attempts. Dead letters given up before {@code deadBefore}
     * become discarded, so that their changes can go too. A flow is gone through in sequence order, up to its first change
     * that is younger or still pending; changes with a dead letter, or with a delivery still open, are kept and passed.
     *
     * @param limit the most changes to look at
     * @param expired is given the target and the key of each dead letter that became discarded
     * @return whether there may be more to delete
     */
    boolean purge(Instant settledBefore, Instant deadBefore, int limit, BiConsumer<TargetName, String> expired);

    /** Makes it all durable. */
    void commit();

    /** Undoes everything unless committed. */
    @Override
    void close();
}
