package dev.serai.store.postgres;

import dev.serai.ledger.model.StoreException;
import dev.serai.store.jdbc.Database.DropResult;
import dev.serai.store.jdbc.Session;
import dev.serai.store.postgres.SegmentGrowth.Segment;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drops the segments whose changes are all past their retention, one in each step. If a target still needs some of them, the segment
 * is written again with these alone; they are deleted row by row when they are settled.
 *
 * <p>A segment that grows is left to the deletion row by row while it is small. Dropping needs a lock that readers wait for, so it
 * gives up at once if somebody has the table in use for longer, and is tried again.
 *
 * <p>Threads: one thread, the writer.
 */
final class SegmentSweep {
    private static final Logger LOG = LoggerFactory.getLogger(SegmentSweep.class);
    /** A segment with fewer changes is not worth a drop, and does not end before its time. */
    private static final int SMALL = 8_192;
    /** A segment of which more is needed is left as it is. */
    private static final int KEPT_MAX = 10_000;
    /** In 256 parts of the retention, how long a segment may be filled. */
    private static final int MARKS_MAX = 32;

    private static final String LOCK_NOT_AVAILABLE = "55P03";

    private final SegmentGrowth growth;
    private final int small;
    /** The last segment that was left as it is, and up to where retention had come then. */
    private int leftNumber;

    private long leftAt;

    private record FlowTarget(int id, int flow, long position) {}

    SegmentSweep(SegmentGrowth growth, int small) {
        this.growth = growth;
        this.small = small;
    }

    static int small(int changes) {
        return Math.min(SMALL, changes / 4);
    }

    /** One step in the transaction of a purge whose batched rows are flushed. */
    DropResult step(Session session, long lastSequence, long settledUpTo) {
        endIfAged(session, lastSequence, settledUpTo);
        boolean dropped = dropEmptied(session);
        for (Segment segment : closed(session)) {
            if (segment.lastSequence() == null || segment.lastSequence() > settledUpTo) {
                return new DropResult(segment.first() - 1, dropped);
            }
            if (segment.number() == leftNumber && leftAt == settledUpTo) {
                continue;
            }
            TreeSet<Long> kept = kept(session, segment.first() - 1, segment.lastSequence());
            if (kept.size() > KEPT_MAX) {
                leftNumber = segment.number();
                leftAt = settledUpTo;
                continue;
            }
            return new DropResult(segment.first() - 1, drop(session, segment, kept) || dropped);
        }
        long growing = growth.growing().first();
        boolean byRows = growth.size(lastSequence) <= small && leftNumber == 0;
        return new DropResult(byRows ? settledUpTo : Math.min(settledUpTo, growing - 1), dropped);
    }

    private void endIfAged(Session session, long lastSequence, long settledUpTo) {
        if (growth.size(lastSequence) > small) {
            long first = growth.growing().first();
            if (settledUpTo >= first || session.number("marksSince", first) >= MARKS_MAX) {
                growth.end();
            }
        }
    }

    /** Oldest first. */
    private static List<Segment> closed(Session session) {
        return session.list(
                "closedSegments",
                row -> new Segment(
                        row.getInt("number"),
                        row.getLong("first_seq"),
                        row.getLong("next_seq"),
                        row.getLong("last_seq")));
    }

    /** What a target needs of a range; a few more than {@link #KEPT_MAX} if it is more. */
    private static TreeSet<Long> kept(Session session, long after, long last) {
        TreeSet<Long> kept = new TreeSet<>();
        Session.Each add = row -> {
            kept.add(row.getLong("seq"));
            return kept.size() <= KEPT_MAX;
        };
        for (FlowTarget target : session.list(
                "flowTargets", row -> new FlowTarget(row.getInt("id"), row.getInt("flow"), row.getLong("position")))) {
            int id = target.id();
            if (target.position() < last) {
                session.each("pendingIn", add, target.flow(), Math.max(after, target.position()), last, id);
            }
            session.each("openOrDeadIn", add, id, after, last, id, after, last, id, after, last);
            if (kept.size() > KEPT_MAX) {
                return kept;
            }
        }
        return kept;
    }

    private boolean drop(Session session, Segment segment, TreeSet<Long> kept) {
        List<String> steps = new ArrayList<>();
        for (String table : SegmentGrowth.TABLES) {
            steps.add("ALTER TABLE " + table + " DETACH PARTITION " + segment.partition(table));
        }
        if (!kept.isEmpty()) {
            String sequences = kept.stream().map(String::valueOf).collect(Collectors.joining(","));
            for (String table : SegmentGrowth.TABLES) {
                String copy = keptPartition(segment, table);
                steps.add("CREATE TABLE " + copy + " PARTITION OF " + table + " FOR VALUES FROM (" + segment.first()
                        + ") TO (" + segment.next() + ")");
                steps.add("INSERT INTO " + copy + " SELECT * FROM " + segment.partition(table) + " WHERE seq = ANY ('{"
                        + sequences + "}'::bigint[])");
            }
        }
        for (String table : SegmentGrowth.TABLES) {
            steps.add("DROP TABLE " + segment.partition(table));
        }
        if (!run(session, steps)) {
            return false;
        }
        long last = segment.next() - 1;
        session.update("purgedPast", last, last);
        session.update("rememberLast", segment.lastSequence(), segment.lastSequence());
        session.update(kept.isEmpty() ? "deleteSegment" : "rewrittenSegment", segment.number());
        return true;
    }

    /** Of a segment that was written again, drops the partitions when the last change is gone. */
    private static boolean dropEmptied(Session session) {
        boolean any = false;
        for (Segment segment : session.list(
                "emptiedSegments",
                row -> new Segment(row.getInt("number"), row.getLong("first_seq"), row.getLong("next_seq"), null))) {
            List<String> steps = new ArrayList<>();
            for (String table : SegmentGrowth.TABLES) {
                steps.add("DROP TABLE " + keptPartition(segment, table));
            }
            if (run(session, steps)) {
                session.update("deleteSegment", segment.number());
                any = true;
            }
        }
        return any;
    }

    private static String keptPartition(Segment segment, String table) {
        return segment.partition(table) + "_kept";
    }

    /** All steps or none; none if somebody has one of the tables in use. */
    private static boolean run(Session session, List<String> steps) {
        session.execute("SAVEPOINT dropping");
        try {
            session.execute("SET LOCAL lock_timeout = '100ms'");
            steps.forEach(session::execute);
            session.execute("SET LOCAL lock_timeout = '5s'");
            session.execute("RELEASE SAVEPOINT dropping");
            return true;
        } catch (StoreException e) {
            if (e.getCause() instanceof SQLException sql && LOCK_NOT_AVAILABLE.equals(sql.getSQLState())) {
                session.execute("ROLLBACK TO SAVEPOINT dropping");
                LOG.debug("A segment is dropped later, because it is in use: {}", e.getMessage());
                return false;
            }
            throw e;
        }
    }
}
