package dev.serai.store.postgres;

import dev.serai.store.JdbcStore;
import dev.serai.store.crypt.BodyCipher;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/** One PostgreSQL for all tests of a process, each with schemas of its own. Tests are skipped where it cannot start. */
public final class TestServer {
    private static final AtomicInteger SCHEMAS = new AtomicInteger();
    private static @Nullable EmbeddedPostgres server;
    private static @Nullable String problem;
    private static boolean hasSecond;

    private TestServer() {}

    private static synchronized EmbeddedPostgres server() {
        if (server == null && problem == null) {
            try {
                server = EmbeddedPostgres.builder()
                        .setServerConfig("fsync", "on") // a ledger refuses another server
                        .setServerConfig("max_locks_per_transaction", "256")
                        .start();
            } catch (IOException | RuntimeException e) {
                problem = "the embedded PostgreSQL does not start here: " + e;
            }
        }
        Assumptions.assumeTrue(problem == null, problem);
        return server;
    }

    /** A machine that is busy with other tests may take its time for a connection. */
    public static String url() {
        return server().getJdbcUrl("postgres", "postgres") + "&connectTimeout=120&loginTimeout=120";
    }

    /** A database whose tables are in a folder; the log of the server is not. */
    public static String urlOf(String database, Path tables) throws SQLException {
        execute(
                "CREATE TABLESPACE " + database + " LOCATION '" + tables + "'",
                "CREATE DATABASE " + database + " TABLESPACE " + database);
        return url().replace("/postgres?", "/" + database + "?");
    }

    /** The same server's second database. */
    static synchronized String secondUrl() throws SQLException {
        if (!hasSecond) {
            execute("CREATE DATABASE second");
            hasSecond = true;
        }
        return url().replace("/postgres?", "/second?");
    }

    public static int port() {
        return server().getPort();
    }

    /** A new name for schemas. */
    public static String newSchema() {
        return "t" + SCHEMAS.incrementAndGet();
    }

    static PostgresAddress address(String schema) {
        return new PostgresAddress(url(), null, null, schema);
    }

    /** A ledger of one shard. */
    public static JdbcStore open(String schema, Path data, int runChanges) {
        return JdbcStore.open(
                PostgresLedger.open(List.of(address(schema)), 1, "test", data).get(0), runChanges, BodyCipher.NONE);
    }

    /** Runs statements as another program would. */
    public static void execute(String... statements) throws SQLException {
        try (Connection connection = server().getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            for (String one : statements) {
                statement.execute(one);
            }
        }
    }
}
