package dev.serai.forecast;

import java.util.Arrays;

/**
 * How many attempts ended how, by the target's regime and the number of the attempt, and how long they took.
 *
 * <p>Threads: one thread at a time.
 */
public final class ChainCounts {
    /** How many attempts were timed, and the sum of their milliseconds. */
    public static final int TIMED = Regime.COUNT * AttemptBucket.COUNT * AttemptEnd.COUNT;

    public static final int TIMED_MILLIS = TIMED + 1;
    /** How many answers asked for a wait, and the sum of those waits in milliseconds. */
    public static final int ASKED = TIMED + 2;

    public static final int ASKED_MILLIS = TIMED + 3;
    public static final int CELLS = TIMED + 4;

    private final long[] cells = new long[CELLS];

    /** The number under which a count is kept; it must not change, since counts are stored under it. */
    public static int cell(Regime regime, AttemptBucket bucket, AttemptEnd end) {
        return (regime.ordinal() * AttemptBucket.COUNT + bucket.ordinal()) * AttemptEnd.COUNT + end.ordinal();
    }

    public void add(int cell, long count) {
        cells[cell] += count;
    }

    public void addAll(ChainCounts other) {
        for (int cell = 0; cell < CELLS; cell++) {
            cells[cell] += other.cells[cell];
        }
    }

    public long get(int cell) {
        return cells[cell];
    }

    public long get(Regime regime, AttemptBucket bucket, AttemptEnd end) {
        return cells[cell(regime, bucket, end)];
    }

    /** All attempts that ended so, in a regime. */
    public long ended(Regime regime, AttemptEnd end) {
        long sum = 0;
        for (int bucket = 0; bucket < AttemptBucket.COUNT; bucket++) {
            sum += get(regime, AttemptBucket.at(bucket), end);
        }
        return sum;
    }

    /** All attempts. */
    public long attempts() {
        long sum = 0;
        for (int cell = 0; cell < TIMED; cell++) {
            sum += cells[cell];
        }
        return sum;
    }

    /** All attempts that did not deliver. */
    public long failures() {
        long delivered = 0;
        for (int regime = 0; regime < Regime.COUNT; regime++) {
            delivered += ended(Regime.at(regime), AttemptEnd.DELIVERED);
        }
        return attempts() - delivered;
    }

    /** The mean time that an attempt takes, or that value if none was timed. */
    public double attemptSeconds(double otherwise) {
        return cells[TIMED] == 0 ? otherwise : cells[TIMED_MILLIS] / 1000.0 / cells[TIMED];
    }

    /** The mean wait that the target asks for, 0 if it never did. */
    public double askedSeconds() {
        return cells[ASKED] == 0 ? 0 : cells[ASKED_MILLIS] / 1000.0 / cells[ASKED];
    }

    public boolean isEmpty() {
        return Arrays.stream(cells).allMatch(count -> count == 0);
    }

    /** What was counted; this one begins at 0 again. */
    public ChainCounts drain() {
        ChainCounts drained = new ChainCounts();
        drained.addAll(this);
        Arrays.fill(cells, 0);
        return drained;
    }
}
