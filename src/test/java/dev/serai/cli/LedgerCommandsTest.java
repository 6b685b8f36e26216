package dev.serai.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.forecast.AttemptBucket;
import dev.serai.forecast.AttemptEnd;
import dev.serai.forecast.ChainCounts;
import dev.serai.forecast.Regime;
import dev.serai.ledger.history.ChainRows;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.model.Transaction;
import dev.serai.node.RunOptions;
import dev.serai.store.JdbcStore;
import dev.serai.store.jdbc.Checksum;
import dev.serai.store.postgres.TestServer;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code check --ledger}, {@code backup} and {@code ledger copy} without a node. */
class LedgerCommandsTest {
    @TempDir
    Path folder;

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private Path ledger;

    @BeforeEach
    void fill() throws Exception {
        ledger = folder.resolve("data").resolve("ledger.db");
        JdbcStore.open(ledger).close();
        execute("INSERT INTO flow (id, name, accepted) VALUES (1, 'orders', 1)");
        execute(
                "INSERT INTO change (seq, flow, key, id, operation, accepted_at, sum) VALUES (1, 1, 'key-1', 'e1', 0, 0, "
                        + Checksum.ofChange(1, "orders", "key-1", "e1", null, 0, 0) + ")");
        execute("INSERT INTO payload (seq, body, sum) VALUES (1, x'4142', "
                + Checksum.ofPayload(1, null, null, new byte[] {'A', 'B'}) + ")");
    }

    @Test
    void aSoundLedgerIsSaidToBeSound() {
        assertThat(check(false)).isZero();
        assertThat(printed()).contains("is sound");
    }

    @Test
    void aDamagedChangeIsPrintedWithSequenceFlowAndKey() throws Exception {
        execute("UPDATE payload SET body = x'4143'");
        assertThat(check(false)).isEqualTo(1);
        assertThat(printed()).containsPattern("1\\s+orders\\s+key-1\\s+corrupt: checksum of change 1 does not match");
    }

    @Test
    void aMissingLedgerIsAnErrorOfUsage() throws Exception {
        Files.delete(ledger);
        assertThat(check(false)).isEqualTo(2);
        assertThat(printed()).contains("there is no ledger at");
        assertThat(backup("copy.db")).isEqualTo(2);
        assertThat(ledger).doesNotExist();
    }

    @Test
    void aLedgerWithoutItsWriteAheadFileIsAcceptedOnlyWhenAsked() throws Exception {
        execute("PRAGMA user_version=1");
        assertThat(check(false)).isEqualTo(1);
        assertThat(printed()).contains("--accept");
        assertThat(check(true)).isZero();
        assertThat(check(false)).isZero();
    }

    @Test
    void aBackupWithoutANodeIsWrittenOnceAndNotOverwritten() throws Exception {
        assertThat(backup("copy.db")).as(err.toString()).isZero();
        assertThat(folder.resolve("copy.db")).exists();
        assertThat(backup("copy.db")).isEqualTo(2);
        assertThat(err.toString()).contains("exists already");
    }

    @Test
    void aLedgerIsCopiedToAServerOnceAndItsTablesArePrinted() {
        String schema = TestServer.newSchema();
        assertThat(copy(schema, "jdbc:sqlite:" + ledger, TestServer.url()))
                .as(err.toString())
                .isZero();
        assertThat(out.toString())
                .containsPattern("TABLE +ROWS +SHA-256")
                .containsPattern("change +1 +[0-9a-f]{16}")
                .contains("copied, and equal on both sides");
        assertThat(copy(schema, "jdbc:sqlite:" + ledger, TestServer.url())).isEqualTo(2);
        assertThat(err.toString()).contains("exists already");
        assertThat(copy(schema, "ledger.db", TestServer.url())).isEqualTo(2);
        assertThat(err.toString()).contains("the URL of a ledger must begin with");
    }

    private int copy(String schema, String from, String to) {
        return Cli.execute(
                new PrintWriter(out, true),
                new PrintWriter(err, true),
                "ledger",
                "copy",
                from,
                to,
                "--data",
                ledger.getParent().toString(),
                "-p",
                "camel.component.ledger.schema=" + schema);
    }

    @Test
    void aCheckOfRoutesWarnsOfTooFewRedeliveriesIfAttemptsWereCounted() throws Exception {
        Path routes = Files.writeString(folder.resolve("orders.camel.yaml"), """
                - route:
                    id: orders-out
                    from:
                      uri: ledger:orders
                      parameters: { target: shop, maximumRedeliveries: 1 }
                      steps:
                        - to: { uri: "kamelet:http-sink", parameters: { url: "http://127.0.0.1:1" } }
                """);
        assertThat(checkRoutes(routes)).as("nothing was counted").doesNotContain("maximumRedeliveries");
        try (JdbcStore store = JdbcStore.open(ledger);
                Transaction transaction = store.begin()) {
            transaction.addTarget(new TargetName("orders", "shop"), 0);
            Map<Integer, Long> counts = Map.of(
                    ChainCounts.cell(Regime.UP, AttemptBucket.FIRST, AttemptEnd.DELIVERED), 9_000L,
                    ChainCounts.cell(Regime.UP, AttemptBucket.FIRST, AttemptEnd.FAILED), 1_000L,
                    ChainCounts.cell(Regime.UP, AttemptBucket.SECOND, AttemptEnd.DELIVERED), 900L,
                    ChainCounts.cell(Regime.UP, AttemptBucket.SECOND, AttemptEnd.FAILED), 100L);
            transaction
                    .history()
                    .addChains(Instant.now(), List.of(new ChainRows("orders", "shop", counts, List.of(), List.of())));
            transaction.commit();
        }

        assertThat(checkRoutes(routes))
                .containsPattern(
                        "orders/shop: maximumRedeliveries=1 delivers 9[89]\\.\\d\\d % .*; 99\\.9 % takes [23]\n");
    }

    private String checkRoutes(Path routes) {
        PrintStream stream = new PrintStream(printed, true, StandardCharsets.UTF_8);
        RunOptions options = new RunOptions(List.of(routes.toString()), List.of(), null, ledger.getParent(), Map.of());
        assertThat(new Runner(stream, stream).check(options, false))
                .as(printed())
                .isZero();
        return printed();
    }

    private int check(boolean accept) {
        PrintStream stream = new PrintStream(printed, true, StandardCharsets.UTF_8);
        RunOptions options = new RunOptions(List.of(), List.of(), null, ledger.getParent(), Map.of());
        return new LedgerReport(stream, stream).print(options, accept);
    }

    private int backup(String name) {
        return Cli.execute(
                new PrintWriter(out, true),
                new PrintWriter(err, true),
                "backup",
                folder.resolve(name).toString(),
                "--data",
                ledger.getParent().toString());
    }

    private String printed() {
        return printed.toString(StandardCharsets.UTF_8);
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + ledger);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
