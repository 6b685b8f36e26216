package dev.serai.rhythm;

import org.jspecify.annotations.Nullable;

/**
 * The share of changes that a source did not push: those that a pull brought into the same flow first. What was counted counts
 * less and less, half as much after three weeks.
 *
 * <p>Threads: safe.
 */
public final class MissedShare {
    private static final double MEMORY_HOURS = 4 * 7 * 24;
    /** Of fewer changes a share says nothing. */
    private static final double COUNT_MIN = 1;

    private double pushed;
    private double pulled;

    /**
     * @param hours since the last call
     * @param newPushed changes that were pushed first since then
     * @param newPulled those that were pulled first
     */
    public synchronized void add(double hours, long newPushed, long newPulled) {
        double kept = Math.exp(-hours / MEMORY_HOURS);
        pushed = pushed * kept + newPushed;
        pulled = pulled * kept + newPulled;
    }

    /** Between 0 and 1; null if nothing was counted. */
    public synchronized @Nullable Double share() {
        double all = pushed + pulled;
        return all < COUNT_MIN ? null : pulled / all;
    }

    synchronized String text() {
        return (float) pushed + " " + (float) pulled;
    }

    /** Throws {@link IllegalArgumentException} if it is not what {@link #text} wrote. */
    static MissedShare of(String text) {
        String[] parts = text.split(" ", -1);
        if (parts.length != 2) {
            throw new IllegalArgumentException("not a share of missed changes");
        }
        MissedShare share = new MissedShare();
        share.pushed = RhythmText.number(parts[0]);
        share.pulled = RhythmText.number(parts[1]);
        return share;
    }
}
