package dev.serai.store.index;

import java.util.Arrays;
import java.util.function.LongPredicate;

/**
 * The newest ids and keys in memory, as 64-bit hashes with their sequences, in sequence order.
 *
 * <p>Both are in hash tables with open addressing. Ids differ, so the few equal hashes are side by side. A key has many
 * changes: its slot leads to the newest, and each change to the one before it. It takes about 44 bytes per change.
 *
 * <p>Threads: safe.
 */
final class IndexGeneration {
    private static final int START = 1024;

    private long[] ids = new long[START];
    private long[] keys = new long[START];
    private long[] sequences = new long[START];
    /** Positions in the arrays plus one, 0 if free; at most half full. */
    private int[] slots = new int[2 * START];

    /** The same for the newest change of each key. */
    private int[] keySlots = new int[2 * START];
    /** The position, plus one, of the change before with the same hash of the key; 0 for none. */
    private int[] before = new int[START];

    private int size;

    synchronized void add(long sequence, long id, long key) {
        if (size == ids.length) {
            grow();
        }
        ids[size] = id;
        keys[size] = key;
        sequences[size] = sequence;
        place(size++);
    }

    synchronized int size() {
        return size;
    }

    synchronized long firstSequence() {
        return sequences[0];
    }

    synchronized long lastSequence() {
        return sequences[size - 1];
    }

    synchronized long id(int position) {
        return ids[position];
    }

    /** Returns the first sequence with this hash of an id that {@code accept} accepts, or 0. */
    synchronized long find(long id, LongPredicate accept) {
        int mask = slots.length - 1;
        for (int slot = slot(id, mask); slots[slot] != 0; slot = (slot + 1) & mask) {
            int position = slots[slot] - 1;
            if (ids[position] == id && accept.test(sequences[position])) {
                return sequences[position];
            }
        }
        return 0;
    }

    /** The newest sequence under a key's hash that is below another, or 0. */
    synchronized long newest(long key, long below) {
        int place = keySlots[keySlot(key)];
        while (place != 0 && sequences[place - 1] >= below) {
            place = before[place - 1];
        }
        return place == 0 ? 0 : sequences[place - 1];
    }

    /** The sequences with this hash, newest first. */
    synchronized long[] all(IndexKind kind, long hash) {
        long[] found = new long[8];
        int count = 0;
        int place = kind == IndexKind.KEY ? keySlots[keySlot(hash)] : size;
        while (place > 0) {
            int position = place - 1;
            if (hashes(kind)[position] == hash) {
                if (count == found.length) {
                    found = Arrays.copyOf(found, 2 * count);
                }
                found[count++] = sequences[position];
            }
            place = kind == IndexKind.KEY ? before[position] : position;
        }
        return Arrays.copyOf(found, count);
    }

    /**
     * The positions, ordered by hash and then by sequence. It sorts hashes whose lower bits are replaced by the position,
     * which avoids an array of pairs, and then moves the few entries that are out of order.
     */
    synchronized int[] sorted(IndexKind kind) {
        long[] hashes = hashes(kind);
        long mask = Long.highestOneBit(Math.max(1, size)) * 2 - 1;
        long[] packed = new long[size];
        for (int position = 0; position < size; position++) {
            packed[position] = (hashes[position] & ~mask) | position;
        }
        Arrays.sort(packed);
        int[] order = new int[size];
        for (int i = 0; i < size; i++) {
            int position = (int) (packed[i] & mask);
            int place = i;
            while (place > 0 && hashes[order[place - 1]] > hashes[position]) {
                order[place] = order[place - 1];
                place--;
            }
            order[place] = position;
        }
        return order;
    }

    synchronized long hash(IndexKind kind, int position) {
        return hashes(kind)[position];
    }

    synchronized long sequence(int position) {
        return sequences[position];
    }

    private long[] hashes(IndexKind kind) {
        return kind == IndexKind.ID ? ids : keys;
    }

    private void grow() {
        int capacity = 2 * size;
        ids = Arrays.copyOf(ids, capacity);
        keys = Arrays.copyOf(keys, capacity);
        sequences = Arrays.copyOf(sequences, capacity);
        before = Arrays.copyOf(before, capacity);
        slots = new int[2 * capacity];
        keySlots = new int[2 * capacity];
        for (int position = 0; position < size; position++) {
            place(position);
        }
    }

    private void place(int position) {
        int mask = slots.length - 1;
        int slot = slot(ids[position], mask);
        while (slots[slot] != 0) {
            slot = (slot + 1) & mask;
        }
        slots[slot] = position + 1;
        int key = keySlot(keys[position]);
        before[position] = keySlots[key];
        keySlots[key] = position + 1;
    }

    /** Where a key's newest change is found, or would be. */
    private int keySlot(long key) {
        int mask = keySlots.length - 1;
        int slot = slot(key, mask);
        while (keySlots[slot] != 0 && keys[keySlots[slot] - 1] != key) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    /** Needs no mixing, because the hashes are uniform. */
    private static int slot(long hash, int mask) {
        return (int) hash & mask;
    }
}
