package dev.serai.store.copy;

import dev.serai.ledger.model.StoreException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Copies one table, and compares it afterwards.
 *
 * <p>Promise: what an earlier copy has committed is not copied again, since rows are committed in the order of their keys.
 *
 * <p>Threads: one thread.
 */
final class TableCopy {
    /** One transaction has about so much. */
    private static final long COMMIT_BYTES = 8 << 20;

    private final CopiedTable table;
    private final CopySide from;
    private final CopySide to;
    private final List<String> columns;
    private final long lastSequence;
    private final int commitRows;
    private final int[] key;

    /** @param lastSequence of the ledger */
    TableCopy(CopiedTable table, CopySide from, CopySide to, long lastSequence, int commitRows) {
        this.table = table;
        this.from = from;
        this.to = to;
        this.lastSequence = lastSequence;
        this.commitRows = commitRows;
        List<String> known = to.columns(table);
        this.columns =
                from.columns(table).stream().filter(known::contains).sorted().toList();
        this.key = table.key().stream().mapToInt(columns::indexOf).toArray();
    }

    String name() {
        return table.name();
    }

    /** Copies what the target does not have yet. @param copied is told how many rows more there are */
    void copy(LongConsumer copied) {
        if (table.hasOneRow()) {
            to.begin();
            to.empty(table);
            to.write(table, columns, from.read(table, columns, null));
            to.commit(lastSequence);
            from.endRead();
            return;
        }
        Object @Nullable [] after = to.lastKey(table);
        to.endRead();
        List<Object[]> rows = from.read(table, columns, after);
        while (!rows.isEmpty()) {
            to.begin();
            int written = 0;
            long bytes = 0;
            while (!rows.isEmpty() && written < commitRows && bytes < COMMIT_BYTES) {
                to.write(table, columns, rows);
                written += rows.size();
                bytes += bytes(rows);
                rows = from.read(table, columns, keyOf(rows.get(rows.size() - 1)));
            }
            to.commit(lastSequence);
            from.endRead();
            copied.accept(written);
        }
        from.endRead();
    }

    /**
     * Compares all rows of both sides.
     *
     * @param compared is told how many rows more there are
     * @return the checksum
     * @throws StoreException if they differ
     */
    TableSum compare(LongConsumer compared) {
        TableSum source = sum(from, compared);
        TableSum copy = sum(to, rows -> {});
        if (!source.equals(copy)) {
            throw new StoreException("the copy differs: table " + table.name() + " has " + source.rows()
                    + " rows with the checksum " + source.digest() + ", and the copy has " + copy.rows() + " with "
                    + copy.digest() + "; it is not used: delete the begun copy, and copy again");
        }
        return source;
    }

    /** @param digest SHA-256 of all values, in hex */
    record TableSum(long rows, String digest) {}

    private TableSum sum(CopySide side, LongConsumer read) {
        MessageDigest digest = sha256();
        long count = 0;
        List<Object[]> rows = side.read(table, columns, null);
        while (!rows.isEmpty()) {
            for (Object[] row : rows) {
                for (Object value : row) {
                    add(digest, value);
                }
            }
            count += rows.size();
            read.accept(rows.size());
            rows = table.hasOneRow() ? List.of() : side.read(table, columns, keyOf(rows.get(rows.size() - 1)));
        }
        side.endRead();
        return new TableSum(count, hex(digest));
    }

    private Object[] keyOf(Object[] row) {
        Object[] values = new Object[key.length];
        for (int i = 0; i < key.length; i++) {
            values[i] = row[key[i]];
        }
        return values;
    }

    /** The same for a value of both databases: they have other sizes of numbers. */
    private void add(MessageDigest digest, @Nullable Object value) {
        if (value == null) {
            digest.update((byte) 0);
        } else if (value instanceof byte[] bytes) {
            add(digest, (byte) 1, bytes);
        } else if (value instanceof Double || value instanceof Float) {
            digest.update((byte) 2);
            digest.update(longBytes(Double.doubleToLongBits(((Number) value).doubleValue())));
        } else if (value instanceof Number number) {
            digest.update((byte) 3);
            digest.update(longBytes(number.longValue()));
        } else {
            add(digest, (byte) 4, to.text(value.toString()).getBytes(StandardCharsets.UTF_8));
        }
    }

    private static void add(MessageDigest digest, byte kind, byte[] bytes) {
        digest.update(kind);
        digest.update(longBytes(bytes.length));
        digest.update(bytes);
    }

    private static byte[] longBytes(long value) {
        return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
    }

    private static long bytes(List<Object[]> rows) {
        long bytes = 0;
        for (Object[] row : rows) {
            for (Object value : row) {
                bytes += value instanceof byte[] body ? body.length : value instanceof String text ? text.length() : 8;
            }
        }
        return bytes;
    }

    private static String hex(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) { // every Java has it
            throw new IllegalStateException(e);
        }
    }
}
