package dev.serai.store.index;

import dev.serai.ledger.model.Hash;
import dev.serai.store.jdbc.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds changes by id or key without an index on either: random inserts into such an index are what slows a big ledger.
 *
 * <p>The newest are in memory, in a generation that grows and, while it is written out, a full one. The older ones lie in
 * sorted runs in the database, each with a Bloom filter over its ids in memory, so that "surely new" asks the database
 * nothing. What is found by hash is only a candidate: the change itself says whether it is the one.
 *
 * <p>Memory: two generations of {@code runChanges}, about 32 bytes a change, and 1.5 bytes for every older change. A run is
 * written faster than changes arrive, so a third generation forms only when a start finds the second nearly full.
 *
 * <p>Threads: one writer; {@link #generations} and {@link #runs} may be read by any, in this order, so that a generation
 * that becomes a run meanwhile is seen at least once.
 */
public final class IdIndex {
    private static final int ENTRIES_PER_CHANGE = 3;
    private static final int ENTRIES_ALWAYS = 16;

    private final int runChanges;
    /** The growing generation is the last one; the full ones wait in front of it to be written. */
    private volatile List<IndexGeneration> generations = List.of(new IndexGeneration());

    private volatile List<IndexRun> runs = List.of();
    private @Nullable IndexRunWriter writing;

    public IdIndex(int runChanges) {
        this.runChanges = runChanges;
    }

    /** Reads the runs and rebuilds what is younger from the log. Within a transaction. */
    public void load(Session session) {
        session.update("deleteUnfinishedRun");
        runs = List.copyOf(session.list(
                "runs",
                row -> new IndexRun(
                        row.getInt(1),
                        row.getLong(2),
                        row.getLong(3),
                        row.getInt(4) != 0,
                        Bloom.read(row.getBytes(5)))));
        generations = List.of(new IndexGeneration());
        writing = null;
        long after = runs.isEmpty() ? 0 : runs.get(runs.size() - 1).toSequence();
        session.each(
                "namesAfter",
                row -> {
                    String flow = row.getString(2);
                    add(row.getLong(1), Hash.of(flow, row.getString(3)), Hash.of(flow, row.getString(4)));
                    return true;
                },
                after);
    }

    /** Takes in a committed change. */
    public void add(long sequence, long id, long key) {
        IndexGeneration growing = generations.get(generations.size() - 1);
        growing.add(sequence, id, key);
        if (growing.size() >= runChanges) {
            List<IndexGeneration> more = new ArrayList<>(generations);
            more.add(new IndexGeneration());
            generations = List.copyOf(more);
        }
    }

    /** The sequence under the id's hash that is accepted, or 0. Writer only. */
    public long find(Session session, long id, LongPredicate accept) {
        for (int i = generations.size() - 1; i >= 0; i--) {
            long found = generations.get(i).find(id, accept);
            if (found != 0) {
                return found;
            }
        }
        for (int i = runs.size() - 1; i >= 0; i--) {
            long found = runs.get(i).bloom().mayContain(id) ? find(session, runs.get(i), id, accept) : 0;
            if (found != 0) {
                return found;
            }
        }
        return 0;
    }

    private static long find(Session session, IndexRun run, long id, LongPredicate accept) {
        List<Long> candidates = new ArrayList<>();
        run.each(session, IndexKind.ID, id, candidates::add);
        for (long sequence : candidates) {
            if (accept.test(sequence)) {
                return sequence;
            }
        }
        return 0;
    }

    /**
     * Writes the next part of the run that is under way, within a transaction that inserted that many changes; none with a
     * transaction that inserted nothing, which may not have to write at all.
     */
    public void write(Session session, int inserted) {
        if (inserted == 0) {
            return;
        }
        if (writing == null && generations.size() > 1) {
            int last = runs.isEmpty() ? 0 : runs.get(runs.size() - 1).number();
            writing = new IndexRunWriter(generations.get(0), last + 1);
        }
        if (writing != null) {
            writing.write(session, ENTRIES_PER_CHANGE * inserted + ENTRIES_ALWAYS);
        }
    }

    /** After the commit of that transaction. */
    public void written() {
        IndexRun finished = writing == null ? null : writing.committed();
        if (finished != null) {
            List<IndexRun> more = new ArrayList<>(runs);
            more.add(finished);
            runs = List.copyOf(more);
            generations = List.copyOf(generations.subList(1, generations.size()));
            writing = null;
        }
    }

    /** Oldest first. */
    List<IndexGeneration> generations() {
        return generations;
    }

    /** Oldest first. */
    List<IndexRun> runs() {
        return runs;
    }

    /** After the commit that removed the run, or put another state of it in its place. */
    void replace(IndexRun run, @Nullable IndexRun by) {
        List<IndexRun> kept = new ArrayList<>();
        for (IndexRun one : runs) {
            if (one.number() != run.number()) {
                kept.add(one);
            } else if (by != null) {
                kept.add(by);
            }
        }
        runs = List.copyOf(kept);
    }
}
