package dev.serai.ledger.model;

import dev.serai.ledger.audit.AuditEntry;
import dev.serai.ledger.audit.AuditQuery;
import dev.serai.ledger.history.HistoryReads;
import dev.serai.ledger.time.SavedClock;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The ledger's durable storage.
 *
 * <p>Threads: one thread, the writer, begins and commits transactions, one at a time. All other methods read committed
 * data, from any thread, and never wait for the writer.
 *
 * <p>Throws: every method throws {@link StoreException}. If {@link Transaction#commit} throws it, it is unknown whether
 * the transaction was committed, and the store must be {@link #reopen reopened} before further use.
 */
public interface Store extends AutoCloseable {

    /**
     * What was found damaged since the store was opened.
     *
     * @param count how many findings, each change counted once
     * @param since when the first of them was found, or null if there is none
     * @param latest the latest of them, or null if there is none
     */
    record Damage(
            long count, @Nullable Instant since, @Nullable String latest) {
        public static final Damage NONE = new Damage(0, null, null);

        /** One line for people: how much, since when, and what to do. */
        @Override
        public String toString() {
            return since == null
                    ? "no damage was found"
                    : "the ledger is damaged: " + count + " found since " + since.truncatedTo(ChronoUnit.SECONDS)
                            + ", the latest: " + latest
                            + "; damaged changes are not delivered but become dead letters: see \"serai dead list --error"
                            + " corrupt:\" and Damage in docs/operate.md, and check the disk";
        }
    }

    /**
     * The room on disk.
     *
     * @param bytes what the store takes
     * @param freeBytes what it may still take, or -1 if that is unknown
     */
    record Space(long bytes, long freeBytes) {
        public Space plus(Space other) {
            return new Space(bytes + other.bytes, Math.min(freeBytes, other.freeBytes));
        }
    }

    /**
     * A delivery; most reads give those that have not ended well: they are pending, wait, are parked, or dead.
     *
     * @param entry without body and headers, unless a read says otherwise
     * @param keyHash by which it is held, 0 if it is not
     */
    record Standing(Entry entry, Delivery delivery, long keyHash) {}

    /**
     * The deliveries that wait or are dead for one cause.
     *
     * @param recent how many of them failed since a time that was asked for
     * @param keys how many keys they have; without an order each change counts as a key
     * @param first when the first of them failed last
     * @param example the oldest of them, which has the status
     */
    record CauseCount(
            TargetName target,
            DeliveryState state,
            long cause,
            long count,
            long recent,
            long keys,
            Instant first,
            Instant last,
            long example,
            @Nullable Integer status,
            String error) {

        /** With those of another shard. */
        public CauseCount plus(CauseCount other) {
            return new CauseCount(
                    target,
                    state,
                    cause,
                    count + other.count,
                    recent + other.recent,
                    keys + other.keys,
                    first.isBefore(other.first) ? first : other.first,
                    last.isAfter(other.last) ? last : other.last,
                    example,
                    status,
                    error);
        }
    }

    /**
     * A replay of dead letters at a pace.
     *
     * @param matched how many there were when it began; after it was resumed, how many it made due before and those that were left
     * @param moved how many of them were made due
     * @param settled how many of those came to a good end
     * @param failed how many of those failed at least once
     * @param reason why it was stopped, or null
     */
    record Replay(
            long id,
            DeliveryFilter filter,
            double rate,
            ReplayState state,
            Instant startedAt,
            @Nullable Instant endedAt,
            @Nullable String reason,
            long matched,
            long moved,
            long settled,
            long failed) {

        public Replay with(ReplayState next, @Nullable Instant end, @Nullable String why) {
            return new Replay(id, filter, rate, next, startedAt, end, why, matched, moved, settled, failed);
        }

        /** With so many more. */
        public Replay plus(int nowMoved, int nowSettled, int nowFailed) {
            long allMoved = moved + nowMoved;
            long allSettled = settled + nowSettled;
            long allFailed = failed + nowFailed;
            return new Replay(
                    id, filter, rate, state, startedAt, endedAt, reason, matched, allMoved, allSettled, allFailed);
        }
    }

    /** {@code SETTLING} has moved all and waits for their outcomes. The order is that of the stored numbers. */
    enum ReplayState {
        RUNNING,
        SETTLING,
        ENDED,
        STOPPED
    }

    /** Starts the next transaction. Writer only. */
    Transaction begin();

    /**
     * Closes the store and opens it again as after a crash, if there is room to write. Writer only; readers get {@link
     * StoreException} meanwhile.
     */
    void reopen();

    /** The room on disk; null if it cannot be known. */
    @Nullable Space space();

    /** Null while nobody else can own the store, else one line: nothing is delivered then, lest it overtakes the other's. */
    @Nullable String lapse();

    /** The sequence of the newest change, 0 if there is none. */
    long lastSequence();

    /** Whether the target exists, that is, {@link Transaction#addTarget} was committed for it. */
    boolean knows(TargetName target);

    /** The target's stored progress; the target must exist. */
    TargetCounts counts(TargetName target);

    /** All targets, ordered by flow and name. */
    List<TargetName> targets();

    /** All flows that ever accepted a change or have a target, ordered by name. */
    List<FlowCounts> flows();

    /** Passes each key of which a delivery of the target waits or is parked to {@code each}. */
    void heldKeys(TargetName target, HeldKey each);

    /** Receives keys that are held back. */
    @FunctionalInterface
    interface HeldKey {
        /** @param waits whether a delivery of the key waits; otherwise all of them are parked */
        void accept(long keyHash, boolean waits);
    }

    /**
     * The flow's changes after {@code after} that have no delivery row for the target, in order.
     *
     * @param bytesMax stops after the change whose body crosses this sum; at least one change is returned if there is one
     */
    List<Entry> pending(TargetName target, long after, int limit, long bytesMax);

    /** All of the flow's changes after {@code after}, in order and with their bodies; the limits are those of {@link #pending}. */
    List<Entry> accepted(String flow, long after, int limit, long bytesMax);

    /** The same up to the target's position, with their deliveries. */
    List<Standing> passed(TargetName target, long after, int limit, long bytesMax);

    /** The highest sequence that retention deleted in the flow, 0 if none. */
    long deleted(String flow);

    /** Waiting deliveries that are due at {@code now} or before in the ledger's steady time, earliest due first; the limits are those of {@link #pending}. */
    List<DueChange> due(TargetName target, Instant now, int limit, long bytesMax);

    /** The waiting deliveries of a key, by its {@link Hash#of(String)}, then its parked ones beyond {@code after} in order; the limits are those of {@link #pending}. */
    List<DueChange> held(TargetName target, long keyHash, long after, int limit, long bytesMax);

    /**
     * The changes after {@code after}, in order and without bodies and headers, whose deliveries the target holds without an
     * order: their sequences are their key hashes.
     */
    List<Entry> unordered(TargetName target, long after, int limit);

    /** The earliest due time later than {@code after} of the target's waiting deliveries, if there is one. */
    Optional<Instant> nextDue(TargetName target, Instant after);

    /** The version last saved with {@link Transaction#deliveredVersion}. */
    Optional<String> deliveredVersion(TargetName target, String key);

    /** The ledger's clock as it was saved last. */
    Optional<SavedClock> clock();

    /** Throws {@link StoreException} if it is damaged. */
    Optional<Cursor> cursor(String name);

    List<Cursor> cursors();

    Optional<Entry> entry(long sequence);

    /** The changes that match, newest first, without bodies and headers. */
    List<Entry> changes(ChangeQuery query);

    /** The stored deliveries of a change, ordered by target name. */
    List<Delivery> deliveries(long sequence);

    /** The failed attempts to deliver a change, oldest first. */
    List<Attempt> attempts(long sequence);

    /** Dead letters in sequence order, after a sequence: so many, and all of the last one, so that the next call can start after it. */
    List<DeadLetter> dead(DeliveryFilter filter, long afterSequence, int limit);

    /** Passes all dead letters of the target to {@code each}, in sequence order. */
    default void eachDead(TargetName target, Consumer<DeadLetter> each) {
        DeliveryFilter filter = DeliveryFilter.ALL.within(target);
        List<DeadLetter> page = dead(filter, 0, 500);
        while (!page.isEmpty()) {
            page.forEach(each);
            page = dead(filter, page.get(page.size() - 1).sequence(), 500);
        }
    }

    /** The targets that have deliveries in this state: pending, waiting, parked or dead. */
    List<TargetName> targetsWith(DeliveryState state);

    /**
     * The target's deliveries in one state after {@code after}, in sequence order.
     *
     * @param state pending, waiting, parked or dead
     * @param cause only those that failed with this cause, or null for all
     */
    List<Standing> standing(TargetName target, DeliveryState state, @Nullable Long cause, long after, int limit);

    /** How many deliveries are parked behind a change of a key, counted up to {@code max}. */
    int behind(TargetName target, long keyHash, long sequence, int max);

    /** Why deliveries of the target wait or are dead, and how many failed since a time; it reads a row for each of them. */
    List<CauseCount> causes(TargetName target, DeliveryState state, Instant since);

    /** The newest replays, newest first. */
    List<Replay> replays();

    /** What was done and is kept of it, newest first. */
    List<AuditEntry> audit(AuditQuery query);

    /** What happened in each minute and hour. */
    HistoryReads history();

    Damage damage();

    /**
     * Copies the committed data as it is now to a file that does not exist, without blocking the writer.
     *
     * @return what is damaged in the copy, as it is in the store
     */
    List<String> backup(Path file);

    /** One line for operators: where the store is, and what to do if the process cannot write to it. */
    String location();

    /** Names what keeps the store, for people; it is away for all stores that it keeps or for none. */
    String database();

    @Override
    void close();
}
