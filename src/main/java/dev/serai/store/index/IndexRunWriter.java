package dev.serai.store.index;

import dev.serai.store.jdbc.Session;
import org.jspecify.annotations.Nullable;

/**
 * Writes a full generation as a run, a page every few transactions: ids first and then keys, each ordered by hash, so that
 * each page is inserted directly after the previous one.
 *
 * <p>The progress is saved when the transaction is committed.
 *
 * <p>Threads: one thread, the writer.
 */
final class IndexRunWriter {
    private static final int PAGE_ENTRIES = 1024;

    private final IndexGeneration generation;
    private final int number;
    private final int pageEntries;
    private int[] order = new int[0];
    private @Nullable IndexKind ordered;
    private int committed;
    private int committedBudget;
    private int written;
    private int budget;
    private @Nullable IndexRun finished;

    IndexRunWriter(IndexGeneration generation, int number) {
        this.generation = generation;
        this.number = number;
        this.pageEntries = Math.min(PAGE_ENTRIES, 1 + generation.size() / 16);
    }

    /** Adds this number of entries to the budget and writes the pages that it pays for, and the run after the last page. */
    void write(Session session, int entries) {
        int size = generation.size();
        written = committed;
        budget = committedBudget + entries;
        int page = pageFrom(written);
        while (page > 0 && page <= budget) {
            IndexKind kind = written < size ? IndexKind.ID : IndexKind.KEY;
            int from = written % size;
            IndexRunPage entriesNow = IndexRunPage.of(generation, kind, order(kind), from, from + page);
            session.update("insertRunPage", number, kind.number(), entriesNow.firstHash(), from, entriesNow.bytes());
            written += page;
            budget -= page;
            page = pageFrom(written);
        }
        finished = page == 0 ? finish(session) : null;
    }

    /** The number of entries of the page that begins at this entry; 0 at the end. */
    private int pageFrom(int entry) {
        int size = generation.size();
        int end = entry < size ? size : 2 * size;
        return Math.min(pageEntries, end - entry);
    }

    /** Call after the transaction's commit; returns the run if it is finished. */
    @Nullable IndexRun committed() {
        committed = written;
        committedBudget = budget;
        return finished;
    }

    private IndexRun finish(Session session) {
        Bloom ids = Bloom.forEntries(generation.size());
        for (int position = 0; position < generation.size(); position++) {
            ids.add(generation.id(position));
        }
        Bloom keys = keys();
        IndexRun run = new IndexRun(
                number,
                generation.firstSequence(),
                generation.lastSequence(),
                generation.size(),
                IndexFilter.of(ids),
                IndexFilter.of(keys));
        session.update(
                "insertRun",
                number,
                run.fromSequence(),
                run.toSequence(),
                2L * generation.size(),
                ids.write(),
                keys.write(),
                null);
        return run;
    }

    /** Its size follows the number of keys, which may be much smaller than that of the changes. */
    private Bloom keys() {
        int[] byKey = order(IndexKind.KEY);
        int different = 0;
        for (int i = 0; i < byKey.length; i++) {
            different += isFirstOfKey(byKey, i) ? 1 : 0;
        }
        Bloom keys = Bloom.forEntries(different);
        for (int i = 0; i < byKey.length; i++) {
            if (isFirstOfKey(byKey, i)) {
                keys.add(generation.hash(IndexKind.KEY, byKey[i]));
            }
        }
        return keys;
    }

    private boolean isFirstOfKey(int[] byKey, int i) {
        return i == 0 || generation.hash(IndexKind.KEY, byKey[i]) != generation.hash(IndexKind.KEY, byKey[i - 1]);
    }

    private int[] order(IndexKind kind) {
        if (ordered != kind) {
            order = generation.sorted(kind);
            ordered = kind;
        }
        return order;
    }
}
