package dev.serai.ledger;

import dev.serai.ledger.MemoryState.DeadKey;
import dev.serai.ledger.MemoryState.Row;
import dev.serai.ledger.MemoryState.Target;
import dev.serai.ledger.audit.ActionEnd;
import dev.serai.ledger.audit.AuditEntry;
import dev.serai.ledger.history.HistoryWrites;
import dev.serai.ledger.model.Attempt;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Cursor;
import dev.serai.ledger.model.DeadLetter;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.DueChange;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.Retention;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.TargetCounts;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.model.Transaction;
import dev.serai.ledger.time.SavedClock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/** A transaction on a copy of a memory store's state. */
final class MemoryTransaction implements Transaction {
    private final MemoryState state;
    private final LongUnaryOperator numbering;
    private final Consumer<MemoryState> commit;
    private final Runnable end;
    private final BooleanSupplier refusals;
    private boolean ended;

    MemoryTransaction(
            MemoryState state,
            LongUnaryOperator numbering,
            Consumer<MemoryState> commit,
            Runnable end,
            BooleanSupplier refusals) {
        this.state = state;
        this.numbering = numbering;
        this.commit = commit;
        this.end = end;
        this.refusals = refusals;
    }

    @Override
    public OptionalLong find(String flow, String id) {
        return state.changes.values().stream()
                .filter(entry -> entry.change().flow().equals(flow)
                        && entry.change().id().equals(id))
                .mapToLong(Entry::sequence)
                .findFirst();
    }

    @Override
    public List<Entry> newest(String flow, String key, int limit) {
        return state.changes.tailMap(state.purged.getOrDefault(flow, 0L), false).descendingMap().values().stream()
                .filter(entry -> entry.change().flow().equals(flow)
                        && entry.change().key().equals(key))
                .limit(limit)
                .map(MemoryState::head)
                .toList();
    }

    @Override
    public long insert(Change change, Instant acceptedAt) {
        long sequence = numbering.applyAsLong(state.last);
        state.last = sequence;
        state.changes.put(sequence, new Entry(sequence, Instant.ofEpochMilli(acceptedAt.toEpochMilli()), change));
        state.count(change.flow(), 1, 0);
        return sequence;
    }

    @Override
    public void duplicate(String flow) {
        state.count(flow, 0, 1);
    }

    @Override
    public @Nullable Entry entry(long sequence) {
        return state.changes.get(sequence);
    }

    @Override
    public void addTarget(TargetName target, long after) {
        long newest = state.changes.isEmpty() ? 0 : state.changes.lastKey();
        long position = Math.min(after, newest);
        state.count(target.flow(), 0, 0);
        state.targets.putIfAbsent(target, new Target(position, position, null, 0));
    }

    @Override
    public boolean knows(TargetName target) {
        return state.targets.containsKey(target);
    }

    @Override
    public void removeTarget(TargetName target) {
        state.targets.remove(target);
        state.rows.remove(target);
        state.deliveredVersions.remove(target);
        state.attempts.values().forEach(all -> all.removeIf(one -> one.target().equals(target)));
    }

    @Override
    public void pause(TargetName name, TargetCounts.@Nullable Pause pause) {
        Target target = state.target(name);
        state.targets.put(name, new Target(target.from(), target.position(), pause, target.deliveredAndGone()));
    }

    @Override
    public void settle(long sequence, long keyHash, DeliveryState from, Delivery delivery) {
        state.target(delivery.target());
        from.requireMove(delivery.state());
        if (refusals.getAsBoolean()) {
            throw new ArithmeticException("this outcome was made to fail");
        }
        Map<Long, Row> rows = state.rows(delivery.target());
        Row row = rows.get(sequence);
        DeliveryState is = row == null ? DeliveryState.PENDING : row.delivery().state();
        if (is != from) {
            throw new IllegalStateException("a delivery was not stored in the expected state");
        }
        rows.put(sequence, new Row(keyHash, delivery));
        if (delivery.state() == DeliveryState.DEAD) {
            state.deadSince.remove(new DeadKey(delivery.target(), sequence));
        }
    }

    @Override
    public @Nullable Delivery delivery(TargetName target, long sequence) {
        state.target(target);
        Row row = state.rows(target).get(sequence);
        return row == null ? null : row.delivery();
    }

    @Override
    public void attempt(long sequence, Attempt attempt) {
        state.target(attempt.target());
        List<Attempt> all = state.attempts.computeIfAbsent(sequence, none -> new ArrayList<>());
        all.add(attempt);
        List<Attempt> own = all.stream()
                .filter(one -> one.target().equals(attempt.target()))
                .toList();
        if (own.size() > Attempt.TRANSCRIPTS_KEPT) {
            Attempt older = own.get(own.size() - 1 - Attempt.TRANSCRIPTS_KEPT);
            all.set(all.indexOf(older), older.withoutTranscript());
        }
        if (own.size() > Attempt.FIRST_KEPT + Attempt.NEWEST_KEPT) {
            all.remove(own.get(Attempt.FIRST_KEPT));
        }
    }

