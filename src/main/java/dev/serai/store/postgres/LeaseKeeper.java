package dev.serai.store.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Renews the leases of this node, on a thread and a connection of its own, and knows whether they still hold.
 *
 * <p>Threads: safe.
 */
final class LeaseKeeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LeaseKeeper.class);
    private static final long EVERY_MILLIS = ShardOwnership.LEASE.toMillis() / 4;
    /** A little less than the lease, for what is on its way to a target when it ends. */
    private static final Duration SURE = ShardOwnership.LEASE.minusSeconds(1);

    private final PostgresConnections connections;
    private final ShardOwnership ownership;
    private final Thread thread = new Thread(this::run, "serai-lease");
    private @Nullable Connection connection;
    /** Before the request that renewed the leases last, by {@link System#nanoTime}. */
    private volatile long renewedNanos;
    /** Why they could not be renewed last. */
    private volatile @Nullable String failure;

    private volatile boolean lost;

    /** @param takenNanos when the leases began, by {@link System#nanoTime} */
    LeaseKeeper(PostgresConnections connections, ShardOwnership ownership, long takenNanos) {
        this.connections = connections;
        this.ownership = ownership;
        this.renewedNanos = takenNanos;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            while (!lost) { // what a node knows of a ledger that it lost stays out of date
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
            long asked = System.nanoTime();
            ownership.renew(open);
            renewedNanos = asked;
            if (failure != null) {
                LOG.info("The leases of this node's shards are renewed again");
            }
            failure = null;
        } catch (SQLException | RuntimeException e) { // else the thread would end, and all leases with it
            if (failure == null) {
                LOG.warn("The leases of this node's shards cannot be renewed: {}", e.getMessage());
            }
            failure = String.valueOf(e.getMessage());
            lost = e instanceof TakenOverException;
            disconnect();
        }
    }

    /** See {@link dev.serai.ledger.model.Store#lapse}. */
    @Nullable String lapse() {
        long age = System.nanoTime() - renewedNanos;
        String reason = failure;
        if (lost) {
            return "nothing is delivered any more: the ledger was taken over, " + reason;
        }
        return age < SURE.toNanos()
                ? null
                : "nothing is delivered, because another node may own the ledger by now: this node's lease was renewed "
                        + Duration.ofNanos(age).toSeconds() + " s ago" + (reason == null ? "" : ", then: " + reason);
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
