package dev.serai.store.index;

import dev.serai.store.jdbc.Session;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Writes a {@link SlicedFilter} while the hashes of a run come in order. Threads: one thread, the writer. */
final class SlicedFilterWriter {
    private final int run;
    private final IndexKind kind;
    private final int bits;
    private final Bloom bloom;
    private final FilterFile file;
    private int slice;
    private boolean empty = true;

    /**
     * @param entries how many the run has, at most
     * @param folder for the copy outside the database; null for none
     */
    SlicedFilterWriter(int run, IndexKind kind, long entries, @Nullable Path folder) {
        this.run = run;
        this.kind = kind;
        this.bits = SlicedFilter.bits(entries);
        this.bloom = SlicedFilter.emptySlice(entries);
        this.file = new FilterFile(folder, 1 << bits, bloom.length() * Long.BYTES);
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
        return new SlicedFilter(run, kind, bits, null, file.map());
    }

    private void writeSlice(Session session) {
        if (!empty) {
            byte[] stored = bloom.write();
            session.update("insertFilterSlice", run, kind.number(), slice, stored);
            file.write(SlicedFilter.place(slice, bits), stored);
            bloom.clear();
            empty = true;
        }
    }
}
