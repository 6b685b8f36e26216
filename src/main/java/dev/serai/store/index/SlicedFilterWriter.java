package dev.serai.store.index;

import dev.serai.store.jdbc.Session;
import org.jspecify.annotations.Nullable;

/** Writes a {@link SlicedFilter} while the hashes of a run come in order. Threads: one thread, the writer. */
final class SlicedFilterWriter {
    private final int run;
    private final IndexKind kind;
    private final int bits;
    private final Bloom bloom;
    private final long @Nullable [] slices;
    private int slice;
    private boolean empty = true;

    /**
     * @param entries how many the run has, at most
     * @param inMemory whether the filter is kept in memory
     */
    SlicedFilterWriter(int run, IndexKind kind, long entries, boolean inMemory) {
        this.run = run;
        this.kind = kind;
        this.bits = SlicedFilter.bits(entries);
        this.bloom = SlicedFilter.emptySlice(entries);
        this.slices = inMemory ? new long[bloom.length() << bits] : null;
    }

    void add(Session session, long hash) {
        int of = SlicedFilter.slice(hash, bits);
        if (of != slice) {
            writeSlice(session);
            slice = of;
        }
        bloom.add(SlicedFilter.inSlice(hash, bits));
        empty = false;
    }

    SlicedFilter finish(Session session) {
        writeSlice(session);
        return new SlicedFilter(run, kind, bits, slices);
    }

    private void writeSlice(Session session) {
        if (!empty) {
            session.update("insertFilterSlice", run, kind.number(), slice, bloom.write());
            if (slices != null) {
                bloom.copyTo(slices, SlicedFilter.place(slice, bits) * bloom.length());
            }
            bloom.clear();
            empty = true;
        }
    }
}
