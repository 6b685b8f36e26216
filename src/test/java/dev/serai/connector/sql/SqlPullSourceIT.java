package dev.serai.connector.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.sql.Connection;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Pulling tables of PostgreSQL. */
class SqlPullSourceIT extends SqlPullSourceContract {
    private static EmbeddedPostgres postgres;

    @BeforeAll
    static void startPostgres() throws Exception {
        postgres = EmbeddedPostgres.start();
    }

    @AfterAll
    static void stopPostgres() throws Exception {
        postgres.close();
    }

    @Override
    String jdbcUrl() {
        return postgres.getJdbcUrl("postgres", "postgres");
    }

    @Override
    @BeforeEach
    void open() throws Exception {
        try (Connection connection = postgres.getPostgresDatabase().getConnection()) {
            connection.createStatement().execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
        }
        super.open();
    }

    @Override
    String time() {
        return "timestamp";
    }

    @Test
    void valuesKeepTheirTypesAndTimesBecomeRfc3339() throws Exception {
        db.execute("CREATE TABLE things (id uuid PRIMARY KEY, changed timestamptz, local timestamp, day date,"
                + " price numeric(30,2), ok boolean, more jsonb, tags text[], \"Who is\" text)");
        db.execute("INSERT INTO things VALUES ('11111111-2222-3333-4444-555555555555',"
                + " '2026-01-31 10:00:00.123456+02', '2026-01-31 10:00:00', '2026-01-31', 12345678901234567890.10, true,"
                + " '{\"a\": [1]}', '{x,y}', NULL)");
        start("table: public.things\ncursorColumn: changed");

        awaitDelivered("{\"id\":\"11111111-2222-3333-4444-555555555555\",\"changed\":\"2026-01-31T08:00:00.123456Z\","
                + "\"local\":\"2026-01-31T10:00:00Z\",\"day\":\"2026-01-31\",\"price\":12345678901234567890.10,"
                + "\"ok\":true,\"more\":{\"a\":[1]},\"tags\":[\"x\",\"y\"],\"Who is\":null}");
    }

    @Test
    void aTransactionThatCommitsLateWithinTheOverlapIsNotLost() throws Exception {
        db.execute("CREATE TABLE things (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), at timestamptz DEFAULT now())");
        start("table: things\ncursorColumn: at");
        try (Connection slow = postgres.getPostgresDatabase().getConnection()) {
            slow.setAutoCommit(false);
            slow.createStatement().execute("INSERT INTO things DEFAULT VALUES");
            db.execute("INSERT INTO things DEFAULT VALUES");
            await().until(() -> delivered.size() == 1);
            slow.commit();
        }
        await().until(() -> delivered.size() == 2);
        awaitAnotherRun();
        assertThat(delivered).hasSize(2).doesNotHaveDuplicates();
    }

    @Test
    void aNumberWhoseTransactionCommitsLastIsNotLost() throws Exception {
        try (Connection slow = postgres.getPostgresDatabase().getConnection()) {
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
    void aLateCommitBehindAViewIsNotLost() throws Exception {
        db.execute("CREATE VIEW orders_seen AS SELECT * FROM orders");
        try (Connection slow = postgres.getPostgresDatabase().getConnection()) {
            slow.setAutoCommit(false);
            slow.createStatement().execute("INSERT INTO orders VALUES (2, 2, 'late')");
            insert(3, 3_000, "c");
            start("table: orders_seen\ncursorColumn: at\noverlap: \"0\"");
            awaitDelivered(row(3, 3_000, "c"));
            awaitAnotherRun();
            slow.commit();
        }
        awaitDelivered(row(3, 3_000, "c"), row(2, 2, "late"));
    }

    @Test
    void timesBeyondEveryCalendarDoNotMoveTheCursor() throws Exception {
        db.execute("CREATE TABLE things (id integer PRIMARY KEY, at timestamptz)");
        db.execute("INSERT INTO things VALUES (1, 'infinity'), (2, '20000-01-01'), (3, '2026-01-01')");
        start("table: things\ncursorColumn: at");
        await().until(() -> delivered.size() == 3);

        db.execute("INSERT INTO things VALUES (4, '2026-02-01')");
        await().until(() -> delivered.size() == 4);
    }

    @Test
    void aColumnNamedLikeTheAliasAndBytesAreRead() throws Exception {
        db.execute("CREATE TABLE things (id integer PRIMARY KEY, r text, bytes bytea)");
        db.execute("INSERT INTO things VALUES (1, 'x', '\\x0102')");
        start("table: things\ncursorColumn: id");

        awaitDelivered("{\"id\":1,\"r\":\"x\",\"bytes\":\"AQI=\"}");
    }
}
