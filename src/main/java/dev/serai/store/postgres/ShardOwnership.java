package dev.serai.store.postgres;

import dev.serai.ledger.cluster.TakenOverException;
import dev.serai.ledger.model.StoreException;
import dev.serai.ledger.model.StoreException.StoreAwayException;
import dev.serai.ledger.time.TimeSource;
import dev.serai.store.jdbc.Database;
import dev.serai.store.jdbc.Session;
import dev.serai.store.jdbc.StoreOpenException.OpenProblem;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's hold on the shards, as rows of the table {@code shard}: it takes them, keeps their leases, and gives them back. Leases
 * end by the clock of the server.
 *
 * <p>Threads: safe.
 */
final class ShardOwnership {
    private static final Logger LOG = LoggerFactory.getLogger(ShardOwnership.class);
    /** A shard of a node that stands still or is cut off can be taken after it. */
    static final Duration LEASE = Duration.ofSeconds(6);
    /** A lease of a node that is gone can be ended if it was not renewed for so long. See {@link ClusterMembership#end}. */
    static final Duration GONE = Duration.ofSeconds(3);
    /** What a node that starts waits for leases of others: longer than one lasts, and than one of 10 s as earlier versions have. */
    static final Duration WAIT_MAX = Duration.ofSeconds(12);

    private static final List<String> ROWS_AND_FENCE =
            Stream.concat(Database.COMMON_ROWS.stream(), Stream.of("fence")).toList();

    private static final String NOT_NULL_VIOLATION = "23502";
    private static final Duration ASK_EVERY = Duration.ofMillis(250);

    private final NodeConnections connections;
    private final ServerCheck check;
    private final String owner;
    private final String name;
    private final TimeSource time;

    /**
     * @param owner identifies the node
     * @param name of the node, for people
     */
    ShardOwnership(NodeConnections connections, ServerCheck check, String owner, String name, TimeSource time) {
        this.time = time;
        this.connections = connections;
        this.check = check;
        this.owner = owner;
        this.name = name;
    }

    /**
     * Takes all shards; waits for as long as the lease of a node that died may last, and refuses if another node renews its own.
     *
     * @return when the lease began
     */
    LeaseKeeper.Moment takeAll(Connection connection) throws SQLException {
        long begun = time.monotonicMillis();
        LeaseKeeper.Moment asked = LeaseKeeper.Moment.of(time);
        while (!tryTakeAll(connection)) {
            if (time.monotonicMillis() - begun > WAIT_MAX.toMillis()) {
                throw check.refused(
                        OpenProblem.LOCKED,
                        "it belongs to " + others(connection)
                                + ": stop that node, set another camel.component.ledger.schema, or let them share the ledger:"
                                + " set serai.node.port and serai.node.secretFile for each of them",
                        null);
            }
            pause();
            asked = LeaseKeeper.Moment.of(time);
        }
        endOldConnections(connection, connections.applicationPrefix() + "shard %");
        return asked;
    }

    private boolean tryTakeAll(Connection connection) throws SQLException {
        String take = "UPDATE shard SET owner = ?, owner_name = ?, epoch = epoch + 1,"
                + " until = clock_timestamp() + ? * INTERVAL '1 millisecond'"
                + " WHERE NOT EXISTS (SELECT 1 FROM shard s WHERE s.owner <> ? AND s.until >= clock_timestamp())";
        try (PreparedStatement statement = connection.prepareStatement(take)) {
            statement.setString(1, owner);
            statement.setString(2, name);
            statement.setLong(3, LEASE.toMillis());
            statement.setString(4, owner);
            return statement.executeUpdate() > 0;
        }
    }

    /** The node that has shards and is not this one, with the end of its lease. */
    String others(Connection connection) throws SQLException {
        String ask =
                "SELECT DISTINCT owner_name, to_char(until AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') AS until"
                        + " FROM shard WHERE owner <> ? ORDER BY until DESC LIMIT 1";
        try (PreparedStatement statement = connection.prepareStatement(ask)) {
            statement.setString(1, owner);
            try (ResultSet row = statement.executeQuery()) {
                return row.next()
                        ? "node " + row.getString("owner_name") + ", which runs and holds it until "
                                + row.getString("until") + " at least"
                        : "another node";
            }
        }
    }

