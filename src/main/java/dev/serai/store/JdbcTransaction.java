package dev.serai.store;

import dev.serai.ledger.audit.AuditEntry;
import dev.serai.ledger.history.HistoryWrites;
import dev.serai.ledger.model.Attempt;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Cursor;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.DueChange;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.Hash;
import dev.serai.ledger.model.Retention;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.TargetCounts;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.model.Transaction;
import dev.serai.ledger.time.SavedClock;
import dev.serai.store.index.ChangeSearch;
import dev.serai.store.index.IdIndex;
import dev.serai.store.jdbc.AuditRows;
import dev.serai.store.jdbc.Database;
import dev.serai.store.jdbc.HistoryWriter;
import dev.serai.store.jdbc.ReplayRows;
import dev.serai.store.jdbc.Rows;
import dev.serai.store.jdbc.Session;
import dev.serai.store.jdbc.TransactionEnd;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** One transaction on the writer's connection. Rows are batched by statement and flushed before each read. */
final class JdbcTransaction implements Transaction {
    private final Database database;
    private final Session session;
    private final IdIndex ids;
    private final NumberCache names;
    private final RetentionSweep retention;
    private final DamageLog damages;
    private final TransactionEnd end;
    private final CountUpdates counters = new CountUpdates();
    private final DeliveryRows deliveries;
    private final AddedChanges added;
    private long lastSequence;
    private boolean purges;
    private boolean ended;

    JdbcTransaction(
            Database database,
            Session session,
            IdIndex ids,
            NumberCache names,
            RetentionSweep retention,
            DamageLog damages,
            long lastSequence,
            TransactionEnd end) {
        this.database = database;
        this.session = session;
        this.ids = ids;
        this.names = names;
        this.deliveries = new DeliveryRows(session, names, counters, damages);
        this.added = new AddedChanges(session);
        this.retention = retention;
        this.damages = damages;
        this.lastSequence = lastSequence;
        this.end = end;
    }

    @Override
    public OptionalLong find(String flow, String id) {
        Long here = added.find(flow, id);
        if (here != null) {
            return OptionalLong.of(here);
        }
        long found = ids.find(
                session,
                Hash.of(flow, id),
                sequence -> session.exists(
                        "isChange", sequence, names.flow(session, flow).id(), id));
        return found == 0 ? OptionalLong.empty() : OptionalLong.of(found);
    }

    @Override
    public List<Entry> newest(String flow, String key, int limit) {
        long hash = Hash.of(flow, key);
        List<Long> own = added.ofKey(hash);
        if (!own.isEmpty()) {
            flush();
        }
        long deleted = names.flow(session, flow).deleted();
        return new ChangeSearch(ids).newest(session, flow, key, own, deleted, limit);
    }

    @Override
    public long insert(Change change, Instant acceptedAt) {
        int flow = names.flow(session, change.flow()).id();
        lastSequence = database.nextSequence(lastSequence);
        added.insert(lastSequence, flow, change, acceptedAt);
        counters.accepted(flow);
        return lastSequence;
    }

    @Override
    public void duplicate(String flow) {
        counters.duplicate(names.flow(session, flow).id());
    }

    @Override
    public @Nullable Entry entry(long sequence) {
        flush();
        Entry entry = session.first("entry", row -> Rows.entry(row, session.bodies()), sequence);
        return entry == null ? null : damages.note(entry);
    }

    @Override
    public void addTarget(TargetName target, long after) {
        long position = Math.min(after, lastSequence);
        if (names.target(session, target) == null) {
            flush();
            int flow = names.flow(session, target.flow()).id();
            long id = session.number("nextTargetId");
            session.update("insertTarget", id, flow, target.target(), position, flow, flow, position);
        }
    }

    @Override
    public boolean knows(TargetName target) {
        return names.target(session, target) != null;
    }

    @Override
    public void removeTarget(TargetName target) {
        Integer id = names.target(session, target);
        if (id != null) {
            flush();
            session.update("deleteTarget", id);
            session.update("insertRemovedTarget", id);
            session.update("lookAgain", names.flow(session, target.flow()).id());
            names.forget();
        }
    }

    @Override
    public void pause(TargetName target, TargetCounts.@Nullable Pause pause) {
        session.update("pause", Rows.pauseColumns(pause, names.id(session, target)));
    }

