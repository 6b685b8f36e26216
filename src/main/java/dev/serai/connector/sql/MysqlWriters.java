package dev.serai.connector.sql;

import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The transactions of InnoDB that hold locks, which all do that write, to whichever table.
 *
 * <p>InnoDB renews its list of transactions only if nobody has read it for a tenth of a second. The list is new if it contains
 * the statement that reads it.
 *
 * <p>Threads: safe.
 */
final class MysqlWriters {
    /** A connection's next transaction is another one, unless it starts in the same second. */
    private static final String RUNNING = """
            SELECT CONCAT(trx_mysql_thread_id, ' ', trx_started, IF(trx_mysql_thread_id = 0, trx_id, '')) AS trx,
                trx_lock_structs + trx_rows_modified > 0 AS writes, trx_query LIKE '%%%s%%' AS own
            FROM information_schema.innodb_trx""";

    /** So that several pulls do not keep each other from getting a new list. */
    private static final String LOCK = "'serai.innodb_trx'";

    private static final int LOCK_SECONDS_MAX = 10;

    private final JdbcTemplate db;
    private final TransactionTemplate transaction;
    private final boolean visible;

    /** @param transaction of the same data source */
    MysqlWriters(JdbcTemplate db, TransactionTemplate transaction) {
        this.db = db;
        this.transaction = transaction;
        this.visible = isAllowed();
    }

    private boolean isAllowed() {
        try {
            db.queryForList("SELECT trx_id FROM information_schema.innodb_trx LIMIT 1");
            return true;
        } catch (DataAccessException e) {
            if (SqlFailureReader.isDenied(e)) {
                return false;
            }
            throw e;
        }
    }

    boolean areVisible() {
        return visible;
    }

    /** What keeps late rows from being seen; null if nothing does. */
    @Nullable String limitation() {
        if (!visible) {
            return "the user has no right to see other transactions: rows that are committed behind the cursor are read only"
                    + " within the overlap. Grant the right PROCESS, or set delay to longer than transactions take";
        }
        return Boolean.TRUE.equals(db.queryForObject("SELECT @@global.read_only = 1", Boolean.class))
                ? "the database is read-only, as a replica is, which does not show the transactions of its primary: rows that"
                        + " are committed behind the cursor are read only within the overlap, unless delay is set"
                : null;
    }

    /** Null if the list is not new. */
    @Nullable Set<String> running() {
        Optional<Set<String>> list = transaction.execute(status -> Optional.ofNullable(readAlone()));
        return list == null ? null : list.orElse(null);
    }

    private @Nullable Set<String> readAlone() {
        db.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT"); // which puts it on the list
        if (!is(db.queryForObject("SELECT GET_LOCK(" + LOCK + ", " + LOCK_SECONDS_MAX + ")", Integer.class))) {
            return null;
        }
        try {
            Set<String> running = read();
            if (running == null) {
                db.queryForList("SELECT SLEEP(0.12)");
                running = read();
            }
            return running;
        } finally {
            db.queryForList("SELECT RELEASE_LOCK(" + LOCK + ")");
        }
    }

    private @Nullable Set<String> read() {
        String own = "own" + UUID.randomUUID();
        Set<String> running = new HashSet<>();
        boolean isNew = false;
        for (Map<String, Object> row : db.queryForList(RUNNING.formatted(own))) {
            isNew |= is(row.get("own"));
            if (is(row.get("writes"))) {
                running.add(String.valueOf(row.get("trx")));
            }
        }
        return isNew ? running : null;
    }

    private static boolean is(@Nullable Object value) {
        return value instanceof Boolean is ? is : value instanceof Number number && number.intValue() != 0;
    }
}
