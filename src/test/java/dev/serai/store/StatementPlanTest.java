package dev.serai.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.ledger.model.Attempt;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Cursor;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Hash;
import dev.serai.ledger.model.Operation;
import dev.serai.ledger.model.Retention;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.model.Transaction;
import dev.serai.store.jdbc.Sql;
import dev.serai.store.sqlite.SqliteDialect;
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
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The plan of every statement: none reads a whole table that grows with the ledger, and none sorts what an index could give in
 * order. SQLite may choose other plans when the ledger was analyzed, so both are looked at.
 */
class StatementPlanTest {
    private static final List<String> FILES = List.of("write.sql", "read.sql", "ids.sql", "retention.sql");

    /** The whole of these is read, because they have a row for each flow, target, cursor or run, or one row. */
    private static final Set<String> SMALL =
            Set.of("flow", "target", "f", "t", "cursor", "clock", "unchecked", "last_purged", "removed_target", "run");

    /** What a plan may have all the same, and why: each of these stops early. */
    private static final Map<String, String> ALLOWED = Map.ofEntries(
            Map.entry("flowsByPurged: USE TEMP B-TREE FOR ORDER BY", "there are few flows"),
            Map.entry("newest: SCAN c", "backwards from the end, up to its limit"),
            Map.entry("newestMark: SCAN retention_mark", "backwards from the end, one row"),
            Map.entry("nextRange: SCAN (subquery-1)", "as many rows as its limit"),
            Map.entry("counts: SEARCH d USING COVERING INDEX delivery_waiting (target=? AND state=?)", "the first one"),
            Map.entry("counts: SEARCH d USING COVERING INDEX delivery_parked (target=? AND state=?)", "the first one"),
            Map.entry("deleteDeadAgesOf: SEARCH dead_age USING PRIMARY KEY (target=?)", "as many rows as its limit"),
            Map.entry("deleteDeliveriesOf: SEARCH delivery USING PRIMARY KEY (target=?)", "as many rows as its limit"),
            Map.entry(
                    "deleteVersionsOf: SEARCH delivered_version USING PRIMARY KEY (target=?)",
                    "as many rows as its limit"),
            Map.entry(
                    "newestOfFlow: SEARCH c USING INDEX change_flow (flow=?)",
                    "backwards from the end, up to its limit"),
            Map.entry(
                    "causes: USE TEMP B-TREE FOR count(DISTINCT)",
                    "of failures only, within what is allowed for 100,000 of them"),
            Map.entry("behind: SCAN (subquery-2)", "as many rows as its limit"),
            Map.entry("targetsWith: USE TEMP B-TREE FOR ORDER BY", "there are few targets"),
            Map.entry("history: SCAN period", "a minute or hour each, of what is kept at most"),
            Map.entry("historyOfFlow: SCAN period", "a minute or hour each, of what is kept at most"),
            Map.entry("historyOfTarget: SCAN period", "a minute or hour each, of what is kept at most"),
            Map.entry("transitions: SCAN period", "a window each, of what is kept at most"),
            Map.entry("regimes: SEARCH regime_period USING PRIMARY KEY (target=?)", "backwards, up to its limit"),
            Map.entry("trimRegimes: SEARCH regime_period USING PRIMARY KEY (target=?)", "a thousand rows at most"),
            Map.entry(
                    "deleteRegimesOfRemoved: SEARCH regime_period USING PRIMARY KEY (target=?)",
                    "a thousand rows of each at most, once"),
            Map.entry("scores: USE TEMP B-TREE FOR GROUP BY", "a few rows for each day that is kept"),
            Map.entry("lastStates: SEARCH l USING COVERING INDEX state_change_target (target=?)", "the last one"),
            Map.entry("isEncryptedWith: SCAN payload", "only at a start that lacks a key which was used"),
            Map.entry("isEncryptedWith: SCAN attempt", "only at a start that lacks a key which was used"),
            Map.entry("replays: SCAN replay", "backwards from the end, up to its limit"));

