package dev.serai.store;

import dev.serai.store.postgres.PostgresAddress;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a ledger is kept, and who this node is.
 *
 * @param url a JDBC URL: {@code jdbc:sqlite:FILE} or {@code jdbc:postgresql://…}, or several of the latter with spaces between them, for
 *     databases that keep the ledger's shards in ranges
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
    private static final Pattern BETWEEN = Pattern.compile("\\s+");
    private static final String SQLITE = "jdbc:sqlite:";
    private static final String POSTGRES = "jdbc:postgresql:";

    /** @throws IllegalArgumentException if the URL leads to no database that can keep a ledger */
    public LedgerAddress {
        if (!url.startsWith(SQLITE) && !url.startsWith(POSTGRES)) {
            throw new IllegalArgumentException(
                    "the URL of a ledger must begin with " + SQLITE + " or " + POSTGRES + "//, not: " + url);
        }
        if (url.startsWith(POSTGRES)) {
            Set<String> different = new HashSet<>();
            for (String one : urls(url)) {
                if (!one.startsWith(POSTGRES)) {
                    throw new IllegalArgumentException("a ledger in several databases has them all in PostgreSQL, with"
                            + " URLs that begin with " + POSTGRES + "//, not: " + one);
                }
                if (!different.add(one)) {
                    throw new IllegalArgumentException("a database of the ledger is named twice: " + one);
                }
            }
        }
    }

    /** The URLs of the databases that a text names. */
    public static List<String> urls(String text) {
        return List.of(BETWEEN.split(text.strip()));
    }

    public boolean isPostgres() {
        return isPostgres(url);
    }

    /** Whether a URL leads to a ledger in PostgreSQL. */
    public static boolean isPostgres(String url) {
        return url.startsWith(POSTGRES);
    }

    /** The databases of a ledger in PostgreSQL, in the order of their shards. */
    public List<PostgresAddress> servers() {
        return urls(url).stream()
                .map(one -> new PostgresAddress(one, username, password, schema))
                .toList();
    }

    /** The file of a ledger in SQLite. */
    public Path sqliteFile() {
        return Path.of(url.substring(SQLITE.length()));
    }
}
