package dev.serai.store.index;

import dev.serai.store.jdbc.Session;
import org.jspecify.annotations.Nullable;

/**
 * A filter that is stored in slices, each a small Bloom filter over the hashes that begin with the same bits.
 *
 * <p>So a merge writes it in small steps, and a question reads one row of at most 2 KiB where the filter is too big to be
 * kept in memory.
 *
 * <p>Threads: safe, with a session each.
 */
final class SlicedFilter implements IndexFilter {
    private static final int SLICE_ENTRIES = 896;

    private final int run;
    private final IndexKind kind;
    private final int bits;
    private final long @Nullable [] slices;

    /** @param slices one after the other, all of one length; or null if they are read for each question */
    SlicedFilter(int run, IndexKind kind, int bits, long @Nullable [] slices) {
        this.run = run;
        this.kind = kind;
        this.bits = bits;
        this.slices = slices;
    }

    /** Reads all slices into memory. */
    static SlicedFilter load(Session session, int run, IndexKind kind, int bits) {
        long[][] slices = new long[1][];
        session.each(
                "filterSlices",
                row -> {
                    Bloom slice = Bloom.read(row.getBytes("bits"));
                    slices[0] = slices[0] == null ? new long[slice.length() << bits] : slices[0];
                    slice.copyTo(slices[0], place(row.getInt("slice"), bits) * slice.length());
                    return true;
                },
                run,
                kind.number());
        return new SlicedFilter(run, kind, bits, slices[0]);
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

    /** What the filter of so many entries takes in memory, nearly. */
    static long heapBytes(long entries) {
        return entries * Bloom.BITS_PER_ENTRY / Byte.SIZE;
    }

    @Override
    public boolean mayContain(Session session, long hash) {
        int slice = slice(hash, bits);
        if (slices != null) {
            int length = slices.length >> bits;
            return Bloom.mayContain(slices, place(slice, bits) * length, length, inSlice(hash, bits));
        }
        Bloom bloom = session.first("filterSlice", row -> Bloom.read(row.getBytes("bits")), run, kind.number(), slice);
        return bloom != null && bloom.mayContain(inSlice(hash, bits));
    }

    @Override
    public long heapBytes() {
        return slices == null ? 0 : (long) slices.length * Long.BYTES;
    }
}
