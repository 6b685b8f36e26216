package dev.serai.store;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where a ledger is kept, and who this node is.
 *
 * @param url a JDBC URL: {@code jdbc:sqlite:FILE} or {@code jdbc:postgresql://…}
 * @param username of PostgreSQL, if the URL has none
 * @param password of PostgreSQL, if the URL has none
 * @param schema of PostgreSQL
 * @param shards the number of shards if the ledger is new and in PostgreSQL
 * @param node the name of this node, for people
 * @param data the node's own folder
 */
public record LedgerAddress(
        String url,
        @Nullable String username,
        @Nullable String password,
        String schema,
        int shards,
        String node,
        Path data) {
    public static final String SCHEMA = "serai";
    private static final String SQLITE = "jdbc:sqlite:";
    private static final String POSTGRES = "jdbc:postgresql:";

    /** @throws IllegalArgumentException if the URL leads to no database that can keep a ledger */
    public LedgerAddress {
        if (!url.startsWith(SQLITE) && !url.startsWith(POSTGRES)) {
            throw new IllegalArgumentException(
                    "the URL of a ledger must begin with " + SQLITE + " or " + POSTGRES + "//, not: " + url);
        }
    }

    public boolean isPostgres() {
        return url.startsWith(POSTGRES);
    }

    /** The file of a ledger in SQLite. */
    public Path sqliteFile() {
        return Path.of(url.substring(SQLITE.length()));
    }
}
