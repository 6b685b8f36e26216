package dev.serai.store;

import dev.serai.ledger.model.Attempt;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Cursor;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.DueChange;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.Hash;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.model.Transaction;
import dev.serai.store.index.IdIndex;
import dev.serai.store.jdbc.Rows;
import dev.serai.store.jdbc.Session;
import dev.serai.store.jdbc.StoredHeaders;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One transaction on the writer's connection.
 *
 * <p>Rows are batched by statement; whatever reads writes them out first. Memory follows the database only after the commit.
 */
final class JdbcTransaction implements Transaction {

    /** Hears how the transaction ended. */
    interface End {
        void committed(long lastSequence);

        /** Nothing of it is left. */
        void undone();

        /** It is unknown what the database holds. */
        void unknown();
    }

    private record Id(String flow, String id) {}

    private record Added(long sequence, long id, long key) {}

    private final Session session;
    private final IdIndex ids;
    private final NumberCache names;
    private final RetentionSweep retention;
    private final End end;
    private final CountUpdates counters = new CountUpdates();
    private final Map<Id, Long> own = new HashMap<>();
    private final List<Added> added = new ArrayList<>();
    private long lastSequence;
    private boolean ended;

    JdbcTransaction(
            Session session, IdIndex ids, NumberCache names, RetentionSweep retention, long lastSequence, End end) {
        this.session = session;
        this.ids = ids;
        this.names = names;
        this.retention = retention;
        this.lastSequence = lastSequence;
        this.end = end;
    }

    @Override
    public OptionalLong find(String flow, String id) {
        Long here = own.get(new Id(flow, id));
        if (here != null) {
            return OptionalLong.of(here);
        }
        long found = ids.find(session, Hash.of(flow, id), sequence -> isChange(sequence, flow, id));
        return found == 0 ? OptionalLong.empty() : OptionalLong.of(found);
    }

    @Override
    public long insert(Change change, Instant acceptedAt) {
        int flow = names.flow(session, change.flow()).id();
        long sequence = ++lastSequence;
        session.batch(
                "insertChange",
                sequence,
                flow,
                change.key(),
                change.id(),
                change.version(),
                Rows.code(change.operation()),
                acceptedAt.toEpochMilli());
        session.batch(
                "insertPayload", sequence, change.contentType(), StoredHeaders.write(change.headers()), change.body());
        counters.accepted(flow);
        own.putIfAbsent(new Id(change.flow(), change.id()), sequence);
        added.add(new Added(sequence, Hash.of(change.flow(), change.id()), Hash.of(change.flow(), change.key())));
        return sequence;
    }

    @Override
    public void duplicate(String flow) {
        counters.duplicate(names.flow(session, flow).id());
    }

