package dev.serai.connector.sql;

import com.zaxxer.hikari.HikariDataSource;
import dev.serai.connector.SinkContract;
import java.sql.SQLException;
import java.util.Map;
import java.util.TreeMap;
import org.apache.camel.CamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.springframework.jdbc.core.JdbcTemplate;

/** A table of a database. */
abstract class SqlSinkContract extends SinkContract {
    private final HikariDataSource source = new HikariDataSource();
    private JdbcTemplate db;

    abstract String jdbcUrl() throws Exception;

    @BeforeEach
    void open() throws Exception {
        source.setJdbcUrl(jdbcUrl());
        source.setMaximumPoolSize(2);
        db = new JdbcTemplate(source);
        db.execute("DROP TABLE IF EXISTS orders");
        db.execute("DROP TABLE IF EXISTS away");
        db.execute("CREATE TABLE orders (id VARCHAR(9) PRIMARY KEY CHECK (id <> 'bad'), n INTEGER, at INTEGER)");
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

    @Override
    protected void takeAway() throws SQLException {
        db.execute("ALTER TABLE orders RENAME TO away");
    }

    @Override
    protected void bringBack() throws SQLException {
        db.execute("ALTER TABLE away RENAME TO orders");
    }
}
