package dev.serai.store.sqlite;

import dev.serai.store.jdbc.CauseBackfill;
import dev.serai.store.jdbc.Dialect;
import dev.serai.store.jdbc.Migrations;
import dev.serai.store.jdbc.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** SQLite's transactions and statements. Its connections are in auto-commit mode. */
public final class SqliteDialect implements Dialect {
    /**
     * The statement that starts a write transaction. It is immediate, because a deferred transaction that reads before it
     * writes can fail at once, whatever the busy timeout.
     */
    static final String BEGIN = "BEGIN IMMEDIATE";

    /** Since this version failures have causes, which no script can compute. */
    private static final int WITH_CAUSES = 8;

    private final Sql sql = new Sql("sqlite", List.of("check.sql", "file.sql"), UnaryOperator.identity());

    static Migrations migrations() {
        return new Migrations("/dev/serai/store/sqlite/migration", (connection, version) -> {
            if (version == WITH_CAUSES) {
                new CauseBackfill(connection).run();
            }
        });
    }

    @Override
    public Sql sql() {
        return sql;
    }

    @Override
    public void begin(Connection connection) throws SQLException {
        execute(connection, BEGIN);
    }

    @Override
    public void commit(Connection connection) throws SQLException {
        execute(connection, "COMMIT");
    }

    @Override
    public void rollback(Connection connection) throws SQLException {
        try {
            execute(connection, "ROLLBACK");
        } catch (SQLException e) {
            if (!String.valueOf(e.getMessage()).contains("no transaction is active")) {
                throw e;
            }
        }
    }

    private static void execute(Connection connection, String text) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(text);
        }
    }

    @Override
    public void endRead(Connection connection) {}

    @Override
    public int fetchRows() {
        return 0;
    }

    @Override
    public String text(String text) {
        return text;
    }

    @Override
    public boolean isAway(SQLException e) {
        return false;
    }

    @Override
    public @Nullable String refusedValue(SQLException e) {
        return null;
    }
}
