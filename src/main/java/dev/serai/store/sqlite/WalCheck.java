package dev.serai.store.sqlite;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Distinguishes a damaged write-ahead file from one that a crash truncated.
 *
 * <p>SQLite stops reading at the first frame with a wrong checksum and drops the rest, whatever the reason. With
 * {@code synchronous=FULL} only the last transaction can be incomplete, because the one before was on disk when it began. A
 * wrong frame followed by two valid commits is therefore damage, and opening the file would lose accepted changes.
 *
 * <p>See: <a href="https://www.sqlite.org/fileformat2.html#walformat">the WAL format</a>
 */
final class WalCheck {
    private static final int HEADER_BYTES = 32;
    private static final int FRAME_HEADER_BYTES = 24;
    private static final int MAGIC = 0x377f0682;

    private final ByteOrder order;
    private final int pageBytes;
    private final long salt;
    private int sum0;
    private int sum1;

    private WalCheck(ByteBuffer header) {
        this.order = (header.getInt(0) & 1) == 1 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        this.pageBytes = header.getInt(8);
        this.salt = header.getLong(16);
    }

    /** What is wrong with the file, or null if SQLite may read it. */
    static @Nullable String problem(Path wal) throws IOException {
        if (!Files.exists(wal) || Files.size(wal) < HEADER_BYTES) {
            return null;
        }
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(wal), 1 << 16))) {
            byte[] header = in.readNBytes(HEADER_BYTES);
            if (Arrays.equals(header, new byte[HEADER_BYTES])) {
                return null;
            }
            WalCheck check = new WalCheck(ByteBuffer.wrap(header));
            if (!check.isHeader(ByteBuffer.wrap(header))) {
                return "the header of its write-ahead file " + wal.getFileName() + " is wrong";
            }
            return check.hasCommitsBehindDamage(in)
                    ? "its write-ahead file " + wal.getFileName() + " is damaged before its end"
                    : null;
        }
    }

    private boolean isHeader(ByteBuffer header) {
        boolean known = (header.getInt(0) & ~1) == MAGIC && pageBytes >= 512 && Integer.bitCount(pageBytes) == 1;
        add(header, 0, 24);
        return known && isSum(header, 24);
    }

    private boolean hasCommitsBehindDamage(DataInputStream in) throws IOException {
        boolean damaged = false;
        int commits = 0;
        byte[] bytes = in.readNBytes(FRAME_HEADER_BYTES + pageBytes);
        while (bytes.length == FRAME_HEADER_BYTES + pageBytes && commits < 2) {
            ByteBuffer frame = ByteBuffer.wrap(bytes);
            boolean sound = isSound(frame);
            damaged |= !sound;
            if (damaged && sound && frame.getInt(4) != 0) {
                commits++;
            }
            // The next frame's checksum continues from the one stored in this frame.
            sum0 = frame.getInt(16);
            sum1 = frame.getInt(20);
            bytes = in.readNBytes(FRAME_HEADER_BYTES + pageBytes);
        }
        return commits >= 2;
    }

    /** Frames from before the last reset of the file have another salt. */
    private boolean isSound(ByteBuffer frame) {
        add(frame, 0, 8);
        add(frame, FRAME_HEADER_BYTES, pageBytes);
        return frame.getLong(8) == salt && isSum(frame, 16);
    }

    private boolean isSum(ByteBuffer buffer, int at) {
        return buffer.getInt(at) == sum0 && buffer.getInt(at + 4) == sum1;
    }

    private void add(ByteBuffer buffer, int from, int length) {
        ByteBuffer words = buffer.duplicate().order(order);
        for (int at = from; at < from + length; at += 8) {
            sum0 += words.getInt(at) + sum1;
            sum1 += words.getInt(at + 4) + sum0;
        }
    }
}
