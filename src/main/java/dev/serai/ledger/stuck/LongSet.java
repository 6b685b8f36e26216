package dev.serai.ledger.stuck;

import java.util.Arrays;

/**
 * A set of numbers in one array, with 16 to 64 bytes for each once there are many.
 *
 * <p>Threads: one thread at a time.
 */
final class LongSet {
    private static final int SLOTS_MIN = 16;
    private static final long MIX = 0x9E3779B97F4A7C15L;

    /** Zero marks a free place. */
    private long[] slots = new long[SLOTS_MIN];

    private boolean hasZero;
    private int used;

    int size() {
        return used + (hasZero ? 1 : 0);
    }

    boolean contains(long number) {
        return number == 0 ? hasZero : slots[place(number)] == number;
    }

    void add(long number) {
        if (number == 0) {
            hasZero = true;
            return;
        }
        int place = place(number);
        if (slots[place] == 0) {
            slots[place] = number;
            used++;
            if (used > slots.length / 2) {
                resize(2 * slots.length);
            }
        }
    }

    void remove(long number) {
        if (number == 0) {
            hasZero = false;
            return;
        }
        int place = place(number);
        if (slots[place] == 0) {
            return;
        }
        slots[place] = 0;
        used--;
        int next = place + 1 & slots.length - 1;
        while (slots[next] != 0) { // what follows may belong to an earlier place
            long moved = slots[next];
            slots[next] = 0;
            slots[place(moved)] = moved;
            next = next + 1 & slots.length - 1;
        }
        if (slots.length > SLOTS_MIN && used < slots.length / 8) {
            resize(slots.length / 2);
        }
    }

    private void resize(int length) {
        long[] old = slots;
        slots = new long[length];
        Arrays.stream(old).filter(number -> number != 0).forEach(number -> slots[place(number)] = number);
    }

    /** Where the number is, or the free place where it belongs. */
    private int place(long number) {
        int place = (int) (number * MIX >>> 32) & slots.length - 1;
        while (slots[place] != 0 && slots[place] != number) {
            place = place + 1 & slots.length - 1;
        }
        return place;
    }
}
