package dev.serai.store;

import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Retention;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.model.Transaction.ExpiredLetters;
import dev.serai.store.index.IdIndex;
import dev.serai.store.jdbc.Database;
import dev.serai.store.jdbc.Rows;
import dev.serai.store.jdbc.Session;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Deletes expired changes, in small steps.
 *
 * <p>It walks each flow once, in sequence order and in ranges (see {@link FlowPurge}), and saves its progress in {@code
 * flow.purged}. It skips a change with an open delivery or a dead letter and checks it again only when that delivery ends
 * ({@code revisit}). It stops at a change that is still pending for a target. An expired dead letter first becomes discarded; its change is deleted when the change
 * itself is expired.
 *
 * <p>Ages are running time, not the wall clock: {@code retention_mark} has which sequence was the newest at which running
 * time, and {@code dead_age} at which running time a dead letter was first seen here. See docs/decisions/009.
 *
 * <p>Threads: one thread, the writer.
 */
final class RetentionSweep {

    /** @param flow null if the change is deleted */
    private record Looked(long sequence, @Nullable Integer flow) {}

    private record RetentionMark(long running, long sequence) {}

    private record SweptFlow(int id, long purged) {}

    private record Expired(TargetName target, String key) {}

    /** Into so many parts the retention is cut; a change is kept up to one part longer. */
    private static final int MARKS = 256;
    /** The maximum number of changes that are deleted between two looks at the clock. */
    private static final int RANGE = 100;
    /** After this time a step ends, so that accepts go on. */
    private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(4);

    private final NumberCache names;
    private final IdIndex ids;
    private final VersionSweep versions;
    private final Database database;
    private long begun;

    RetentionSweep(NumberCache names, IdIndex ids, Database database) {
        this.names = names;
        this.ids = ids;
        this.versions = new VersionSweep(ids);
        this.database = database;
    }

    /** Runs one step in a transaction whose batched rows are flushed; returns whether there may be more to do. */
    boolean step(
            Session session,
            CountUpdates counters,
            long running,
            long lastSequence,
            Retention retention,
            int limit,
            ExpiredLetters expired) {
        begun = System.nanoTime();
        long settledUpTo =
                mark(session, running, lastSequence, retention.settled().toMillis());
        Database.DropResult whole = database.dropExpired(session, lastSequence, settledUpTo);
        if (whole.dropped()) {
            names.forget();
        }
        int rows = Math.min(limit, RANGE);
        int left = limit;
        left -= emptyRemovedTarget(session, rows);
        left -= session.update("ageDead", running, Math.min(rows, left));
        left -= expireDead(session, counters, running - retention.dead().toMillis(), Math.min(rows, left), expired);
        left -= revisit(session, settledUpTo, left);
        for (SweptFlow flow :
                session.list("flowsByPurged", row -> new SweptFlow(row.getInt("id"), row.getLong("purged")))) {
            left -= left <= 0 || (left < limit && isOver()) ? 0 : walk(session, flow, whole.rowsUpTo(), left);
        }
        boolean more = versions.step(session, lastSequence, settledUpTo, this::isOver);
        if (left < limit || whole.dropped()) {
            ids.changesDeleted();
        }
        more |= left < limit || whole.dropped() || ids.hasUpkeep();
        return more || database.giveBack(session);
    }

    private boolean isOver() {
        return System.nanoTime() - begun > STEP_NANOS;
    }

    /** Marks the newest sequence, if it is time for that; returns the newest one that is past its retention. */
    private static long mark(Session session, long running, long lastSequence, long keptMillis) {
        RetentionMark newest =
                session.first("newestMark", row -> new RetentionMark(row.getLong("running"), row.getLong("seq")));
        boolean grown = lastSequence > (newest == null ? 0 : newest.sequence());
        if (grown && (newest == null || running - newest.running() >= keptMillis / MARKS)) {
            session.update("mark", running, lastSequence);
        }
        RetentionMark over = session.first(
                "newestMarkUpTo",
                row -> new RetentionMark(row.getLong("running"), row.getLong("seq")),
                running - keptMillis);
        if (over == null) {
            return 0;
        }
        session.update("deleteMarksBefore", over.running());
        return over.sequence();
    }

    private static int emptyRemovedTarget(Session session, int limit) {
        Integer target = session.first("removedTarget", row -> row.getInt("id"));
        if (target == null) {
            return 0;
        }
        int deleted = session.update("deleteDeliveriesOf", target, target, limit);
        deleted += session.update("deleteDeadAgesOf", target, target, limit);
        deleted += session.update("deleteVersionsOf", target, target, limit);
        if (deleted < limit) {
            session.update("emptied", target);
        }
        return deleted;
    }

    private static int expireDead(
            Session session, CountUpdates counters, long deadBefore, int limit, ExpiredLetters tell) {
        if (limit <= 0) {
            return 0;
        }
        List<long[]> expired = session.list(
                "expired", row -> new long[] {row.getInt("target"), row.getLong("seq")}, deadBefore, limit);
        for (long[] one : expired) {
            session.batch("deleteDeadAge", one[0], one[1]);
            if (!session.exists("isDead", one[0], one[1])) {
                continue; // it was replayed or discarded
            }
            Expired known = session.first(
                    "expiredKey", row -> new Expired(Rows.target(row), row.getString("key")), one[0], one[1]);
            if (known != null) {
                tell.discarded(known.target(), known.key(), one[1]);
            }
            session.batch("expire", one[0], one[1]);
            session.batch("revisit", one[1]);
            counters.left((int) one[0], DeliveryState.DEAD);
            counters.entered((int) one[0], DeliveryState.DISCARDED);
        }
        session.flush("deleteDeadAge");
        session.flush("expire");
        session.flush("revisit");
        counters.save(session);
        return expired.size();
    }

    private int revisit(Session session, long settledUpTo, int limit) {
        if (limit <= 0) {
            return 0;
        }
        List<Looked> looked = session.list(
                "revisits",
                row -> new Looked(row.getLong("seq"), row.getObject("flow") == null ? null : row.getInt("flow")),
                settledUpTo,
                limit);
        int done = 0;
        for (Looked one : looked) {
            if (one.flow() != null) {
                new FlowPurge(session, one.flow()).deleteIfSettled(one.sequence());
            }
            session.batch("deleteRevisit", one.sequence());
            if (++done % RANGE == 0 && isOver()) {
                break;
            }
        }
        session.flush("deleteRevisit");
        return done;
    }

    private int walk(Session session, SweptFlow flow, long settledUpTo, int limit) {
        FlowPurge purge = new FlowPurge(session, flow.id());
        long purged = flow.purged();
        int passed = 0;
        int now = 1;
        while (now > 0 && passed < limit && (passed == 0 || !isOver())) {
            now = purge.next(purged, settledUpTo, Math.min(RANGE, limit - passed));
            purged = now > 0 ? purge.last() : purged;
            passed += now;
        }
        if (passed > 0) {
            session.update("purgedTo", purged, purged, flow.id());
            session.update("rememberLast", purged, purged);
            names.forget();
        }
        return passed;
    }
}
