package dev.serai.store.index;

import dev.serai.store.jdbc.Session;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A filter that is stored in slices, each a small Bloom filter over the hashes that begin with the same bits.
 *
 * <p>So a merge writes it in small steps. It is asked in a copy that is mapped into memory (see {@link FilterFile}); without
 * one, a question reads one row of at most 2 KiB.
 *
 * <p>Threads: safe, with a session each.
 */
final class SlicedFilter implements IndexFilter {
    private static final int SLICE_ENTRIES = 896;

    private final int run;
    private final IndexKind kind;
    private final int bits;
    private final @Nullable LongBuffer slices;

    /** @param slices one after the other, all of one length; null if they are read for each question */
    SlicedFilter(int run, IndexKind kind, int bits, @Nullable LongBuffer slices) {
        this.run = run;
        this.kind = kind;
        this.bits = bits;
        this.slices = slices;
    }

    /** Copies all slices to a file in the folder, if there is one. */
    static SlicedFilter load(Session session, int run, IndexKind kind, int bits, @Nullable Path folder) {
        List<FilterFile> file = new ArrayList<>();
        if (folder != null) {
            session.each(
                    "filterSlices",
                    row -> {
                        byte[] slice = row.getBytes("bits");
                        if (file.isEmpty()) {
                            file.add(new FilterFile(folder, 1 << bits, slice.length));
                        }
                        file.get(0).write(place(row.getInt("slice"), bits), slice);
                        return true;
                    },
                    run,
                    kind.number());
        }
        return new SlicedFilter(
                run, kind, bits, file.isEmpty() ? null : file.get(0).map());
    }

    /** An empty filter for one slice of a run with so many entries. */
    static Bloom emptySlice(long entries) {
        return Bloom.forEntries(entries >> bits(entries));
    }

    /** How many bits of a hash tell its slice, in a run with this number of entries. */
    static int bits(long entries) {
        int bits = 0;
        while (entries >> bits > SLICE_ENTRIES) {
            bits++;
        }
        return bits;
    }

    /** The slice of a hash; slices are in the order of the hashes, which have a sign. */
    static int slice(long hash, int bits) {
        return bits == 0 ? 0 : (int) (hash >> (Long.SIZE - bits));
    }

    static int place(int slice, int bits) {
        return slice + (1 << bits >> 1);
    }

    /** What a slice's filter contains for a hash: without the bits that all hashes of the slice share. */
    static long inSlice(long hash, int bits) {
        return hash << bits;
    }

    @Override
    public boolean mayContain(Session session, long hash) {
        int slice = slice(hash, bits);
        if (slices != null) {
            int length = slices.limit() >> bits;
            return Bloom.mayContain(slices, place(slice, bits) * length, length, inSlice(hash, bits));
        }
        Bloom bloom = session.first("filterSlice", row -> Bloom.read(row.getBytes("bits")), run, kind.number(), slice);
        return bloom != null && bloom.mayContain(inSlice(hash, bits));
    }
}
