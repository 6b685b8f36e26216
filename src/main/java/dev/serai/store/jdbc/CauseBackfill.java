package dev.serai.store.jdbc;

import dev.serai.ledger.cause.Cause;
import dev.serai.ledger.model.Hash;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Objects;

/** Writes the causes of failures that were stored before causes were. */
public final class CauseBackfill {
    private static final int STEP = 1_000;
    private static final String WAITING = "delivery d INDEXED BY delivery_waiting";
    private static final String DEAD = "delivery d INDEXED BY delivery_dead";

    private final Connection connection;

    public CauseBackfill(Connection connection) {
        this.connection = connection;
    }

    /** In the transaction of the migration. */
    public void run() throws SQLException {
        fill(WAITING, 2);
        fill(DEAD, 4);
    }

    private void fill(String from, int state) throws SQLException {
        String read =
                "SELECT d.target, d.seq, d.status, d.error, COALESCE(d.key_hash, 0) AS key_hash, c.key, c.accepted_at FROM "
                        + from
                        + " LEFT JOIN change c ON c.seq = d.seq WHERE d.state = " + state
                        + " AND d.error IS NOT NULL AND d.cause IS NULL LIMIT " + STEP;
        String write =
                "UPDATE delivery SET cause = ?, cause_key = ?, finished_at = COALESCE(finished_at, ?) WHERE target = ? AND seq = ?";
        try (PreparedStatement reader = connection.prepareStatement(read);
                PreparedStatement writer = connection.prepareStatement(write)) {
            boolean more = true;
            while (more) {
                more = fill(reader, writer);
            }
        }
    }

    private static boolean fill(PreparedStatement reader, PreparedStatement writer) throws SQLException {
        boolean any = false;
        try (ResultSet row = reader.executeQuery()) {
            while (row.next()) {
                any = true;
                int status = row.getInt("status");
                Cause cause = Cause.of(row.wasNull() ? null : status, row.getString("error"));
                String key = Objects.requireNonNullElse(row.getString("key"), "");
                writer.setLong(1, cause.hash());
                writer.setLong(2, row.getLong("key_hash") == 0 ? Hash.of(key) : row.getLong("key_hash"));
                writer.setLong(3, row.getLong("accepted_at"));
                writer.setInt(4, row.getInt("target"));
                writer.setLong(5, row.getLong("seq"));
                writer.addBatch();
            }
        }
        writer.executeBatch();
        return any;
    }
}
