package dev.serai.connector.sql;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.zaxxer.hikari.HikariDataSource;
import dev.serai.support.KameletRunner;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;

/**
 * Compares batches of the SQL sink with plain JDBC batches of the same rows, statement and size, one transaction each.
 *
 * <p>Arguments: a folder, the number of rows. Prints rows a second of both, the median of five rounds after one to warm up;
 * half of the rows of a round are new. The sink's side makes the exchanges and parses their JSON within the time.
 */
final class SqlSinkBench {
    private static final int ROUNDS = 5;
    private static final String ROUTE = """
            - route:
                from:
                  uri: direct:in
                  steps:
                    - to:
                        uri: kamelet:sql-sink
                        parameters: { dataSource: target, table: scores, keyColumn: id, versionColumn: at }
            """;
    private static final String TABLE =
            "CREATE TABLE scores (id TEXT PRIMARY KEY, at BIGINT, name TEXT, points BIGINT, ok BOOLEAN)";

    private final int rows;
    private final HikariDataSource source;
    private final KameletRunner runner;
    private final ProducerTemplate template;

    private SqlSinkBench(int rows, String url, KameletRunner runner) throws Exception {
        this.rows = rows;
        this.runner = runner;
        this.source = new HikariDataSource();
        source.setJdbcUrl(url);
        runner.context.getRegistry().bind("target", source);
        runner.with(ROUTE, Map.of()).start();
        template = runner.context.createProducerTemplate();
    }

    private static final String PLAIN = """
            INSERT INTO scores AS was (id, at, name, points, ok) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET id = excluded.id, at = excluded.at, name = excluded.name,
            points = excluded.points, ok = excluded.ok WHERE was.at IS NULL OR was.at <= excluded.at""";

    public static void main(String[] args) throws Exception {
        Path folder = Files.createDirectories(Path.of(args[0]));
        int rows = Integer.parseInt(args[1]);
        String sqlite = "jdbc:sqlite:" + folder.resolve("target.db");
        run("SQLite as it is", sqlite, folder, rows);
        run("SQLite WAL, NORMAL", sqlite + "?journal_mode=WAL&synchronous=NORMAL", folder, rows);
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start()) {
            String url = postgres.getJdbcUrl("postgres", "postgres");
            run("PostgreSQL", url, folder, rows);
            run("PostgreSQL rewriting", url + "&reWriteBatchedInserts=true", folder, rows);
        }
    }

    private static void run(String name, String url, Path folder, int rows) throws Exception {
        try (KameletRunner runner = new KameletRunner(Files.createTempDirectory(folder, "ledger"))) {
            SqlSinkBench bench = new SqlSinkBench(rows, url, runner);
            for (int size : new int[] {1, 100, 500}) {
                int count = size == 1 ? rows / 25 : rows;
                double plain = median(bench, count, size, bench::plain);
                double sink = median(bench, count, size, bench::sink);
                System.out.printf(
                        "%-22s %,6d rows by %3d: plain %,9.0f/s  sink %,9.0f/s  ratio %.2f%n",
                        name, count, size, plain, sink, sink / plain);
            }
            bench.source.close();
        }
    }

    /** Writes the rows from one number up to another. */
    private interface Way {
        void bring(long version, int from, int to) throws Exception;
    }

    private static double median(SqlSinkBench bench, int rows, int size, Way way) throws Exception {
        double[] rates = new double[ROUNDS];
        for (int round = -1; round < ROUNDS; round++) {
            bench.emptyTable();
            long start = System.nanoTime();
            for (int version = 1; version <= 2; version++) { // the first half new, the second over it
                for (int at = 0; at < rows / 2; at += size) {
                    way.bring(version, at, Math.min(at + size, rows / 2));
                }
            }
            if (round >= 0) {
                rates[round] = rows * 1e9 / (System.nanoTime() - start);
            }
        }
        Arrays.sort(rates);
        return rates[ROUNDS / 2];
    }

    private void emptyTable() throws SQLException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("DROP TABLE IF EXISTS scores");
            statement.execute(TABLE);
        }
    }

    private void plain(long version, int from, int to) throws SQLException {
        try (Connection connection = source.getConnection()) {
            connection.setAutoCommit(false);
            try (PreparedStatement statement = connection.prepareStatement(PLAIN)) {
                for (int i = from; i < to; i++) {
                    statement.setString(1, "player-" + i);
                    statement.setLong(2, version);
                    statement.setString(3, "The player of number " + i);
                    statement.setLong(4, i);
                    statement.setBoolean(5, true);
                    statement.addBatch();
                }
                statement.executeBatch();
            }
            connection.commit();
        }
    }

    private void sink(long version, int from, int to) {
        List<Exchange> batch = new ArrayList<>();
        for (int i = from; i < to; i++) {
            String body = "{\"id\":\"player-" + i + "\",\"at\":" + version + ",\"name\":\"The player of number " + i
                    + "\",\"points\":" + i + ",\"ok\":true}";
            batch.add(runner.change(
                    body.getBytes(UTF_8), Map.of("CamelLedgerKey", "player-" + i, "CamelLedgerOperation", "upsert")));
        }
        Object body = to - from == 1 ? batch.get(0).getMessage().getBody() : batch;
        template.sendBody("direct:in", body);
    }
}
