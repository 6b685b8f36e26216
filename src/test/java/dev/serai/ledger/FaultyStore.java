package dev.serai.ledger;

import dev.serai.ledger.audit.AuditEntry;
import dev.serai.ledger.audit.AuditQuery;
import dev.serai.ledger.history.HistoryReads;
import dev.serai.ledger.history.HistoryWrites;
import dev.serai.ledger.model.Attempt;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.ChangeQuery;
import dev.serai.ledger.model.Cursor;
import dev.serai.ledger.model.DeadLetter;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryFilter;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.DueChange;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.FlowCounts;
import dev.serai.ledger.model.Retention;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.TargetCounts;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.model.Transaction;
import dev.serai.ledger.time.SavedClock;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A store with injected failures and delays, which checks that every stored state change is legal. */
final class FaultyStore implements Store {

    /** Decides which calls fail, and what happens during slow calls. */
    interface Faults {
        /** Whether this read fails. */
        boolean readFails();

        CommitFault commit();

        /** Runs other tasks during a slow read or commit. */
        void meanwhile();

        /** A write expects another state of a delivery than the stored one. */
        default void illegal(String move) {
            throw new AssertionError(move);
        }

        /** A transaction is durable, even if its commit then fails. */
        void durable(List<Entry> inserted, List<Moved> moves);
    }

    enum CommitFault {
        NONE,
        BEFORE,
        AFTER
    }

    /** A written delivery row. */
    record Moved(long sequence, long keyHash, DeliveryState from, Delivery delivery) {}

    private final Store inner;
    private final Faults faults;
    private boolean unknown;

    FaultyStore(Store inner, Faults faults) {
        this.inner = inner;
        this.faults = faults;
    }

    private <T> T read(Supplier<T> reading) {
        if (unknown || faults.readFails()) {
            throw new StoreException("this read was made to fail");
        }
        faults.meanwhile();
        T result = reading.get();
        faults.meanwhile();
        return result;
    }

    @Override
    public Transaction begin() {
        if (unknown) {
            throw new AssertionError("used before it was reopened");
        }
        return new CheckedTransaction(inner.begin());
    }

    @Override
    public void reopen() {
        unknown = false;
        inner.reopen();
    }

    private final class CheckedTransaction implements Transaction {
        private final Transaction transaction;
        private final List<Moved> moves = new ArrayList<>();
        private final List<Entry> inserted = new ArrayList<>();

        CheckedTransaction(Transaction transaction) {
            this.transaction = transaction;
        }

        @Override
        public void settle(long sequence, long keyHash, DeliveryState from, Delivery delivery) {
            Delivery stored = transaction.delivery(delivery.target(), sequence);
            DeliveryState is = stored == null ? DeliveryState.PENDING : stored.state();
            if (is != from) {
                faults.illegal(
                        "illegal move of " + sequence + " from " + from + ", which is " + stored + ", to " + delivery);
            }
            moves.add(new Moved(sequence, keyHash, from, delivery));
            transaction.settle(sequence, keyHash, from, delivery);
        }

        @Override
        public @Nullable DueChange promote(TargetName target, long keyHash, Instant dueAt) {
            DueChange held = transaction.promote(target, keyHash, dueAt);
            if (held != null && !DeliveryState.PARKED.canBecome(DeliveryState.WAITING)) {
                throw new AssertionError("illegal move of " + held);
            }
            return held;
        }

        @Override
        public void commit() {
            CommitFault fault = faults.commit();
            if (fault == CommitFault.BEFORE) {
                unknown = true;
                transaction.close();
                throw new StoreException("this commit was made to fail without effect");
            }
            transaction.commit();
            faults.durable(inserted, moves);
            if (fault == CommitFault.AFTER) {
                unknown = true;
                throw new StoreException("this commit was made to fail after its effect");
            }
            faults.meanwhile();
        }

        @Override
        public void close() {
            transaction.close();
        }

