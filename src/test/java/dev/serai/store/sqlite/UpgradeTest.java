package dev.serai.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.ledger.cause.Cause;
import dev.serai.ledger.model.DeliveryFilter;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Retention;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.model.Transaction;
import dev.serai.store.JdbcStore;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A ledger of the first version is brought to this one. */
class UpgradeTest {
    private static final Retention KEPT = new Retention(Duration.ofDays(7), Duration.ofDays(90));

    @TempDir
    Path folder;

    private Path file;

    /** Change 1 is settled and was accepted in the far future, change 2 a dead letter of the distant past. */
    @BeforeEach
    void makeTheFirstVersion() throws Exception {
        file = folder.resolve("ledger.db");
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA page_size = 8192");
            statement.execute("PRAGMA journal_mode = WAL");
            statement.execute("CREATE TABLE migration (version INTEGER PRIMARY KEY)");
            for (String part : script("001.sql")) {
                statement.execute(part);
            }
            statement.execute("INSERT INTO migration (version) VALUES (1)");
            statement.execute("INSERT INTO flow (id, name, accepted) VALUES (1, 'orders', 2)");
            statement.execute("INSERT INTO target (id, flow, name, position, base, delivered, dead)"
                    + " VALUES (1, 1, 'shop', 2, 0, 1, 1)");
            statement.execute("INSERT INTO change (seq, flow, key, id, operation, accepted_at)"
                    + " VALUES (1, 1, 'a', '1', 0, 9000000000000), (2, 1, 'b', '2', 0, 0)");
            statement.execute("INSERT INTO payload (seq, body) VALUES (1, 'x'), (2, 'x')");
            statement.execute("INSERT INTO delivery (target, seq, state, attempts, finished_at, error)"
                    + " VALUES (1, 1, 1, 1, 0, NULL), (1, 2, 4, 1, 0, 'no')");
        }
    }

    @Test
    void whatItHoldsIsAsOldAsTheUpgrade() {
        try (JdbcStore store = JdbcStore.open(file)) {
            assertThat(store.clock()).isEmpty();
            purge(store, Duration.ZERO);
            purge(store, KEPT.settled().minusMillis(1));
            assertThat(store.entry(1)).isPresent();

            purge(store, KEPT.settled());
            assertThat(store.entry(1)).isEmpty();
            purge(store, KEPT.dead().minusMillis(1));
            assertThat(store.dead(DeliveryFilter.ALL, 0, 10)).hasSize(1);

            purge(store, KEPT.dead());
            assertThat(store.dead(DeliveryFilter.ALL, 0, 10)).isEmpty();
            assertThat(store.entry(2)).isEmpty();
        }
    }

    @Test
    void whatFailedBeforeTheUpgradeHasACause() {
        try (JdbcStore store = JdbcStore.open(file)) {
            TargetName shop = new TargetName("orders", "shop");
            assertThat(store.causes(shop, DeliveryState.DEAD, Instant.EPOCH))
                    .singleElement()
                    .satisfies(cause -> {
                        assertThat(cause.cause()).isEqualTo(Cause.of(null, "no").hash());
                        assertThat(cause.count()).isEqualTo(1);
                        assertThat(cause.keys()).isEqualTo(1);
                    });
        }
    }

    /** It may hold hundreds of millions of deliveries. */
    @Test
    void theUpgradeReadsOnlyTheDeadLetters() throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            for (String part : script("002.sql")) {
                assertThat(part.strip())
                        .matches("(?s)(CREATE TABLE|CREATE INDEX dead_age|DROP INDEX|INSERT INTO dead_age).*");
                if (part.startsWith("INSERT")) {
                    assertThat(plan(statement, part))
                            .containsExactly("SCAN delivery USING COVERING INDEX delivery_dead");
                }
                statement.execute(part);
            }
        }
    }

    private static List<String> plan(Statement statement, String part) throws Exception {
        List<String> plan = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery("EXPLAIN QUERY PLAN " + part)) {
            while (rows.next()) {
                plan.add(rows.getString("detail"));
            }
        }
        return plan;
    }

    private static List<String> script(String name) throws Exception {
        try (InputStream in = Objects.requireNonNull(SqliteDialect.class.getResourceAsStream("migration/" + name))) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("--"))
                    .reduce("", (all, line) -> all + line + "\n");
            return List.of(text.split(";\n", -1)).stream()
                    .map(String::strip)
                    .filter(part -> !part.isEmpty())
                    .toList();
        }
    }

    private static void purge(JdbcStore store, Duration running) {
        boolean more = true;
        while (more) {
            try (Transaction transaction = store.begin()) {
                more = transaction.purge(running.toMillis(), KEPT, 10, (target, key, sequence) -> {});
                transaction.commit();
            }
        }
    }
}
