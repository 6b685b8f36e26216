package dev.serai.ledger;

import dev.serai.ledger.audit.AuditEntry;
import dev.serai.ledger.audit.AuditQuery;
import dev.serai.ledger.cause.Cause;
import dev.serai.ledger.history.HistoryReads;
import dev.serai.ledger.model.Attempt;
import dev.serai.ledger.model.ChangeQuery;
import dev.serai.ledger.model.Cursor;
import dev.serai.ledger.model.DeadLetter;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryFilter;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.DueChange;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.FlowCounts;
import dev.serai.ledger.model.ShardSequence;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.TargetCounts;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.model.Transaction;
import dev.serai.ledger.time.SavedClock;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongUnaryOperator;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A store in plain maps, for simulations. The committed state is immutable; a transaction works on a copy.
 *
 * <p>A commit can be made to fail, before or after it took effect; as with a real store it must then be reopened.
 */
public class MemoryStore implements Store {
    /** The committed state; several stores may be open on one, as those of several nodes are. */
    private static final class Committed {
        volatile MemoryState state = new MemoryState();
    }

    private final LongUnaryOperator numbering;
    private final Committed shared;
    private volatile Damage damage = Damage.NONE;
    private boolean unknown;
    private boolean begun;
    private long commits;
    private long dueReads;
    private long failingCommit = -1;
    private boolean failAfterEffect;
    private boolean refusesOutcomes;
    private @Nullable String lapse;

    /** A ledger's only store. */
    public MemoryStore() {
        this(last -> last + 1);
    }

    MemoryStore(LongUnaryOperator numbering) {
        this.numbering = numbering;
        this.shared = new Committed();
    }

    /** Another one on the same committed state. */
    MemoryStore(MemoryStore other) {
        this.numbering = other.numbering;
        this.shared = other.shared;
    }

    private MemoryState committed() {
        return shared.state;
    }

    /** Call in each transaction, as the last before its commit. */
    void beforeCommit(long lastSequence) {}

    /** The store of one shard of several. */
    public static MemoryStore ofShard(int shard) {
        return new MemoryStore(last -> ShardSequence.next(last, shard));
    }

    /** The nth commit from now on, counted from 1, fails: with its effect if {@code afterEffect}, else without. */
    public void failCommit(int nth, boolean afterEffect) {
        failingCommit = commits + nth;
        failAfterEffect = afterEffect;
    }

    /** Makes each transaction that settles a delivery throw, or ends that. */
    public void refuseOutcomes(boolean refuses) {
        refusesOutcomes = refuses;
    }

    /** As if an older program had written it. */
    void forgetClock() {
        MemoryState older = new MemoryState(committed());
        older.clock = null;
        shared.state = older;
    }

    /** How often due changes were read. */
    public long dueReads() {
        return dueReads;
    }

    /** How many commits were tried. */
    public long commits() {
        return commits;
    }

    @Override
    public Transaction begin() {
        if (unknown) {
            throw new StoreException("the last commit failed: reopen the store first");
        }
        if (begun) {
            throw new IllegalStateException("a transaction is open");
        }
        begun = true;
        MemoryState before = committed();
        return new MemoryTransaction(
                new MemoryState(before),
                numbering,
                state -> commit(before, state),
                () -> begun = false,
                () -> refusesOutcomes);
    }

    private void commit(MemoryState before, MemoryState state) {
        commits++;
        try {
            beforeCommit(state.last);
        } catch (StoreException e) {
            unknown = true;
            throw e;
        }
        if (before != committed()) {
            throw new AssertionError("another transaction was committed meanwhile");
        }
        boolean fails = commits == failingCommit;
        if (!fails || failAfterEffect) {
            shared.state = state;
        }
        if (fails) {
            unknown = true;
            throw new StoreException("this commit was made to fail");
        }
    }

    @Override
    public void reopen() {
        unknown = false;
        begun = false;
    }

    @Override
    public List<String> backup(Path file) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Store.Damage damage() {
        return damage;
    }

    /** As if this had been found. */
    public void setDamage(Damage found) {
        damage = found;
    }

    /** From now on another node may own it for this reason; null: none can. */
    public void lapse(@Nullable String reason) {
        lapse = reason;
    }

