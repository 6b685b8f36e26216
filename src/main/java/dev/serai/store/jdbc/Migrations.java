package dev.serai.store.jdbc;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * The numbered scripts that migrate a ledger to this program's version: {@code migration/001.sql} and so on in the folder of its kind of
 * database.
 *
 * <p>Each script and the record of its number are one transaction, so an interrupted migration leaves no trace.
 */
public final class Migrations {
    private final List<String> scripts;
    private final AfterScript after;

    /** Does what a script cannot, in its transaction. */
    public interface AfterScript {
        void run(Connection connection, int version) throws SQLException;
    }

    /**
     * @param folder of the scripts, on the class path
     * @param after runs after each script
     */
    public Migrations(String folder, AfterScript after) {
        this.scripts = scripts(folder);
        this.after = after;
    }

    /** The version that this program reads and writes. */
    public int newest() {
        return scripts.size();
    }

    /** The database's version, or 0 if it does not contain a ledger. */
    public int version(Connection connection) throws SQLException {
        try (ResultSet tables = connection.getMetaData().getTables(null, connection.getSchema(), "migration", null)) {
            if (!tables.next()) {
                return 0;
            }
        }
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT MAX(version) FROM migration")) {
            return rows.next() ? rows.getInt(1) : 0;
        }
    }

    /** Runs the scripts that are newer than the database. */
    public void apply(Connection connection, String begin) throws SQLException {
        for (int version = version(connection) + 1; version <= newest(); version++) {
            try (Statement statement = connection.createStatement()) {
                statement.execute(begin);
                try {
                    run(statement, version);
                    after.run(connection, version);
                    statement.execute("COMMIT");
                } catch (SQLException e) {
                    rollback(statement, e);
                    throw e;
                }
            }
        }
    }

    private void run(Statement statement, int version) throws SQLException {
        if (version == 1) {
            statement.execute("CREATE TABLE migration (version INTEGER PRIMARY KEY)");
        }
        for (String part : scripts.get(version - 1).split(";\n", -1)) {
            if (!part.isBlank()) {
                statement.execute(part);
            }
        }
        statement.execute("INSERT INTO migration (version) VALUES (" + version + ")");
    }

    private static void rollback(Statement statement, SQLException cause) {
        try {
            statement.execute("ROLLBACK");
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    private static List<String> scripts(String folder) {
        List<String> scripts = new ArrayList<>();
        for (int version = 1; ; version++) {
            try (InputStream in = Migrations.class.getResourceAsStream(folder + "/%03d.sql".formatted(version))) {
                if (in == null) {
                    return List.copyOf(scripts);
                }
                scripts.add(withoutComments(new String(in.readAllBytes(), StandardCharsets.UTF_8)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static String withoutComments(String script) {
        StringBuilder text = new StringBuilder();
        script.lines().filter(line -> !line.startsWith("--")).forEach(line -> text.append(line)
                .append('\n'));
        return text.toString();
    }
}