    @Override
    public boolean isHeld(TargetName target, long keyHash) {
        state.target(target);
        return state.rows(target).values().stream().anyMatch(row -> row.isHeld() && row.keyHash() == keyHash);
    }

    @Override
    public @Nullable DueChange promote(TargetName target, long keyHash, Instant dueAt) {
        state.target(target);
        Map<Long, Row> rows = state.rows(target);
        Long first = null;
        for (Map.Entry<Long, Row> one : rows.entrySet()) {
            Row row = one.getValue();
            if (row.keyHash() == keyHash && row.is(DeliveryState.WAITING)) {
                return null;
            }
            if (first == null && row.keyHash() == keyHash && row.is(DeliveryState.PARKED)) {
                first = one.getKey();
            }
        }
        if (first == null) {
            return null;
        }
        Delivery parked = Objects.requireNonNull(rows.get(first)).delivery();
        rows.put(
                first,
                new Row(
                        keyHash,
                        new Delivery(
                                target,
                                DeliveryState.WAITING,
                                parked.attempts(),
                                dueAt,
                                null,
                                parked.status(),
                                parked.error())));
        boolean followed =
                rows.values().stream().anyMatch(row -> row.keyHash() == keyHash && row.is(DeliveryState.PARKED));
        return new DueChange(
                Objects.requireNonNull(state.changes.get(first)), parked.attempts(), dueAt, keyHash, followed);
    }

    @Override
    public boolean expedite(TargetName target, long sequence, Instant dueAt) {
        Row row = state.rows(target).get(sequence);
        if (row == null || !row.is(DeliveryState.WAITING)) {
            return false;
        }
        Delivery was = row.delivery();
        if (Objects.requireNonNull(was.dueAt()).isAfter(dueAt)) {
            Delivery now = new Delivery(
                    target, was.state(), was.attempts(), dueAt, was.finishedAt(), was.status(), was.error());
            state.rows(target).put(sequence, new Row(row.keyHash(), now));
        }
        return true;
    }

    @Override
    public void replay(Store.Replay replay) {
        state.replays.put(replay.id(), replay);
    }

    @Override
    public long audit(AuditEntry entry, Instant keptSince, long entriesMax) {
        if (entry.id() != 0) {
            state.audit.computeIfPresent(
                    entry.id(), (id, stored) -> stored.ended(new ActionEnd(entry.outcome(), entry.count())));
            return entry.id();
        }
        long id = state.audit.isEmpty() ? 1 : state.audit.lastKey() + 1;
        state.audit.put(id, entry.withId(id));
        state.audit.values().removeIf(one -> one.at().isBefore(keptSince) || one.id() <= id - entriesMax);
        return id;
    }

    @Override
    public HistoryWrites history() {
        return new MemoryHistory(state);
    }

    @Override
    public void putInOrder(TargetName target, long sequence, long keyHash, boolean blocked) {
        Map<Long, Row> rows = state.rows(target);
        Row row = rows.get(sequence);
        if (row == null || !row.isHeld()) {
            return;
        }
        List<Long> others = new ArrayList<>();
        rows.forEach((other, held) -> {
            if (other != sequence && held.keyHash() == keyHash && held.isHeld()) {
                others.add(other);
            }
        });
        rows.put(sequence, new Row(keyHash, row.delivery()));
        if (blocked || others.stream().anyMatch(other -> other < sequence)) {
            park(rows, sequence);
        } else {
            others.forEach(other -> park(rows, other));
        }
    }

    private static void park(Map<Long, Row> rows, long sequence) {
        Row row = Objects.requireNonNull(rows.get(sequence));
        Delivery was = row.delivery();
        rows.put(
                sequence,
                new Row(
                        row.keyHash(),
                        new Delivery(
                                was.target(),
                                DeliveryState.PARKED,
                                was.attempts(),
                                null,
                                null,
                                was.status(),
                                was.error())));
    }

    @Override
    public List<Long> supersedeParked(TargetName target, long keyHash, long before, Instant finishedAt) {
        state.target(target);
        List<Long> superseded = new ArrayList<>();
        state.rows(target).replaceAll((sequence, row) -> {
            if (superseded.size() == SUPERSEDED_MAX
                    || sequence >= before
                    || row.keyHash() != keyHash
                    || !row.is(DeliveryState.PARKED)) {
                return row;
            }
            superseded.add(sequence);
            int attempts = row.delivery().attempts();
            return new Row(
                    keyHash,
                    new Delivery(
                            target, DeliveryState.SUPERSEDED, attempts, null, finishedAt, null, Delivery.REPLACED));
        });
        return superseded;
    }

    @Override
    public void deliveredVersion(TargetName target, String key, String version) {
        state.target(target);
        state.deliveredVersions
                .computeIfAbsent(target, none -> new HashMap<>())
                .put(key, new MemoryState.SavedVersion(version, state.last));
    }

    @Override
    public void position(TargetName name, long sequence) {
        Target target = state.target(name);
        state.targets.put(name, new Target(target.from(), sequence, target.pause(), target.deliveredAndGone()));
    }

