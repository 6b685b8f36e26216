package dev.serai.ledger.history;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Which points are looked for.
 *
 * @param flow null for the sum of all
 * @param target null for the sum of all targets of the flow; with a target, what the flow accepted is counted too
 * @param until exclusive
 */
public record HistoryQuery(
        HistoryStep step, @Nullable String flow, @Nullable String target, Instant since, Instant until) {

    /** The same with its times within what is kept. */
    public HistoryQuery within(Instant now) {
        Instant oldest = step.floor(now.minus(step.kept()));
        Instant newest = now.plusMillis(1); // so that the present is within
        return new HistoryQuery(
                step, flow, target, since.isBefore(oldest) ? oldest : since, until.isAfter(newest) ? newest : until);
    }
}
