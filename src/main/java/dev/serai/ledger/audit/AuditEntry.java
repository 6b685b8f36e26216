package dev.serai.ledger.audit;

import java.time.Instant;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Something that was done to the node, and by whom.
 *
 * @param id in the order of the entries; 0 before it is stored
 * @param actor the name of the token; {@code node} for the node itself, {@code local} for a command on its machine
 * @param what it was done to: a target, a cursor, a file
 * @param filter as JSON; null if there was none
 * @param count how many were changed; null if that has no meaning
 * @param reason that was given; null if none was
 * @param outcome {@code done}, or what else came of it; it begins with {@code running} while that is not known
 */
public record AuditEntry(
        long id,
        Instant at,
        String actor,
        String action,
        String what,
        @Nullable String filter,
        @Nullable Long count,
        @Nullable String reason,
        String outcome) {

    /** Of work that goes on. */
    public static final String RUNNING = "running";

    private static final String AS_REPLAY = RUNNING + " as replay ";

    /** The outcome of work that goes on as a replay with this id. */
    public static String runningAs(long replay) {
        return AS_REPLAY + replay;
    }

    public boolean isRunning() {
        return outcome.startsWith(RUNNING);
    }

    /** The id of the replay that it goes on as; empty if it does not go on as one. */
    public OptionalLong replay() {
        return outcome.startsWith(AS_REPLAY)
                ? OptionalLong.of(Long.parseLong(outcome.substring(AS_REPLAY.length())))
                : OptionalLong.empty();
    }

    /** An entry that was not stored yet. */
    public static AuditEntry of(
            String actor,
            String action,
            String what,
            @Nullable String filter,
            @Nullable Long count,
            @Nullable String reason,
            String outcome) {
        return new AuditEntry(0, Instant.EPOCH, actor, action, what, filter, count, reason, outcome);
    }

    public AuditEntry at(Instant time) {
        return new AuditEntry(id, time, actor, action, what, filter, count, reason, outcome);
    }

    public AuditEntry ended(ActionEnd end) {
        return new AuditEntry(id, at, actor, action, what, filter, end.count(), reason, end.outcome());
    }

    public AuditEntry withId(long stored) {
        return new AuditEntry(stored, at, actor, action, what, filter, count, reason, outcome);
    }
}
