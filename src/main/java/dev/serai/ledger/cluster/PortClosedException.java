package dev.serai.ledger.cluster;

import java.io.IOException;

/** Nobody listens at the internal port of a node, as its machine says: its process has ended, or is not there yet. */
public final class PortClosedException extends IOException {
    private static final long serialVersionUID = 1L;

    public PortClosedException(Throwable cause) {
        super(cause.getMessage(), cause);
    }
}