    @Override
    public @Nullable Space space() {
        return null;
    }

    @Override
    public @Nullable String lapse() {
        return lapse;
    }

    @Override
    public long lastSequence() {
        return committed().last;
    }

    @Override
    public boolean knows(TargetName target) {
        return committed().targets.containsKey(target);
    }

    /** The target's position; the target must exist. */
    long position(TargetName target) {
        return committed().target(target).position();
    }

    /** The state of a delivery; pending if it has no row. */
    DeliveryState state(TargetName target, long sequence) {
        MemoryState.Row row = committed().rows(target).get(sequence);
        return row == null ? DeliveryState.PENDING : row.delivery().state();
    }

    @Override
    public TargetCounts counts(TargetName target) {
        return committed().counts(target);
    }

    @Override
    public List<TargetName> targets() {
        return List.copyOf(committed().targets.keySet());
    }

    @Override
    public List<FlowCounts> flows() {
        return List.copyOf(committed().flows.values());
    }

    @Override
    public void heldKeys(TargetName target, HeldKey each) {
        Map<Long, Boolean> waits = new TreeMap<>();
        committed().rows(target).values().stream()
                .filter(MemoryState.Row::isHeld)
                .forEach(row -> waits.merge(row.keyHash(), row.is(DeliveryState.WAITING), Boolean::logicalOr));
        waits.forEach(each::accept);
    }

    /** Whether a change after the one sequence, and up to the other, is pending for the target, which must exist. */
    boolean isAnyPending(TargetName target, long after, long upTo) {
        MemoryState now = committed();
        return now.changes.subMap(after, false, upTo, true).values().stream()
                .anyMatch(entry -> now.lacks(target, entry));
    }

    @Override
    public List<Entry> pending(TargetName target, long after, int limit, long bytesMax) {
        List<Entry> found = new ArrayList<>();
        long bytes = 0;
        for (Entry entry : committed().changes.tailMap(after, false).values()) {
            if (found.size() == limit || bytes > bytesMax) {
                break;
            }
            if (knows(target) && committed().lacks(target, entry)) {
                found.add(entry);
                bytes += entry.change().memoryBytes();
            }
        }
        return found;
    }

    @Override
    public List<Entry> accepted(String flow, long after, int limit, long bytesMax) {
        List<Entry> found = new ArrayList<>();
        long bytes = 0;
        for (Entry entry : committed().changes.tailMap(after, false).values()) {
            if (found.size() == limit || bytes > bytesMax) {
                break;
            }
            if (entry.change().flow().equals(flow)) {
                found.add(entry);
                bytes += entry.change().memoryBytes();
            }
        }
        return found;
    }

    @Override
    public List<Standing> passed(TargetName target, long after, int limit, long bytesMax) {
        MemoryState now = committed();
        long position = now.counts(target).position();
        List<Standing> found = new ArrayList<>();
        long bytes = 0;
        for (Entry entry : now.changes
                .subMap(after, false, Math.max(after, position), true)
                .values()) {
            MemoryState.Row row = now.rows(target).get(entry.sequence());
            if (found.size() == limit || bytes > bytesMax) {
                break;
            }
            if (row != null) {
                found.add(new Standing(entry, row.delivery(), row.isHeld() ? row.keyHash() : 0));
                bytes += entry.change().memoryBytes();
            }
        }
        return found;
    }

    @Override
    public long deleted(String flow) {
        return committed().purged.getOrDefault(flow, 0L);
    }

    @Override
    public List<DueChange> due(TargetName target, Instant now, int limit, long bytesMax) {
        dueReads++;
        MemoryState state = committed();
        List<DueChange> due = new ArrayList<>();
        Set<Long> parked = new HashSet<>(); // the keys of those that follow
        state.rows(target).descendingMap().forEach((sequence, row) -> {
            Instant dueAt = row.delivery().dueAt();
            if (row.is(DeliveryState.PARKED)) {
                parked.add(row.keyHash());
            } else if (row.is(DeliveryState.WAITING) && dueAt != null && !dueAt.isAfter(now)) {
                Entry entry = state.changes.get(sequence);
                if (entry != null) {
                    due.add(new DueChange(
                            entry, row.delivery().attempts(), dueAt, row.keyHash(), parked.contains(row.keyHash())));
                }
            }
        });
        due.sort(Comparator.comparing(DueChange::dueAt)
                .thenComparing(change -> change.entry().sequence()));
        return within(due, limit, bytesMax);
    }

