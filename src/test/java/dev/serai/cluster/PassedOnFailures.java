package dev.serai.cluster;

import dev.serai.ledger.cluster.PortClosedException;
import dev.serai.ledger.model.LedgerException;
import java.io.IOException;
import java.net.ConnectException;

/** How a call to another node fails, for tests without a network. */
public final class PassedOnFailures {
    private PassedOnFailures() {}

    /** As the asking node gets it. */
    public static LedgerException of(Throwable failure) {
        return PeerFailure.of(failure).toException();
    }

    public static LedgerException noAnswer(String node) {
        return PeerFailure.noAnswer("node " + node, new IOException("no answer"));
    }

    /** Nobody listens at its port. */
    public static LedgerException refused(String node) {
        return PeerFailure.noAnswer(
                "node " + node, new PortClosedException(new ConnectException("connection refused")));
    }
}
