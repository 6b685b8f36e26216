package dev.serai.connector.sql;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.junit.jupiter.api.io.TempDir;

/** A table of SQLite. */
class SqlSinkContractTest extends SqlSinkContract {
    @TempDir
    private Path data;

    private Connection lock;

    @Override
    String jdbcUrl() {
        return "jdbc:sqlite:" + data.resolve("shop.db") + "?busy_timeout=100";
    }

    /** Somebody holds a lock for longer than a statement waits. */
    @Override
    protected void takeAway() throws SQLException {
        lock = DriverManager.getConnection(jdbcUrl());
        lock.createStatement().execute("BEGIN EXCLUSIVE");
    }

    @Override
    protected void bringBack() throws SQLException {
        lock.close();
    }
}
