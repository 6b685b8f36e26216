package dev.serai.store.postgres;

import dev.serai.store.jdbc.Session;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The segment of a shard's log that grows, and the one after it. A segment is a range of sequences; each table of the log has a
 * partition for it, which retention drops as a whole.
 *
 * <p>A segment ends when it is full, or when retention finds that it holds enough time: then the next sequence jumps to the next
 * segment.
 *
 * <p>Threads: one thread, the writer.
 */
final class SegmentGrowth {
    static final List<String> TABLES = List.of("change", "payload", "delivery", "attempt");
    /** So many changes a segment can have; with bodies of 1 KiB that is 400 MB. */
    static final int CHANGES = 1 << 18;

    /**
     * A stored segment.
     *
     * @param lastSequence the newest in it, null while it grows
     */
    record Segment(
            int number, long first, long next, @Nullable Long lastSequence) {
        /** The name of a table's partition. */
        String partition(String table) {
            return table + "_" + number;
        }
    }

    private final ShardNumbers numbers;
    private final long span;
    private Segment growing = new Segment(0, 0, 0, null);
    private int newest;
    private boolean ends;

    /** @param changes the most that a segment can have */
    SegmentGrowth(ShardNumbers numbers, int changes) {
        this.numbers = numbers;
        this.span = (long) changes * numbers.stride();
    }

    /** Reads the segments within a transaction; makes the first one. */
    void load(Session session) {
        ends = false;
        Segment last = segment(session, "newestSegment");
        if (last == null) {
            last = create(session, 1, 0);
        }
        newest = last.number();
        Segment first = segment(session, "growingSegment");
        growing = first == null ? last : first;
    }

    /** Makes a first segment with room for sequences up to this one and some after it, unless there is one. */
    void reserve(Session session, long lastSequence) {
        if (segment(session, "newestSegment") == null) {
            create(session, new Segment(1, 0, Math.max(span, lastSequence + span), null));
        }
    }

    private static @Nullable Segment segment(Session session, String statement, Object... args) {
        return session.first(
                statement,
                row -> new Segment(
                        row.getInt("number"),
                        row.getLong("first_seq"),
                        row.getLong("next_seq"),
                        row.getObject("last_seq") == null ? null : row.getLong("last_seq")),
                args);
    }

    Segment growing() {
        return growing;
    }

    /** How many changes the growing segment has at most. */
    long size(long lastSequence) {
        return Math.max(0, numbers.count(growing.first(), lastSequence));
    }

    /** Ends the growing segment before the next change. */
    void end() {
        ends = true;
    }

    /** The sequence of the next change. */
    long next(long last) {
        return numbers.next(last, growing.first());
    }

    /** Whether {@link #grow} has something to do before the next transaction. */
    boolean isDue(long lastSequence) {
        return ends || lastSequence >= growing.next() || isHalf(lastSequence);
    }

    private boolean isHalf(long lastSequence) {
        return newest == growing.number() && lastSequence - growing.first() > span / 2;
    }

    /** Makes the next segment in time, and goes over to it when the present one ends. In a transaction of its own. */
    void grow(Session session, long lastSequence) {
        boolean over = ends || lastSequence >= growing.next();
        if (newest == growing.number() && (over || isHalf(lastSequence))) {
            create(session, newest + 1, growing.next());
            newest++;
        }
        if (over) {
            session.update("closeSegment", Math.min(lastSequence, growing.next() - 1), growing.number());
            Segment next = segment(session, "segment", growing.number() + 1);
            if (next == null) {
                throw new IllegalStateException("segment " + (growing.number() + 1) + " is missing");
            }
            growing = next;
            ends = false;
        }
    }

    private Segment create(Session session, int number, long first) {
        return create(session, new Segment(number, first, first + span, null));
    }

    /** A partition is made by itself and attached, because that needs no lock that readers would wait for. */
    private static Segment create(Session session, Segment made) {
        for (String table : TABLES) {
            String partition = made.partition(table);
            session.execute("CREATE TABLE " + partition + " (LIKE " + table + " INCLUDING DEFAULTS INCLUDING STORAGE)");
            session.execute("ALTER TABLE " + table + " ATTACH PARTITION " + partition + " FOR VALUES FROM ("
                    + made.first() + ") TO (" + made.next() + ")");
        }
        session.update("insertSegment", made.number(), made.first(), made.next());
        return made;
    }
}
