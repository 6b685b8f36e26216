package dev.serai.ledger.audit;

import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * How an action ended that may take long.
 *
 * @param outcome of its {@link AuditEntry}
 * @param count how many were changed; null if that has no meaning or is not known
 */
public record ActionEnd(String outcome, @Nullable Long count) {
    /** Of what the last stop of the process ended, or a crash. */
    public static final ActionEnd INTERRUPTED =
            new ActionEnd("interrupted: the node stopped before an end was noted", null);

    public static ActionEnd done(@Nullable Long count) {
        return new ActionEnd("done", count);
    }

    public static ActionEnd failed(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        @Nullable String message = cause.getMessage();
        return new ActionEnd("failed: " + (message == null ? cause.toString() : message), null);
    }
}