        @Override
        public OptionalLong find(String flow, String id) {
            return transaction.find(flow, id);
        }

        @Override
        public List<Entry> newest(String flow, String key, int limit) {
            return transaction.newest(flow, key, limit);
        }

        @Override
        public long insert(Change change, Instant acceptedAt) {
            long sequence = transaction.insert(change, acceptedAt);
            inserted.add(new Entry(sequence, acceptedAt, change));
            return sequence;
        }

        @Override
        public void duplicate(String flow) {
            transaction.duplicate(flow);
        }

        @Override
        public @Nullable Entry entry(long sequence) {
            return transaction.entry(sequence);
        }

        @Override
        public void addTarget(TargetName target, long position) {
            transaction.addTarget(target, position);
        }

        @Override
        public boolean knows(TargetName target) {
            return transaction.knows(target);
        }

        @Override
        public void removeTarget(TargetName target) {
            transaction.removeTarget(target);
        }

        @Override
        public void pause(TargetName target, TargetCounts.@Nullable Pause pause) {
            transaction.pause(target, pause);
        }

        @Override
        public @Nullable Delivery delivery(TargetName target, long sequence) {
            return transaction.delivery(target, sequence);
        }

        @Override
        public void attempt(long sequence, Attempt attempt) {
            transaction.attempt(sequence, attempt);
        }

        @Override
        public boolean isHeld(TargetName target, long keyHash) {
            return transaction.isHeld(target, keyHash);
        }

        @Override
        public boolean expedite(TargetName target, long sequence, Instant dueAt) {
            return transaction.expedite(target, sequence, dueAt);
        }

        @Override
        public void replay(Replay replay) {
            transaction.replay(replay);
        }

        @Override
        public long audit(AuditEntry entry, Instant keptSince, long entriesMax) {
            return transaction.audit(entry, keptSince, entriesMax);
        }

        @Override
        public HistoryWrites history() {
            return transaction.history();
        }

        @Override
        public void putInOrder(TargetName target, long sequence, long keyHash, boolean blocked) {
            transaction.putInOrder(target, sequence, keyHash, blocked);
        }

        @Override
        public List<Long> supersedeParked(TargetName target, long keyHash, long before, Instant finishedAt) {
            List<Long> superseded = transaction.supersedeParked(target, keyHash, before, finishedAt);
            for (long sequence : superseded) {
                Delivery delivery =
                        new Delivery(target, DeliveryState.SUPERSEDED, 0, null, finishedAt, null, Delivery.REPLACED);
                moves.add(new Moved(sequence, keyHash, DeliveryState.PARKED, delivery));
            }
            return superseded;
        }

        @Override
        public void deliveredVersion(TargetName target, String key, String version) {
            transaction.deliveredVersion(target, key, version);
        }

        @Override
        public void position(TargetName target, long sequence) {
            transaction.position(target, sequence);
        }

        @Override
        public void cursor(Cursor cursor) {
            transaction.cursor(cursor);
        }

        @Override
        public void clock(SavedClock clock) {
            transaction.clock(clock);
        }

        @Override
        public void limitDue(TargetName target, Instant latest) {
            transaction.limitDue(target, latest);
        }

        @Override
        public boolean purge(long runningMillis, Retention retention, int limit, ExpiredLetters expired) {
            return transaction.purge(runningMillis, retention, limit, expired);
        }
    }

    @Override
    public @Nullable Space space() {
        return inner.space();
    }

    @Override
    public @Nullable String lapse() {
        return inner.lapse();
    }

    @Override
    public long lastSequence() {
        return read(inner::lastSequence);
    }

    @Override
    public boolean knows(TargetName target) {
        return read(() -> inner.knows(target));
    }

    @Override
    public TargetCounts counts(TargetName target) {
        return read(() -> inner.counts(target));
    }

    @Override
    public List<TargetName> targets() {
        return read(inner::targets);
    }

    @Override
    public List<FlowCounts> flows() {
        return read(inner::flows);
    }

