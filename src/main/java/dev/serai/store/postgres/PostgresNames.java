package dev.serai.store.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** The schemas of a ledger that no node has open: whether they are there, and another name for them. Threads: safe. */
public final class PostgresNames {
    private static final String TABLES =
            "SELECT count(*), count(*) FILTER (WHERE c.relname = 'shard') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                    + " WHERE n.nspname = ? AND c.relkind IN ('r', 'p', 'v', 'S')";

    private PostgresNames() {}

    /** Whether the address leads to a ledger. */
    public static boolean hasLedger(PostgresAddress address) {
        return tables(address, address.schema())[1] > 0;
    }

    /** Whether there is anything in the schemas that a ledger at this address would have. */
    public static boolean isUsed(PostgresAddress address) {
        return tables(address, address.schema())[0] > 0 || tables(address, address.schemaOf(0))[0] > 0;
    }

    private static long[] tables(PostgresAddress address, String schema) {
        try (Connection connection = new PostgresConnections(address).toMigrate(address.schema());
                PreparedStatement statement = connection.prepareStatement(TABLES)) {
            statement.setString(1, schema);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return new long[] {row.getLong(1), row.getLong(2)};
            }
        } catch (SQLException e) {
            throw new ServerCheck(address).failed(e);
        }
    }

    /** Renames a ledger of one shard, all or nothing. Empty schemas in the way are dropped; what is in use is not. */
    public static void rename(PostgresAddress from, PostgresAddress to) {
        try (Connection connection = new PostgresConnections(from).toMigrate(from.schema());
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (String[] names : new String[][] {
                {from.schema(), to.schema()}, {from.schemaOf(0), to.schemaOf(0)},
            }) {
                statement.execute("DROP SCHEMA IF EXISTS " + names[1]);
                statement.execute("ALTER SCHEMA " + names[0] + " RENAME TO " + names[1]);
            }
            connection.commit();
        } catch (SQLException e) {
            throw new ServerCheck(to).failed(e);
        }
    }
}
