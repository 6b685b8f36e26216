package dev.serai.ledger.delivery;

import java.util.Locale;

/** How far the process is that has the ledger open. While it is not running, a target without a route is not in trouble. */
public enum NodePhase {
    /** The ledger is open; not all routes run yet. */
    STARTING,
    RUNNING,
    /** New changes are refused, and routes end. */
    STOPPING;

    /** The word for people, the same in the API and the command line. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
