package dev.serai.forecast;

/**
 * A time that a target spent in one regime.
 *
 * @param startMillis epoch milliseconds
 * @param endMillis when it ended, or until when it was observed
 * @param ended false if it was still running then: its duration is censored
 */
public record RegimePeriod(Regime regime, long startMillis, long endMillis, boolean ended) {

    public double seconds() {
        return Math.max(0, endMillis - startMillis) / 1000.0;
    }
}
