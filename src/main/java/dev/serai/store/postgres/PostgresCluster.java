package dev.serai.store.postgres;

import dev.serai.ledger.cluster.ClusterNode;
import dev.serai.ledger.cluster.ClusterView;
import dev.serai.ledger.model.Store.Space;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.StoreException.StoreAwayException;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A ledger in PostgreSQL that this node shares with others, or the part of it that one of several databases keeps. That of a database
 * that was away when the node started can be joined later; until then its shards cannot be read.
 *
 * <p>Threads: safe.
 */
public final class PostgresCluster implements ReadSource, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PostgresCluster.class);
    /** Connections that read the shards of other nodes, whichever they are. */
    private static final int READERS_MAX = 4;

    private static final long JOIN_EVERY_MILLIS = 1000;
    private static final String NOT_CONNECTED = "08003";

    private final PostgresAddress address;
    private final Path data;
    private final PostgresConnections connections;
    private final PostgresDialect dialect = new PostgresDialect();
    private final TimeSource time = TimeSource.system();
    private final ServerCheck check;
    private final ShardOwnership ownership;
    private final ClusterMembership membership;
    private volatile LedgerPart part;
    /** Null until it is joined. */
    private volatile @Nullable NodeLeases leases;

    private volatile String notJoined;
    /** Guarded by this, as what follows. */
    private @Nullable Thread joining;

    private long joinedAtMillis = -JOIN_EVERY_MILLIS;
    private boolean closed;

    private PostgresCluster(PostgresAddress address, LedgerPart wanted, ClusterNode self, Path data) {
        this.address = address;
        this.data = data;
        this.part = wanted;
        this.connections = new PostgresConnections(address);
        this.check = new ServerCheck(address);
        this.ownership = new ShardOwnership(connections, check, self.id(), self.name(), time);
        this.membership = new ClusterMembership(check, self);
        this.notJoined = "the ledger in " + address.shown() + " is not joined yet";
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
        PostgresCluster joined = new PostgresCluster(address, wanted, self, data);
        joined.join();
        return joined;
    }

    /** As {@link #join}, but in the background: {@link #look} tries it, at most once a second. */
    public static PostgresCluster joinLater(PostgresAddress address, LedgerPart wanted, ClusterNode self, Path data) {
        return new PostgresCluster(address, wanted, self, data);
    }

    private void join() {
        try (Connection connection = connections.toMigrate(address.schema());
                Connection another = connections.toLedger()) {
            check.refuseUnlessFit(connection, another);
            part = new PostgresSchema(address, check).migrate(connection, part);
            connection.setSchema(address.schema());
            membership.join(connection);
        } catch (SQLException e) {
            throw check.failed(e);
        }
        synchronized (this) {
            if (!closed) {
                leases =
                        new NodeLeases(connections, ownership, membership, time, address.shown(), LeaseKeeper.thread());
            }
        }
    }

    private synchronized void joinInBackground() {
        if (closed || joining != null || time.monotonicMillis() - joinedAtMillis < JOIN_EVERY_MILLIS) {
            return;
        }
        Thread attempt = new Thread(this::tryToJoin, "serai-join");
        attempt.setDaemon(true);
        joining = attempt;
        attempt.start();
    }

    private void tryToJoin() {
        try {
            join();
            LOG.info("What {} keeps of the ledger is joined now", address.shown());
        } catch (StoreException e) {
            notJoined = String.valueOf(e.getMessage());
        } finally {
            synchronized (this) {
                joining = null;
                joinedAtMillis = time.monotonicMillis();
            }
        }
    }

    private NodeLeases joined() {
        NodeLeases now = leases;
        if (now == null) {
            throw new StoreAwayException(notJoined);
        }
        return now;
    }

    public LedgerPart part() {
        return part;
    }

    /** The owners of this part's shards. */
    public ClusterView look() {
        if (leases == null) {
            joinInBackground();
        }
        return joined().look();
    }

    /** See {@link dev.serai.ledger.cluster.SharedShards#end}. */
    public boolean end(ClusterNode gone) {
        return joined().end(gone);
    }

    /** Takes a shard, unless another node has it; to close the database gives it back. */
    public Optional<Database> take(int shard) {
        return joined().take(shard)
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
        if (leases != null) {
            joined().leave();
        }
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
        if (leases == null) { // its tables may be those of an earlier version
            throw new SQLException(notJoined, NOT_CONNECTED);
        }
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
        NodeLeases open;
        synchronized (this) {
            closed = true;
            open = leases;
        }
        if (open != null) {
            open.close();
        }
    }
}
