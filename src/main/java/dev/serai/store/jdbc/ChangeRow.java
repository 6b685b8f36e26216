package dev.serai.store.jdbc;

import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Entry;
import dev.serai.store.crypt.BodyCipher;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The columns of {@code change} in a row, each read once, since the driver makes a new text each time that it is asked for one. */
record ChangeRow(
        long sequence,
        @Nullable String flow,
        @Nullable String id,
        @Nullable String key,
        @Nullable String version,
        int operation,
        long acceptedAt) {

    static ChangeRow of(ResultSet row) throws SQLException {
        return new ChangeRow(
                row.getLong("seq"),
                row.getString("flow"),
                row.getString("id"),
                row.getString("key"),
                row.getString("version"),
                row.getInt("operation"),
                row.getLong("accepted_at"));
    }

    /** What is wrong with these columns of the row, or null. */
    @Nullable String damage(ResultSet row) throws SQLException {
        if (id == null) {
            return "corrupt: change " + sequence + " is missing, its delivery is left";
        }
        if (flow == null) {
            return "corrupt: the flow of change " + sequence + " does not exist";
        }
        int sum = Checksum.ofChange(sequence, flow, key, id, version, operation, acceptedAt);
        return key == null || isWrong(row, "sum", sum) ? mismatch() : null;
    }

    /** What is wrong with these columns of the row or those of {@code payload}, which have these values, or null. */
    @Nullable String damage(ResultSet row, @Nullable String contentType, @Nullable String headers, byte @Nullable [] body)
            throws SQLException {
        String damage = damage(row);
        if (damage != null) {
            return damage;
        }
        row.getLong("payload_seq");
        if (row.wasNull()) {
            return "corrupt: the body of change " + sequence + " is missing";
        }
        return isWrong(row, "payload_sum", Checksum.ofPayload(sequence, contentType, headers, body))
                ? mismatch()
                : null;
    }

    private boolean isWrong(ResultSet row, String column, int sum) throws SQLException {
        long stored = row.getLong(column);
        return row.wasNull() ? sequence > row.getLong("unchecked") : stored != sum;
    }

    private String mismatch() {
        return "corrupt: checksum of change " + sequence + " does not match";
    }

    /** Who an encrypted body belongs to. */
    BodyCipher.Owner owner() {
        return new BodyCipher.Owner(text(flow), text(id), text(key), version, operation);
    }

    Entry entry(@Nullable String contentType, Map<String, String> headers, byte[] body, @Nullable String damage) {
        Change change = new Change(
                text(flow), text(id), text(key), version, Rows.operation(operation), contentType, headers, body);
        return new Entry(sequence, Instant.ofEpochMilli(acceptedAt), change, damage);
    }

    private static String text(@Nullable String value) {
        return Objects.requireNonNullElse(value, "");
    }
}
