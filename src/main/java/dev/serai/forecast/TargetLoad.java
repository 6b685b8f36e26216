package dev.serai.forecast;

import java.util.List;

/**
 * Where a target stands now.
 *
 * @param ageSeconds how long its regime has lasted
 * @param underWay changes of which an attempt is under way
 * @param pending changes that were not tried yet
 * @param retrying the changes that failed and are due again
 * @param blocked changes that wait behind those of their keys
 * @param perSecond the most changes that it takes in a second, by its concurrency and how long an attempt takes, and by its rate
 * @param attempts how long they take
 */
public record TargetLoad(
        Regime regime,
        double ageSeconds,
        long underWay,
        long pending,
        List<Retrying> retrying,
        long blocked,
        double perSecond,
        AttemptSeconds attempts) {

    /**
     * Changes that wait for the same attempt.
     *
     * @param attempt the next one, counted from 1
     * @param inSeconds until it is due
     */
    public record Retrying(int attempt, long changes, double inSeconds) {}
}