    /** Until the server is asked again whether a lease of another node has ended. */
    static void pause() {
        try {
            Thread.sleep(ASK_EVERY.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException("interrupted while waiting for the lease of another node", e);
        }
    }

    /** Ends what earlier owners left open, which could keep rows locked. They cannot commit any more in any case. */
    private static void endOldConnections(Connection connection, String names) {
        String end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = current_user"
                + " AND pid <> pg_backend_pid() AND application_name LIKE ?";
        try (PreparedStatement statement = connection.prepareStatement(end)) {
            statement.setString(1, names.replace("_", "\\_"));
            statement.execute();
        } catch (SQLException e) {
            LOG.debug("The connections of an earlier owner could not be ended", e);
        }
    }

    /**
     * Opens a shard that this node has taken. It raises the epoch, so it waits for a commit of this node that is still under way:
     * after it the outcome of each earlier commit is known, and none of them can come later.
     *
     * @return the epoch
     * @throws TakenOverException if the shard belongs to another node
     */
    long open(Connection connection, int shard) throws SQLException {
        String raise = "UPDATE shard SET epoch = epoch + 1, until = clock_timestamp() + ? * INTERVAL '1 millisecond'"
                + " WHERE id = ? AND owner = ? RETURNING epoch";
        try (PreparedStatement statement = connection.prepareStatement(raise)) {
            statement.setLong(1, LEASE.toMillis());
            statement.setInt(2, shard);
            statement.setString(3, owner);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    throw new TakenOverException("shard " + shard + " of the ledger belongs to " + others(connection)
                            + ": this node writes nothing to it any more, restart it");
                }
                return row.getLong("epoch");
            }
        }
    }

    /**
     * Writes the common rows that are batched and commits. Each transaction of the owner ends like this; throws {@link StoreAwayException},
     * and commits nothing, if the shard was opened by anybody since.
     */
    static void commit(Session writer, int shard, long epoch, long lastSequence) {
        writer.batch("fence", LEASE.toMillis(), lastSequence, epoch, shard);
        try {
            writer.commitAtOnce(ROWS_AND_FENCE);
        } catch (StoreException e) {
            if (isFence(e)) {
                throw new StoreAwayException(
                        "shard " + shard + " was taken over: nothing was written with epoch " + epoch, e);
            }
            throw e;
        }
    }

    /** The statement sets the epoch to null if it is another one, so that nothing after it in the same text is done. */
    private static boolean isFence(StoreException e) {
        return e.getCause() instanceof SQLException cause
                && NOT_NULL_VIOLATION.equals(cause.getSQLState())
                && String.valueOf(cause.getMessage()).contains("epoch");
    }

    /**
     * Keeps the leases of this node; a row that a commit has locked is kept by that, once it is done. The others end: of shards that this
     * node could not give back, or took without having heard of it.
     *
     * @param held the shards that it keeps
     * @return the shards that this node has, with the age of their leases
     */
    Map<Integer, Duration> renew(Connection connection, Collection<Integer> held) throws SQLException {
        String renew = "UPDATE shard SET until = clock_timestamp() + ? * INTERVAL '1 millisecond'"
                + " WHERE id IN (SELECT id FROM shard WHERE owner = ? AND id = ANY (?) FOR UPDATE SKIP LOCKED)";
        try (PreparedStatement statement = connection.prepareStatement(renew)) {
            statement.setLong(1, LEASE.toMillis());
            statement.setString(2, owner);
            statement.setArray(3, connection.createArrayOf("integer", held.toArray()));
            statement.executeUpdate();
        }
        String owned = "SELECT id, EXTRACT(EPOCH FROM until) - EXTRACT(EPOCH FROM clock_timestamp()) AS seconds_left"
                + " FROM shard WHERE owner = ?";
        try (PreparedStatement own = connection.prepareStatement(owned)) {
            own.setString(1, owner);
            try (ResultSet rows = own.executeQuery()) {
                Map<Integer, Duration> shards = new HashMap<>();
                while (rows.next()) {
                    double ageMillis = LEASE.toMillis() - rows.getDouble("seconds_left") * 1_000;
                    shards.put(rows.getInt("id"), Duration.ofMillis((long) Math.max(0, Math.ceil(ageMillis))));
                }
                return shards;
            }
        }
    }

    /**
     * Takes a shard that nobody has, or this node itself. The connections of a node whose lease has ended are ended first: one of
     * them may have the row locked, and none can commit any more.
     *
     * @return whether this node has it now
     */
    boolean tryTake(Connection connection, int shard) throws SQLException {
        String free = " WHERE id = ? AND (owner IS NULL OR owner = ? OR until < clock_timestamp())";
        try (PreparedStatement ask = connection.prepareStatement(
                "SELECT owner IS DISTINCT FROM ? AND owner IS NOT NULL AS dead FROM shard" + free)) {
            ask.setString(1, owner);
            ask.setInt(2, shard);
            ask.setString(3, owner);
            try (ResultSet row = ask.executeQuery()) {
                if (!row.next()) {
                    return false;
                }
                if (row.getBoolean("dead")) {
                    endOldConnections(connection, connections.applicationPrefix() + "shard " + shard);
                }
            }
        }
        String take = "UPDATE shard SET owner = ?, owner_name = ?, epoch = epoch + 1,"
                + " until = clock_timestamp() + ? * INTERVAL '1 millisecond'" + free;
        try (PreparedStatement statement = connection.prepareStatement(take)) {
            statement.setString(1, owner);
            statement.setString(2, name);
            statement.setLong(3, LEASE.toMillis());
            statement.setInt(4, shard);
            statement.setString(5, owner);
            return statement.executeUpdate() > 0;
        }
    }

    /** Gives some shards of this node back. */
    void release(Collection<Integer> shards) {
        try (Connection connection = connections.toLedger();
                Statement limit = connection.createStatement();
                PreparedStatement statement = connection.prepareStatement(
                        "UPDATE shard SET owner = NULL, until = clock_timestamp() WHERE owner = ? AND id = ANY (?)")) {
            limit.execute("SET lock_timeout = '1s'");
            statement.setString(1, owner);
            statement.setArray(2, connection.createArrayOf("integer", shards.toArray()));
            statement.executeUpdate();
        } catch (SQLException e) {
            LOG.info(
                    "The shards could not be given back, another node can take them after {} s: {}",
                    LEASE.toSeconds(),
                    e.getMessage());
        }
    }
}