    @Override
    public @Nullable Entry entry(long sequence) {
        flush();
        return session.first("entry", Rows::entry, sequence);
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
            session.update("deleteDeliveredVersions", id);
            session.update("insertRemovedTarget", id);
            session.update("lookAgain", names.flow(session, target.flow()).id());
            names.forget();
        }
    }

    @Override
    public void pause(TargetName target, boolean paused) {
        session.update("pause", paused ? 1 : 0, id(target));
    }

    @Override
    public void settle(long sequence, long keyHash, DeliveryState from, Delivery delivery) {
        int target = id(delivery.target());
        DeliveryState to = delivery.state();
        from.requireMove(to);
        boolean held = to == DeliveryState.WAITING || to == DeliveryState.PARKED;
        if (to == DeliveryState.DEAD) {
            Objects.requireNonNull(delivery.finishedAt(), "a dead letter has the time when it was given up");
        }
        List<@Nullable Object> row = new ArrayList<>();
        row.add(Rows.code(to));
        row.add(delivery.attempts());
        row.add(Rows.millis(delivery.dueAt()));
        row.add(Rows.millis(delivery.finishedAt()));
        row.add(delivery.status());
        row.add(delivery.error());
        row.add(held ? keyHash : null);
        row.add(target);
        row.add(sequence);
        if (from == DeliveryState.PENDING) {
            session.batch("insertDelivery", row.toArray());
        } else {
            row.add(Rows.code(from));
            session.batch("updateDelivery", row.toArray());
            counters.left(target, from);
        }
        counters.entered(target, to);
        boolean done = !held && to != DeliveryState.DEAD;
        if (done && sequence <= names.flow(session, delivery.target().flow()).purged()) {
            session.batch("revisit", sequence);
        }
    }

    @Override
    public @Nullable Delivery delivery(TargetName target, long sequence) {
        flush();
        return session.first("delivery", row -> Rows.delivery(target, row, 1), id(target), sequence);
    }

    @Override
    public void attempt(long sequence, Attempt attempt) {
        session.batch(
                "insertAttempt",
                sequence,
                id(attempt.target()),
                attempt.number(),
                attempt.at().toEpochMilli(),
                attempt.status(),
                attempt.error());
    }

    @Override
    public boolean isHeld(TargetName target, long keyHash) {
        flush();
        return session.exists("isHeld", id(target), keyHash);
    }

    @Override
    public @Nullable DueChange promote(TargetName target, long keyHash, Instant dueAt) {
        flush();
        int id = id(target);
        long[] first = session.first(
                "firstHeld", row -> new long[] {row.getInt(1), row.getLong(2), row.getInt(3)}, id, keyHash);
        if (first == null || Rows.state((int) first[0]) == DeliveryState.WAITING) {
            return null;
        }
        session.update("promote", dueAt.toEpochMilli(), id, first[1]);
        counters.left(id, DeliveryState.PARKED);
        counters.entered(id, DeliveryState.WAITING);
        Entry entry = session.first("entry", Rows::entry, first[1]);
        if (entry == null) {
            throw new IllegalStateException("change " + first[1] + " is held for " + target + " but is not there");
        }
        boolean followed = session.exists("parkedBefore", id, keyHash, Long.MAX_VALUE);
        return new DueChange(entry, (int) first[2], Instant.ofEpochMilli(dueAt.toEpochMilli()), keyHash, followed);
    }

    @Override
    public List<Long> supersedeParked(TargetName target, long keyHash, long before, Instant finishedAt) {
        flush();
        List<Long> superseded = new ArrayList<>();
        for (long[] parked : session.list(
                "parkedBefore", row -> new long[] {row.getLong(1), row.getInt(2)}, id(target), keyHash, before)) {
            Delivery delivery = new Delivery(
                    target, DeliveryState.SUPERSEDED, (int) parked[1], null, finishedAt, null, Delivery.REPLACED);
            settle(parked[0], keyHash, DeliveryState.PARKED, delivery);
            superseded.add(parked[0]);
        }
        return superseded;
    }

    @Override
    public void deliveredVersion(TargetName target, String key, String version) {
        session.batch("saveDeliveredVersion", id(target), key, version);
    }

    @Override
    public void position(TargetName target, long sequence) {
        counters.position(id(target), sequence);
    }

    @Override
    public void cursor(Cursor cursor) {
        session.update(
                "saveCursor", cursor.name(), cursor.value(), cursor.savedAt().toEpochMilli());
    }

    @Override
    public boolean purge(Instant settledBefore, Instant deadBefore, int limit, BiConsumer<TargetName, String> expired) {
        flush();
        return retention.step(session, settledBefore.toEpochMilli(), deadBefore.toEpochMilli(), limit, expired);
    }

    @Override
    public void commit() {
        if (ended) {
            throw new IllegalStateException("the transaction has ended");
        }
        try {
            flush();
            ids.write(session, added.size());
            session.execute("COMMIT");
        } catch (StoreException e) {
            ended = true;
            end.unknown();
            throw e;
        }
        ended = true;
        try {
            ids.written();
            for (Added one : added) {
                ids.add(one.sequence(), one.id(), one.key());
            }
            retention.committed();
            end.committed(lastSequence);
        } catch (RuntimeException e) { // memory may not agree with the database any more
            end.unknown();
            throw new StoreException("the commit is durable, but what follows it failed: " + e, e);
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
            retention.undone();
            end.undone();
        } catch (StoreException e) {
            end.unknown();
            throw e;
        }
    }

    /** Inserts before updates: a delivery may be both inserted and changed here. */
    private void flush() {
        session.flush("insertChange");
        session.flush("insertPayload");
        session.flush("insertDelivery");
        if (!session.flush("updateDelivery")) {
            throw new IllegalStateException("a delivery was not in the state that it was said to be in");
        }
        session.flush("insertAttempt");
        session.flush("saveDeliveredVersion");
        session.flush("revisit");
        counters.save(session);
    }

    private boolean isChange(long sequence, String flow, String id) {
        return session.exists("isChange", sequence, names.flow(session, flow).id(), id);
    }

    private int id(TargetName target) {
        Integer id = names.target(session, target);
        if (id == null) {
            throw new IllegalArgumentException("the target " + target + " is not known");
        }
        return id;
    }
}
