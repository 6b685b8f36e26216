package dev.serai.store.index;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.LongPredicate;

/**
 * A part of a run that is stored in one row: hashes with their sequences in ascending order, 8 bytes big-endian each. A row
 * for each entry halved the throughput of the store.
 */
final class IndexRunPage {
    private static final int ENTRY_BYTES = 2 * Long.BYTES;

    private final ByteBuffer entries;

    private IndexRunPage(ByteBuffer entries) {
        this.entries = entries;
    }

    static IndexRunPage read(byte[] stored) {
        return new IndexRunPage(ByteBuffer.wrap(stored));
    }

    /** The entries of a generation at the places {@code from} (inclusive) to {@code to} (exclusive) of an order. */
    static IndexRunPage of(IndexGeneration generation, IndexKind kind, int[] order, int from, int to) {
        ByteBuffer entries = ByteBuffer.allocate((to - from) * ENTRY_BYTES);
        for (int i = from; i < to; i++) {
            entries.putLong(generation.hash(kind, order[i])).putLong(generation.sequence(order[i]));
        }
        return new IndexRunPage(entries);
    }

    byte[] bytes() {
        return entries.array();
    }

    int size() {
        return entries.capacity() / ENTRY_BYTES;
    }

    long firstHash() {
        return hash(0);
    }

    /** Passes the sequences with this hash to {@code more}, newest first, until it returns false; returns whether it did. */
    boolean each(long hash, LongPredicate more) {
        for (int i = end(hash) - 1; i >= 0 && hash(i) == hash; i--) {
            if (!more.test(sequence(i))) {
                return true;
            }
        }
        return false;
    }

    /** The place after the last entry whose hash is not greater. */
    private int end(long hash) {
        int low = 0;
        int high = size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (hash(middle) <= hash) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    long hash(int place) {
        return entries.getLong(place * ENTRY_BYTES);
    }

    long sequence(int place) {
        return entries.getLong(place * ENTRY_BYTES + Long.BYTES);
    }

    /** Takes entries in order until they fill a page. */
    static final class Collector {
        private final ByteBuffer entries;

        Collector(int capacity) {
            this.entries = ByteBuffer.allocate(capacity * ENTRY_BYTES);
        }

        void add(long hash, long sequence) {
            entries.putLong(hash).putLong(sequence);
        }

        int capacity() {
            return entries.capacity() / ENTRY_BYTES;
        }

        boolean isFull() {
            return !entries.hasRemaining();
        }

        boolean isEmpty() {
            return entries.position() == 0;
        }

        /** The page of the entries so far; the next page begins after them. */
        IndexRunPage take() {
            byte[] bytes = Arrays.copyOf(entries.array(), entries.position());
            entries.clear();
            return read(bytes);
        }
    }
}
