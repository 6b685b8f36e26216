package dev.serai.store.sqlite;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;

/** Opens connections to a ledger's file, with the settings that durability and speed depend on. */
final class SqliteConnections {
    private SqliteConnections() {}

    /** A new connection that may write, in auto-commit mode. */
    static Connection writer(Path file) throws SQLException {
        Map<String, String> pragmas = pragmas();
        pragmas.put("journal_size_limit", "67108864");
        pragmas.put("wal_autocheckpoint", "0"); // see Checkpoint
        pragmas.put("cache_size", "-65536");
        return open(file, pragmas);
    }

    /** A new connection that only reads. */
    static Connection reader(Path file) throws SQLException {
        Map<String, String> pragmas = pragmas();
        pragmas.put("cache_size", "-8192");
        pragmas.put("query_only", "1");
        return open(file, pragmas);
    }

    private static Map<String, String> pragmas() {
        Map<String, String> pragmas = new LinkedHashMap<>();
        pragmas.put("busy_timeout", "5000");
        pragmas.put("journal_mode", "wal");
        pragmas.put("synchronous", "2");
        pragmas.put("foreign_keys", "1");
        pragmas.put("cell_size_check", "1");
        pragmas.put("mmap_size", "0");
        return pragmas;
    }

    private static Connection open(Path file, Map<String, String> pragmas) throws SQLException {
        Properties options = new Properties();
        // Or the driver searches the text of each statement that it runs for whether it makes keys, which nobody asks
        // for.
        options.setProperty("jdbc.get_generated_keys", "false");
        Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file, options);
        try (Statement statement = connection.createStatement()) {
            for (Map.Entry<String, String> pragma : pragmas.entrySet()) {
                statement.execute("PRAGMA " + pragma.getKey() + "=" + pragma.getValue());
                requireSet(statement, pragma.getKey(), pragma.getValue());
            }
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /** Durability depends on these settings, and SQLite ignores unknown ones silently. */
    private static void requireSet(Statement statement, String pragma, String wanted) throws SQLException {
        try (ResultSet rows = statement.executeQuery("PRAGMA " + pragma)) {
            String value = rows.next() ? rows.getString(1) : "nothing";
            if (!wanted.equals(value)) {
                throw new SQLException("SQLite reports " + pragma + "=" + value + " after it was set to " + wanted);
            }
        }
    }
}
