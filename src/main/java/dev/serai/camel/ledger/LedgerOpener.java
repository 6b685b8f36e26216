package dev.serai.camel.ledger;

import dev.serai.ledger.Ledger;

/** Opens the ledger that a component's options name. */
@FunctionalInterface
public interface LedgerOpener {

    /**
     * Opens the ledger; the component closes it.
     *
     * @param url a JDBC URL
     */
    Ledger open(String url);
}
