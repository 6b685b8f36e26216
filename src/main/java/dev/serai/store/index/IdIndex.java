package dev.serai.store.index;

import dev.serai.ledger.model.Hash;
import dev.serai.store.jdbc.Session;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds changes by id or key. It replaces database indexes on them, because random inserts into such an index slow down a
 * big ledger.
 *
 * <p>The newest changes are in memory: one growing generation, and full ones until they are written out. Older changes are
 * in sorted runs in the database, which are merged in tiers (see {@link IndexUpkeep}). Each run has filters over its ids and
 * its keys, so that a new id rarely needs more than they have. A match by hash is only a candidate; the caller compares the
 * change itself.
 *
 * <p>Memory: two generations of {@code runChanges}, about 44 bytes per change, and 4 bytes for each change in the runs of the
 * first tier. The filters of merged runs, 2 bytes per change, are mapped from files, which is not heap. A run is written
 * faster than changes arrive, so a third generation forms only if the second is nearly full at the start.
 *
 * <p>Threads: one writer. Any thread may read {@link #generations} and then {@link #runs}, in this order, so that it finds
 * a generation that becomes a run meanwhile. The pages of a run that is no longer in {@link #runs} may be missing.
 */
public final class IdIndex {
    private static final int ENTRIES_PER_CHANGE = 3;
    private static final int ENTRIES_ALWAYS = 16;
    /** An upgraded ledger may have hundreds of runs that are not merged yet; keys are seldom asked for. */
    private static final int KEY_FILTERS_MAX = 32;

    private final int runChanges;
    private final @Nullable Path folder;
    private final IndexUpkeep upkeep;
    /** The last generation grows; the full ones before it wait to be written. */
    private volatile List<IndexGeneration> generations = List.of(new IndexGeneration());

    private volatile List<IndexRun> runs = List.of();
    private @Nullable IndexRunWriter writing;

    private record StoredRun(
            int number,
            long from,
            long to,
            long changes,
            @Nullable Integer filterBits) {
        boolean isReplacedBy(StoredRun other) {
            return other.number > number && other.from <= from && other.to >= to;
        }
    }

    /** @param folder for copies of filters, which are deleted when the process ends; null for none */
    public IdIndex(int runChanges, @Nullable Path folder) {
        this.runChanges = runChanges;
        this.folder = folder;
        this.upkeep = new IndexUpkeep(runChanges, folder);
    }

    /** Reads the runs and rebuilds the newest generation from the log. Call within a transaction. */
    public void load(Session session) {
        List<StoredRun> stored = session.list(
                "runs",
                row -> new StoredRun(
                        row.getInt("number"),
                        row.getLong("from_seq"),
                        row.getLong("to_seq"),
                        row.getLong("entries") / 2,
                        row.getObject("filter_bits") == null ? null : row.getInt("filter_bits")));
        List<StoredRun> used = stored.stream()
                .filter(run -> stored.stream().noneMatch(run::isReplacedBy))
                .sorted(Comparator.comparingLong(StoredRun::from))
                .toList();
        upkeep.load(session, used.stream().map(StoredRun::number).toList());
        runs = loadRuns(session, used);
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

    private List<IndexRun> loadRuns(Session session, List<StoredRun> stored) {
        List<IndexRun> loaded = new ArrayList<>();
        for (int i = 0; i < stored.size(); i++) {
            loaded.add(loadRun(session, stored.get(i), stored.size() - i <= KEY_FILTERS_MAX));
        }
        return List.copyOf(loaded);
    }

    private IndexRun loadRun(Session session, StoredRun run, boolean withKeys) {
        IndexFilter ids;
        IndexFilter keys;
        int number = run.number();
        Integer bits = run.filterBits();
        if (bits == null) {
            ids = IndexFilter.of(session.first("idBloom", row -> Bloom.read(row.getBytes("bloom")), number));
            keys = IndexFilter.of(
                    withKeys ? session.first("keyBloom", row -> Bloom.read(row.getBytes("bloom")), number) : null);
        } else {
            ids = new SlicedFilter(number, IndexKind.ID, bits, folder, null);
            keys = new SlicedFilter(number, IndexKind.KEY, bits, null, null);
        }
        return new IndexRun(number, run.from(), run.to(), run.changes(), ids, keys);
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
            long found = runs.get(i).ids().mayContain(session, id) ? find(session, runs.get(i), id, accept) : 0;
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
     * Writes the next part of the unfinished run, and goes on with the upkeep of the others. Must be the last before the
     * commit. It writes nothing in a transaction that would write nothing else.
     *
     * @param inserted the number of changes that the transaction inserted
     * @param tidy whether the transaction deletes what is expired
     */
    public void write(Session session, int inserted, boolean tidy) {
        if (inserted == 0 && !tidy) {
            return;
        }
        if (writing == null && generations.size() > 1) {
            writing = new IndexRunWriter(generations.get(0), upkeep.nextNumber());
        }
        if (writing != null && inserted > 0) {
            writing.write(session, ENTRIES_PER_CHANGE * inserted + ENTRIES_ALWAYS);
        }
        upkeep.write(session, runs, inserted, tidy);
    }

    /** Call after the commit of that transaction. */
    public void written() {
        List<IndexRun> now = upkeep.written(runs);
        IndexRun finished = writing == null ? null : writing.committed();
        if (finished != null) {
            now = new ArrayList<>(now);
            now.add(finished);
        }
        runs = List.copyOf(now);
        if (finished != null) {
            generations = List.copyOf(generations.subList(1, generations.size()));
            writing = null;
        }
    }

    /** Call after a rollback. */
    public void undone() {
        upkeep.undone();
    }

    /** Whether there is something left to do in transactions that delete what is expired. */
    public boolean hasUpkeep() {
        return upkeep.hasWork(runs);
    }

    /** Says that changes were deleted, so that runs may have become empty. */
    public void changesDeleted() {
        upkeep.changesDeleted();
    }

    /** Oldest first. */
    List<IndexGeneration> generations() {
        return generations;
    }

    /** Oldest first. */
    List<IndexRun> runs() {
        return runs;
    }
}
