package dev.serai.store;

import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.TargetName;
import dev.serai.store.index.IndexRunSweep;
import dev.serai.store.jdbc.Rows;
import dev.serai.store.jdbc.Session;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Deletes expired changes, in small steps.
 *
 * <p>It walks each flow once, in sequence order, and saves its progress in {@code flow.purged}. It skips a change with an
 * open delivery or a dead letter and checks it again only when that delivery ends ({@code revisit}). It stops at a change
 * that is still pending for a target. An expired dead letter first becomes discarded; its change is deleted when the change
 * itself is expired.
 *
 * <p>Threads: one thread, the writer.
 */
final class RetentionSweep {

    private enum Standing {
        SETTLED,
        OPEN_OR_DEAD,
        PENDING
    }

    private record Looked(long sequence, int flow, long acceptedAt) {}

    private record SweptFlow(int id, long purged) {}

    private record Expired(TargetName target, String key) {}

    private record TargetPosition(int id, long position) {}

    private final NumberCache names;
    private final IndexRunSweep sweep;

    RetentionSweep(NumberCache names, IndexRunSweep sweep) {
        this.names = names;
        this.sweep = sweep;
    }

    /** Runs one step in a transaction whose batched rows are flushed; returns whether there may be more to do. */
    boolean step(
            Session session, long settledBefore, long deadBefore, int limit, BiConsumer<TargetName, String> expired) {
        int left = limit;
        left -= emptyRemovedTarget(session, left);
        left -= expireDead(session, deadBefore, left, expired);
        left -= revisit(session, settledBefore, left);
        for (SweptFlow flow :
                session.list("flowsByPurged", row -> new SweptFlow(row.getInt("id"), row.getLong("purged")))) {
            left -= walk(session, flow, settledBefore, left);
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

    private static int emptyRemovedTarget(Session session, int limit) {
        Integer target = session.first("removedTarget", row -> row.getInt("id"));
        if (target == null) {
            return 0;
        }
        int deleted = session.update("deleteDeliveriesOf", target, target, limit);
        if (deleted < limit) {
            session.update("emptied", target);
        }
        return deleted;
    }

    private static int expireDead(Session session, long deadBefore, int limit, BiConsumer<TargetName, String> tell) {
        if (limit <= 0) {
            return 0;
        }
        List<long[]> expired = session.list(
                "expired", row -> new long[] {row.getInt("target"), row.getLong("seq")}, deadBefore, limit);
        CountUpdates counters = new CountUpdates();
        for (long[] one : expired) {
            Expired known = session.first(
                    "expiredKey", row -> new Expired(Rows.target(row), row.getString("key")), one[0], one[1]);
            if (known != null) {
                tell.accept(known.target(), known.key());
            }
            session.batch("expire", one[0], one[1]);
            session.batch("revisit", one[1]);
            counters.left((int) one[0], DeliveryState.DEAD);
            counters.entered((int) one[0], DeliveryState.DISCARDED);
        }
        session.flush("expire");
        session.flush("revisit");
        counters.save(session);
        return expired.size();
    }

    private int revisit(Session session, long settledBefore, int limit) {
        if (limit <= 0) {
            return 0;
        }
        List<Looked> looked = session.list(
                "revisits",
                row -> new Looked(row.getLong("seq"), row.getInt("flow"), row.getLong("accepted_at")),
                settledBefore,
                limit);
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

    private int walk(Session session, SweptFlow flow, long settledBefore, int limit) {
        if (limit <= 0) {
            return 0;
        }
        List<TargetPosition> targets = targets(session, flow.id());
        long purged = flow.purged();
        int passed = 0;
        for (Looked one : session.list(
                "settledCandidates",
                row -> new Looked(row.getLong("seq"), flow.id(), row.getLong("accepted_at")),
                flow.id(),
                flow.purged(),
                limit)) {
            Standing standing =
                    one.acceptedAt() < settledBefore ? standing(session, targets, one.sequence()) : Standing.PENDING;
            if (standing == Standing.PENDING) {
                break;
            }
            if (standing == Standing.SETTLED) {
                delete(session, targets, one.sequence());
            }
            purged = one.sequence();
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
