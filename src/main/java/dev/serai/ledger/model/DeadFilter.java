package dev.serai.ledger.model;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which dead letters are meant; every part that is given must match.
 *
 * @param keys any of these, or all when empty
 * @param sequences any of these, or all when empty
 * @param error text that the error contains, upper and lower case alike
 * @param since given up at this time or later
 */
public record DeadFilter(
        @Nullable String flow,
        @Nullable String target,
        List<String> keys,
        List<Long> sequences,
        @Nullable String error,
        @Nullable Instant since) {

    public static final DeadFilter ALL = new DeadFilter(null, null, List.of(), List.of(), null, null);

    /** Whether dead letters of this target are meant. */
    public boolean covers(TargetName name) {
        return (flow == null || flow.equals(name.flow())) && (target == null || target.equals(name.target()));
    }

    /** The same within one target. */
    public DeadFilter within(TargetName name) {
        return new DeadFilter(name.flow(), name.target(), keys, sequences, error, since);
    }
}
