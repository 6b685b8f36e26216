package dev.serai.store.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Renews the leases of this node, on a thread and a connection of its own.
 *
 * <p>Threads: safe.
 */
final class LeaseKeeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LeaseKeeper.class);
    private static final long EVERY_MILLIS = ShardOwnership.LEASE.toMillis() / 4;

    private final PostgresConnections connections;
    private final ShardOwnership ownership;
    private final Thread thread = new Thread(this::run, "serai-lease");
    private @Nullable Connection connection;
    private boolean failing;

    LeaseKeeper(PostgresConnections connections, ShardOwnership ownership) {
        this.connections = connections;
        this.ownership = ownership;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            while (true) {
                Thread.sleep(EVERY_MILLIS);
                renew();
            }
        } catch (InterruptedException e) { // closed
            disconnect();
        }
    }

    private void renew() {
        try {
            Connection open = connection;
            if (open == null) {
                open = connections.toLedger();
                connection = open;
            }
            ownership.renew(open);
            if (failing) {
                LOG.info("The leases of this node's shards are renewed again");
            }
            failing = false;
        } catch (SQLException | RuntimeException e) { // else the thread would end, and all leases with it
            if (!failing) {
                LOG.warn("The leases of this node's shards cannot be renewed: {}", e.getMessage());
            }
            failing = true;
            disconnect();
        }
    }

    private void disconnect() {
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

    @Override
    public void close() {
        thread.interrupt();
    }
}