    /** These alone leave all rows of a target or a flow to be read. */
    private static final Pattern UNSELECTIVE =
            Pattern.compile("(target=\\?|target=\\? AND state=\\?|flow=\\?)( AND seq<\\?)?");

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void fill() {
        file = folder.resolve("ledger.db");
        TargetName one = new TargetName("f", "one");
        TargetName two = new TargetName("f", "two");
        TargetName other = new TargetName("g", "one");
        TargetName removed = new TargetName("f", "removed");
        try (JdbcStore store = JdbcStore.open(file, 64)) {
            run(store, t -> {
                List.of(one, two, other, removed).forEach(target -> t.addTarget(target, 0));
                t.cursor(new Cursor("c", "1", Instant.EPOCH));
            });
            for (int group = 0; group < 30; group++) {
                int first = group * 100;
                run(store, t -> {
                    for (int i = first + 1; i <= first + 100; i++) {
                        String flow = i % 3 == 0 ? "g" : "f";
                        Change change = new Change(
                                flow, "" + i, "k" + i % 50, "1", Operation.UPSERT, null, Map.of(), new byte[100]);
                        long sequence = t.insert(change, Instant.EPOCH);
                        for (TargetName target : i % 3 == 0 ? List.of(other) : List.of(one, two, removed)) {
                            settle(t, target, sequence, "k" + i % 50);
                        }
                    }
                });
            }
            run(store, t -> t.removeTarget(removed));
            purge(store, 0);
            purge(store, Retention.DEFAULT.settled().toMillis() / 2);
        }
    }

    private static void settle(Transaction t, TargetName target, long sequence, String key) {
        DeliveryState state =
                switch ((int) (sequence % 7)) {
                    case 0 -> DeliveryState.WAITING;
                    case 1 -> DeliveryState.PARKED;
                    case 2 -> DeliveryState.DEAD;
                    default -> DeliveryState.DELIVERED;
                };
        boolean held = state == DeliveryState.WAITING || state == DeliveryState.PARKED;
        Instant due = state == DeliveryState.WAITING ? Instant.EPOCH : null;
        Delivery delivery = new Delivery(target, state, 1, due, held ? null : Instant.EPOCH, null, null);
        t.settle(sequence, Hash.of(key), DeliveryState.PENDING, delivery);
        t.attempt(sequence, new Attempt(target, 1, Instant.EPOCH, 500, "no"));
        t.deliveredVersion(target, key, "1");
    }

    @Test
    void noStatementReadsAWholeTableOrSortsIt() throws Exception {
        assertThat(offenders(false)).isEmpty();
        assertThat(offenders(true)).isEmpty();
    }

    private Map<String, List<String>> offenders(boolean analyzed) throws Exception {
        Map<String, List<String>> offenders = new TreeMap<>();
        Sql sql = new SqliteDialect().sql();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            if (analyzed) {
                statement.execute("ANALYZE");
            }
            for (String name : names()) {
                List<String> bad = new ArrayList<>();
                for (String step : plan(statement, sql.get(name))) {
                    if (isCostly(step) && !ALLOWED.containsKey(name + ": " + step)) {
                        bad.add(step);
                    }
                }
                if (!bad.isEmpty()) {
                    offenders.put(name, bad);
                }
            }
        }
        return offenders;
    }

    private static boolean isCostly(String step) {
        if (step.startsWith("USE TEMP B-TREE") || step.contains("AUTOMATIC")) {
            return true;
        }
        if (step.startsWith("SEARCH ") && !SMALL.contains(step.split(" ")[1])) {
            String by = step.substring(step.indexOf('(') + 1, step.length() - 1);
            return UNSELECTIVE.matcher(by).matches();
        }
        return step.startsWith("SCAN ") && !step.equals("SCAN CONSTANT ROW") && !SMALL.contains(step.split(" ")[1]);
    }

    private static List<String> plan(Statement statement, String text) throws Exception {
        List<String> plan = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery("EXPLAIN QUERY PLAN " + text)) {
            while (rows.next()) {
                plan.add(rows.getString("detail"));
            }
        }
        return plan;
    }

    private static Set<String> names() throws Exception {
        Set<String> names = new TreeSet<>();
        for (String file : FILES) {
            try (InputStream in = Objects.requireNonNull(JdbcStore.class.getResourceAsStream(file))) {
                new String(in.readAllBytes(), StandardCharsets.UTF_8)
                        .lines()
                        .filter(line -> line.startsWith("-- name: "))
                        .forEach(line ->
                                names.add(line.substring("-- name: ".length()).trim()));
            }
        }
        assertThat(names).hasSizeGreaterThan(90);
        return names;
    }

    private static void purge(JdbcStore store, long running) {
        for (int i = 0; i < 100; i++) {
            run(
                    store,
                    t -> t.purge(
                            running,
                            new Retention(Duration.ZERO, Retention.DEFAULT.dead()),
                            10,
                            (target, key, sequence) -> {}));
        }
    }

    private static void run(JdbcStore store, Consumer<Transaction> work) {
        try (Transaction transaction = store.begin()) {
            work.accept(transaction);
            transaction.commit();
        }
    }
}
