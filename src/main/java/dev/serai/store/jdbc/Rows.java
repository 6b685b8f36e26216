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
import dev.serai.ledger.model.Store;
import dev.serai.ledger.model.TargetCounts;
import dev.serai.ledger.model.TargetName;
import dev.serai.store.crypt.BodyCipher;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Maps rows to the types of the ledger and back, by the column names of the {@code .sql} files. */
public final class Rows {
    private static final byte[] EMPTY = new byte[0];
    private static final BodyCipher.Payload UNREADABLE = new BodyCipher.Payload(null, null, EMPTY);

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
            case FILTERED -> 7;
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
            case 7 -> DeliveryState.FILTERED;
            default -> throw new IllegalStateException("no delivery state has the number " + code);
        };
    }

    public static @Nullable Long millis(@Nullable Instant time) {
        return time == null ? null : time.toEpochMilli();
    }

    /**
     * An entry with its body.
     *
     * @param bodies decrypts it
     */
    public static Entry entry(ResultSet row, BodyCipher bodies) throws SQLException {
        ChangeRow change = ChangeRow.of(row);
        byte[] body = row.getBytes("body");
        BodyCipher.Payload payload = new BodyCipher.Payload(
                row.getString("content_type"), row.getString("headers"), body == null ? EMPTY : body);
        String damage = change.damage(row, payload.contentType(), payload.headers(), body);
        if (BodyCipher.keyId(payload.headers()) != null) {
            try {
                payload = damage == null ? bodies.opened(change.owner(), payload) : UNREADABLE;
            } catch (BodyCipher.AlteredException e) {
                damage = "corrupt: the body of change " + change.sequence() + " cannot be decrypted: " + e.getMessage();
                payload = UNREADABLE;
            }
        }
        return change.entry(payload.contentType(), headers(payload.headers(), damage), payload.body(), damage);
    }

    /** An entry whose body stays encrypted, and which is otherwise checked. */
    public static Entry unopened(ResultSet row) throws SQLException {
        ChangeRow change = ChangeRow.of(row);
        String damage =
                change.damage(row, row.getString("content_type"), row.getString("headers"), row.getBytes("body"));
        return change.entry(null, Map.of(), EMPTY, damage);
    }

    /** An entry without its body and headers. */
    public static Entry head(ResultSet row) throws SQLException {
        ChangeRow change = ChangeRow.of(row);
        return change.entry(null, Map.of(), EMPTY, change.damage(row));
    }

    /** A change whose row is missing although the target has a delivery of it. */
    public static Entry missing(TargetName target, long sequence) {
        Change change = new Change(target.flow(), "", "", null, Operation.UPSERT, null, Map.of(), EMPTY);
        return new Entry(
                sequence, Instant.EPOCH, change, "corrupt: change " + sequence + " is missing, its delivery is left");
    }

    private static Map<String, String> headers(@Nullable String stored, @Nullable String damage) {
        try {
            return StoredHeaders.read(stored);
        } catch (RuntimeException e) {
            if (damage != null) {
                return Map.of();
            }
            throw e;
        }
    }

    private static String text(ResultSet row, String column) throws SQLException {
        String text = row.getString(column);
        return text == null ? "" : text;
    }

    public static DueChange held(ResultSet row, BodyCipher bodies) throws SQLException {
        return new DueChange(
                entry(row, bodies),
                row.getInt("attempts"),
                instant(row, "due_at"),
                row.getLong("key_hash"),
                row.getBoolean("followed"));
    }

    public static Store.Standing standing(TargetName target, ResultSet row) throws SQLException {
        return new Store.Standing(head(row), delivery(target, row), row.getLong("key_hash"));
    }

    public static Cursor cursor(ResultSet row) throws SQLException {
        return new Cursor(row.getString("name"), row.getString("value"), Instant.ofEpochMilli(row.getLong("saved_at")));
    }

    public static TargetName target(ResultSet row) throws SQLException {
        return new TargetName(row.getString("flow"), row.getString("target"));
    }

    public static Delivery delivery(TargetName target, ResultSet row) throws SQLException {
        return new Delivery(
                target,
                state(row.getInt("state")),
                row.getInt("attempts"),
                instant(row, "due_at"),
                instant(row, "finished_at"),
                integer(row, "status"),
                row.getString("error"));
    }

    /** The status and error of a delivery. */
    public static Delivery failure(TargetName target, DeliveryState state, ResultSet row) throws SQLException {
        return new Delivery(target, state, 0, null, null, integer(row, "status"), row.getString("error"));
    }

    public static Attempt attempt(long sequence, ResultSet row, BodyCipher bodies) throws SQLException {
        Attempt attempt = new Attempt(
                target(row),
                row.getInt("number"),
                Instant.ofEpochMilli(row.getLong("at")),
                integer(row, "status"),
                row.getString("error"));
        return TranscriptRow.opened(sequence, attempt, row, bodies);
    }

    public static DeadLetter dead(ResultSet row) throws SQLException {
        String error = row.getString("error");
        return new DeadLetter(
                target(row),
                row.getLong("seq"),
                text(row, "id"),
                text(row, "key"),
                row.getString("version"),
                operation(row.getInt("operation")),
                Instant.ofEpochMilli(row.getLong("accepted_at")),
                row.getInt("attempts"),
                Instant.ofEpochMilli(row.getLong("finished_at")),
                integer(row, "status"),
                error == null ? "" : error);
    }

    public static TargetCounts counts(ResultSet row) throws SQLException {
        Instant held = earlier(instant(row, "oldest_waiting"), instant(row, "oldest_parked"));
        return new TargetCounts(
                row.getLong("position"),
                pause(row),
                row.getLong("pending"),
                row.getLong("waiting"),
                row.getLong("parked"),
                row.getLong("dead"),
                row.getLong("delivered"),
                earlier(instant(row, "oldest_pending"), held));
    }

    /** The parameters that write a cursor with its checksum. */
    public static Object[] cursorColumns(Cursor cursor) {
        int sum = Checksum.ofCursor(cursor.name(), cursor.value());
        return new Object[] {cursor.name(), cursor.value(), cursor.savedAt().toEpochMilli(), sum};
    }

    /** The parameters that write what {@link #pause} reads. */
    public static @Nullable Object[] pauseColumns(TargetCounts.@Nullable Pause pause, long target) {
        if (pause == null) {
            return new @Nullable Object[] {0, null, null, null, target};
        }
        Long since = pause.since() == null ? null : pause.since().toEpochMilli();
        return new @Nullable Object[] {pause.isGone() ? 2 : 1, since, pause.by(), pause.reason(), target};
    }

    private static TargetCounts.@Nullable Pause pause(ResultSet row) throws SQLException {
        int paused = row.getInt("paused");
        return paused == 0
                ? null
                : new TargetCounts.Pause(
                        paused == 2,
                        instant(row, "paused_at"),
                        row.getString("paused_by"),
                        row.getString("paused_reason"));
    }

    static Operation operation(int code) {
        return code == 0 ? Operation.UPSERT : Operation.DELETE;
    }

    private static @Nullable Instant earlier(@Nullable Instant one, @Nullable Instant other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return one.isBefore(other) ? one : other;
    }

    static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        long millis = row.getLong(column);
        return row.wasNull() ? null : Instant.ofEpochMilli(millis);
    }

    static @Nullable Integer integer(ResultSet row, String column) throws SQLException {
        int number = row.getInt(column);
        return row.wasNull() ? null : number;
    }
}
