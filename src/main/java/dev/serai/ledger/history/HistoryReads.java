package dev.serai.ledger.history;

import dev.serai.ledger.audit.AuditEntry;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a store reads of the history. */
public interface HistoryReads extends ChainReads {

    /** How many changes a target was given since it was added. */
    record DeliveredCount(String flow, String target, long delivered) {}

    /** The points in which something happened or waited, in order. */
    List<HistoryPoint> points(HistoryQuery query);

    /** The beginning of the oldest period of this length. */
    Optional<Instant> oldest(HistoryStep step);

    /**
     * The newest changes of targets' states, newest first.
     *
     * @param flow null for all
     * @param target null for all
     * @param until exclusive
     */
    List<StateChange> stateChanges(
            @Nullable String flow, @Nullable String target, Instant since, Instant until, int limit);

    /** The last change of the state of each target that ever changed it. */
    List<StateChange> lastStates();

    /** How many changes each target was given. */
    List<DeliveredCount> delivered();

    /**
     * The newest entries of the audit within a time, newest first.
     *
     * @param until exclusive
     */
    List<AuditEntry> audit(Instant since, Instant until, int limit);
}
