package dev.serai.connector.sql;

import dev.serai.camel.ledger.FailureReader;
import dev.serai.camel.ledger.FailureText;
import dev.serai.ledger.delivery.Outcome;
import java.io.IOException;
import java.sql.SQLException;
import java.sql.SQLInvalidAuthorizationSpecException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientConnectionException;
import java.time.Instant;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.core.NestedRuntimeException;
import org.springframework.dao.NonTransientDataAccessException;
import org.springframework.dao.NonTransientDataAccessResourceException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.dao.UncategorizedDataAccessException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.TransactionSystemException;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * Decides from the database's error codes whether a failure is an outage of the database. Spring's exceptions do not tell
 * that for SQLite, for connection pools, and for several codes of PostgreSQL.
 *
 * <p>The codes of MySQL and MariaDB decide before its SQL states, which are less exact: 08S01 is a lost connection and a packet
 * that is too large, 42000 a wrong statement and a missing right.
 *
 * <p>See: docs/decisions/002, appendix A of PostgreSQL's manual, and the error references of MySQL and MariaDB.
 *
 * <p>Threads: safe.
 */
public final class SqlFailureReader implements FailureReader {
    /** Connection exceptions and refused logins. */
    private static final Set<String> LOST_CLASSES = Set.of("08", "28");
    /** The server is shutting down, has crashed, is starting, closed the connection, or has too many connections. */
    private static final Set<String> LOST =
            Set.of("57P01", "57P02", "57P03", "57P04", "57P05", "25P03", "25P04", "53300");
    /** Insufficient resources, operator intervention, and system errors. */
    private static final Set<String> OUTAGE_CLASSES = Set.of("53", "57", "58");
    /** A read-only database, a missing right, and locks held by others. */
    private static final Set<String> OUTAGE = Set.of("25006", "42501", "55006", "55P03");
    /** Program limits: the row is too large for the database. */
    private static final String TOO_LARGE_CLASS = "54";

    private static final Set<SQLiteErrorCode> SQLITE_OUTAGE = Set.of(
            SQLiteErrorCode.SQLITE_PERM,
            SQLiteErrorCode.SQLITE_BUSY,
            SQLiteErrorCode.SQLITE_LOCKED,
            SQLiteErrorCode.SQLITE_NOMEM,
            SQLiteErrorCode.SQLITE_READONLY,
            SQLiteErrorCode.SQLITE_INTERRUPT,
            SQLiteErrorCode.SQLITE_IOERR,
            SQLiteErrorCode.SQLITE_CORRUPT,
            SQLiteErrorCode.SQLITE_FULL,
            SQLiteErrorCode.SQLITE_CANTOPEN,
            SQLiteErrorCode.SQLITE_PROTOCOL,
            SQLiteErrorCode.SQLITE_NOTADB);

    /** The row breaks a rule of its table: it would do so again. */
    private static final Set<SQLiteErrorCode> SQLITE_REFUSED = Set.of(
            SQLiteErrorCode.SQLITE_CONSTRAINT,
            SQLiteErrorCode.SQLITE_MISMATCH,
            SQLiteErrorCode.SQLITE_TOOBIG,
            SQLiteErrorCode.SQLITE_RANGE);

    private static final String SQLITE_NO_TABLE = "no such table";

    private static final Pattern SQLITE_WRONG =
            Pattern.compile("no such column|has no column named|syntax error|does not match any (PRIMARY KEY|UNIQUE)"
                    + "|cannot (INSERT into|UPDATE) generated column|cannot modify|ambiguous column");

    /** No connection, no login, or a connection that the server ended. */
    private static final Set<Integer> MYSQL_LOST = Set.of(
            1040, 1042, 1043, 1044, 1045, 1047, 1049, 1053, 1077, 1078, 1079, 1080, 1081, 1129, 1130, 1152, 1158, 1159,
            1160, 1161, 1184, 1203, 1226, 1251, 1698, 1820, 1862, 1927, 2002, 2003, 2006, 2013, 2055, 3118, 4031, 4151);
    /** The database is in trouble: disk, memory, files, rights, read-only, locks, and statements that it ended. */
    private static final Set<Integer> MYSQL_OUTAGE = Set.of(
            1015, 1016, 1021, 1026, 1030, 1034, 1035, 1036, 1037, 1038, 1041, 1114, 1135, 1142, 1143, 1180, 1194, 1195,
            1205, 1206, 1207, 1213, 1223, 1227, 1290, 1297, 1317, 1370, 1412, 1614, 1615, 1637, 1785, 1792, 1836, 1969,
            3024, 3100, 3101, 3572, 4058);
    /** The row or the statement would fail again. */
    private static final Set<Integer> MYSQL_REFUSED = Set.of(
            1048, 1054, 1062, 1064, 1110, 1118, 1136, 1153, 1162, 1216, 1217, 1242, 1264, 1265, 1288, 1292, 1364, 1366,
            1367, 1406, 1416, 1451, 1452, 1471, 1525, 1690, 1761, 1906, 3105, 3140, 3141, 3144, 3156, 3750, 3819, 4025,
            4078);

    private static final int MYSQL_ACCESS_DENIED = 1227;
    private static final int MYSQL_NO_TABLE = 1146;
    private static final Set<String> NO_TABLE = Set.of("3F000", "42P01");
    /** The driver refuses what is larger than the server takes, and then ends the connection. */
    private static final String MYSQL_TOO_LARGE = "max_allowed_packet";

    /** Pools and drivers report a closed connection without a code, or with 55000 for its statements. */
    private static final Pattern CLOSED = Pattern.compile(
            "(connection|statement|database|data ?source|pool)\\b.*\\b(is|been) (already )?closed",
            Pattern.CASE_INSENSITIVE);

