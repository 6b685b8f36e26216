package dev.serai.cluster;

import dev.serai.ledger.model.LedgerException;
import java.io.IOException;

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
}
