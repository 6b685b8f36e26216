package dev.serai.store;

import dev.serai.ledger.cluster.ClusterView;
import dev.serai.ledger.cluster.SharedShards;
import dev.serai.ledger.model.Store;
import dev.serai.store.crypt.BodyCipher;
import dev.serai.store.jdbc.Database;
import dev.serai.store.postgres.PostgresCluster;
import java.util.Optional;

/**
 * The stores of a ledger that several nodes share: those that this node has, and views of the others.
 *
 * <p>Threads: safe.
 */
final class ClusterStores implements SharedShards {
    private final PostgresCluster cluster;
    private final BodyCipher bodies;
    private final ReadConnections readers;

    ClusterStores(PostgresCluster cluster, BodyCipher bodies) {
        this.cluster = cluster;
        this.bodies = bodies;
        this.readers = new ReadConnections(cluster, bodies);
    }

    @Override
    public int count() {
        return cluster.shards();
    }

    @Override
    public ClusterView look() {
        return cluster.look();
    }

    @Override
    public Optional<Store> take(int shard) {
        return cluster.take(shard).map(this::open);
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
        return new JdbcView(cluster, readers, shard);
    }

    @Override
    public void leave() {
        cluster.leave();
    }

    @Override
    public void close() {
        readers.close();
        cluster.close();
    }
}
