package dev.serai.connector.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.camel.ledger.OutcomeReader;
import dev.serai.ledger.delivery.Outcome;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientConnectionException;
import java.time.Clock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.UncategorizedSQLException;
import org.springframework.jdbc.support.SQLExceptionSubclassTranslator;
import org.springframework.transaction.TransactionSystemException;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** Failures of databases, drivers and pools, as translated by Spring. */
class SqlFailureReaderTest {
    private static final SQLException ROLLBACK = new SQLException("Connection is closed");

    private static Exception asSpringSays(SQLException error) {
        Exception translated = new SQLExceptionSubclassTranslator().translate("a statement", "SELECT 1", error);
        return translated == null ? new UncategorizedSQLException("a statement", "SELECT 1", error) : translated;
    }

    private static Outcome of(SQLException error) {
        return new OutcomeReader(Clock.systemUTC()).of(asSpringSays(error));
    }

    private static void assertOutage(Outcome outcome) {
        assertThat(outcome).isInstanceOfSatisfying(Outcome.Failed.class, failed -> assertThat(failed.outage())
                .isTrue());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "08000", "08001", "08003", "08004", "08006", "08007", "57P01", "57P02", "57P03", "57P05", "25P03",
                "28P01", "53300"
            })
    void aConnectionThatIsLostIsAnUnreachableDatabase(String state) {
        SQLException error = new SQLException("the driver's words", state);

        assertThat(of(error)).isEqualTo(new Outcome.Unreachable("the driver's words"));
        assertThat(of(new BatchUpdateException("batch entry 0", state, new int[0], error)))
                .isInstanceOf(Outcome.Unreachable.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Connection is closed",
                "This connection has been closed.",
                "HikariDataSource HikariDataSource (HikariPool-1) has been closed.",
                "The database has been closed",
                "database connection is already closed"
            })
    void aConnectionThatWasClosedIsAnUnreachableDatabaseWithoutACode(String words) {
        assertThat(of(new SQLException(words))).isEqualTo(new Outcome.Unreachable(words));
    }

    @Test
    void aStatementWhoseConnectionWasClosedIsAnUnreachableDatabase() {
        assertThat(of(new SQLException("This statement has been closed.", "55000")))
                .isInstanceOf(Outcome.Unreachable.class);
        assertThat(of(new SQLException("cannot insert into view \"closed\"", "55000")))
                .isEqualTo(new Outcome.Failed(null, "cannot insert into view \"closed\"", null, false));
    }

    @Test
    void aLostConnectionOfTheDriverIsAnUnreachableDatabase() {
        assertThat(of(new SQLRecoverableException("gone"))).isInstanceOf(Outcome.Unreachable.class);
        assertThat(of(new SQLTransientConnectionException("gone"))).isInstanceOf(Outcome.Unreachable.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"53100", "53200", "57014", "58030", "25006", "3F000", "42501", "42P01", "55P03", "55006", "40001"
            })
    void aDatabaseInTroubleIsAnOutage(String state) {
        assertOutage(of(new SQLException("the driver's words", state)));
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "SQLITE_BUSY",
                "SQLITE_BUSY_SNAPSHOT",
                "SQLITE_LOCKED",
                "SQLITE_READONLY",
                "SQLITE_IOERR",
                "SQLITE_IOERR_WRITE",
                "SQLITE_FULL",
                "SQLITE_CANTOPEN",
                "SQLITE_CORRUPT",
                "SQLITE_NOTADB"
            })
    void anSqliteFileInTroubleIsAnOutage(SQLiteErrorCode code) {
        SQLiteException error = new SQLiteException("the driver's words", code);

        assertOutage(of(error));
        assertOutage(of(new BatchUpdateException("batch entry 0", null, 0, new int[0], error)));
    }

    @ParameterizedTest
    @CsvSource({"22P02", "23502", "23505", "42703", "54000"})
    void whatIsWrongWithTheRowIsRefused(String state) {
        assertThat(of(new SQLException("the driver's words", state))).isInstanceOf(Outcome.Refused.class);
    }

    @ParameterizedTest
    @EnumSource(names = {"SQLITE_CONSTRAINT", "SQLITE_CONSTRAINT_NOTNULL", "SQLITE_TOOBIG", "SQLITE_MISMATCH"})
    void whatSqliteSaysOfARowIsRefused(SQLiteErrorCode code) {
        SQLiteException error = new SQLiteException("the driver's words", code);

        assertThat(of(error)).isInstanceOf(Outcome.Refused.class);
        assertThat(of(new BatchUpdateException("batch entry 0", null, 0, new int[0], error)))
                .isInstanceOf(Outcome.Refused.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"no such column: c", "table t has no column named c"})
    void whatIsMissingInAnSqliteFileIsRefused(String words) {
        assertThat(of(new SQLiteException(words, SQLiteErrorCode.SQLITE_ERROR))).isInstanceOf(Outcome.Refused.class);
    }

    @Test
    void aMissingTableOfSqliteIsAnOutage() {
        assertOutage(of(new SQLiteException("no such table: t", SQLiteErrorCode.SQLITE_ERROR)));
    }

    @Test
    void anyOtherErrorOfSqliteIsTriedAgain() {
        assertThat(of(new SQLiteException("the driver's words", SQLiteErrorCode.SQLITE_ERROR)))
                .isInstanceOfSatisfying(Outcome.Failed.class, failed -> assertThat(failed.outage())
                        .isFalse());
    }

    @Test
    void aBrokenConnectionWithoutACodeIsAnUnreachableDatabase() {
        SQLException error = new SQLException("no answer", new java.net.SocketException("Connection reset"));

        assertThat(of(error)).isEqualTo(new Outcome.Unreachable("no answer"));
        assertThat(of(new SQLException("no UTF-8", "22021", new java.io.IOException("malformed"))))
                .isInstanceOf(Outcome.Refused.class);
    }

    @Test
    void aFailedRollbackDoesNotHideTheFirstFailure() {
        TransactionSystemException lost = new TransactionSystemException("Could not roll back", ROLLBACK);
        lost.initApplicationException(asSpringSays(new SQLException("terminating connection", "57P01")));
        TransactionSystemException refused = new TransactionSystemException("Could not roll back", ROLLBACK);
        refused.initApplicationException(asSpringSays(new SQLException("duplicate key", "23505")));
        TransactionSystemException alone = new TransactionSystemException("Could not commit", ROLLBACK);
        OutcomeReader outcomes = new OutcomeReader(Clock.systemUTC());

        assertThat(outcomes.of(lost)).isEqualTo(new Outcome.Unreachable("terminating connection"));
        assertThat(outcomes.of(refused)).isInstanceOf(Outcome.Refused.class);
        assertThat(outcomes.of(alone)).isEqualTo(new Outcome.Unreachable("Connection is closed"));
    }

    @ParameterizedTest
    @CsvSource({"1040, 08004", "1044, 42000", "1045, 28000", "1049, 42000", "1053, 08S01", "1130, HY000", "1927, 70100"
    })
    void aConnectionThatMysqlRefusesOrEndsIsAnUnreachableDatabase(int code, String state) {
        assertThat(of(new SQLException("the driver's words", state, code))).isInstanceOf(Outcome.Unreachable.class);
    }

    @ParameterizedTest
    @CsvSource({
        "1114, HY000",
        "1142, 42000",
        "1146, 42S02",
        "1205, HY000",
        "1213, 40001",
        "1227, 42000",
        "1290, HY000",
        "1317, 70100",
        "1969, 70100",
        "3024, HY000"
    })
    void aMysqlInTroubleIsAnOutage(int code, String state) {
        assertOutage(of(new SQLException("the driver's words", state, code)));
    }

    @ParameterizedTest
    @CsvSource({
        "1048, 23000",
        "1054, 42S22",
        "1062, 23000",
        "1153, 08S01",
        "1264, 22003",
        "1265, 01000",
        "1292, 22007",
        "1364, HY000",
        "1366, HY000",
        "1406, 22001",
        "1452, 23000",
        "3819, HY000",
        "4025, 23000"
    })
    void whatMysqlSaysOfARowIsRefused(int code, String state) {
        assertThat(of(new SQLException("the driver's words", state, code))).isInstanceOf(Outcome.Refused.class);
    }
}
