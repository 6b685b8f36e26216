package dev.serai.ledger.model;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * The ledger's durable storage.
 *
 * <p>One thread, the writer, begins and commits transactions, one at a time. All other methods read what is committed,
 * from any thread, and never wait for the writer.
 *
 * <p>Throws: every method throws {@link StoreException}. After it came from {@link Transaction#commit} it is unknown
 * whether the transaction happened, and the store must be {@link #reopen reopened} before it is used again.
 */
public interface Store extends AutoCloseable {

    /** Starts the next transaction. Writer only. */
    Transaction begin();

    /**
     * Closes everything and opens it again as after a crash, if there is room to write. Writer only; readers see {@link
     * StoreException} meanwhile.
     */
    void reopen();

    /** The sequence of the newest change, 0 if there is none. */
    long lastSequence();

    /** Whether the target is known, that is whether {@link Transaction#addTarget} was ever committed for it. */
    boolean knows(TargetName target);

    /** The target's stored progress; the target must be known. */
    TargetCounts counts(TargetName target);

    /** All known targets, by flow and name. */
    List<TargetName> targets();

    /** All flows that ever took in a change or have a target, by name. */
    List<FlowCounts> flows();

    /**
     * Gives the key hash of every waiting or parked delivery of the target, repeats included.
     *
     * @param deadToo whether dead letters hold back their keys as well
     */
    void heldKeys(TargetName target, boolean deadToo, LongConsumer each);

    /**
     * The flow's changes beyond {@code after} that have no delivery row for the target, in order.
     *
     * @param limit the most changes
     * @param bytesMax stops after the change whose body crosses this sum; at least one change is returned if there is one
     */
    List<Entry> pending(TargetName target, long after, int limit, long bytesMax);

    /** Waiting deliveries due at {@code now} or before, earliest due first. */
    List<DueChange> due(TargetName target, Instant now, int limit);

    /** When the first waiting delivery that is due later than {@code after} is due, if there is one. */
    Optional<Instant> nextDue(TargetName target, Instant after);

    /** The version last noted with {@link Transaction#deliveredVersion}. */
    Optional<String> deliveredVersion(TargetName target, String key);

    Optional<Cursor> cursor(String name);

    List<Cursor> cursors();

    Optional<Entry> entry(long sequence);

    /** Changes as asked for, newest first; bodies and headers are left empty. */
    List<Entry> changes(ChangeQuery query);

    /** The stored deliveries of a change, by target name. */
    List<Delivery> deliveries(long sequence);

    /** The failed attempts to deliver a change, oldest first. */
    List<Attempt> attempts(long sequence);

    /**
     * Dead letters in sequence order, beyond {@code afterSequence}.
     *
     * @param limit where to stop; all that the last sequence has are still given, so that reading on after it misses none
     */
    List<DeadLetter> dead(DeadFilter filter, long afterSequence, int limit);

    /** What to do if the process cannot write: free disk space, permissions. One line, for people. */
    String location();

    @Override
    void close();
}
