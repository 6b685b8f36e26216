package dev.serai.store;

import dev.serai.ledger.cluster.ClusterNode;
import dev.serai.ledger.cluster.ClusterView;
import dev.serai.ledger.cluster.SharedShards;
import dev.serai.ledger.cluster.TakenOverException;
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.StoreException;
import dev.serai.store.crypt.BodyCipher;
import dev.serai.store.jdbc.Database;
import dev.serai.store.jdbc.StoreOpenException;
import dev.serai.store.jdbc.StoreOpenException.OpenProblem;
import dev.serai.store.postgres.LedgerPart;
import dev.serai.store.postgres.NodeIdentity;
import dev.serai.store.postgres.PostgresAddress;
import dev.serai.store.postgres.PostgresCluster;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stores of a ledger that several nodes share, in one database or in several: those that this node has, and views of the others.
 *
 * <p>Threads: safe.
 */
final class ClusterStores implements SharedShards {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterStores.class);

    private final NodeIdentity identity;
    private final List<DatabasePart> parts;
    private final BodyCipher bodies;

    /** What one database keeps. */
    private static final class DatabasePart {
        final PostgresCluster cluster;
        final ReadConnections readers;
        private ClusterView seen;
        /** Why it could not be asked last. */
        @Nullable StoreException away;

        /** @param self the id of this node */
        DatabasePart(PostgresCluster cluster, String self, BodyCipher bodies) {
            this.cluster = cluster;
            int shards = cluster.part().end() - cluster.part().first();
            this.seen = new ClusterView(self, List.of(), Collections.nCopies(shards, null));
            this.readers = new ReadConnections(cluster, bodies);
        }

        /**
         * As it was seen last if it cannot be asked: what this node has of it stays open, and its leases decide. Until it is joined nobody
         * is seen there.
         */
        ClusterView look() {
            try {
                seen = cluster.look();
                away = null;
            } catch (StoreException e) {
                if (away == null) {
                    LOG.warn("Who has the shards that {} keeps is not known now: {}", cluster.name(), e.getMessage());
                }
                away = e;
            }
            return seen;
        }

        /** It may be away from now on, and would be seen as nobody's. */
        void took(int shard) {
            seen = seen.withOwn(shard - cluster.part().first());
        }

        void close() {
            readers.close();
            cluster.close();
        }
    }

    private ClusterStores(NodeIdentity identity, List<DatabasePart> parts, BodyCipher bodies) {
        this.identity = identity;
        this.parts = parts;
        this.bodies = bodies;
    }

    /**
     * Joins the nodes that share the ledger, in each of its databases. One that is away is joined when it is back, but for the first: it
     * knows the ledger.
     *
     * @param at the address of this node's internal port, as {@code host:port}
     * @throws StoreOpenException if one of the databases cannot be used
     */
    static ClusterStores join(LedgerAddress address, String at, BodyCipher bodies) {
        NodeIdentity identity = NodeIdentity.take(address.data());
        ClusterNode self = new ClusterNode(identity.id(), address.node(), at);
        List<DatabasePart> parts = new ArrayList<>();
        try {
            List<PostgresAddress> servers = address.servers();
            LedgerPart next = new LedgerPart(null, 0, servers.size(), address.shards());
            for (PostgresAddress server : servers) {
                PostgresCluster joined = join(server, next, self, address.data());
                parts.add(new DatabasePart(joined, identity.id(), bodies));
                next = joined.part().next();
            }
            return new ClusterStores(identity, parts, bodies);
        } catch (RuntimeException e) {
            parts.forEach(DatabasePart::close);
            identity.close();
            throw e;
        }
    }

    private static PostgresCluster join(PostgresAddress server, LedgerPart part, ClusterNode self, Path data) {
        try {
            return PostgresCluster.join(server, part, self, data);
        } catch (StoreOpenException e) {
            if (part.number() == 0 || e.reason() != OpenProblem.UNREACHABLE) {
                throw e;
            }
            LOG.warn(
                    "{}. This node starts without shards {} to {}, and takes its share of them when that is back",
                    e.getMessage(),
                    part.first(),
                    part.end() - 1);
            return PostgresCluster.joinLater(server, part, self, data);
        }
    }

    @Override
    public int count() {
        return parts.get(0).cluster.part().shards();
    }

    private DatabasePart partOf(int shard) {
        return parts.stream()
                .filter(part -> shard < part.cluster.part().end())
                .findFirst()
                .orElseThrow();
    }

    @Override
    public synchronized ClusterView look() {
        ClusterView view = ClusterView.of(parts.stream().map(DatabasePart::look).toList());
        StoreException away = parts.get(0).away;
        if (away != null && parts.stream().allMatch(part -> part.away != null)) {
            throw away;
        }
        return view;
    }

    @Override
    public synchronized boolean end(ClusterNode gone) {
        boolean isEnded = false;
        for (DatabasePart part : parts) {
            isEnded |= part.away == null && part.cluster.end(gone);
        }
        return isEnded;
    }

    /** Several shards are opened at once. */
    @Override
    public Optional<Store> take(int shard) {
        DatabasePart part = partOf(shard);
        synchronized (this) {
            if (part.away != null) {
                return Optional.empty();
            }
        }
        Optional<Database> taken = part.cluster.take(shard);
        try {
            Optional<Store> opened = taken.map(this::open);
            if (opened.isPresent()) {
                took(part, shard);
            }
            return opened;
        } catch (TakenOverException e) { // this node stood still since it took it
            return Optional.empty();
        }
    }

    private synchronized void took(DatabasePart part, int shard) {
        part.took(shard);
    }

    /** Closes the database if that fails, and so gives the shard back. */
    private Store open(Database database) {
        try {
            return JdbcStore.open(database, JdbcStore.RUN_CHANGES / count(), bodies);
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
    }

    @Override
    public Store view(int shard) {
        DatabasePart part = partOf(shard);
        return new JdbcView(part.cluster, part.readers, shard);
    }

    @Override
    public void leave() {
        StoreException failure = null;
        for (DatabasePart part : parts) {
            try {
                part.cluster.leave();
            } catch (StoreException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    @Override
    public void close() {
        parts.forEach(DatabasePart::close);
        identity.close();
    }
}
