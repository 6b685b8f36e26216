package dev.serai.store.index;

import dev.serai.store.jdbc.Session;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Merges adjacent runs into one that replaces them, a page every few transactions.
 *
 * <p>Its pages are stored before the run that owns them. What a crash leaves of them belongs to no run and is deleted later.
 * Each step must be part of the transaction that is committed next: after a failed commit the merge is given up.
 *
 * <p>Threads: one thread, the writer.
 */
final class IndexMerge {
    private static final int PAGE_ENTRIES = 1024;

    private final int number;
    private final List<IndexRun> sources;
    private final @Nullable KeptChanges kept;
    private final long entries;
    private final IndexRunPage.Collector page;
    private final List<RunCursor> cursors = new ArrayList<>();
    private IndexKind kind = IndexKind.ID;
    private SlicedFilterWriter filter;
    private @Nullable SlicedFilter ids;
    private @Nullable IndexRun result;
    private boolean begun;
    private boolean finished;
    private int written;
    private long changes;
    private long budget;

    /**
     * @param sources oldest first
     * @param dropsDeleted whether the entries of deleted changes are left out
     * @param folder for the filter of ids outside the database; null for none
     */
    IndexMerge(int number, List<IndexRun> sources, boolean dropsDeleted, @Nullable Path folder) {
        this.number = number;
        this.entries = sources.stream().mapToLong(IndexRun::changes).sum();
        this.sources = List.copyOf(sources);
        this.kept = dropsDeleted ? new KeptChanges(from(), to()) : null;
        this.page = new IndexRunPage.Collector((int) Math.min(PAGE_ENTRIES, 1 + entries / 16));
        this.filter = new SlicedFilterWriter(number, kind, entries, folder);
    }

    /** Adds a number of entries to the budget and does what it pays for. */
    void step(Session session, int entries) {
        budget += entries;
        while (budget > 0 && !finished) {
            if (kept != null && !kept.isComplete()) {
                budget -= 1 + kept.step(session);
            } else {
                if (!begun) {
                    begin(session);
                }
                budget -= 1 + mergePage(session);
            }
        }
    }

    int number() {
        return number;
    }

    List<IndexRun> sources() {
        return sources;
    }

    boolean isFinished() {
        return finished;
    }

    /** The merged run, or null if nothing is left of the sources; valid once finished. */
    @Nullable IndexRun result() {
        return result;
    }

    private void begin(Session session) {
        begun = true;
        cursors.clear();
        for (IndexRun source : sources) {
            RunCursor cursor = new RunCursor(source, kind);
            if (cursor.next(session)) {
                cursors.add(cursor);
            }
        }
    }

    /** Takes as many entries as a page has; returns their number. */
    private int mergePage(Session session) {
        int taken = 0;
        while (taken < page.capacity() && !cursors.isEmpty()) {
            RunCursor first = first();
            long hash = first.hash();
            long sequence = first.sequence();
            if (!first.next(session)) {
                cursors.remove(first);
            }
            taken++;
            if (kept == null || kept.contains(sequence)) {
                filter.add(session, hash);
                page.add(hash, sequence);
                if (page.isFull()) {
                    writePage(session);
                }
            }
        }
        if (cursors.isEmpty()) {
            endKind(session);
        }
        return taken;
    }

    /** Of equal hashes the one in the oldest run, so that they are in the order of their sequences. */
    private RunCursor first() {
        RunCursor first = cursors.get(0);
        for (int i = 1; i < cursors.size(); i++) {
            if (cursors.get(i).hash() < first.hash()) {
                first = cursors.get(i);
            }
        }
        return first;
    }

    private void writePage(Session session) {
        IndexRunPage full = page.take();
        session.update("insertRunPage", number, kind.number(), full.firstHash(), written, full.bytes());
        written += full.size();
    }

    private void endKind(Session session) {
        if (!page.isEmpty()) {
            writePage(session);
        }
        SlicedFilter whole = filter.finish(session);
        if (kind == IndexKind.ID) {
            ids = whole;
            changes = written;
            kind = IndexKind.KEY;
            filter = new SlicedFilterWriter(number, kind, entries, null);
            begin(session);
        } else {
            finished = true;
            result = changes == 0 || ids == null ? null : new IndexRun(number, from(), to(), changes, ids, whole);
            if (result != null) {
                session.update(
                        "insertRun", number, from(), to(), 2 * changes, new byte[0], null, SlicedFilter.bits(entries));
            }
        }
    }

    private long from() {
        return sources.get(0).fromSequence();
    }

    private long to() {
        return sources.get(sources.size() - 1).toSequence();
    }
}
