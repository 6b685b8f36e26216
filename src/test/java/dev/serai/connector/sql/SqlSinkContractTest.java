package dev.serai.connector.sql;

import com.zaxxer.hikari.HikariDataSource;
import dev.serai.connector.SinkContract;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import java.util.TreeMap;
import org.apache.camel.CamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;

/** A table of SQLite. */
class SqlSinkContractTest extends SinkContract {
    @TempDir
    private Path data;

    private final HikariDataSource source = new HikariDataSource();
    private JdbcTemplate db;
    private Connection lock;

    @BeforeEach
    void open() {
        source.setJdbcUrl("jdbc:sqlite:" + data.resolve("shop.db") + "?busy_timeout=100");
        source.setMaximumPoolSize(2);
        db = new JdbcTemplate(source);
        db.execute("CREATE TABLE orders (id TEXT PRIMARY KEY CHECK (id <> 'bad'), n INTEGER, at INTEGER)");
    }

    @AfterEach
    void close() {
        stopSink();
        source.close();
    }

    @Override
    protected String kamelet() {
        return "sql-sink";
    }

    @Override
    protected String options() {
        return """
                dataSource: shop
                table: orders
                keyColumn: id
                versionColumn: at
                """;
    }

    @Override
    protected void bind(CamelContext context) {
        context.getRegistry().bind("shop", source);
    }

    @Override
    protected Map<String, Integer> state() {
        Map<String, Integer> state = new TreeMap<>();
        db.query("SELECT id, n FROM orders", row -> {
            state.put(row.getString(1), row.getInt(2));
        });
        return state;
    }

    /** The table's CHECK does so. */
    @Override
    protected void refuse(String key) {}

    /** Somebody holds a lock for longer than a statement waits. */
    @Override
    protected void takeAway() throws SQLException {
        lock = DriverManager.getConnection("jdbc:sqlite:" + data.resolve("shop.db"));
        lock.createStatement().execute("BEGIN EXCLUSIVE");
    }

    @Override
    protected void bringBack() throws SQLException {
        lock.close();
    }
}