    @Override
    public void cursor(Cursor cursor) {
        state.cursors.put(cursor.name(), cursor);
    }

    @Override
    public void clock(SavedClock clock) {
        state.clock = clock;
    }

    @Override
    public void limitDue(TargetName target, Instant latest) {
        state.rows(target).replaceAll((sequence, row) -> {
            Delivery was = row.delivery();
            return row.is(DeliveryState.WAITING)
                            && Objects.requireNonNull(was.dueAt()).isAfter(latest)
                    ? new Row(
                            row.keyHash(),
                            new Delivery(target, was.state(), was.attempts(), latest, null, was.status(), was.error()))
                    : row;
        });
    }

    @Override
    public boolean purge(long runningMillis, Retention retention, int limit, ExpiredLetters expired) {
        long settledUpTo = mark(runningMillis, retention.settled().toMillis());
        int discarded = 0;
        for (DeadLetter letter : state.dead()) {
            long since = state.deadSince.computeIfAbsent(
                    new DeadKey(letter.target(), letter.sequence()), unseen -> runningMillis);
            if (since <= runningMillis - retention.dead().toMillis() && discarded < limit) {
                discard(letter);
                expired.discarded(letter.target(), letter.key(), letter.sequence());
                discarded++;
            }
        }
        List<Entry> over = over(settledUpTo, limit - discarded);
        over.forEach(this::delete);
        forgetVersions(settledUpTo);
        return discarded + over.size() > 0;
    }

    private void forgetVersions(long settledUpTo) {
        state.deliveredVersions.forEach((target, saved) -> saved.entrySet()
                .removeIf(one -> one.getValue().last() < settledUpTo
                        && state.changes.values().stream()
                                .noneMatch(entry -> entry.change().flow().equals(target.flow())
                                        && entry.change().key().equals(one.getKey()))));
    }

    /** Marks the newest sequence at least every 256th part of the retention; returns the newest one that is past it. */
    private long mark(long runningMillis, long keptMillis) {
        Map.Entry<Long, Long> newest = state.marks.lastEntry();
        boolean isTime = newest == null || runningMillis - newest.getKey() >= keptMillis / 256;
        if (isTime && state.last > (newest == null ? 0 : newest.getValue())) {
            state.marks.put(runningMillis, state.last);
        }
        Map.Entry<Long, Long> over = state.marks.floorEntry(runningMillis - keptMillis);
        if (over == null) {
            return 0;
        }
        state.marks.headMap(over.getKey()).clear();
        return over.getValue();
    }

    /** In sequence order, up to each flow's first change that is too young or still pending. */
    private List<Entry> over(long settledUpTo, int limit) {
        Set<String> stopped = new HashSet<>();
        List<Entry> over = new ArrayList<>();
        for (Entry entry : state.changes.values()) {
            String flow = entry.change().flow();
            if (entry.sequence() > settledUpTo || isPending(entry)) {
                stopped.add(flow);
            }
            if (!stopped.contains(flow) && over.size() < limit && isOver(entry)) {
                over.add(entry);
            }
        }
        return over;
    }

    private boolean isPending(Entry entry) {
        return state.targets.keySet().stream().anyMatch(target -> state.lacks(target, entry));
    }

    private void discard(DeadLetter letter) {
        Map<Long, Row> rows = state.rows(letter.target());
        Row row = Objects.requireNonNull(rows.get(letter.sequence()));
        Delivery was = row.delivery();
        rows.put(
                letter.sequence(),
                new Row(
                        row.keyHash(),
                        new Delivery(
                                letter.target(),
                                DeliveryState.DISCARDED,
                                was.attempts(),
                                null,
                                was.finishedAt(),
                                was.status(),
                                was.error())));
    }

    private boolean isOver(Entry entry) {
        return state.targets.keySet().stream()
                .filter(target -> target.flow().equals(entry.change().flow()))
                .allMatch(target -> {
                    Row row = state.rows(target).get(entry.sequence());
                    return row == null ? !state.lacks(target, entry) : row.isOver();
                });
    }

    private void delete(Entry entry) {
        state.changes.remove(entry.sequence());
        state.purged.merge(entry.change().flow(), entry.sequence(), Math::max);
        state.attempts.remove(entry.sequence());
        for (TargetName name : List.copyOf(state.targets.keySet())) {
            Row row = state.rows(name).remove(entry.sequence());
            if (row != null && row.is(DeliveryState.DELIVERED)) {
                Target target = state.target(name);
                state.targets.put(
                        name,
                        new Target(target.from(), target.position(), target.pause(), target.deliveredAndGone() + 1));
            }
        }
    }

    @Override
    public void commit() {
        if (ended) {
            throw new IllegalStateException("the transaction has ended");
        }
        ended = true;
        end.run();
        state.historyWrites.forEach(Runnable::run);
        state.historyWrites.clear();
        commit.accept(state);
    }

    @Override
    public void close() {
        if (!ended) {
            ended = true;
            end.run();
        }
    }
}