    @Override
    public void settle(long sequence, long keyHash, DeliveryState from, Delivery delivery) {
        deliveries.settle(names.id(session, delivery.target()), sequence, keyHash, from, delivery);
    }

    @Override
    public @Nullable Delivery delivery(TargetName target, long sequence) {
        flush();
        return session.first("delivery", row -> Rows.delivery(target, row), names.id(session, target), sequence);
    }

    @Override
    public void attempt(long sequence, Attempt attempt) {
        deliveries.attempt(names.id(session, attempt.target()), sequence, attempt);
    }

    @Override
    public boolean isHeld(TargetName target, long keyHash) {
        flush();
        return session.exists("isHeld", names.id(session, target), keyHash);
    }

    @Override
    public @Nullable DueChange promote(TargetName target, long keyHash, Instant dueAt) {
        flush();
        return deliveries.promote(target, names.id(session, target), keyHash, dueAt);
    }

    @Override
    public boolean expedite(TargetName target, long sequence, Instant dueAt) {
        flush();
        return session.update("expedite", dueAt.toEpochMilli(), names.id(session, target), sequence) > 0;
    }

    @Override
    public void replay(Store.Replay replay) {
        session.update("saveReplay", ReplayRows.columns(replay));
    }

    @Override
    public long audit(AuditEntry entry, Instant keptSince, long entriesMax) {
        return AuditRows.save(session, entry, keptSince, entriesMax);
    }

    @Override
    public HistoryWrites history() {
        return new HistoryWriter(session, flow -> names.flow(session, flow).id(), name -> names.target(session, name));
    }

    @Override
    public void putInOrder(TargetName target, long sequence, long keyHash, boolean blocked) {
        flush();
        deliveries.putInOrder(names.id(session, target), sequence, keyHash, blocked);
    }

    @Override
    public List<Long> supersedeParked(TargetName target, long keyHash, long before, Instant finishedAt) {
        flush();
        return deliveries.supersedeParked(target, names.id(session, target), keyHash, before, finishedAt);
    }

    @Override
    public void deliveredVersion(TargetName target, String key, String version) {
        session.batch("saveDeliveredVersion", names.id(session, target), key, version, lastSequence);
    }

    @Override
    public void position(TargetName target, long sequence) {
        counters.position(names.id(session, target), sequence);
    }

    @Override
    public void cursor(Cursor cursor) {
        session.update("saveCursor", Rows.cursorColumns(cursor));
    }

    @Override
    public void clock(SavedClock clock) {
        session.update("saveClock", clock.running(), clock.steady(), clock.wall());
    }

    @Override
    public void limitDue(TargetName target, Instant latest) {
        flush();
        session.update("limitDue", latest.toEpochMilli(), names.id(session, target), latest.toEpochMilli());
    }

    @Override
    public boolean purge(long runningMillis, Retention kept, int limit, ExpiredLetters expired) {
        flush();
        purges = true;
        return retention.step(session, counters, runningMillis, lastSequence, kept, limit, expired);
    }

    @Override
    public void commit() {
        if (ended) {
            throw new IllegalStateException("the transaction has ended");
        }
        try {
            counters.batch(session);
            if (!Database.COMMON_ROWS.containsAll(session.batched())) {
                flush();
            }
            ids.write(session, added.size(), purges);
            database.commit(session, lastSequence);
        } catch (StoreException e) {
            ended = true;
            end.unknown();
            throw e;
        }
        ended = true;
        try {
            ids.written(); // memory follows only what is durable
            added.index(ids);
            end.committed(lastSequence, counters.failed());
        } catch (RuntimeException e) { // memory may differ from the database now
            end.unknown();
            throw new StoreException("the commit is durable, but updating the state in memory failed: " + e, e);
        }
    }

    @Override
    public void close() {
        if (ended) {
            return;
        }
        ended = true;
        try {
            session.clear();
            session.rollback();
            names.forget();
            ids.undone();
            end.undone();
        } catch (StoreException e) {
            end.unknown();
            throw e;
        }
    }

    /** Inserts before it updates, because one transaction may both insert and update a delivery. */
    private void flush() {
        counters.batch(session);
        session.flushAtOnce(Database.COMMON_ROWS);
        if (!session.flush("updateDelivery")) {
            throw new IllegalStateException("a delivery was not stored in the expected state");
        }
        session.flushAll("insertAttempt", "trimTranscripts", "trimAttempts", "saveDeliveredVersion", "revisit", "died");
    }
}
