package dev.serai.store.index;

import dev.serai.ledger.model.Hash;
import dev.serai.store.jdbc.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds changes by id or key. It replaces database indexes on them, because random inserts into such an index slow down a
 * big ledger.
 *
 * <p>The newest changes are in memory: one growing generation, and full ones until they are written out. Older changes are
 * in sorted runs in the database. Each run has Bloom filters over its ids and its keys in memory, so that a new id rarely
 * needs a database read. A match by hash is only a candidate; the caller compares the change itself.
 *
 * <p>Memory: two generations of {@code runChanges}, about 44 bytes per change, and 1.5 bytes for every older change and for
 * every key of a run. A run is written faster than changes arrive, so a third generation forms only if the second is nearly
 * full at the start.
 *
 * <p>Threads: one writer. Any thread may read {@link #generations} and then {@link #runs}, in this order, so that it finds
 * a generation that becomes a run meanwhile.
 */
public final class IdIndex {
    private static final int ENTRIES_PER_CHANGE = 3;
    private static final int ENTRIES_ALWAYS = 16;

    private final int runChanges;
    /** The last generation grows; the full ones before it wait to be written. */
    private volatile List<IndexGeneration> generations = List.of(new IndexGeneration());

    private volatile List<IndexRun> runs = List.of();
    private @Nullable IndexRunWriter writing;

    public IdIndex(int runChanges) {
        this.runChanges = runChanges;
    }

    /** Reads the runs and rebuilds the newest generation from the log. Call within a transaction. */
    public void load(Session session) {
        session.update("deleteUnfinishedRun");
        runs = List.copyOf(session.list(
                "runs",
                row -> new IndexRun(
                        row.getInt("number"),
                        row.getLong("from_seq"),
                        row.getLong("to_seq"),
                        row.getBoolean("swept"),
                        Bloom.read(row.getBytes("bloom")),
                        Bloom.readIfAny(row.getBytes("key_bloom")))));
        generations = List.of(new IndexGeneration());
        writing = null;
        long after = runs.isEmpty() ? 0 : runs.get(runs.size() - 1).toSequence();
        session.each(
                "namesAfter",
                row -> {
                    String flow = row.getString("flow");
                    add(row.getLong("seq"), Hash.of(flow, row.getString("id")), Hash.of(flow, row.getString("key")));
                    return true;
                },
                after);
    }

    /** Adds a committed change. */
    public void add(long sequence, long id, long key) {
        IndexGeneration growing = generations.get(generations.size() - 1);
        growing.add(sequence, id, key);
        if (growing.size() >= runChanges) {
            List<IndexGeneration> more = new ArrayList<>(generations);
            more.add(new IndexGeneration());
            generations = List.copyOf(more);
        }
    }

    /** The sequence with this hash of an id that {@code accept} accepts, or 0. Writer only. */
    public long find(Session session, long id, LongPredicate accept) {
        for (int i = generations.size() - 1; i >= 0; i--) {
            long found = generations.get(i).find(id, accept);
            if (found != 0) {
                return found;
            }
        }
        for (int i = runs.size() - 1; i >= 0; i--) {
            long found = runs.get(i).ids().mayContain(id) ? find(session, runs.get(i), id, accept) : 0;
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
     * Writes the next part of the unfinished run in a transaction that inserted this number of changes. It writes nothing if
     * the number is 0, because such a transaction may have nothing else to write.
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

    /** Call after the commit of that transaction. */
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

    /** Call after the commit that removed the run ({@code by} is null) or changed it. */
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
