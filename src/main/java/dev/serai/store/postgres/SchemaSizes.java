package dev.serai.store.postgres;

import dev.serai.ledger.model.Store.Space;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The sizes of all schemas of a ledger, asked for together over a connection of their own and at most every ten seconds: status and
 * metrics ask for each shard, again and again.
 *
 * <p>Threads: guarded by itself.
 */
final class SchemaSizes {
    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final String SIZES =
            "SELECT n.nspname, SUM(pg_total_relation_size(c.oid)) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                    + " WHERE c.relkind = 'r' AND n.nspname ~ ('^' || ? || '_[0-9]+$') GROUP BY n.nspname";

    private final PostgresConnections connections;
    private final String schema;
    private @Nullable Map<String, Long> bytes;
    private long askedNanos;

    /** @param schema that the nodes share; those of the shards have its name and a number */
    SchemaSizes(PostgresConnections connections, String schema) {
        this.connections = connections;
        this.schema = schema;
    }

    /** The size of a shard's schema; null if it cannot be known. The server does not tell how much more its disk can take. */
    synchronized @Nullable Space space(String shardSchema) {
        if (bytes == null || System.nanoTime() - askedNanos > FRESH_NANOS) {
            bytes = ask();
            askedNanos = System.nanoTime();
        }
        Long size = bytes.get(shardSchema);
        return size == null ? null : new Space(size, -1);
    }

    private Map<String, Long> ask() {
        Map<String, Long> sizes = new HashMap<>();
        try (Connection connection = connections.toLedger();
                PreparedStatement statement = connection.prepareStatement(SIZES)) {
            statement.setString(1, schema);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    sizes.put(rows.getString(1), rows.getLong(2));
                }
            }
        } catch (SQLException e) {
            sizes.clear(); // other questions to the server say why
        }
        return sizes;
    }
}