    @Override
    public List<DueChange> held(TargetName target, long keyHash, long after, int limit, long bytesMax) {
        MemoryState state = committed();
        List<DueChange> waiting = new ArrayList<>();
        List<DueChange> parked = new ArrayList<>();
        state.rows(target).forEach((sequence, row) -> {
            if (row.keyHash() == keyHash && row.isHeld()) {
                DueChange change = new DueChange(
                        state.changes.get(sequence),
                        row.delivery().attempts(),
                        row.delivery().dueAt(),
                        keyHash,
                        false);
                if (row.is(DeliveryState.WAITING)) {
                    waiting.add(change);
                } else if (sequence > after) {
                    parked.add(change);
                }
            }
        });
        waiting.addAll(parked);
        return within(waiting, limit, bytesMax);
    }

    private static List<DueChange> within(List<DueChange> changes, int limit, long bytesMax) {
        List<DueChange> within = new ArrayList<>();
        long bytes = 0;
        for (DueChange change : changes) {
            if (within.size() == limit || bytes > bytesMax) {
                break;
            }
            within.add(change);
            bytes += change.entry().change().memoryBytes();
        }
        return within;
    }

    @Override
    public List<Entry> unordered(TargetName target, long after, int limit) {
        MemoryState state = committed();
        return state.rows(target).entrySet().stream()
                .filter(row -> row.getKey() > after && row.getValue().isUnordered(row.getKey()))
                .limit(limit)
                .map(row -> MemoryState.head(state.changes.get(row.getKey())))
                .toList();
    }

    @Override
    public Optional<Instant> nextDue(TargetName target, Instant after) {
        Instant next = null;
        for (MemoryState.Row row : committed().rows(target).values()) {
            Instant dueAt = row.delivery().dueAt();
            if (row.is(DeliveryState.WAITING)
                    && dueAt != null
                    && dueAt.isAfter(after)
                    && (next == null || dueAt.isBefore(next))) {
                next = dueAt;
            }
        }
        return Optional.ofNullable(next);
    }

    @Override
    public Optional<String> deliveredVersion(TargetName target, String key) {
        return Optional.ofNullable(committed()
                        .deliveredVersions
                        .getOrDefault(target, Map.of())
                        .get(key))
                .map(MemoryState.SavedVersion::version);
    }

    @Override
    public Optional<SavedClock> clock() {
        return Optional.ofNullable(committed().clock);
    }

    @Override
    public Optional<Cursor> cursor(String name) {
        return Optional.ofNullable(committed().cursors.get(name));
    }

    @Override
    public List<Cursor> cursors() {
        return List.copyOf(committed().cursors.values());
    }

    @Override
    public Optional<Entry> entry(long sequence) {
        return Optional.ofNullable(committed().changes.get(sequence));
    }

    @Override
    public List<Entry> changes(ChangeQuery query) {
        return committed().changes.descendingMap().values().stream()
                .filter(entry -> matches(query.flow(), entry.change().flow()))
                .filter(entry -> matches(query.key(), entry.change().key()))
                .filter(entry -> matches(query.id(), entry.change().id()))
                .limit(query.limit())
                .map(MemoryState::head)
                .toList();
    }

    @Override
    public List<Delivery> deliveries(long sequence) {
        List<Delivery> found = new ArrayList<>();
        for (TargetName target : committed().targets.keySet()) {
            MemoryState.Row row = committed().rows(target).get(sequence);
            if (row != null) {
                found.add(row.delivery());
            }
        }
        return found;
    }

    @Override
    public List<Attempt> attempts(long sequence) {
        return committed().attempts.getOrDefault(sequence, List.of());
    }