    @Override
    public void heldKeys(TargetName target, HeldKey each) {
        read(() -> {
            inner.heldKeys(target, each);
            return true;
        });
    }

    @Override
    public List<Entry> pending(TargetName target, long after, int limit, long bytesMax) {
        return read(() -> inner.pending(target, after, limit, bytesMax));
    }

    @Override
    public List<Entry> accepted(String flow, long after, int limit, long bytesMax) {
        return read(() -> inner.accepted(flow, after, limit, bytesMax));
    }

    @Override
    public List<Standing> passed(TargetName target, long after, int limit, long bytesMax) {
        return read(() -> inner.passed(target, after, limit, bytesMax));
    }

    @Override
    public long deleted(String flow) {
        return read(() -> inner.deleted(flow));
    }

    @Override
    public List<DueChange> due(TargetName target, Instant now, int limit, long bytesMax) {
        return read(() -> List.copyOf(inner.due(target, now, limit, bytesMax)));
    }

    @Override
    public List<DueChange> held(TargetName target, long keyHash, long after, int limit, long bytesMax) {
        return read(() -> inner.held(target, keyHash, after, limit, bytesMax));
    }

    @Override
    public List<Entry> unordered(TargetName target, long after, int limit) {
        return read(() -> inner.unordered(target, after, limit));
    }

    @Override
    public Optional<Instant> nextDue(TargetName target, Instant after) {
        return read(() -> inner.nextDue(target, after));
    }

    @Override
    public Optional<String> deliveredVersion(TargetName target, String key) {
        return read(() -> inner.deliveredVersion(target, key));
    }

    /** Never fails: it is asked for once, when the ledger opens. */
    @Override
    public Optional<SavedClock> clock() {
        return inner.clock();
    }

    @Override
    public Optional<Cursor> cursor(String name) {
        return read(() -> inner.cursor(name));
    }

    @Override
    public List<Cursor> cursors() {
        return read(inner::cursors);
    }

    @Override
    public Optional<Entry> entry(long sequence) {
        return read(() -> inner.entry(sequence));
    }

    @Override
    public List<Entry> changes(ChangeQuery query) {
        return read(() -> inner.changes(query));
    }

    @Override
    public List<Delivery> deliveries(long sequence) {
        return read(() -> inner.deliveries(sequence));
    }

    @Override
    public List<Attempt> attempts(long sequence) {
        return read(() -> inner.attempts(sequence));
    }

    @Override
    public List<DeadLetter> dead(DeliveryFilter filter, long afterSequence, int limit) {
        return read(() -> List.copyOf(inner.dead(filter, afterSequence, limit)));
    }

    @Override
    public List<TargetName> targetsWith(DeliveryState state) {
        return read(() -> inner.targetsWith(state));
    }

    @Override
    public List<Standing> standing(
            TargetName target, DeliveryState state, @Nullable Long cause, long after, int limit) {
        return read(() -> inner.standing(target, state, cause, after, limit));
    }

    @Override
    public int behind(TargetName target, long keyHash, long sequence, int max) {
        return read(() -> inner.behind(target, keyHash, sequence, max));
    }

    @Override
    public List<CauseCount> causes(TargetName target, DeliveryState state, Instant since) {
        return read(() -> inner.causes(target, state, since));
    }

    /** Never fails, as {@link #clock}. */
    @Override
    public List<Replay> replays() {
        return inner.replays();
    }

    @Override
    public List<AuditEntry> audit(AuditQuery query) {
        return read(() -> inner.audit(query));
    }

    @Override
    public HistoryReads history() {
        return read(inner::history);
    }

    @Override
    public Store.Damage damage() {
        return inner.damage();
    }

    @Override
    public List<String> backup(Path file) {
        return inner.backup(file);
    }

    @Override
    public String database() {
        return inner.database();
    }

    @Override
    public String location() {
        return inner.location();
    }

    @Override
    public void close() {
        inner.close();
    }
}