    /**
     * The original failure, if the rollback after it failed as well. Without this, a connection that breaks in a transaction
     * is reported as a failed rollback.
     */
    @Override
    public @Nullable Throwable hiddenBy(Throwable failure) {
        return failure instanceof TransactionSystemException rollback ? rollback.getApplicationException() : null;
    }

    @Override
    public @Nullable Outcome read(Throwable failure, Instant now) {
        if (!(failure instanceof SQLException || failure instanceof NestedRuntimeException)) {
            return null;
        }
        Outcome byCode = byCode(failure);
        return byCode == null && failure instanceof NestedRuntimeException spring ? of(spring) : byCode;
    }

    /** Reads the database's own codes; null if none of them decides. */
    private static @Nullable Outcome byCode(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException error) {
                Outcome found = of(error);
                if (found != null) {
                    return found;
                }
            }
        }
        return null;
    }

    /** Reads Spring's translation, used if no code of the database decides. */
    private static @Nullable Outcome of(NestedRuntimeException failure) {
        // Spring's message hides the database's: "bad SQL grammar []".
        String text = FailureText.of(failure.getMostSpecificCause().getMessage(), failure);
        if (failure instanceof NonTransientDataAccessResourceException
                || failure instanceof CannotCreateTransactionException) {
            return new Outcome.Unreachable(text);
        }
        if (failure instanceof UncategorizedDataAccessException) {
            return new Outcome.Failed(null, text, null, false);
        }
        if (failure instanceof NonTransientDataAccessException) {
            return new Outcome.Refused(null, text);
        }
        return failure instanceof TransientDataAccessException ? new Outcome.Failed(null, text, null, true) : null;
    }

    private static @Nullable Outcome of(SQLException error) {
        String state = error.getSQLState() == null ? "" : error.getSQLState();
        String text = error.getMessage() == null ? error.getClass().getSimpleName() : error.getMessage();
        if (isTableMissing(error)) {
            return new Outcome.Failed(null, text, null, true);
        }
        Outcome ofMysql = ofMysqlCode(error, text);
        if (ofMysql != null) {
            return ofMysql;
        }
        String group = state.length() < 2 ? "" : state.substring(0, 2);
        if (LOST_CLASSES.contains(group)
                || LOST.contains(state)
                || isLost(error)
                || isClosed(state, text)
                || (state.isEmpty() && isIo(error))) {
            return new Outcome.Unreachable(text);
        }
        if (OUTAGE_CLASSES.contains(group) || OUTAGE.contains(state) || isSqliteOutage(error)) {
            return new Outcome.Failed(null, text, null, true);
        }
        return group.equals(TOO_LARGE_CLASS) || isSqliteRefusal(error, text) ? new Outcome.Refused(null, text) : null;
    }

    private static boolean isLost(SQLException error) {
        return error instanceof SQLTransientConnectionException
                || error instanceof SQLNonTransientConnectionException
                || error instanceof SQLRecoverableException
                || error instanceof SQLInvalidAuthorizationSpecException;
    }

    /** Whether the driver names a broken connection as the cause. */
    private static boolean isIo(SQLException error) {
        for (Throwable cause = error.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof IOException) {
                return true;
            }
        }
        return false;
    }

    private static boolean isClosed(String state, String text) {
        return (state.isEmpty() || state.equals("55000"))
                && CLOSED.matcher(text).find();
    }

    /** SQLite has one code for all that is wrong with a statement, so the words decide. */
    private static boolean isSqliteRefusal(SQLException error, String text) {
        if (!(error instanceof SQLiteException sqlite)) {
            return false;
        }
        SQLiteErrorCode code = SQLiteErrorCode.getErrorCode(sqlite.getResultCode().code & 0xff);
        return SQLITE_REFUSED.contains(code)
                || (code == SQLiteErrorCode.SQLITE_ERROR
                        && SQLITE_WRONG.matcher(text).find());
    }

    private static boolean isSqliteOutage(SQLException error) {
        return error instanceof SQLiteException sqlite
                && SQLITE_OUTAGE.contains(SQLiteErrorCode.getErrorCode(sqlite.getResultCode().code & 0xff));
    }

    private static @Nullable Outcome ofMysqlCode(SQLException error, String text) {
        int code = error instanceof SQLiteException ? 0 : error.getErrorCode();
        if (MYSQL_REFUSED.contains(code) || text.contains(MYSQL_TOO_LARGE)) {
            return new Outcome.Refused(null, text);
        } else if (MYSQL_LOST.contains(code)) {
            return new Outcome.Unreachable(text);
        }
        return MYSQL_OUTAGE.contains(code) ? new Outcome.Failed(null, text, null, true) : null;
    }

    /** Whether the database has no such table or schema. A sink waits for it, and a source is refused at its start. */
    static boolean isTableMissing(NestedRuntimeException failure) {
        return failure.getMostSpecificCause() instanceof SQLException error && isTableMissing(error);
    }

    private static boolean isTableMissing(SQLException error) {
        return error instanceof SQLiteException
                ? String.valueOf(error.getMessage()).contains(SQLITE_NO_TABLE)
                : error.getErrorCode() == MYSQL_NO_TABLE || NO_TABLE.contains(String.valueOf(error.getSQLState()));
    }

    /** Whether MySQL or MariaDB says that a right is missing. */
    static boolean isDenied(NestedRuntimeException failure) {
        return failure.getMostSpecificCause() instanceof SQLException error
                && error.getErrorCode() == MYSQL_ACCESS_DENIED;
    }
}
