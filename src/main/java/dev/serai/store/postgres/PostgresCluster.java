package dev.serai.store.postgres;

import dev.serai.ledger.cluster.ClusterNode;
import dev.serai.ledger.cluster.ClusterView;
import dev.serai.ledger.model.Store.Space;
import dev.serai.ledger.time.TimeSource;
import dev.serai.store.jdbc.Database;
import dev.serai.store.jdbc.Dialect;
import dev.serai.store.jdbc.ReadSource;
import dev.serai.store.jdbc.StoreOpenException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A ledger in PostgreSQL that this node shares with others, or the part of it that one of several databases keeps.
 *
 * <p>Threads: safe.
 */
public final class PostgresCluster implements ReadSource, AutoCloseable {
    /** Connections that read the shards of other nodes, whichever they are. */
    private static final int READERS_MAX = 4;

    private final PostgresAddress address;
    private final Path data;
    private final LedgerPart part;
    private final PostgresConnections connections;
    private final PostgresDialect dialect = new PostgresDialect();
    private final ShardOwnership ownership;
    private final NodeLeases leases;

    private PostgresCluster(
            PostgresAddress address,
            Path data,
            LedgerPart part,
            PostgresConnections connections,
            ShardOwnership ownership,
            NodeLeases leases) {
        this.address = address;
        this.data = data;
        this.part = part;
        this.connections = connections;
        this.ownership = ownership;
        this.leases = leases;
    }

    /**
     * Checks the server, makes or migrates the schemas, and joins the nodes that use the ledger. It takes no shard.
     *
     * @param wanted the part that the database keeps; its number of shards counts if the ledger is new
     * @param self this node, with a name that no other node may have
     * @param data the node's folder
     * @throws StoreOpenException if the ledger cannot be used
     */
    public static PostgresCluster join(PostgresAddress address, LedgerPart wanted, ClusterNode self, Path data) {
        PostgresConnections connections = new PostgresConnections(address);
        ServerCheck check = new ServerCheck(address);
        TimeSource time = TimeSource.system();
        ShardOwnership ownership = new ShardOwnership(connections, check, self.id(), self.name(), time);
        ClusterMembership membership = new ClusterMembership(check, self);
        try (Connection connection = connections.toMigrate(address.schema());
                Connection another = connections.toLedger()) {
            check.refuseUnlessFit(connection, another);
            LedgerPart part = new PostgresSchema(address, check).migrate(connection, wanted);
            connection.setSchema(address.schema());
            membership.join(connection);
            NodeLeases leases =
                    new NodeLeases(connections, ownership, membership, time, address.shown(), LeaseKeeper.thread());
            return new PostgresCluster(address, data, part, connections, ownership, leases);
        } catch (SQLException e) {
            throw check.failed(e);
        }
    }

    public LedgerPart part() {
        return part;
    }

    /** The owners of this part's shards. */
    public ClusterView look() {
        return leases.look();
    }

    /** See {@link dev.serai.ledger.cluster.SharedShards#end}. */
    public boolean end(ClusterNode gone) {
        return leases.end(gone);
    }

    /** Takes a shard, unless another node has it; to close the database gives it back. */
    public Optional<Database> take(int shard) {
        return leases.take(shard)
                .map(lease -> new PostgresDatabase(
                        lease,
                        address,
                        connections,
                        ownership,
                        dialect,
                        new ShardNumbers(shard, part.shards()),
                        SegmentGrowth.CHANGES,
                        data));
    }

    public void leave() {
        leases.leave();
    }

    // ---- The shards of others

    /** What a reading connection has to be told first in each transaction to see the tables of a shard. */
    public String pathTo(int shard) {
        return "SET LOCAL search_path TO " + connections.path(shard);
    }

    public @Nullable Space space(int shard) {
        return connections.sizes().space(address.schemaOf(shard));
    }

    @Override
    public Dialect dialect() {
        return dialect;
    }

    @Override
    public Connection reader() throws SQLException {
        return connections.toRead(0);
    }

    @Override
    public int readersMax() {
        return READERS_MAX;
    }

    @Override
    public boolean isDamage(SQLException e) {
        return PostgresConnections.isDamage(e);
    }

    @Override
    public String name() {
        return address.shown();
    }

    @Override
    public void close() {
        leases.close();
    }
}
