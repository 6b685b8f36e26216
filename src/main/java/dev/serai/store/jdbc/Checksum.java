package dev.serai.store.jdbc;

import dev.serai.ledger.model.Change;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The checksums that are stored with each change, one over its row in {@code change} and one over its row in {@code
 * payload}, so that a list without bodies can be verified as well.
 *
 * <p>They are CRC32C over the columns in the order of the methods' parameters: numbers as 8 bytes, texts in UTF-8 after their
 * length. They are stored, so this must never change.
 */
public final class Checksum {
    private final CRC32C crc = new CRC32C();
    private final ByteBuffer number = ByteBuffer.allocate(Long.BYTES);

    private Checksum() {}

    /** Of the row in {@code change} that a new change gets. */
    public static int of(long sequence, Change change, Instant acceptedAt) {
        return ofChange(
                sequence,
                change.flow(),
                change.key(),
                change.id(),
                change.version(),
                Rows.code(change.operation()),
                acceptedAt.toEpochMilli());
    }

    /** Of a row in {@code change}, with the flow's name in the place of its number. */
    public static int ofChange(
            long sequence,
            @Nullable String flow,
            @Nullable String key,
            @Nullable String id,
            @Nullable String version,
            int operation,
            long acceptedAt) {
        Checksum sum = new Checksum();
        sum.add(sequence);
        sum.add(flow);
        sum.add(key);
        sum.add(id);
        sum.add(version);
        sum.add(operation);
        sum.add(acceptedAt);
        return sum.value();
    }

    /** Of a row in {@code payload}. */
    public static int ofPayload(
            long sequence, @Nullable String contentType, @Nullable String headers, byte @Nullable [] body) {
        Checksum sum = new Checksum();
        sum.add(sequence);
        sum.add(contentType);
        sum.add(headers);
        sum.add(body);
        return sum.value();
    }

    /** Of a row in {@code cursor}. */
    public static int ofCursor(@Nullable String name, @Nullable String value) {
        Checksum sum = new Checksum();
        sum.add(name);
        sum.add(value);
        return sum.value();
    }

    /** What is wrong with a row of {@code cursor}, or an empty text. */
    public static String damageOfCursor(ResultSet row) throws SQLException {
        String name = row.getString("name");
        int sum = ofCursor(name, row.getString("value"));
        long stored = row.getLong("sum");
        return row.wasNull() || stored == sum
                ? ""
                : "corrupt: checksum of the cursor " + name + " does not match: set it with serai cursors set";
    }

    private void add(long value) {
        number.putLong(0, value);
        crc.update(number.array());
    }

    private void add(@Nullable String text) {
        add(text == null ? null : text.getBytes(StandardCharsets.UTF_8));
    }

    private void add(byte @Nullable [] bytes) {
        add(bytes == null ? -1L : bytes.length);
        if (bytes != null) {
            crc.update(bytes);
        }
    }

    private int value() {
        return (int) crc.getValue();
    }
}
