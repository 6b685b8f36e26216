package dev.serai.store.postgres;

import dev.serai.ledger.time.TimeSource;
import dev.serai.store.jdbc.Database;
import dev.serai.store.jdbc.StoreOpenException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A ledger in PostgreSQL that this node has for itself, with all shards. Their databases are closed one by one; with the last of them the node gives
 * its shards back.
 *
 * <p>Threads: safe.
 */
public final class PostgresLedger {
    private final NodeIdentity identity;
    private final ShardOwnership ownership;
    private final LeaseKeeper keeper;
    private final int shards;
    private final AtomicInteger open;

    private PostgresLedger(NodeIdentity identity, ShardOwnership ownership, LeaseKeeper keeper, int shards) {
        this.shards = shards;
        this.open = new AtomicInteger(shards);
        this.identity = identity;
        this.ownership = ownership;
        this.keeper = keeper;
    }

    /**
     * Checks the server, makes or migrates the schemas, and takes all shards.
     *
     * @param shards their number if the ledger is new
     * @param name of the node, for people
     * @param data the node's folder
     * @return a database for each shard, in their order
     * @throws StoreOpenException if the ledger cannot be used
     */
    public static List<Database> open(PostgresAddress address, int shards, String name, Path data) {
        return open(address, shards, name, data, SegmentGrowth.CHANGES);
    }

    /** @param segmentChanges the most changes that a segment can have */
    static List<Database> open(PostgresAddress address, int shards, String name, Path data, int segmentChanges) {
        NodeIdentity identity = NodeIdentity.take(data);
        try {
            return open(address, shards, name, data, segmentChanges, identity);
        } catch (RuntimeException e) {
            identity.close();
            throw e;
        }
    }

    private static List<Database> open(
            PostgresAddress address, int shards, String name, Path data, int segmentChanges, NodeIdentity identity) {
        PostgresConnections connections = new PostgresConnections(address);
        TimeSource time = TimeSource.system();
        ServerCheck check = new ServerCheck(address);
        ShardOwnership ownership = new ShardOwnership(connections, check, identity.id(), name, time);
        int number;
        long takenMillis;
        try (Connection connection = connections.toMigrate(address.schema());
                Connection another = connections.toLedger()) {
            check.refuseUnlessFit(connection, another);
            number = new PostgresSchema(address, check).migrate(connection, shards);
            connection.setSchema(address.schema());
            takenMillis = ownership.takeAll(connection);
        } catch (SQLException e) {
            throw check.failed(e);
        }
        LeaseKeeper keeper = new LeaseKeeper(connections, ownership, none -> {}, time, LeaseKeeper.thread());
        PostgresLedger ledger = new PostgresLedger(identity, ownership, keeper, number);
        PostgresDialect dialect = new PostgresDialect();
        List<Database> databases = new ArrayList<>();
        for (int shard = 0; shard < number; shard++) {
            keeper.took(shard, takenMillis);
            databases.add(new PostgresDatabase(
                    ledger.lease(shard),
                    address,
                    connections,
                    ownership,
                    dialect,
                    new ShardNumbers(shard, number),
                    segmentChanges,
                    data));
        }
        keeper.start();
        return databases;
    }

    private ShardLease lease(int shard) {
        return new ShardLease() {
            @Override
            public @Nullable String lapse() {
                return keeper.lapse(shard);
            }

            @Override
            public void end() {
                closed();
            }
        };
    }

    private void closed() {
        if (open.decrementAndGet() == 0) {
            keeper.close();
            ownership.release(IntStream.range(0, shards).boxed().toList());
            identity.close();
        }
    }
}
