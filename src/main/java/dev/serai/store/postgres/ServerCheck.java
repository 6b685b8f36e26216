package dev.serai.store.postgres;

import dev.serai.store.jdbc.StoreOpenException;
import dev.serai.store.jdbc.StoreOpenException.OpenProblem;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/** Refuses a server that cannot keep a ledger, with what to do about it. */
final class ServerCheck {
    /** The oldest version whose partitions the segments of the log need; 14 is also the oldest that is tested. */
    private static final int VERSION_MIN = 140000;

    private static final String SETTINGS = "SELECT current_setting('server_version_num')::int AS number,"
            + " current_setting('server_version') AS version, current_setting('fsync') AS fsync,"
            + " current_setting('server_encoding') AS encoding, current_setting('transaction_read_only') AS read_only,"
            + " pg_is_in_recovery() AS standby";

    private final PostgresAddress address;

    ServerCheck(PostgresAddress address) {
        this.address = address;
    }

    /** @param another connection to the same address, open at the same time */
    void refuseUnlessFit(Connection connection, Connection another) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(SETTINGS)) {
            row.next();
            String problem = null;
            if (row.getInt("number") < VERSION_MIN) {
                problem = "the server has PostgreSQL " + row.getString("version") + ", and a ledger needs "
                        + VERSION_MIN / 10000 + " or newer: upgrade it";
            } else if (row.getBoolean("standby") || "on".equals(row.getString("read_only"))) {
                problem =
                        "the server only reads, as a standby does: name the primary in camel.component.ledger.url, or several"
                                + " hosts with targetServerType=primary";
            } else if (!"on".equals(row.getString("fsync"))) {
                problem = "the server has fsync = off, so a power cut would lose what was accepted: set fsync = on";
            } else if (!"UTF8".equals(row.getString("encoding"))) {
                problem = "the database has the encoding " + row.getString("encoding")
                        + ": make one with ENCODING 'UTF8'";
            }
            if (problem == null && !haveOwnSessions(connection, another)) {
                problem =
                        "behind the address, two connections share one session of the server, as with PgBouncer's pool_mode ="
                                + " transaction: set pool_mode = session, or name the server itself";
            }
            if (problem != null) {
                throw refused(OpenProblem.UNWRITABLE, problem, null);
            }
        }
    }

    /** A pool that lends sessions for a transaction has lent one to whoever asks next, or lends another the next time. */
    private static boolean haveOwnSessions(Connection one, Connection another) throws SQLException {
        int session = session(one);
        return session(another) != session && session(one) == session;
    }

    private static int session(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_backend_pid()")) {
            row.next();
            return row.getInt(1);
        }
    }

    /** Why a connection or the making of the tables failed. */
    StoreOpenException failed(SQLException e) {
        String state = String.valueOf(e.getSQLState());
        String said = firstLine(e);
        if (state.startsWith("28")) {
            return refused(
                    OpenProblem.UNWRITABLE,
                    "the server refuses the user: " + said
                            + ": set camel.component.ledger.username and camel.component.ledger.password",
                    e);
        }
        if (state.equals("3D000")) {
            return refused(OpenProblem.UNWRITABLE, said + ": make it with CREATE DATABASE", e);
        }
        if (state.equals("42501")) {
            return refused(
                    OpenProblem.UNWRITABLE,
                    said + ": the user must own the schemas of the ledger, or may make them: GRANT CREATE ON DATABASE",
                    e);
        }
        if (state.equals("53300")) {
            return refused(
                    OpenProblem.UNREACHABLE,
                    said + ": raise max_connections of the server; see PostgreSQL in docs/ledger.md",
                    e);
        }
        if (state.startsWith("08") || state.startsWith("57")) {
            String mend = ": start the server, or correct camel.component.ledger.url";
            return refused(OpenProblem.UNREACHABLE, said + mend, e);
        }
        return refused(OpenProblem.UNREACHABLE, said + ": look at the server and its log", e);
    }

    StoreOpenException refused(OpenProblem why, String problem, @Nullable Throwable cause) {
        String message = "the ledger in " + address.shown() + " cannot be opened: " + problem;
        return cause == null ? new StoreOpenException(why, message) : new StoreOpenException(why, message, cause);
    }

    private static String firstLine(SQLException e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("").replaceFirst("^FATAL: ", "");
    }
}
