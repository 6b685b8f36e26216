package dev.serai.connector.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.serai.connector.pull.PullCursor;
import dev.serai.ledger.model.Cursor;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Pulling a table of SQLite. */
class SqlPullSourceTest extends SqlPullSourceContract {

    private boolean withoutVersion;

    @Override
    String jdbcUrl() {
        return "jdbc:sqlite:" + data.resolve("shop.db") + "?busy_timeout=5000";
    }

    @Override
    String time() {
        return "DATETIME";
    }

    @Test
    void valuesKeepTheirTypesAndTimesBecomeRfc3339() throws Exception {
        db.execute("CREATE TABLE \"my orders\" (id TEXT PRIMARY KEY, changed DATETIME, n REAL, bytes BLOB, note)");
        db.execute("INSERT INTO \"my orders\" VALUES ('a', '2026-01-31 10:00:00', 0.5, x'0102', NULL),"
                + " ('b', '2026-01-31 10:00:00.250', 7, NULL, 9007199254740993)");
        start("table: my orders\ncursorColumn: changed");

        awaitDelivered(
                "{\"id\":\"a\",\"changed\":\"2026-01-31T10:00:00Z\",\"n\":0.5,\"bytes\":\"AQI=\",\"note\":null}",
                "{\"id\":\"b\",\"changed\":\"2026-01-31T10:00:00.250Z\",\"n\":7.0,\"bytes\":null,"
                        + "\"note\":9007199254740993}");
        db.execute("INSERT INTO \"my orders\" VALUES ('late', '2026-01-31 09:59:50', 1, NULL, NULL),"
                + " ('too late', '2026-01-31 09:59:49', 1, NULL, NULL)");
        await().until(() -> delivered.size() == 3);
        awaitAnotherRun();
        assertThat(delivered).hasSize(3).anyMatch(body -> body.contains("\"late\""));
    }

    @Test
    void aCursorColumnWrittenInOtherCaseStillGivesTheVersion() throws Exception {
        withoutVersion = true;
        insert(1, 10, "a");
        start("table: orders\ncursorColumn: AT");
        awaitDelivered(row(1, 10, "a"));

        db.update("UPDATE orders SET at = 20, note = 'b' WHERE id = 1");
        await().until(() -> delivered.size() == 2);
        assertThat(versions()).containsExactly("10", "20");
    }

    private List<String> versions() {
        return runner.accepted("orders").stream()
                .map(entry -> entry.change().version())
                .sorted()
                .toList();
    }

    @Override
    String route() {
        return withoutVersion ? ROUTE.replace("              version: \"${jq(.at)}\"\n", "") : ROUTE;
    }

    @Test
    void aNegativeOverlapIsRefused() {
        SqlPullSource pull = new SqlPullSource("shop", "orders", "at", "id");
        assertThatThrownBy(() -> pull.setOverlap("-10s")).hasMessageContaining("overlap must not be negative");
    }

    @Test
    void nothingIsReadAgainADayAfterTheCursorMoved() {
        SqlPullSource pull = new SqlPullSource("shop", "orders", "at", "id", Clock.systemUTC());
        String value = "{\"at\":5,\"id\":1}";
        Instant now = Instant.now();

        assertThat(pull.begin(new Cursor("c", value, now))).contains("upTo");
        assertThat(pull.begin(new Cursor("c", value, now.minus(Duration.ofHours(25)))))
                .contains(value)
                .doesNotContain("upTo");
        assertThat(pull.begin(null)).doesNotContain("at");
    }

    @Test
    void booleansAndNestedJsonOfSqliteKeepTheirTypes() throws Exception {
        db.execute("CREATE TABLE things (id INTEGER PRIMARY KEY, r TEXT, ok BOOLEAN, more JSON, price DECIMAL(16,2))");
        db.execute("INSERT INTO things VALUES (1, 'alias', true, '{\"a\":[1]}', 12345678901234.56),"
                + " (2, NULL, 7, 'no JSON', NULL)");
        start("table: things\ncursorColumn: id");

        awaitDelivered(
                "{\"id\":1,\"r\":\"alias\",\"ok\":true,\"more\":{\"a\":[1]},\"price\":1.234567890123456E13}",
                "{\"id\":2,\"r\":null,\"ok\":7,\"more\":\"no JSON\",\"price\":null}");
    }

    @Test
    void aSmallerNumberThatAppearsLateIsRead() throws Exception {
        insert(1, 1, "a");
        insert(4, 4, "d");
        startOrders("");
        await().until(() -> delivered.size() == 2);

        insert(2, 2, "took its number first");
        awaitDelivered(row(1, 1, "a"), row(4, 4, "d"), row(2, 2, "took its number first"));
    }

    @Test
    void aStepOfTheClockNeitherEndsNorProlongsTheDelay() {
        insert(1, 5, "a");
        SqlTable table = SqlTable.of(db, SqlCatalog.table(db, "orders"), "at", List.of("id"));
        Duration delay = Duration.ofMinutes(1);
        AtomicReference<Instant> wall = new AtomicReference<>(Instant.parse("2026-01-31T08:00:00Z"));
        AtomicLong nanos = new AtomicLong();
        SqlWriters writers = new SqlWriters(wall::get, nanos::get);
        Supplier<SqlMark> complete = () -> writers.complete("orders", table, delay, new PullCursor(null, wall.get()));

        assertThat(complete.get()).isNull();
        wall.set(wall.get().plus(Duration.ofHours(1)));
        assertThat(complete.get()).as("after a step forward").isNull();
        wall.set(wall.get().minus(Duration.ofDays(1)));
        nanos.addAndGet(delay.toNanos());
        assertThat(complete.get()).as("when the delay is over").isNotNull();
    }
}
