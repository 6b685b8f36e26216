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
 * A ledger in PostgreSQL that this node has for itself, with all shards, or the part of it that one of several databases keeps. The
 * databases of the shards are closed one by one; with the last of a part the node gives its shards back.
 *
 * <p>Threads: safe.
 */
public final class PostgresLedger {
    private final PostgresAddress address;
    private final PostgresConnections connections;
    private final ShardOwnership ownership;
    private final LeaseKeeper keeper;
    private final LedgerPart part;
    private final AtomicInteger open;
    private final NodeIdentity identity;
    private final AtomicInteger openParts;

    private PostgresLedger(
            PostgresAddress address,
            PostgresConnections connections,
            ShardOwnership ownership,
            LeaseKeeper keeper,
            LedgerPart part,
            NodeIdentity identity,
            AtomicInteger openParts) {
        this.address = address;
        this.connections = connections;
        this.ownership = ownership;
        this.keeper = keeper;
        this.part = part;
        this.open = new AtomicInteger(part.end() - part.first());
        this.identity = identity;
        this.openParts = openParts;
    }

    /**
     * Checks the servers, makes or migrates the schemas, and takes all shards.
     *
     * @param addresses of the databases that keep the ledger, in the order of their shards
     * @param shards their number if the ledger is new
     * @param name of the node, for people
     * @param data the node's folder
     * @return a database for each shard, in their order
     * @throws StoreOpenException if the ledger cannot be used
     */
    public static List<Database> open(List<PostgresAddress> addresses, int shards, String name, Path data) {
        return open(addresses, shards, name, data, SegmentGrowth.CHANGES);
    }

    /** @param segmentChanges the most changes that a segment can have */
    static List<Database> open(
            List<PostgresAddress> addresses, int shards, String name, Path data, int segmentChanges) {
        NodeIdentity identity = NodeIdentity.take(data);
        AtomicInteger openParts = new AtomicInteger(addresses.size());
        List<Database> databases = new ArrayList<>();
        try {
            LedgerPart next = new LedgerPart(null, 0, addresses.size(), shards);
            for (PostgresAddress address : addresses) {
                PostgresLedger taken = take(address, next, name, identity, openParts);
                databases.addAll(taken.databases(segmentChanges, data));
                next = taken.part.next();
            }
            return databases;
        } catch (RuntimeException e) {
            databases.forEach(Database::close);
            identity.close();
            throw e;
        }
    }

    private static PostgresLedger take(
            PostgresAddress address, LedgerPart wanted, String name, NodeIdentity identity, AtomicInteger openParts) {
        PostgresConnections connections = new PostgresConnections(address);
        TimeSource time = TimeSource.system();
        ServerCheck check = new ServerCheck(address);
        ShardOwnership ownership = new ShardOwnership(connections, check, identity.id(), name, time);
        try (Connection connection = connections.toMigrate(address.schema());
                Connection another = connections.toLedger()) {
            check.refuseUnlessFit(connection, another);
            LedgerPart part = new PostgresSchema(address, check).migrate(connection, wanted);
            connection.setSchema(address.schema());
            LeaseKeeper.Moment taken = ownership.takeAll(connection);
            LeaseKeeper keeper =
                    new LeaseKeeper(connections, ownership, none -> {}, LeaseKeeper.ALONE, time, LeaseKeeper.thread());
            IntStream.range(part.first(), part.end()).forEach(shard -> keeper.took(shard, taken));
            keeper.start();
            return new PostgresLedger(address, connections, ownership, keeper, part, identity, openParts);
        } catch (SQLException e) {
            throw check.failed(e);
        }
    }

    private List<Database> databases(int segmentChanges, Path data) {
        PostgresDialect dialect = new PostgresDialect();
        return IntStream.range(part.first(), part.end())
                .<Database>mapToObj(shard -> new PostgresDatabase(
                        lease(shard),
                        address,
                        connections,
                        ownership,
                        dialect,
                        new ShardNumbers(shard, part.shards()),
                        segmentChanges,
                        data))
                .toList();
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
        if (open.decrementAndGet() > 0) {
            return;
        }
        keeper.close();
        ownership.release(IntStream.range(part.first(), part.end()).boxed().toList());
        if (openParts.decrementAndGet() == 0) {
            identity.close();
        }
    }
}
