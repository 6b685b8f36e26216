package dev.serai.reconcile;

import dev.serai.ledger.model.TargetName;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How a reconciliation is.
 *
 * @param word {@link #OK}, {@link #DIFFERS} or {@link #FAILING}
 * @param since when the trouble began; null if it is ok
 * @param reason what the trouble is; null if it is ok
 * @param verifiedThrough what was accepted up to then is equal; null if that is not known
 */
public record ReconcileState(
        String name,
        TargetName target,
        String word,
        @Nullable Instant since,
        @Nullable String reason,
        @Nullable Instant verifiedThrough) {
    public static final String OK = "ok";
    /** Keys are missing, stale or different, and were not repaired. */
    public static final String DIFFERS = "differs";
    /** The last run failed, or the book cannot follow the ledger. */
    public static final String FAILING = "failing";
}
