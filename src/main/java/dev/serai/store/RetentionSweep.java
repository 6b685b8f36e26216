package dev.serai.store;

import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Retention;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.model.Transaction.ExpiredLetters;
import dev.serai.store.index.IndexRunSweep;
import dev.serai.store.jdbc.Rows;
import dev.serai.store.jdbc.Session;
import java.util.List;

/**
 * Deletes expired changes, in small steps.
 *
 * <p>It walks each flow once, in sequence order, and saves its progress in {@code flow.purged}. It skips a change with an
 * open delivery or a dead letter and checks it again only when that delivery ends ({@code revisit}). It stops at a change
 * that is still pending for a target. An expired dead letter first becomes discarded; its change is deleted when the change
 * itself is expired.
 *
 * <p>Ages are running time, not the wall clock: {@code retention_mark} has which sequence was the newest at which running
 * time, and {@code dead_age} at which running time a dead letter was first seen here. See docs/decisions/009.
 *
 * <p>Threads: one thread, the writer.
 */
final class RetentionSweep {

    private enum Standing {
        SETTLED,
        OPEN_OR_DEAD,
        PENDING
    }

    private record Looked(long sequence, int flow) {}

    private record RetentionMark(long running, long sequence) {}

    private record SweptFlow(int id, long purged) {}

    private record Expired(TargetName target, String key) {}

    private record TargetPosition(int id, long position) {}

    /** Into so many parts the retention is cut; a change is kept up to one part longer. */
    private static final int MARKS = 256;

    private final NumberCache names;
    private final IndexRunSweep sweep;

    RetentionSweep(NumberCache names, IndexRunSweep sweep) {
        this.names = names;
        this.sweep = sweep;
    }

    /** Runs one step in a transaction whose batched rows are flushed; returns whether there may be more to do. */
    boolean step(
            Session session, long running, long lastSequence, Retention retention, int limit, ExpiredLetters expired) {
        long settledUpTo =
                mark(session, running, lastSequence, retention.settled().toMillis());
        int left = limit;
        left -= emptyRemovedTarget(session, left);
        left -= left <= 0 ? 0 : session.update("ageDead", running, left);
        left -= expireDead(session, running - retention.dead().toMillis(), left, expired);
        left -= revisit(session, settledUpTo, left);
        for (SweptFlow flow :
                session.list("flowsByPurged", row -> new SweptFlow(row.getInt("id"), row.getLong("purged")))) {
            left -= walk(session, flow, settledUpTo, left);
        }
        if (left <= 0) {
            return true;
        }
        return sweep.step(session) || left < limit;
    }

    /** Call after the transaction of a step was committed. */
    void committed() {
        sweep.committed();
    }

    /** Call after the transaction of a step was rolled back. */
    void undone() {
        sweep.undone();
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
        if (deleted < limit) {
            session.update("emptied", target);
        }
        return deleted;
    }

    private static int expireDead(Session session, long deadBefore, int limit, ExpiredLetters tell) {
        if (limit <= 0) {
            return 0;
        }
        List<long[]> expired = session.list(
                "expired", row -> new long[] {row.getInt("target"), row.getLong("seq")}, deadBefore, limit);
        CountUpdates counters = new CountUpdates();
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
        List<Looked> looked =
                session.list("revisits", row -> new Looked(row.getLong("seq"), row.getInt("flow")), settledUpTo, limit);
        for (Looked one : looked) {
            List<TargetPosition> targets = targets(session, one.flow());
            if (standing(session, targets, one.sequence()) == Standing.SETTLED) {
                delete(session, targets, one.sequence());
            } else {
                session.batch("deleteRevisit", one.sequence());
            }
        }
        flushDeletes(session);
        return looked.size();
    }

    private int walk(Session session, SweptFlow flow, long settledUpTo, int limit) {
        if (limit <= 0) {
            return 0;
        }
        List<TargetPosition> targets = targets(session, flow.id());
        long purged = flow.purged();
        int passed = 0;
        for (long sequence : session.list(
                "settledCandidates", row -> row.getLong("seq"), flow.id(), flow.purged(), settledUpTo, limit)) {
            Standing standing = standing(session, targets, sequence);
            if (standing == Standing.PENDING) {
                break;
            }
            if (standing == Standing.SETTLED) {
                delete(session, targets, sequence);
            }
            purged = sequence;
            passed++;
        }
        if (passed > 0) {
            flushDeletes(session);
            session.update("purgedTo", purged, flow.id());
            session.update("rememberLast", purged, purged);
            names.forget();
        }
        return passed;
    }

    private static Standing standing(Session session, List<TargetPosition> targets, long sequence) {
        Standing standing = Standing.SETTLED;
        for (TargetPosition target : targets) {
            Integer state = session.first("state", row -> row.getInt("state"), target.id(), sequence);
            if (state == null && sequence > target.position()) {
                return Standing.PENDING;
            }
            if (state != null && !isOver(Rows.state(state))) {
                standing = Standing.OPEN_OR_DEAD;
            }
        }
        return standing;
    }

    private static boolean isOver(DeliveryState state) {
        return state.isSettled() && state != DeliveryState.DEAD;
    }

    private static List<TargetPosition> targets(Session session, int flow) {
        return session.list(
                "targetsOfFlow", row -> new TargetPosition(row.getInt("id"), row.getLong("position")), flow);
    }

    private static void delete(Session session, List<TargetPosition> targets, long sequence) {
        session.batch("deleteChange", sequence);
        session.batch("deletePayload", sequence);
        session.batch("deleteAttempts", sequence);
        session.batch("deleteRevisit", sequence);
        for (TargetPosition target : targets) {
            session.batch("deleteDelivery", target.id(), sequence);
        }
    }

    private static void flushDeletes(Session session) {
        session.flush("deleteChange");
        session.flush("deletePayload");
        session.flush("deleteAttempts");
        session.flush("deleteRevisit");
        session.flush("deleteDelivery");
    }
}
