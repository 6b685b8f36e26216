package dev.serai.store.postgres;

import dev.serai.store.jdbc.Migrations;
import dev.serai.store.jdbc.StoreOpenException.OpenProblem;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Makes the schemas of a ledger and migrates them to this program's version, one process at a time.
 *
 * <p>Threads: one thread.
 */
final class PostgresSchema {
    private static final String FOLDER = "/dev/serai/store/postgres/";

    private final PostgresAddress address;
    private final ServerCheck check;
    private final Migrations shared = new Migrations(FOLDER + "migration", (connection, version) -> {});
    private final Migrations ofShard = new Migrations(FOLDER + "shard", (connection, version) -> {});

    PostgresSchema(PostgresAddress address, ServerCheck check) {
        this.address = address;
        this.check = check;
    }

    /**
     * Brings all schemas to this version.
     *
     * @param shards the number of shards if the ledger is new
     * @return the number of shards of the ledger
     */
    int migrate(Connection connection, int shards) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            // A session's lock: it is released when the connection is closed, too.
            statement.execute("SELECT pg_advisory_lock(hashtext('serai " + address.schema() + "'))");
            try {
                migrate(connection, address.schema(), shared);
                int number = shards(statement, shards);
                for (int shard = 0; shard < number; shard++) {
                    migrate(connection, address.schemaOf(shard), ofShard);
                }
                return number;
            } finally {
                statement.execute("SELECT pg_advisory_unlock(hashtext('serai " + address.schema() + "'))");
            }
        }
    }

    private void migrate(Connection connection, String schema, Migrations migrations) throws SQLException {
        if (!exists(connection, schema)) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("CREATE SCHEMA " + schema);
            }
        }
        connection.setSchema(schema);
        int version = migrations.version(connection);
        if (version > migrations.newest()) {
            throw check.refused(
                    OpenProblem.NEWER,
                    "the schema " + schema + " was written by a newer program (its version is " + version
                            + ", this program reads up to " + migrations.newest()
                            + "); it was not changed: run the newer program",
                    null);
        }
        migrations.apply(connection, "BEGIN");
    }

    private static boolean exists(Connection connection, String schema) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT 1 FROM pg_namespace WHERE nspname = ?")) {
            statement.setString(1, schema);
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next();
            }
        }
    }

    private int shards(Statement statement, int wanted) throws SQLException {
        statement.execute("INSERT INTO shard (id) SELECT id FROM generate_series(0, " + (wanted - 1)
                + ") AS id WHERE NOT EXISTS (SELECT 1 FROM shard)");
        try (ResultSet rows = statement.executeQuery("SELECT count(*) FROM shard")) {
            rows.next();
            return rows.getInt(1);
        }
    }
}
