package dev.serai.store.sqlite;

import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.Hash;
import dev.serai.ledger.model.StoreException;
import dev.serai.store.jdbc.Checksum;
import dev.serai.store.jdbc.LedgerFinding;
import dev.serai.store.jdbc.Migrations;
import dev.serai.store.jdbc.Rows;
import dev.serai.store.jdbc.Session;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads a whole ledger and reports what is wrong in it: SQLite's own check, the tables' definitions, the checksum of every
 * change, rows without their counterpart, gaps in the sequences, impossible deliveries, and counts that differ from the rows.
 *
 * <p>It reads in one transaction, so that a node may write meanwhile.
 *
 * <p>Threads: one thread.
 */
final class LedgerCheck {
    private static final int FINDINGS_MAX = 1000;

    private final Connection connection;
    private final Session session;
    private final Migrations migrations;
    private final List<LedgerFinding> findings = new ArrayList<>();

    /** @param connection only reads */
    LedgerCheck(Connection connection, Migrations migrations, String name) {
        this.connection = connection;
        this.session = new Session(connection, new SqliteDialect(), name);
        this.migrations = migrations;
    }

    /** What is wrong with SQLite's structures, one line each; empty if nothing is. */
    static List<String> structure(Statement statement) throws SQLException {
        List<String> problems = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery("PRAGMA integrity_check(100)")) {
            while (rows.next()) {
                problems.add(rows.getString(1));
            }
        }
        return problems.equals(List.of("ok")) ? List.of() : problems;
    }

    /** All findings, at most {@value #FINDINGS_MAX}. */
    List<LedgerFinding> all() throws SQLException {
        session.execute("BEGIN");
        try (Statement statement = connection.createStatement()) {
            structure(statement).forEach(this::add);
            if (migrations.version(connection) == migrations.newest()) {
                content();
            }
        } finally {
            session.rollback();
        }
        return findings;
    }

    /** What is wrong with the content of a ledger of this program's version. */
    List<LedgerFinding> content() throws SQLException {
        step(this::definitions);
        step(this::changes);
        step(this::payloads);
        step(this::deliveries);
        step(this::counts);
        step(this::cursors);
        return findings;
    }

    private interface CheckPart {
        void run() throws SQLException;
    }

    private void step(CheckPart step) throws SQLException {
        try {
            step.run();
        } catch (StoreException e) { // SQLite could not read on
            add(String.valueOf(e.getMessage()));
        }
    }

    private void definitions() throws SQLException {
        try (Connection fresh = DriverManager.getConnection("jdbc:sqlite::memory:")) {
            migrations.apply(fresh, "BEGIN");
            if (!definitions(fresh).equals(definitions(connection))) {
                add("the definitions of its tables and indexes are not those of this program");
            }
        }
    }

    private static Map<String, String> definitions(Connection connection) throws SQLException {
        Map<String, String> definitions = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT name, sql FROM sqlite_master")) {
            while (rows.next()) {
                definitions.put(rows.getString(1), String.valueOf(rows.getString(2)));
            }
        }
        definitions.keySet().removeIf(name -> name.startsWith("sqlite_stat"));
        return definitions;
    }

    private void changes() {
        long purged = session.number("lastPurged");
        long[] last = {purged};
        session.each("checkChanges", row -> {
            Entry entry = Rows.unopened(row);
            long sequence = entry.sequence();
            if (sequence > last[0] + 1) {
                String which = sequence == last[0] + 2
                        ? "change " + (last[0] + 1) + " is"
                        : "changes " + (last[0] + 1) + " to " + (sequence - 1) + " are";
                add(last[0] + 1, "", "", "corrupt: " + which + " missing, and retention did not delete it");
            }
            last[0] = Math.max(last[0], sequence);
            String damage = entry.damage();
            return damage == null
                    || add(sequence, entry.change().flow(), entry.change().key(), damage);
        });
    }

    private void payloads() {
        session.each(
                "checkPayloads",
                row -> add(
                        row.getLong("seq"),
                        "",
                        "",
                        "corrupt: change " + row.getLong("seq") + " is missing, its body is left"));
    }

    private void deliveries() {
        // By target: the keys that have a waiting or a dead change, and the first parked change of the others.
        Map<Long, Set<Long>> heads = new HashMap<>();
        Map<Long, Map<Long, Long>> parked = new HashMap<>();
        session.each("checkDeliveries", row -> {
            long sequence = row.getLong("seq");
            String key = String.valueOf(row.getString("key"));
            String problem = problem(row);
            if (problem != null) {
                return add(sequence, row.getString("flow"), key, problem);
            }
            long target = row.getLong("target_id");
            switch (Rows.state(row.getInt("state"))) {
                case WAITING ->
                    heads.computeIfAbsent(target, none -> new HashSet<>()).add(row.getLong("key_hash"));
                case DEAD ->
                    heads.computeIfAbsent(target, none -> new HashSet<>()).add(Hash.of(key));
                case PARKED ->
                    parked.computeIfAbsent(target, none -> new HashMap<>())
                            .putIfAbsent(row.getLong("key_hash"), sequence);
                default -> {}
            }
            return true;
        });
        parked.forEach((target, keys) -> keys.forEach((key, sequence) -> {
            if (!heads.getOrDefault(target, Set.of()).contains(key)) {
                findings.add(new LedgerFinding(
                        sequence,
                        null,
                        null,
                        "change " + sequence
                                + " is blocked although no earlier change of its key is open; the next start of its"
                                + " target releases it",
                        true)); // a crash can leave it
            }
        }));
    }

    private static @Nullable String problem(ResultSet row) throws SQLException {
        String which = "the delivery of change " + row.getLong("seq") + " to " + row.getString("target");
        if (row.getString("target") == null) {
            return "the delivery of change " + row.getLong("seq") + " belongs to no target";
        }
        if (row.getObject("change_seq") == null) {
            return "corrupt: change " + row.getLong("seq") + " is missing, its delivery to " + row.getString("target")
                    + " is left";
        }
        int state = row.getInt("state");
        boolean held = state == 2 || state == 3;
        long hash = row.getLong("key_hash");
        boolean hasHash = !row.wasNull();
        if (state < 1 || state > 6) {
            return which + " has the state " + state + ", which does not exist";
        }
        if (held != hasHash
                || (state == 2) != (row.getObject("due_at") != null && held)
                || held == (row.getObject("finished_at") != null)) {
            return which + " has columns that do not fit its state";
        }
        boolean right = hash == Hash.of(String.valueOf(row.getString("key"))) || hash == row.getLong("seq");
        return held && !right ? which + " has the hash of another key" : null;
    }

    private void counts() {
        session.each("checkCounts", row -> {
            for (String count : List.of("pending", "waiting", "parked", "dead")) {
                long counted = row.getLong(count);
                long is = row.getLong("is_" + count);
                if (counted != is) {
                    add(
                            null,
                            row.getString("flow"),
                            "",
                            "target " + row.getString("target") + " of flow " + row.getString("flow") + " has " + is
                                    + " changes that are " + count + ", counted were " + counted);
                }
            }
            return findings.size() < FINDINGS_MAX;
        });
    }

    private void cursors() {
        session.each("checkCursors", row -> {
            String problem = Checksum.damageOfCursor(row);
            return problem.isEmpty() || add(null, "", "", problem);
        });
    }

    private void add(String problem) {
        add(null, null, null, problem);
    }

    private boolean add(@Nullable Long sequence, @Nullable String flow, @Nullable String key, String problem) {
        if (findings.size() < FINDINGS_MAX) {
            findings.add(new LedgerFinding(sequence, flow, key, problem, false));
        }
        return findings.size() < FINDINGS_MAX;
    }
}
