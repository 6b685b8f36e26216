package dev.serai.store.index;

import dev.serai.store.jdbc.Session;
import java.nio.LongBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A filter that is stored in slices, each a small Bloom filter over the hashes that begin with the same bits.
 *
 * <p>So a merge writes it in small steps. It is asked in a copy that is mapped into memory (see {@link FilterFile}). Until
 * there is one, because it is copied in small steps after a start, a question reads one row of at most 2 KiB.
 *
 * <p>Threads: safe, with a session each; {@link #copy} belongs to the writer.
 */
final class SlicedFilter implements IndexFilter {
    private static final int SLICE_ENTRIES = 896;

    private final int run;
    private final IndexKind kind;
    private final int bits;
    private @Nullable Path folder;
    private @Nullable FilterFile file;
    private int copied = Integer.MIN_VALUE;
    /** One after the other, all of one length. */
    private volatile @Nullable LongBuffer slices;

    /**
     * @param folder where the copy is made; null for none
     * @param slices the copy, if there is one
     */
    SlicedFilter(int run, IndexKind kind, int bits, @Nullable Path folder, @Nullable LongBuffer slices) {
        this.run = run;
        this.kind = kind;
        this.bits = bits;
        this.folder = folder;
        this.slices = slices;
    }

    /** Copies the next slices; returns whether it did anything. */
    boolean copy(Session session, int limit) {
        Path into = folder;
        if (into == null) {
            return false;
        }
        int[] count = new int[1];
        session.each(
                "filterSlicesAfter",
                row -> {
                    byte[] slice = row.getBytes("bits");
                    copied = row.getInt("slice");
                    if (file == null) {
                        file = new FilterFile(into, 1 << bits, slice.length);
                    }
                    file.write(place(copied, bits), slice);
                    count[0]++;
                    return true;
                },
                run,
                kind.number(),
                copied,
                limit);
        if (count[0] < limit) {
            slices = file == null ? null : file.map();
            folder = null;
            file = null;
        }
        return true;
    }

    /** Whether it is not copied yet. */
    boolean isIncomplete() {
        return folder != null;
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
        LongBuffer copy = slices;
        if (copy != null) {
            int length = copy.limit() >> bits;
            return Bloom.mayContain(copy, place(slice, bits) * length, length, inSlice(hash, bits));
        }
        Bloom bloom = session.first("filterSlice", row -> Bloom.read(row.getBytes("bits")), run, kind.number(), slice);
        return bloom != null && bloom.mayContain(inSlice(hash, bits));
    }
}
