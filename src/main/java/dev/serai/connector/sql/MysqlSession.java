package dev.serai.connector.sql;

import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcOperations;

/** The time zone of a connection to MySQL or MariaDB, which converts values of the type TIMESTAMP on the way in and out. */
final class MysqlSession {
    private static final Logger LOG = LoggerFactory.getLogger(MysqlSession.class);
    private static final String UTC = "+00:00";

    private MysqlSession() {}

    /** Runs the work, which is part of a transaction, in UTC, and gives the connection its own time zone back. */
    static <T> T inUtc(JdbcOperations db, Supplier<T> work) {
        String zone = String.valueOf(db.queryForObject("SELECT @@session.time_zone", String.class));
        if (UTC.equals(zone)) {
            return work.get();
        }
        db.update("SET time_zone = ?", UTC);
        try {
            return work.get();
        } finally {
            restore(db, zone);
        }
    }

    private static void restore(JdbcOperations db, String zone) {
        try {
            db.update("SET time_zone = ?", zone);
        } catch (DataAccessException e) {
            LOG.debug("The connection ended before it got its time zone back", e); // its pool throws it away
        }
    }
}
