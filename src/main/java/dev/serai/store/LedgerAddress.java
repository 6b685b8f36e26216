package dev.serai.store;

import java.nio.file.Path;

/** Where a ledger is kept, as a JDBC URL. */
public record LedgerAddress(String url) {
    private static final String SQLITE = "jdbc:sqlite:";

    /** @throws IllegalArgumentException if the URL leads to no database that can keep a ledger */
    public LedgerAddress {
        if (!url.startsWith(SQLITE)) {
            throw new IllegalArgumentException("the URL of a ledger must begin with " + SQLITE + ", not: " + url);
        }
    }

    /** The file of a ledger in SQLite. */
    public Path sqliteFile() {
        return Path.of(url.substring(SQLITE.length()));
    }
}
