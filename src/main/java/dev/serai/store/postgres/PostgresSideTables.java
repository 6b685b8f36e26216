package dev.serai.store.postgres;

import dev.serai.ledger.cluster.SideTables;
import dev.serai.ledger.model.StoreException.StoreAwayException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The tables beside the log, each set in a schema of its own. A set is opened and deleted over a connection that is closed again;
 * that by which texts are read stays open.
 *
 * <p>Threads: safe.
 */
public final class PostgresSideTables implements SideTables {
    private static final String OPEN = "INSERT INTO side_tables (name, epoch) VALUES (?, 1)"
            + " ON CONFLICT (name) DO UPDATE SET epoch = side_tables.epoch + 1 RETURNING id, epoch";
    private static final String HOLD = "SELECT 1 FROM side_tables WHERE id = ? AND epoch = ? FOR SHARE";
    private static final String NO_RIGHT = "42501";
    private static final String SET_TEXT = "INSERT INTO shared_text (name, text) VALUES (?, ?)"
            + " ON CONFLICT (name) DO UPDATE SET text = excluded.text";
    private static final String NAMES = "SELECT name FROM side_tables WHERE starts_with(name, ?) ORDER BY name";

    private final PostgresAddress address;
    private final PostgresConnections connections;
    /** Texts are read again and again, until the process ends. */
    private final KeptConnection texts;

    /** @param address of a ledger that is there when tables are asked for */
    public PostgresSideTables(PostgresAddress address) {
        this.address = address;
        this.connections = new PostgresConnections(address);
        this.texts = new KeptConnection(connections);
    }

    private interface SideWork<T> {
        T in(Connection connection) throws SQLException;
    }

    private <T> T inTransaction(SideWork<T> work) {
        try (Connection connection = connections.toLedger()) {
            connection.setAutoCommit(false);
            T done = work.in(connection);
            connection.commit();
            return done;
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    private StoreAwayException failed(SQLException e) {
        String mend = NO_RIGHT.equals(e.getSQLState())
                ? ": the user must be allowed to make a schema for them: GRANT CREATE ON DATABASE"
                : "";
        return new StoreAwayException(
                "the tables beside the ledger in " + address.shown() + " cannot be used: " + e.getMessage() + mend, e);
    }

    @Override
    public OpenTables open(String name, String tables) {
        return inTransaction(connection -> {
            OpenSet set = take(connection, name);
            make(connection, set.schema(), tables);
            return set;
        });
    }

    private OpenSet take(Connection connection, String name) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(OPEN)) {
            statement.setString(1, name);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return new OpenSet(row.getInt(1), row.getLong(2));
            }
        }
    }

    private static void make(Connection connection, String schema, String tables) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            if (!PostgresSchema.exists(connection, schema)) { // or the user may need no right to make one
                statement.execute("CREATE SCHEMA " + schema);
            }
            statement.execute("SET LOCAL search_path TO " + schema);
            for (String sql : tables.split(";", -1)) {
                if (!sql.isBlank()) {
                    statement.execute(sql);
                }
            }
        }
    }

    @Override
    public List<String> names(String prefix) {
        return inTransaction(connection -> {
            List<String> names = new ArrayList<>();
            try (PreparedStatement statement = connection.prepareStatement(NAMES)) {
                statement.setString(1, prefix);
                try (ResultSet rows = statement.executeQuery()) {
                    while (rows.next()) {
                        names.add(rows.getString(1));
                    }
                }
            }
            return names;
        });
    }

    @Override
    public void drop(String name) {
        inTransaction(connection -> {
            try (PreparedStatement statement =
                    connection.prepareStatement("DELETE FROM side_tables WHERE name = ? RETURNING id")) {
                statement.setString(1, name);
                try (ResultSet row = statement.executeQuery()) {
                    return row.next() && dropSchema(connection, row.getInt(1));
                }
            }
        });
    }

    @Override
    public @Nullable String text(String name) {
        try {
            return texts.ask(open -> Optional.ofNullable(text(open, name))).orElse(null);
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    private static @Nullable String text(Connection connection, String name) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT text FROM shared_text WHERE name = ?")) {
            statement.setString(1, name);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? row.getString(1) : null;
            }
        }
    }

    @Override
    public void changeText(String name, Function<@Nullable String, String> change) {
        inTransaction(connection -> {
            try (Statement statement = connection.createStatement()) {
                // A row that is not there yet cannot be locked.
                statement.execute("LOCK TABLE shared_text IN SHARE ROW EXCLUSIVE MODE");
            }
            String changed = change.apply(text(connection, name));
            try (PreparedStatement statement = connection.prepareStatement(SET_TEXT)) {
                statement.setString(1, name);
                statement.setString(2, changed);
                return statement.executeUpdate();
            }
        });
    }

    private boolean dropSchema(Connection connection, int id) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return !statement.execute("DROP SCHEMA IF EXISTS " + address.schemaOfSide(id) + " CASCADE");
        }
    }

    private final class OpenSet implements OpenTables {
        private final int id;
        private final long epoch;

        OpenSet(int id, long epoch) {
            this.id = id;
            this.epoch = epoch;
        }

        String schema() {
            return address.schemaOfSide(id);
        }

        @Override
        public Connection connect() throws SQLException {
            return connections.toSide(schema());
        }

        @Override
        public boolean hold(Connection connection) throws SQLException {
            try (PreparedStatement statement = connection.prepareStatement(HOLD)) {
                statement.setInt(1, id);
                statement.setLong(2, epoch);
                try (ResultSet row = statement.executeQuery()) {
                    return row.next();
                }
            }
        }
    }
}
