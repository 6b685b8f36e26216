package dev.serai.store.jdbc;

import dev.serai.ledger.model.Attempt;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Cursor;
import dev.serai.ledger.model.DeadLetter;
import dev.serai.ledger.model.Delivery;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.DueChange;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.Operation;
import dev.serai.ledger.model.TargetCounts;
import dev.serai.ledger.model.TargetName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Maps rows to the ledger's types and back. The column order is that of the {@code .sql} files. */
public final class Rows {
    private static final byte[] EMPTY = new byte[0];

    private Rows() {}

    public static int code(Operation operation) {
        return operation == Operation.UPSERT ? 0 : 1;
    }

    /** The stored number of a state. Throws {@link IllegalArgumentException} for a state that is never stored. */
    public static int code(DeliveryState state) {
        return switch (state) {
            case DELIVERED -> 1;
            case WAITING -> 2;
            case PARKED -> 3;
            case DEAD -> 4;
            case SUPERSEDED -> 5;
            case DISCARDED -> 6;
            case PENDING, DELIVERING -> throw new IllegalArgumentException(state + " is never stored");
        };
    }

    public static DeliveryState state(int code) {
        return switch (code) {
            case 1 -> DeliveryState.DELIVERED;
            case 2 -> DeliveryState.WAITING;
            case 3 -> DeliveryState.PARKED;
            case 4 -> DeliveryState.DEAD;
            case 5 -> DeliveryState.SUPERSEDED;
            case 6 -> DeliveryState.DISCARDED;
            default -> throw new IllegalStateException("no delivery state has the number " + code);
        };
    }

    public static @Nullable Long millis(@Nullable Instant time) {
        return time == null ? null : time.toEpochMilli();
    }

    public static Entry entry(ResultSet row) throws SQLException {
        byte[] body = row.getBytes(10);
        return entry(row, row.getString(8), StoredHeaders.read(row.getString(9)), body == null ? EMPTY : body);
    }

    /** An entry without its body and headers. */
    public static Entry head(ResultSet row) throws SQLException {
        return entry(row, null, Map.of(), EMPTY);
    }

    public static DueChange held(ResultSet row) throws SQLException {
        return new DueChange(
                entry(row),
                row.getInt(11),
                Instant.ofEpochMilli(row.getLong(12)),
                row.getLong(13),
                row.getInt(14) != 0);
    }

    public static Cursor cursor(ResultSet row) throws SQLException {
        return new Cursor(row.getString(1), row.getString(2), Instant.ofEpochMilli(row.getLong(3)));
    }

    /** A delivery whose columns begin at {@code from}. */
    public static Delivery delivery(TargetName target, ResultSet row, int from) throws SQLException {
        return new Delivery(
                target,
                state(row.getInt(from)),
                row.getInt(from + 1),
                instant(row, from + 2),
                instant(row, from + 3),
                integer(row, from + 4),
                row.getString(from + 5));
    }

    public static Attempt attempt(ResultSet row) throws SQLException {
        return new Attempt(
                new TargetName(row.getString(1), row.getString(2)),
                row.getInt(3),
                Instant.ofEpochMilli(row.getLong(4)),
                integer(row, 5),
                row.getString(6));
    }

    public static DeadLetter dead(ResultSet row) throws SQLException {
        String error = row.getString(12);
        return new DeadLetter(
                new TargetName(row.getString(1), row.getString(2)),
                row.getLong(3),
                row.getString(4),
                row.getString(5),
                row.getString(6),
                operation(row.getInt(7)),
                Instant.ofEpochMilli(row.getLong(8)),
                row.getInt(9),
                Instant.ofEpochMilli(row.getLong(10)),
                integer(row, 11),
                error == null ? "" : error);
    }

    public static TargetCounts counts(TargetName target, ResultSet row) throws SQLException {
        Instant oldest = earlier(instant(row, 8), earlier(instant(row, 9), instant(row, 10)));
        return new TargetCounts(
                target,
                row.getLong(1),
                row.getInt(2) != 0,
                row.getLong(7),
                row.getLong(3),
                row.getLong(4),
                row.getLong(5),
                row.getLong(6),
                oldest);
    }

    private static Entry entry(ResultSet row, @Nullable String contentType, Map<String, String> headers, byte[] body)
            throws SQLException {
        return new Entry(
                row.getLong(1),
                Instant.ofEpochMilli(row.getLong(2)),
                new Change(
                        row.getString(3),
                        row.getString(4),
                        row.getString(5),
                        row.getString(6),
                        operation(row.getInt(7)),
                        contentType,
                        headers,
                        body));
    }

    private static Operation operation(int code) {
        return code == 0 ? Operation.UPSERT : Operation.DELETE;
    }

    private static @Nullable Instant earlier(@Nullable Instant one, @Nullable Instant other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return one.isBefore(other) ? one : other;
    }

    private static @Nullable Instant instant(ResultSet row, int column) throws SQLException {
        long millis = row.getLong(column);
        return row.wasNull() ? null : Instant.ofEpochMilli(millis);
    }

    private static @Nullable Integer integer(ResultSet row, int column) throws SQLException {
        int number = row.getInt(column);
        return row.wasNull() ? null : number;
    }
}
