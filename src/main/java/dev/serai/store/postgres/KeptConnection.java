package dev.serai.store.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection that stays open between questions. It is made for the first one, and made again after one that failed.
 *
 * <p>Threads: safe; questions wait for each other.
 */
final class KeptConnection implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KeptConnection.class);

    private final NodeConnections connections;
    /** Guarded by this. */
    private @Nullable Connection connection;

    /** What is asked over it. */
    interface Question<T> {
        T ask(Connection connection) throws SQLException;
    }

    KeptConnection(NodeConnections connections) {
        this.connections = connections;
    }

    synchronized <T> T ask(Question<T> question) throws SQLException {
        try {
            Connection open = connection;
            if (open == null) {
                open = connections.toLedger();
                connection = open;
            }
            return question.ask(open);
        } catch (SQLException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /** The next question makes it again. */
    @Override
    public synchronized void close() {
        Connection open = connection;
        connection = null;
        if (open != null) {
            try {
                open.close();
            } catch (SQLException e) {
                LOG.debug("A connection could not be closed", e);
            }
        }
    }
}
