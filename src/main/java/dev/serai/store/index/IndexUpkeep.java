package dev.serai.store.index;

import dev.serai.store.jdbc.Session;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the number and the size of the runs small, in steps that are part of other transactions.
 *
 * <ul>
 *   <li>Tiers: {@value #FAN} adjacent runs of about the same size become one, so that an id is looked for in a few runs,
 *       however many changes are kept.
 *   <li>A run of which nearly all changes are deleted is written again without them, whatever holds the few others.
 *   <li>A run whose changes are all deleted is deleted, and so is what no run owns: replaced runs, and pages of a merge that
 *       a crash ended.
 * </ul>
 *
 * <p>Threads: one thread, the writer.
 */
final class IndexUpkeep {
    private static final int FAN = 4;
    /** Bigger runs are not merged: with 262,144 changes in the first tier those have 67 million. */
    private static final int TIER_MAX = 3;
    /** A merge has 2 entries for each of its changes, so it ends when a quarter of as many changes have arrived. */
    private static final int ENTRIES_PER_CHANGE = 8;

    private static final int ENTRIES_ALWAYS = 16;
    private static final int ENTRIES_PER_TIDY = 8192;
    private static final int ROWS_DELETED = 64;
    /** 1 MiB, which takes a few milliseconds; 100 million changes have 220 times as much. */
    private static final int SLICES_COPIED = 500;

    private static final int SAMPLE = 64;
    /** A run is written again when at most one of so many of its changes is kept. */
    private static final int RARE = 8;

    private final int runChanges;
    private final @Nullable Path folder;
    private final SplittableRandom random = new SplittableRandom(1);
    private final List<IndexMerge> merges = new ArrayList<>();
    /** Numbers of runs that are no longer used, or never were; their rows are still stored. */
    private final Deque<Integer> garbage = new ArrayDeque<>();

    private int nextNumber = 1;
    private int next;
    /** So many runs in a row were found in order. */
    private int inOrder;

    private @Nullable IndexRun emptied;
    private boolean garbageGone;
    private boolean uncommitted;

    IndexUpkeep(int runChanges, @Nullable Path folder) {
        this.runChanges = runChanges;
        this.folder = folder;
    }

    /** Forgets what was under way, and finds what is stored without being used by these runs. */
    void load(Session session, List<Integer> used) {
        merges.clear();
        garbage.clear();
        emptied = null;
        garbageGone = false;
        uncommitted = false;
        inOrder = 0;
        nextNumber = 1;
        for (String statement : List.of("runAfter", "pageRunAfter", "filterRunAfter")) {
            long number = session.number(statement, 0);
            while (number != 0) {
                if (!used.contains((int) number) && !garbage.contains((int) number)) {
                    garbage.add((int) number);
                }
                nextNumber = (int) Math.max(nextNumber, number + 1);
                number = session.number(statement, number);
            }
        }
    }

    int nextNumber() {
        return nextNumber++;
    }

    /** Looks at all runs again, because changes were deleted. */
    void changesDeleted() {
        inOrder = 0;
    }

    boolean hasWork(List<IndexRun> runs) {
        return !merges.isEmpty()
                || !garbage.isEmpty()
                || inOrder < runs.size()
                || runs.stream().anyMatch(run -> run.ids() instanceof SlicedFilter filter && filter.isIncomplete());
    }

    /** After a start, copies a part of the newest filter that is not copied yet. */
    private static void copyFilters(Session session, List<IndexRun> runs) {
        for (int i = runs.size() - 1; i >= 0; i--) {
            if (runs.get(i).ids() instanceof SlicedFilter filter && filter.copy(session, SLICES_COPIED)) {
                return;
            }
        }
    }

    /** Does a part of the work; must be the last before the commit. */
    void write(Session session, List<IndexRun> runs, int inserted, boolean tidy) {
        uncommitted = true;
        if (tidy) {
            tidy(session, runs);
        }
        copyFilters(session, runs);
        startMerges(runs);
        int entries = ENTRIES_PER_CHANGE * inserted + ENTRIES_ALWAYS;
        for (IndexMerge merge : merges) {
            merge.step(session, entries + (tidy ? ENTRIES_PER_TIDY / merges.size() : 0));
        }
    }

    /** Call after the commit; returns the runs as they are now. */
    List<IndexRun> written(List<IndexRun> runs) {
        uncommitted = false;
        List<IndexRun> now = new ArrayList<>(runs);
        if (garbageGone) {
            garbage.remove();
            garbageGone = false;
        }
        if (emptied != null) {
            now.remove(emptied);
            garbage.add(emptied.number());
            emptied = null;
        }
        for (IndexMerge merge : List.copyOf(merges)) {
            if (merge.isFinished()) {
                merges.remove(merge);
                replace(now, merge);
            }
        }
        return List.copyOf(now);
    }

    /** Call after a rollback: what a merge has written is gone, so it begins again. */
    void undone() {
        if (uncommitted) {
            uncommitted = false;
            emptied = null;
            garbageGone = false;
            merges.forEach(merge -> garbage.add(merge.number()));
            merges.clear();
        }
    }

    private void replace(List<IndexRun> now, IndexMerge merge) {
        int place = now.indexOf(merge.sources().get(0));
        now.removeAll(merge.sources());
        merge.sources().forEach(source -> garbage.add(source.number()));
        IndexRun result = merge.result();
        if (result != null) {
            now.add(place, result);
        } else {
            garbage.add(merge.number());
        }
    }

    /** Starts at most one merge in each tier. */
    private void startMerges(List<IndexRun> runs) {
        for (int tier = 0; tier <= TIER_MAX; tier++) {
            List<IndexRun> window = isMerging(tier) ? List.of() : window(runs, tier);
            if (!window.isEmpty()) {
                merges.add(new IndexMerge(nextNumber(), window, false, folder));
            }
        }
    }

    private boolean isMerging(int tier) {
        return merges.stream()
                .anyMatch(merge -> merge.sources().size() > 1
                        && merge.sources().stream().mapToInt(this::tier).max().orElse(0) == tier);
    }

    private boolean isMerging(IndexRun run) {
        return merges.stream().anyMatch(merge -> merge.sources().contains(run));
    }

    /** The oldest adjacent runs with enough of this tier among them; smaller ones between them are taken along. */
    private List<IndexRun> window(List<IndexRun> runs, int tier) {
        List<IndexRun> window = new ArrayList<>();
        int full = 0;
        for (IndexRun run : runs) {
            if (tier(run) > tier || isMerging(run)) {
                window.clear();
                full = 0;
            } else {
                window.add(run);
                full += tier(run) == tier ? 1 : 0;
                if (full == FAN) {
                    return window;
                }
            }
        }
        return List.of();
    }

    private int tier(IndexRun run) {
        int tier = 0;
        long least = runChanges * (long) FAN / 2;
        while (run.changes() >= least) {
            tier++;
            least *= FAN;
        }
        return tier;
    }

    private void tidy(Session session, List<IndexRun> runs) {
        if (!garbage.isEmpty()) {
            deleteGarbage(session, garbage.element());
        } else if (!runs.isEmpty()) {
            next = (next + 1) % runs.size();
            examine(session, runs.get(next));
        }
    }

    private void deleteGarbage(Session session, int run) {
        session.update("deleteRun", run);
        int pages = session.update("deleteRunPages", run, run, ROWS_DELETED);
        int slices = session.update("deleteFilterSlices", run, run, ROWS_DELETED);
        garbageGone = pages < ROWS_DELETED && slices < ROWS_DELETED;
    }

    private void examine(Session session, IndexRun run) {
        inOrder++;
        if (isMerging(run)) {
            return;
        }
        if (!session.exists("anyChangeIn", run.fromSequence(), run.toSequence())) {
            session.update("deleteRun", run.number());
            emptied = run;
            inOrder = 0;
        } else if (isMostlyDeleted(session, run)) {
            merges.add(new IndexMerge(nextNumber(), List.of(run), true, folder));
            inOrder = 0;
        }
    }

    /** By a sample of entries that are side by side, which are as good as random because hashes are. */
    private boolean isMostlyDeleted(Session session, IndexRun run) {
        int[] looked = new int[1];
        int[] kept = new int[1];
        for (long from : new long[] {random.nextLong(), Long.MIN_VALUE}) {
            session.each(
                    "idPagesFrom",
                    row -> {
                        IndexRunPage page = IndexRunPage.read(row.getBytes("entries"));
                        for (int i = 0; i < page.size() && looked[0] < SAMPLE; i++) {
                            looked[0]++;
                            kept[0] += session.exists("isKept", page.sequence(i)) ? 1 : 0;
                        }
                        return looked[0] < SAMPLE;
                    },
                    run.number(),
                    from);
        }
        return kept[0] * RARE <= looked[0];
    }
}
