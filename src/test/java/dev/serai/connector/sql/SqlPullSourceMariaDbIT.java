package dev.serai.connector.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.serai.support.MariaDbServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pulling tables of MariaDB, by a user who sees the transactions of others. */
@Tag("long")
class SqlPullSourceMariaDbIT extends SqlPullSourceContract {
    @TempDir
    private static Path folder;

    private static MariaDbServer server;

    @BeforeAll
    static void startServer() throws Exception {
        server = MariaDbServer.start(folder);
        server.execute("CREATE USER shop@localhost", "GRANT PROCESS ON *.* TO shop@localhost");
        server.execute("GRANT ALL ON shop.* TO shop@localhost", "CREATE USER reader@localhost");
        server.execute("GRANT SELECT ON shop.* TO reader@localhost");
    }

    @AfterAll
    static void stopServer() throws Exception {
        if (server != null) {
            server.close();
        }
    }

    @Override
    @BeforeEach
    void open() throws Exception {
        server.execute("DROP DATABASE IF EXISTS shop", "CREATE DATABASE shop");
        super.open();
    }

    @Override
    String jdbcUrl() {
        return server.url("shop", "shop");
    }

    @Override
    String text() {
        return "LONGTEXT";
    }

    @Override
    String time() {
        return "DATETIME(6)";
    }

    private Connection connection() throws Exception {
        return DriverManager.getConnection(jdbcUrl());
    }

    @Test
    void valuesKeepTheirTypesAndTimesBecomeRfc3339() throws Exception {
        db.execute("CREATE TABLE things (id BIGINT UNSIGNED PRIMARY KEY, changed TIMESTAMP(6) NULL, local DATETIME,"
                + " day DATE, took TIME, y YEAR, price DECIMAL(30,2), f FLOAT, g DOUBLE, ok TINYINT(1), flag BIT(1),"
                + " bits BIT(9), more JSON, kind ENUM('b','a'), bytes BLOB, n INT UNSIGNED, `Who is` TEXT)");
        try (Connection utc = connection()) {
            utc.createStatement().execute("SET time_zone = '+02:00'");
            utc.createStatement()
                    .execute("INSERT INTO things VALUES (18446744073709551615, '2026-01-31 10:00:00.123456',"
                            + " '2026-01-31 10:00:00', '2026-01-31', '-30:00:00', 2026, 12345678901234567890.10, 16777216,"
                            + " 0.1, 1, 1, 257, '{\"a\": [1.50]}', 'a', x'0102', 4000000000, NULL)");
        }
        start("table: shop.things\ncursorColumn: changed");

        String row = "{\"id\":18446744073709551615,\"changed\":\"2026-01-31T08:00:00.123456Z\","
                + "\"local\":\"2026-01-31T10:00:00Z\",\"day\":\"2026-01-31\",\"took\":\"-30:00:00\",\"y\":2026,"
                + "\"price\":12345678901234567890.10,\"f\":16777216,\"g\":0.1,\"ok\":true,\"flag\":true,"
                + "\"bits\":257,\"more\":{\"a\":[1.50]},\"kind\":\"a\",\"bytes\":\"AQI=\",\"n\":4000000000,"
                + "\"Who is\":null}";
        awaitDelivered(row);
        db.execute("INSERT INTO things (id, changed) SELECT 1, changed - INTERVAL 9 SECOND FROM things");
        await().until(() -> delivered.size() == 2);
        awaitAnotherRun();
        assertThat(delivered).hasSize(2);
        assertThat(db.queryForObject("SELECT @@session.time_zone", String.class))
                .isEqualTo("+05:30");
    }

    @Test
    void rowsOfAnyTypeOfIdHaveTheirPlace() throws Exception {
        int seconds = 0; // the ledger recognises rows of equal value
        for (String type : new String[] {"VARBINARY(3)", "ENUM('z','y','x')", "VARCHAR(9)", "FLOAT", "UUID"}) {
            String table = "things" + seconds++;
            db.execute("CREATE TABLE " + table + " (id " + type + " PRIMARY KEY, at TIMESTAMP NOT NULL)");
            String ids = type.startsWith("FLOAT")
                    ? "0.1 0.2 0.3"
                    : type.equals("UUID")
                            ? "11111111-2222-3333-4444-555555555555 21111111-2222-3333-4444-555555555555"
                                    + " 31111111-2222-3333-4444-555555555555"
                            : "x y z";
            for (String id : ids.split(" ")) {
                db.update("INSERT INTO " + table + " VALUES (?, ?)", id, "2026-01-01 00:00:" + seconds);
            }
            delivered.clear();
            start("table: " + table + "\ncursorColumn: at\nbatchSize: 1\nname: " + table);
            await().untilAsserted(() -> assertThat(delivered).as(type).hasSize(3));
            awaitAnotherRun();
            assertThat(delivered).as(type).hasSize(3).doesNotHaveDuplicates();
        }
    }

    @Test
    void aNumberWhoseTransactionCommitsLastIsNotLost() throws Exception {
        try (Connection slow = connection()) {
            slow.setAutoCommit(false);
            slow.createStatement().execute("INSERT INTO orders VALUES (2, 2, 'first number, last commit')");
            insert(3, 3_000, "c");
            startOrders("overlap: \"0\"");
            awaitDelivered(row(3, 3_000, "c"));
            insert(4, 4_000, "d");
            await().until(() -> delivered.size() == 2);
            awaitAnotherRun();
            assertThat(cursor()).isEqualTo("none");
            slow.commit();
        }
        awaitDelivered(row(3, 3_000, "c"), row(4, 4_000, "d"), row(2, 2, "first number, last commit"));
        await().until(() -> cursor().contains("4000"));
    }

    @Test
    void withoutTheRightToSeeOthersTheDelayKeepsLateCommits() throws Exception {
        source.close();
        source = new com.zaxxer.hikari.HikariDataSource();
        source.setJdbcUrl(server.url("shop", "reader"));
        try (Connection slow = connection();
                Connection fast = connection()) {
            slow.setAutoCommit(false);
            slow.createStatement().execute("INSERT INTO orders VALUES (2, 2, 'late')");
            fast.createStatement().execute("INSERT INTO orders VALUES (3, 3000, 'c')");
            startOrders("overlap: \"0\"\ndelay: 1h");
            awaitDelivered(row(3, 3_000, "c"));
            awaitAnotherRun();
            slow.commit();
        }
        awaitDelivered(row(3, 3_000, "c"), row(2, 2, "late"));
    }

    @Test
    void aQueryKeepsTheTypesOfItsColumns() throws Exception {
        db.execute(
                "CREATE TABLE things (id INT PRIMARY KEY, at DATETIME(3), ok BOOLEAN, more JSON, price DECIMAL(9,2))");
        db.execute("INSERT INTO things VALUES (1, '2026-01-31 10:00:00.120', true, '[1]', 1.50)");
        startQuery("SELECT * FROM things");

        awaitDelivered("{\"id\":1,\"at\":\"2026-01-31T10:00:00.120Z\",\"ok\":true,\"more\":[1],\"price\":1.50}");
    }
}
