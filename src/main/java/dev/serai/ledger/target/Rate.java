package dev.serai.ledger.target;

/** Checks rates in changes per second, wherever they come from. */
public final class Rate {
    private static final double PER_SECOND_MIN = 0.001;
    private static final double PER_SECOND_MAX = 1_000_000;

    private Rate() {}

    /**
     * Throws {@link IllegalArgumentException} unless it is a rate that times can be computed with: 0 for no bound, or from
     * {@value #PER_SECOND_MIN} to {@value #PER_SECOND_MAX} changes a second.
     */
    public static void requireValid(double perSecond) {
        if (perSecond != 0 && !(perSecond >= PER_SECOND_MIN && perSecond <= PER_SECOND_MAX)) {
            throw new IllegalArgumentException(
                    "rate must be 0 for no bound, or from 0.001 to 1000000 changes per second, not " + perSecond);
        }
    }
}
