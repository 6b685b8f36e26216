package dev.serai.ledger.model;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Selects dead letters; a dead letter must match every part that is set.
 *
 * @param keys any of these, or all when empty
 * @param sequences any of these, or all when empty
 * @param error text that the error contains, ignoring case
 * @param since only those given up at this time or later
 */
public record DeadFilter(
        @Nullable String flow,
        @Nullable String target,
        List<String> keys,
        List<Long> sequences,
        @Nullable String error,
        @Nullable Instant since) {

    public static final DeadFilter ALL = new DeadFilter(null, null, List.of(), List.of(), null, null);

    /** Whether the filter can match dead letters of this target. */
    public boolean covers(TargetName name) {
        return (flow == null || flow.equals(name.flow())) && (target == null || target.equals(name.target()));
    }

    /** The same filter, limited to one target. */
    public DeadFilter within(TargetName name) {
        return new DeadFilter(name.flow(), name.target(), keys, sequences, error, since);
    }
}
