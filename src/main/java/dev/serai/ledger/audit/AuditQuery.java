package dev.serai.ledger.audit;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Which entries are looked for; one must match all that is not null.
 *
 * @param until exclusive
 * @param running only entries of work that goes on, or went on when the process ended
 * @param before only entries older than the one with this id; {@link Long#MAX_VALUE} for all
 */
public record AuditQuery(
        @Nullable Instant since,
        @Nullable Instant until,
        @Nullable String actor,
        @Nullable String action,
        boolean running,
        long before,
        int limit) {

    /** A query for entries with any outcome. */
    public AuditQuery(
            @Nullable Instant since,
            @Nullable Instant until,
            @Nullable String actor,
            @Nullable String action,
            long before,
            int limit) {
        this(since, until, actor, action, false, before, limit);
    }

    public boolean matches(AuditEntry entry) {
        return entry.id() < before
                && (!running || entry.isRunning())
                && (since == null || !entry.at().isBefore(since))
                && (until == null || entry.at().isBefore(until))
                && (actor == null || actor.equals(entry.actor()))
                && (action == null || action.equals(entry.action()));
    }
}
