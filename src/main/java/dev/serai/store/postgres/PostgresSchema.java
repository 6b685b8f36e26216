package dev.serai.store.postgres;

import dev.serai.store.jdbc.Migrations;
import dev.serai.store.jdbc.StoreOpenException.OpenProblem;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

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
     * @param wanted the part that this database keeps or is to keep; its number of shards counts if the ledger is new
     * @return the part that it keeps
     */
    LedgerPart migrate(Connection connection, LedgerPart wanted) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            // A session's lock: it is released when the connection is closed, too.
            statement.execute("SELECT pg_advisory_lock(hashtext('serai " + address.schema() + "'))");
            try {
                migrate(connection, address.schema(), shared);
                LedgerPart part = part(connection, wanted);
                for (int shard = part.first(); shard < part.end(); shard++) {
                    migrate(connection, address.schemaOf(shard), ofShard);
                }
                return part;
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
        refuseUnlessPermitted(connection, schema);
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

    /** Without these rights its tables cannot be seen, as if it had none. */
    private void refuseUnlessPermitted(Connection connection, String schema) throws SQLException {
        String ask = "SELECT current_user AS me, pg_get_userbyid(nspowner) AS owner,"
                + " has_schema_privilege(oid, 'USAGE') AND has_schema_privilege(oid, 'CREATE') AS permitted"
                + " FROM pg_namespace WHERE nspname = ?";
        try (PreparedStatement statement = connection.prepareStatement(ask)) {
            statement.setString(1, schema);
            try (ResultSet row = statement.executeQuery()) {
                if (row.next() && !row.getBoolean("permitted")) {
                    throw check.refused(
                            OpenProblem.UNWRITABLE,
                            "the user " + row.getString("me") + " has no rights in the schema " + schema
                                    + ", which belongs to " + row.getString("owner")
                                    + ": set that user as camel.component.ledger.username, or another"
                                    + " camel.component.ledger.schema",
                            null);
                }
            }
        }
    }

    static boolean exists(Connection connection, String schema) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT 1 FROM pg_namespace WHERE nspname = ?")) {
            statement.setString(1, schema);
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next();
            }
        }
    }

    /** What this database keeps; writes it down in a new one, and in one of an older version, which has all of its ledger. */
    private LedgerPart part(Connection connection, LedgerPart wanted) throws SQLException {
        LedgerPart kept = kept(connection);
        if (kept == null) {
            int shards = shards(connection);
            LedgerPart made = shards > 0
                    ? new LedgerPart(UUID.randomUUID().toString(), 0, 1, shards)
                    : new LedgerPart(
                            wanted.ledger() == null ? UUID.randomUUID().toString() : wanted.ledger(),
                            wanted.number(),
                            wanted.parts(),
                            wanted.shards());
            if (isWanted(made, wanted)) {
                write(connection, made);
            }
            kept = made;
        }
        if (!isWanted(kept, wanted)) {
            throw check.refused(
                    OpenProblem.LOCKED,
                    "it keeps " + shown(kept) + ", and camel.component.ledger.url names it as " + shown(wanted)
                            + ": name the databases of the ledger, all of them and in their order, each once",
                    null);
        }
        return kept;
    }

    private static boolean isWanted(LedgerPart kept, LedgerPart wanted) {
        return kept.number() == wanted.number()
                && kept.parts() == wanted.parts()
                && (wanted.ledger() == null || wanted.ledger().equals(kept.ledger()));
    }

    private static String shown(LedgerPart part) {
        return (part.parts() == 1 ? "a whole ledger" : "part " + (part.number() + 1) + " of " + part.parts())
                + (part.ledger() == null ? "" : " (" + part.ledger() + ")");
    }

    private static @Nullable LedgerPart kept(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT ledger, number, parts, shards FROM part")) {
            return row.next()
                    ? new LedgerPart(
                            row.getString("ledger"), row.getInt("number"), row.getInt("parts"), row.getInt("shards"))
                    : null;
        }
    }

    private static int shards(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*) FROM shard")) {
            row.next();
            return row.getInt(1);
        }
    }

    private static void write(Connection connection, LedgerPart part) throws SQLException {
        String both =
                "WITH made AS (INSERT INTO shard (id) SELECT id FROM generate_series(?, ?) AS id ON CONFLICT DO NOTHING)"
                        + " INSERT INTO part (only_one, ledger, number, parts, shards) VALUES (1, ?, ?, ?, ?)";
        try (PreparedStatement statement = connection.prepareStatement(both)) {
            statement.setInt(1, part.first());
            statement.setInt(2, part.end() - 1);
            statement.setString(3, part.ledger());
            statement.setInt(4, part.number());
            statement.setInt(5, part.parts());
            statement.setInt(6, part.shards());
            statement.executeUpdate();
        }
    }
}
