package dev.serai.store.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Renews the leases of this node, on a thread and a connection of its own, and knows whether they still hold. What a node knows of
 * a shard that it lost stays out of date, so a lost lease stays lost until the shard is taken again.
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
    private final Renewal also;
    private final Thread thread = new Thread(this::run, "serai-lease");
    private @Nullable Connection connection;
    /** Before the request that renewed the leases last, by {@link System#nanoTime}. */
    private volatile long renewedNanos;
    /** Why they could not be renewed last. */
    private volatile @Nullable String failure;

    /** When this node took the shards that it has, by {@link System#nanoTime}. */
    private final Map<Integer, Long> taken = new ConcurrentHashMap<>();
    /** Who has those that it lost. */
    private final Map<Integer, String> lost = new ConcurrentHashMap<>();

    /** What is renewed together with the leases. */
    interface Renewal {
        void renew(Connection connection) throws SQLException;
    }

    LeaseKeeper(PostgresConnections connections, ShardOwnership ownership, Renewal also) {
        this.connections = connections;
        this.ownership = ownership;
        this.also = also;
        this.renewedNanos = System.nanoTime();
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** This node has taken a shard at that time, by {@link System#nanoTime}. */
    void took(int shard, long nanos) {
        lost.remove(shard);
        taken.put(shard, nanos);
    }

    /** This node gives a shard back. */
    void gave(int shard) {
        taken.remove(shard);
        lost.remove(shard);
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
            long asked = System.nanoTime();
            also.renew(open);
            Set<Integer> owned = ownership.renew(open);
            for (Map.Entry<Integer, Long> one : taken.entrySet()) {
                if (one.getValue() - asked < 0 && !owned.contains(one.getKey()) && !lost.containsKey(one.getKey())) {
                    lose(one.getKey(), ownership.others(open));
                }
            }
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
            disconnect();
        }
    }

    private void lose(int shard, String owner) {
        if (lost.put(shard, owner) == null) {
            LOG.warn(
                    "Shard {} was taken over: it belongs to {}; this node writes and delivers nothing of it",
                    shard,
                    owner);
        }
    }

    /** See {@link dev.serai.ledger.model.Store#lapse}. */
    @Nullable String lapse(int shard) {
        String owner = lost.get(shard);
        if (owner != null) {
            return "nothing is delivered any more: the ledger was taken over, it belongs to " + owner;
        }
        long now = System.nanoTime();
        long age = Math.min(now - renewedNanos, now - taken.getOrDefault(shard, renewedNanos));
        String reason = failure;
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
