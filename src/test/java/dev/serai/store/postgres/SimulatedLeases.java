package dev.serai.store.postgres;

import dev.serai.ledger.cluster.ClusterNode;
import dev.serai.ledger.cluster.ClusterView;
import dev.serai.ledger.model.StoreException.StoreAwayException;
import dev.serai.ledger.time.TimeSource;
import dev.serai.store.jdbc.Session;
import dev.serai.store.postgres.SimulatedServer.ServerLine;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/** What a node has of a ledger on a {@link SimulatedServer}, as {@link PostgresCluster} has of one on a real server. */
public final class SimulatedLeases {
    private static final PostgresDialect DIALECT = new PostgresDialect();

    private final SimulatedServer server;
    private final ServerLine line;
    private final NodeConnections connections;
    private final ShardOwnership ownership;
    private final NodeLeases leases;

    private SimulatedLeases(
            SimulatedServer server,
            ServerLine line,
            NodeConnections connections,
            ShardOwnership ownership,
            NodeLeases leases) {
        this.server = server;
        this.line = line;
        this.connections = connections;
        this.ownership = ownership;
        this.leases = leases;
    }

    /** Joins the nodes of the ledger; empty if something is in the way: ask again. */
    public static Optional<SimulatedLeases> join(
            SimulatedServer server,
            ServerLine line,
            ClusterNode self,
            TimeSource time,
            ScheduledExecutorService executor) {
        NodeConnections connections = server.connections(line);
        ServerCheck check = new ServerCheck(SimulatedServer.address());
        ShardOwnership ownership = new ShardOwnership(connections, check, self.id(), self.name(), time);
        ClusterMembership membership = new ClusterMembership(check, self);
        try (Connection connection = connections.toLedger()) {
            if (membership.tryJoin(connection) != null) {
                return Optional.empty();
            }
        } catch (SQLException e) {
            throw new StoreAwayException("the server cannot be reached", e);
        }
        NodeLeases leases = new NodeLeases(connections, ownership, membership, time, "the server", executor);
        return Optional.of(new SimulatedLeases(server, line, connections, ownership, leases));
    }

    public ClusterView look() {
        return leases.look();
    }

    public boolean end(ClusterNode gone) {
        return leases.end(gone);
    }

    /** See {@link PostgresCluster#take}; {@link LeasedShard#open} comes first. */
    public Optional<LeasedShard> take(int shard) {
        return leases.take(shard).map(lease -> new LeasedShard(shard, lease));
    }

    public void leave() {
        leases.leave();
    }

    public void close() {
        leases.close();
    }

    /** A shard that the node has taken, as {@link PostgresDatabase}. */
    public final class LeasedShard {
        private final int shard;
        private final ShardLease lease;
        private long epoch;
        private @Nullable Session writer;

        LeasedShard(int shard, ShardLease lease) {
            this.shard = shard;
            this.lease = lease;
        }

        /** Opens the shard, or opens it again. */
        public void open() {
            try {
                disconnect();
                Connection connection = server.connect(line, connections.applicationPrefix() + "shard " + shard);
                writer = new Session(connection, DIALECT, "the simulated ledger");
                epoch = ownership.open(connection, shard);
            } catch (SQLException e) {
                throw new StoreAwayException("the shard cannot be opened", e);
            }
        }

        public long epoch() {
            return epoch;
        }

        public void fence(long lastSequence) {
            Session session = writer;
            if (session == null) {
                throw new StoreAwayException("the shard is not open");
            }
            session.clear();
            ShardOwnership.commit(session, shard, epoch, lastSequence);
        }

        public @Nullable String lapse() {
            return lease.lapse();
        }

        public void close() {
            disconnect();
            lease.end();
        }

        private void disconnect() {
            Session session = writer;
            writer = null;
            if (session != null) {
                session.close();
            }
        }
    }
}
