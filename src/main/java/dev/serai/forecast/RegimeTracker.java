package dev.serai.forecast;

import org.jspecify.annotations.Nullable;

/**
 * Tells the regime of a target from the ends of its attempts, and when its circuit opens and closes.
 *
 * <p>Of the last attempts an exponential average is kept, with the weight {@value #WEIGHT} for the newest. A regime of failures begins when a
 * quarter of them fail, and ends when fewer than a tenth do.
 *
 * <p>Threads: one thread at a time.
 */
public final class RegimeTracker {
    private static final double WEIGHT = 1.0 / 16;
    private static final double FAILING = 0.25;
    private static final double FINE = 0.1;

    private double failing;
    private double throttled;
    private Regime regime = Regime.UP;
    private long sinceMillis;

    /** @param nowMillis epoch milliseconds */
    public RegimeTracker(long nowMillis) {
        this.sinceMillis = nowMillis;
    }

    public Regime regime() {
        return regime;
    }

    public long sinceMillis() {
        return sinceMillis;
    }

    /** The regime that is running. */
    public RegimePeriod running(long nowMillis) {
        return new RegimePeriod(regime, sinceMillis, Math.max(sinceMillis, nowMillis), false);
    }

    /** An attempt ended; returns the period that ended with it, or null. */
    public @Nullable RegimePeriod attempted(AttemptEnd end, long nowMillis) {
        failing += WEIGHT * ((end.isSuccess() ? 0 : 1) - failing);
        throttled += WEIGHT * ((end == AttemptEnd.THROTTLED ? 1 : 0) - throttled);
        return regime == Regime.DOWN ? null : enter(judged(), nowMillis);
    }

    private Regime judged() {
        boolean isFailing = failing >= (regime == Regime.UP ? FAILING : FINE);
        if (!isFailing) {
            return Regime.UP;
        }
        return throttled * 2 >= failing ? Regime.THROTTLED : Regime.DEGRADED;
    }

    /** The circuit opened, because everything failed since then; returns the period that ended with it, or null. */
    public @Nullable RegimePeriod down(long sinceMillis) {
        return enter(Regime.DOWN, sinceMillis);
    }

    /** The circuit closed; returns the period that ended with it, or null. What failed before tells nothing any more. */
    public @Nullable RegimePeriod up(long nowMillis) {
        failing = 0;
        throttled = 0;
        return enter(Regime.UP, nowMillis);
    }

    private @Nullable RegimePeriod enter(Regime next, long atMillis) {
        if (next == regime) {
            return null;
        }
        long at = Math.max(sinceMillis, atMillis);
        RegimePeriod ended = new RegimePeriod(regime, sinceMillis, at, true);
        regime = next;
        sinceMillis = at;
        return ended;
    }
}
