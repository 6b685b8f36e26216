package dev.serai.store.postgres;

import dev.serai.ledger.cluster.ClusterNode;
import dev.serai.ledger.cluster.ClusterView;
import dev.serai.store.jdbc.StoreOpenException.OpenProblem;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * This node's row in the table {@code node}, and what that table and {@code shard} say about all nodes.
 *
 * <p>Threads: safe.
 */
final class ClusterMembership {
    private static final String UNIQUE_VIOLATION = "23505";

    private final ServerCheck check;
    private final ClusterNode self;
    private volatile boolean left;

    ClusterMembership(ServerCheck check, ClusterNode self) {
        this.check = check;
        this.self = self;
    }

    /** Joins; waits for as long as what a node that died left may last, and refuses if it is of one that lives. */
    void join(Connection connection) throws SQLException {
        long begun = System.nanoTime();
        String problem = tryJoin(connection);
        while (problem != null) {
            if (System.nanoTime() - begun > ShardOwnership.WAIT_MAX.toNanos()) {
                throw check.refused(OpenProblem.LOCKED, problem, null);
            }
            ShardOwnership.pause();
            problem = tryJoin(connection);
        }
    }

    /** Returns what is in the way, or null. */
    @Nullable String tryJoin(Connection connection) throws SQLException {
        endOthersHere(connection);
        String alone = ownerAlone(connection);
        if (alone != null) {
            return "node " + alone + " has it for itself: set serai.node.port and serai.node.secretFile there too, and"
                    + " start it again";
        }
        String same = nodeHere(connection);
        if (same != null) {
            return "node " + same + " has the address " + self.address()
                    + " too, by which the other nodes reach this one: set serai.node.host to an address of this machine";
        }
        try {
            save(connection);
            return null;
        } catch (SQLException e) {
            if (!UNIQUE_VIOLATION.equals(e.getSQLState())) {
                throw e;
            }
            return "another node with the name " + self.name()
                    + " uses it: give each node a name of its own with serai.node.name";
        }
    }

    /** The name of a live owner of shards that is no member: it runs alone, or is of an older version. */
    private @Nullable String ownerAlone(Connection connection) throws SQLException {
        String ask = "SELECT owner_name FROM shard s WHERE s.until >= clock_timestamp() AND s.owner <> ?"
                + " AND NOT EXISTS (SELECT 1 FROM node n WHERE n.id = s.owner) LIMIT 1";
        try (PreparedStatement statement = connection.prepareStatement(ask)) {
            statement.setString(1, self.id());
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? row.getString("owner_name") : null;
            }
        }
    }

    /** The name of a live node that the others would reach where they reach this one. */
    private @Nullable String nodeHere(Connection connection) throws SQLException {
        String ask = "SELECT name FROM node WHERE address = ? AND id <> ? AND until >= clock_timestamp()";
        try (PreparedStatement statement = connection.prepareStatement(ask)) {
            statement.setString(1, self.address());
            statement.setString(2, self.id());
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? row.getString("name") : null;
            }
        }
    }

    /** Ends what was left by nodes that listened where this one does now. */
    private void endOthersHere(Connection connection) throws SQLException {
        List<String> gone = new ArrayList<>();
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT id FROM node WHERE address = ? AND id <> ?")) {
            statement.setString(1, self.address());
            statement.setString(2, self.id());
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    gone.add(rows.getString("id"));
                }
            }
        }
        for (String id : gone) {
            end(connection, id);
        }
    }

    /**
     * Ends the leases and the membership of a node that is known to be gone, before their time. Those that were renewed within {@link
     * ShardOwnership#GONE} last; a live node starts no delivery of a shard with an older lease ({@link LeaseKeeper#SHARED}), so what
     * is wrongly taken for gone does not deliver beside the node that takes its shards.
     *
     * @return whether something ended
     */
    boolean end(Connection connection, String id) throws SQLException {
        long leftMillis = ShardOwnership.LEASE.minus(ShardOwnership.GONE).toMillis();
        String end = " SET until = clock_timestamp() - INTERVAL '1 millisecond' WHERE ";
        String old = " AND until >= clock_timestamp() AND until < clock_timestamp() + ? * INTERVAL '1 millisecond'";
        String shards = "UPDATE shard" + end + "id IN (SELECT id FROM shard WHERE owner = ?" + old
                + " FOR UPDATE SKIP LOCKED)"; // what a commit has locked is ended later
        String member = "UPDATE node" + end + "id = ?" + old
                + " AND NOT EXISTS (SELECT 1 FROM shard s WHERE s.owner = node.id AND s.until >= clock_timestamp())";
        int ended = 0;
        for (String sql : List.of(shards, member)) {
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                statement.setString(1, id);
                statement.setLong(2, leftMillis);
                ended += statement.executeUpdate();
            }
        }
        return ended > 0;
    }

    /** Makes or renews the row; a dead node of the same name makes room. */
    private void save(Connection connection) throws SQLException {
        String clear = "DELETE FROM node WHERE name = ? AND id <> ? AND until < clock_timestamp()";
        String save = "INSERT INTO node (id, name, address, until)"
                + " VALUES (?, ?, ?, clock_timestamp() + ? * INTERVAL '1 millisecond')"
                + " ON CONFLICT (id) DO UPDATE SET name = excluded.name, address = excluded.address, until = excluded.until";
        try (PreparedStatement statement = connection.prepareStatement(clear)) {
            statement.setString(1, self.name());
            statement.setString(2, self.id());
            statement.executeUpdate();
        }
        try (PreparedStatement statement = connection.prepareStatement(save)) {
            statement.setString(1, self.id());
            statement.setString(2, self.name());
            statement.setString(3, self.address());
            statement.setLong(4, ShardOwnership.LEASE.toMillis());
            statement.executeUpdate();
        }
    }

    /** Stays a member, unless it has left. */
    void renew(Connection connection) throws SQLException {
        if (!left) {
            save(connection);
        }
    }

    /** The others count this node no more. */
    void leave(Connection connection) throws SQLException {
        left = true;
        try (PreparedStatement statement = connection.prepareStatement("DELETE FROM node WHERE id = ?")) {
            statement.setString(1, self.id());
            statement.executeUpdate();
        }
    }

    ClusterView look(Connection connection) throws SQLException {
        List<ClusterNode> nodes = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT id, name, address FROM node WHERE until >= clock_timestamp() ORDER BY name")) {
            while (rows.next()) {
                nodes.add(new ClusterNode(rows.getString("id"), rows.getString("name"), rows.getString("address")));
            }
        }
        List<@Nullable String> owners = new ArrayList<>();
        // A lease of its own that has ended is renewed as long as nobody took the shard.
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT CASE WHEN until >= clock_timestamp() OR owner = ? THEN owner END AS owner FROM shard ORDER BY id")) {
            statement.setString(1, self.id());
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    owners.add(rows.getString("owner"));
                }
            }
        }
        return new ClusterView(self.id(), nodes, owners);
    }
}
