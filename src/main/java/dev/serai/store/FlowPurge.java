package dev.serai.store;

import dev.serai.store.jdbc.Session;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Deletes a range of a flow's changes at once, with their bodies, deliveries and attempts, but not those that a target still
 * needs.
 *
 * <p>The rows of a range lie side by side in each table, so that deleting them costs a tenth of deleting each by itself. The
 * changes that are kept are found through the indexes of open deliveries and of dead letters, which have no other rows.
 *
 * <p>Threads: one thread, the writer.
 */
final class FlowPurge {
    private record TargetPosition(int id, long position) {}

    private record SequenceRange(long first, long last) {}

    private final Session session;
    private final int flow;
    private final List<TargetPosition> targets;
    private long last;

    FlowPurge(Session session, int flow) {
        this.session = session;
        this.flow = flow;
        this.targets = session.list(
                "targetsOfFlow", row -> new TargetPosition(row.getInt("id"), row.getLong("position")), flow);
    }

    /**
     * Deletes what is settled among the next changes.
     *
     * @param after where the last range ended
     * @param upTo the last sequence that may be deleted
     * @param limit the maximum number of changes
     * @return how many changes it looked at; 0 if the next change is too young or still pending for a target
     */
    int next(long after, long upTo, int limit) {
        SequenceRange range = session.first(
                "nextRange",
                row -> new SequenceRange(row.getLong("first"), row.getLong("last")),
                flow,
                after,
                upTo,
                limit);
        if (range == null || range.last() == 0) {
            return 0;
        }
        last = range.last();
        for (TargetPosition target : targets) {
            Long pending = firstPending(target, after);
            last = pending == null ? last : pending - 1;
        }
        return last < range.first() ? 0 : deleteExcept(keptUpToLast(after), after);
    }

    /** Where the last range ended. */
    long last() {
        return last;
    }

    /** Deletes one change, unless a target still needs it. */
    void deleteIfSettled(long sequence) {
        last = sequence;
        long before = sequence - 1;
        boolean pending = targets.stream().anyMatch(target -> firstPending(target, before) != null);
        if (!pending && keptUpToLast(before).isEmpty()) {
            delete(before, sequence);
        }
    }

    private @Nullable Long firstPending(TargetPosition target, long after) {
        return target.position() >= last
                ? null
                : session.first(
                        "firstPendingIn",
                        row -> row.getLong("seq"),
                        flow,
                        Math.max(after, target.position()),
                        last,
                        target.id());
    }

    private TreeSet<Long> keptUpToLast(long after) {
        TreeSet<Long> kept = new TreeSet<>();
        for (TargetPosition target : targets) {
            int id = target.id();
            kept.addAll(session.list(
                    "openOrDeadIn", row -> row.getLong("seq"), id, after, last, id, after, last, id, after, last));
        }
        return kept;
    }

    private int deleteExcept(TreeSet<Long> kept, long after) {
        int looked = kept.size();
        long from = after;
        for (long sequence : kept) {
            looked += delete(from, sequence - 1);
            from = sequence;
        }
        return looked + delete(from, last);
    }

    /** Returns the number of changes that were deleted. */
    private int delete(long after, long upTo) {
        if (after >= upTo) {
            return 0;
        }
        session.update("deletePayloadsIn", flow, after, upTo);
        session.update("deleteAttemptsIn", flow, after, upTo);
        for (TargetPosition target : targets) {
            session.update("deleteDeliveriesIn", target.id(), after, upTo);
        }
        return session.update("deleteChangesIn", flow, after, upTo);
    }
}
