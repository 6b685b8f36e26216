package dev.serai.cluster;

import dev.serai.ledger.cluster.ClusterNode;
import dev.serai.ledger.cluster.PortClosedException;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.StoreException.StoreAwayException;
import io.netty.channel.ConnectTimeoutException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.concurrent.CompletionException;

/**
 * A failed call between nodes, as it is sent: what one node refused is refused in the same way by the node that was asked first.
 *
 * @param retryMillis of an overload
 */
record PeerFailure(RefusalKind kind, String message, long retryMillis) {

    static final String OTHER_SECRET = "it has another secret (serai.node.secretFile)";

    enum RefusalKind {
        INVALID,
        CONFLICT,
        IN_USE,
        OVERLOADED,
        /** Unknown whether it was stored; the database is there. */
        UNAVAILABLE,
        /** The same, and the database is away. */
        AWAY
    }

    static PeerFailure of(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        String message = String.valueOf(cause.getMessage());
        if (cause instanceof LedgerException.Overloaded overloaded) {
            return new PeerFailure(
                    RefusalKind.OVERLOADED, message, overloaded.retryAfter().toMillis());
        }
        return new PeerFailure(kind(cause), message, 0);
    }

    private static RefusalKind kind(Throwable cause) {
        if (cause instanceof LedgerException.Conflict) {
            return RefusalKind.CONFLICT;
        } else if (cause instanceof LedgerException.InUse) {
            return RefusalKind.IN_USE;
        } else if (cause instanceof LedgerException.Invalid || cause instanceof IllegalArgumentException) {
            return RefusalKind.INVALID;
        }
        return cause.getCause() instanceof StoreAwayException ? RefusalKind.AWAY : RefusalKind.UNAVAILABLE;
    }

    LedgerException toException() {
        return switch (kind) {
            case INVALID -> new LedgerException.Invalid(message);
            case CONFLICT -> new LedgerException.Conflict(message);
            case IN_USE -> new LedgerException.InUse(message);
            case OVERLOADED -> new LedgerException.Overloaded(message, Duration.ofMillis(retryMillis));
            case UNAVAILABLE -> new LedgerException.Unavailable(message, new StoreException(message));
            case AWAY -> new LedgerException.Unavailable(message, new StoreAwayException(message));
        };
    }

    /** @param failure of the connection */
    static LedgerException noAnswer(ClusterNode node, Throwable failure) {
        return noAnswer("node " + node.name() + " at " + node.address(), cause(failure));
    }

    private static Throwable cause(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return isRefused(cause) ? new PortClosedException(cause) : cause;
    }

    /** Of the failures of this type a refusal is the only one that comes before the time limit; its text depends on the locale. */
    private static boolean isRefused(Throwable failure) {
        return failure instanceof ConnectException && !(failure instanceof ConnectTimeoutException);
    }

    /** A node that cannot be reached, or did not answer in time: what became of the call is unknown. */
    static LedgerException noAnswer(String node, Throwable failure) {
        String message = node + " does not answer: " + failure.getMessage();
        return new LedgerException.Unavailable(message, new StoreAwayException(message, failure));
    }

    int status() {
        return switch (kind) {
            case INVALID -> 422;
            case CONFLICT, IN_USE -> 409;
            case OVERLOADED -> 503;
            case UNAVAILABLE, AWAY -> 507;
        };
    }
}