    @Override
    public List<DeadLetter> dead(DeliveryFilter filter, long afterSequence, int limit) {
        List<DeadLetter> all = committed().dead().stream()
                .filter(letter -> letter.sequence() > afterSequence)
                .filter(wanted(filter))
                .sorted(Comparator.comparingLong(DeadLetter::sequence))
                .toList();
        int end = Math.min(limit, all.size());
        while (end > 0
                && end < all.size()
                && all.get(end).sequence() == all.get(end - 1).sequence()) {
            end++;
        }
        return all.subList(0, end);
    }

    private static Predicate<DeadLetter> wanted(DeliveryFilter filter) {
        return letter -> filter.matches(
                        letter.target(),
                        letter.key(),
                        letter.sequence(),
                        letter.diedAt(),
                        letter.status(),
                        letter.error())
                && (filter.cause() == null
                        || filter.cause()
                                == Cause.of(letter.status(), letter.error()).hash());
    }

    @Override
    public List<TargetName> targetsWith(DeliveryState state) {
        return targets().stream()
                .filter(target -> !standing(target, state, null, 0, 1).isEmpty())
                .toList();
    }

    @Override
    public List<Standing> standing(
            TargetName target, DeliveryState state, @Nullable Long cause, long after, int limit) {
        MemoryState now = committed();
        List<Standing> found = new ArrayList<>();
        if (!now.targets.containsKey(target)) {
            return found;
        }
        for (Entry entry : now.changes.tailMap(after, false).values()) {
            MemoryState.Row row = now.rows(target).get(entry.sequence());
            boolean pending = row == null && now.lacks(target, entry);
            if (pending && state == DeliveryState.PENDING && cause == null) {
                Delivery delivery = new Delivery(target, state, 0, null, null, null, null);
                found.add(new Standing(MemoryState.head(entry), delivery, 0));
            } else if (row != null && row.is(state) && (cause == null || cause.equals(cause(row.delivery())))) {
                found.add(new Standing(MemoryState.head(entry), row.delivery(), row.isHeld() ? row.keyHash() : 0));
            }
        }
        return found.stream().limit(limit).toList();
    }

    private static @Nullable Long cause(Delivery delivery) {
        String error = delivery.error();
        boolean failed = delivery.state() == DeliveryState.WAITING || delivery.state() == DeliveryState.DEAD;
        return failed && error != null ? Cause.of(delivery.status(), error).hash() : null;
    }

    @Override
    public int behind(TargetName target, long keyHash, long sequence, int max) {
        return (int) committed().rows(target).tailMap(sequence, false).values().stream()
                .filter(row -> row.is(DeliveryState.PARKED) && row.keyHash() == keyHash)
                .limit(max)
                .count();
    }

    @Override
    public List<CauseCount> causes(TargetName target, DeliveryState state, Instant since) {
        Map<Long, CauseCount> causes = new TreeMap<>();
        Map<Long, Set<Long>> keys = new HashMap<>();
        committed().rows(target).forEach((sequence, row) -> {
            Delivery delivery = row.delivery();
            Long cause = row.is(state) ? cause(delivery) : null;
            if (cause != null) {
                Instant at = delivery.finishedAt() == null ? Instant.EPOCH : delivery.finishedAt();
                boolean isNew =
                        keys.computeIfAbsent(cause, none -> new HashSet<>()).add(row.keyHash());
                CauseCount one = new CauseCount(
                        target,
                        state,
                        cause,
                        1,
                        at.isBefore(since) ? 0 : 1,
                        isNew ? 1 : 0,
                        at,
                        at,
                        sequence,
                        delivery.status(),
                        String.valueOf(delivery.error()));
                causes.merge(cause, one, CauseCount::plus);
            }
        });
        return List.copyOf(causes.values());
    }

    @Override
    public List<Replay> replays() {
        return List.copyOf(committed().replays.descendingMap().values());
    }

    @Override
    public List<AuditEntry> audit(AuditQuery query) {
        return committed().audit.descendingMap().values().stream()
                .filter(query::matches)
                .limit(query.limit())
                .toList();
    }

    @Override
    public HistoryReads history() {
        return new MemoryHistory(committed());
    }

    private static boolean matches(@Nullable String wanted, String is) {
        return wanted == null || wanted.equals(is);
    }

    @Override
    public String database() {
        return location();
    }

    @Override
    public String location() {
        return "in memory";
    }

    @Override
    public void close() {}
}
