package dev.serai.store.postgres;

import dev.serai.ledger.cluster.ClusterNode;
import dev.serai.ledger.cluster.ClusterView;
import dev.serai.ledger.model.StoreException.StoreAwayException;
import dev.serai.ledger.time.TimeSource;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this node has of a ledger that it shares: its membership, and the leases of its shards.
 *
 * <p>Threads: safe; calls may block. Throws: {@link StoreAwayException} if the server cannot be asked.
 */
final class NodeLeases implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeLeases.class);

    private final ShardOwnership ownership;
    private final ClusterMembership membership;
    private final TimeSource time;
    private final String server;
    private final LeaseKeeper keeper;
    private final KeptConnection connection;

    /**
     * After the node has joined.
     *
     * @param server names it in errors
     * @param executor renews the leases, and has a thread for this alone
     */
    NodeLeases(
            NodeConnections connections,
            ShardOwnership ownership,
            ClusterMembership membership,
            TimeSource time,
            String server,
            ScheduledExecutorService executor) {
        this.connection = new KeptConnection(connections);
        this.ownership = ownership;
        this.membership = membership;
        this.time = time;
        this.server = server;
        this.keeper = new LeaseKeeper(connections, ownership, membership::renew, LeaseKeeper.SHARED, time, executor);
        keeper.start();
    }

    private <T> T ask(KeptConnection.Question<T> question) {
        try {
            return connection.ask(question);
        } catch (SQLException e) {
            throw new StoreAwayException(server + " cannot be reached: " + e.getMessage(), e);
        }
    }

    ClusterView look() {
        return ask(membership::look);
    }

    /**
     * See {@link ClusterMembership#end}.
     *
     * @param gone a node whose process is known to have ended
     */
    boolean end(ClusterNode gone) {
        boolean isEnded = ask(open -> membership.end(open, gone.id()));
        if (isEnded) {
            LOG.warn(
                    "Node {} is gone: nobody listens at {}, and it renewed no lease for {} s. The other nodes take its shards",
                    gone.name(),
                    gone.address(),
                    ShardOwnership.GONE.toSeconds());
        }
        return isEnded;
    }

    /** Takes a shard, unless another node has it. To end the lease gives it back. */
    Optional<ShardLease> take(int shard) {
        LeaseKeeper.Moment asked = LeaseKeeper.Moment.of(time);
        if (!ask(open -> ownership.tryTake(open, shard))) {
            return Optional.empty();
        }
        keeper.took(shard, asked);
        return Optional.of(new TakenLease(shard));
    }

    /** The lease of one taking: once it has ended it stays so, also if this node takes the shard again. */
    private final class TakenLease implements ShardLease {
        private final int shard;
        private volatile boolean ended;

        TakenLease(int shard) {
            this.shard = shard;
        }

        @Override
        public @Nullable String lapse() {
            return ended ? "nothing is delivered any more: this node gave the shard back" : keeper.lapse(shard);
        }

        @Override
        public void end() {
            ended = true;
            keeper.gave(shard);
            ownership.release(List.of(shard));
        }
    }

    /** This node is no member any more; it keeps its shards. */
    void leave() {
        ask(open -> {
            membership.leave(open);
            return true;
        });
    }

    /** End the leases first. */
    @Override
    public void close() {
        keeper.close();
        try {
            leave();
        } catch (StoreAwayException e) {
            LOG.info("The other nodes count this one until its membership ends: {}", e.getMessage());
        }
        connection.close();
    }
}
