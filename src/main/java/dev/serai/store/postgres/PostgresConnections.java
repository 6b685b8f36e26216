package dev.serai.store.postgres;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;

/**
 * Opens connections to the server, with the settings that durability, speed and an end of every wait depend on. Options in the URL
 * have priority over those of the driver that are set here.
 *
 * <p>Threads: safe.
 */
final class PostgresConnections implements NodeConnections {
    /** After it the server gives up a statement; the driver waits a little longer for an answer. */
    private static final int STATEMENT_SECONDS = 10;

    private static final int SOCKET_SECONDS = 20;
    private static final int CONNECT_SECONDS = 10;
    private static final int LOCK_SECONDS = 5;
    /** Another process may be making the tables. */
    private static final int MIGRATION_LOCK_SECONDS = 60;

    /** Of settings that not every version has: connections wait for work for as long as it takes, whatever the default of the role is. */
    private static final String IF_KNOWN =
            "(SELECT count(set_config(name, CASE name WHEN 'jit' THEN 'off' ELSE '0' END, false))"
                    + " FROM pg_settings WHERE name IN ('jit', 'idle_session_timeout', 'transaction_timeout'))";

    private final PostgresAddress address;
    private final SchemaSizes sizes;

    PostgresConnections(PostgresAddress address) {
        this.address = address;
        this.sizes = new SchemaSizes(this, address.schema());
    }

    @Override
    public Connection toLedger() throws SQLException {
        return open("node", address.schema(), STATEMENT_SECONDS);
    }

    /** For the making of tables, which has no limit of time; in auto-commit mode. */
    Connection toMigrate(String schema) throws SQLException {
        return open("migration", schema, 0);
    }

    /** For the owner of a shard, who writes. */
    Connection toWrite(int shard) throws SQLException {
        return transactional(open("shard " + shard, path(shard), STATEMENT_SECONDS));
    }

    Connection toRead(int shard) throws SQLException {
        Connection connection = open("reader " + shard, path(shard), STATEMENT_SECONDS);
        connection.setReadOnly(true);
        return transactional(connection);
    }

    /** For a set of tables beside the log, which is in this schema; in auto-commit mode. */
    Connection toSide(String schema) throws SQLException {
        Properties options = driverOptions(STATEMENT_SECONDS);
        // A batch may have a key twice, which one statement may not.
        options.setProperty("reWriteBatchedInserts", "false");
        return open("side", schema + ", " + address.schema(), STATEMENT_SECONDS, options);
    }

    /** See {@link dev.serai.store.jdbc.ReadSource#isDamage}. */
    static boolean isDamage(SQLException e) {
        return String.valueOf(e.getSQLState()).startsWith("XX00") && !"XX000".equals(e.getSQLState());
    }

    SchemaSizes sizes() {
        return sizes;
    }

    @Override
    public String applicationPrefix() {
        return "serai " + address.schema() + " ";
    }

    /** The schemas in which a connection finds the tables of a shard. */
    String path(int shard) {
        return address.schemaOf(shard) + ", " + address.schema();
    }

    private static Connection transactional(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        return connection;
    }

    private Connection open(String purpose, String path, int statementSeconds) throws SQLException {
        return open(purpose, path, statementSeconds, driverOptions(statementSeconds));
    }

    private Connection open(String purpose, String path, int statementSeconds, Properties options) throws SQLException {
        Connection connection = DriverManager.getConnection(address.url(), options);
        try {
            set(connection, settings(applicationPrefix() + purpose, path, statementSeconds));
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    private Properties driverOptions(int statementSeconds) {
        Properties options = new Properties();
        if (address.username() != null) {
            options.setProperty("user", address.username());
        }
        if (address.password() != null) {
            options.setProperty("password", address.password());
        }
        options.setProperty("connectTimeout", "" + CONNECT_SECONDS);
        options.setProperty("loginTimeout", "" + CONNECT_SECONDS);
        options.setProperty("socketTimeout", statementSeconds == 0 ? "0" : "" + SOCKET_SECONDS);
        options.setProperty("tcpKeepAlive", "true");
        options.setProperty("reWriteBatchedInserts", "true");
        options.setProperty("logServerErrorDetail", "false"); // else errors would contain keys and bodies
        return options;
    }

    private static Map<String, String> settings(String application, String path, int statementSeconds) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("application_name", application);
        settings.put("search_path", path);
        settings.put("client_min_messages", "warning");
        settings.put("default_transaction_isolation", "read committed");
        settings.put("statement_timeout", statementSeconds + "s");
        settings.put("lock_timeout", (statementSeconds == 0 ? MIGRATION_LOCK_SECONDS : LOCK_SECONDS) + "s");
        settings.put("idle_in_transaction_session_timeout", STATEMENT_SECONDS + "s");
        // Every statement is meant to follow an index, whatever the statistics say while a table is young.
        for (String plan : new String[] {"enable_seqscan", "enable_hashjoin", "enable_mergejoin"}) {
            settings.put(plan, "off");
        }
        return settings;
    }

    /** Sets all in one round trip, and makes commits durable at least on this server, whatever its default is. */
    private static void set(Connection connection, Map<String, String> settings) throws SQLException {
        StringBuilder query = new StringBuilder("SELECT set_config('synchronous_commit',"
                + " CASE current_setting('synchronous_commit') WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, false), "
                + IF_KNOWN);
        settings.forEach((name, value) -> query.append(", set_config(?, ?, false)"));
        try (PreparedStatement statement = connection.prepareStatement(query.toString())) {
            int at = 1;
            for (Map.Entry<String, String> setting : settings.entrySet()) {
                statement.setString(at++, setting.getKey());
                statement.setString(at++, setting.getValue());
            }
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
            }
        }
    }
}
