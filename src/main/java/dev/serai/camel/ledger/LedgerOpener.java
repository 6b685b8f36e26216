package dev.serai.camel.ledger;

import dev.serai.ledger.Ledger;
import org.jspecify.annotations.Nullable;

/** Opens the ledger that a component's options name. */
@FunctionalInterface
public interface LedgerOpener {

    /**
     * Opens the ledger; the component closes it.
     *
     * @param url a JDBC URL
     */
    Ledger open(String url, @Nullable String username, @Nullable String password);
}
