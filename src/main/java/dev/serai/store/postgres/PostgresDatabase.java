package dev.serai.store.postgres;

import dev.serai.ledger.model.Store.Space;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.StoreException.StoreAwayException;
import dev.serai.store.jdbc.Database;
import dev.serai.store.jdbc.Dialect;
import dev.serai.store.jdbc.LedgerFinding;
import dev.serai.store.jdbc.Session;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One shard of a ledger in PostgreSQL, which this node has taken. */
final class PostgresDatabase implements Database {
    /** With 16 shards a node has 16 connections that write and at most twice as many that read. */
    private static final int READERS_MAX = 2;

    private final ShardLease lease;
    private final PostgresAddress address;
    private final PostgresConnections connections;
    private final ShardOwnership ownership;
    private final PostgresDialect dialect;
    private final ShardNumbers numbers;
    private final Path data;
    private final SegmentGrowth growth;
    private final SegmentSweep sweep;
    private long epoch;
    private boolean closed;

    PostgresDatabase(
            ShardLease lease,
            PostgresAddress address,
            PostgresConnections connections,
            ShardOwnership ownership,
            PostgresDialect dialect,
            ShardNumbers numbers,
            int segmentChanges,
            Path data) {
        this.lease = lease;
        this.address = address;
        this.connections = connections;
        this.ownership = ownership;
        this.dialect = dialect;
        this.numbers = numbers;
        this.data = data;
        this.growth = new SegmentGrowth(numbers, segmentChanges);
        this.sweep = new SegmentSweep(growth, SegmentSweep.small(segmentChanges));
    }

    @Override
    public Dialect dialect() {
        return dialect;
    }

    /** The ledger has done it for all shards. */
    @Override
    public List<LedgerFinding> prepare() {
        return List.of();
    }

    @Override
    public void requireWritable() {
        try (Connection connection = connections.toLedger()) {
            connection.isValid(0);
        } catch (SQLException e) {
            throw new StoreAwayException("the ledger in " + name() + " cannot be reached: " + e.getMessage(), e);
        }
    }

    /** Every opening has an epoch of its own. */
    @Override
    public Connection writer(boolean afterFailure) throws SQLException {
        Connection connection = connections.toWrite(numbers.shard());
        try {
            epoch = ownership.open(connection, numbers.shard());
            connection.commit();
            return connection;
        } catch (SQLException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    @Override
    public @Nullable String lapse() {
        return lease.lapse();
    }

    @Override
    public Connection reader() throws SQLException {
        return connections.toRead(numbers.shard());
    }

    @Override
    public int readersMax() {
        return READERS_MAX;
    }

    @Override
    public void opened(Session writer) {
        inTransaction(writer, () -> growth.load(writer));
    }

    @Override
    public void reserve(Session writer, long lastSequence) {
        inTransaction(writer, () -> growth.reserve(writer, lastSequence));
    }

    @Override
    public void numbersContinue(Session writer) {
        writer.execute("SELECT setval('attempt_id', (SELECT COALESCE(MAX(id), 0) + 1 FROM attempt), false)");
        for (String table : List.of("audit", "state_change")) {
            writer.execute("SELECT setval(pg_get_serial_sequence('" + table
                    + "', 'id'), (SELECT COALESCE(MAX(id), 0) + 1 FROM " + table + "), false)");
        }
    }

    @Override
    public void beforeTransaction(Session writer, long lastSequence) {
        if (growth.isDue(lastSequence)) {
            writer.begin();
            growth.grow(writer, lastSequence);
            commit(writer, lastSequence);
        }
    }

    private static void inTransaction(Session writer, Runnable work) {
        writer.begin();
        work.run();
        writer.commit();
    }

    @Override
    public long nextSequence(long last) {
        return growth.next(last);
    }

    @Override
    public void commit(Session writer, long lastSequence) {
        ShardOwnership.commit(writer, numbers.shard(), epoch, lastSequence);
    }

    @Override
    public DropResult dropExpired(Session writer, long lastSequence, long settledUpTo) {
        return sweep.step(writer, lastSequence, settledUpTo);
    }

    /** The server does. */
    @Override
    public boolean giveBack(Session writer) {
        return false;
    }

    @Override
    public void disconnected() {}

    @Override
    public Path scratchFolder() {
        return data;
    }

    @Override
    public boolean isDamage(SQLException e) {
        return PostgresConnections.isDamage(e);
    }

    @Override
    public @Nullable Space space() {
        return connections.sizes().space(address.schemaOf(numbers.shard()));
    }

    @Override
    public List<LedgerFinding> backup(Path file) {
        throw new StoreException(
                "a ledger in PostgreSQL is saved with the server's own tools: see PostgreSQL in docs/operate.md");
    }

    @Override
    public String name() {
        return numbers.shards() == 1 ? address.shown() : address.shown() + ", shard " + numbers.shard();
    }

    @Override
    public String wholeName() {
        return address.shown();
    }

    @Override
    public String location() {
        return "the ledger is in " + address.shown() + ": look at the server and its log";
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            lease.end();
        }
    }
}
