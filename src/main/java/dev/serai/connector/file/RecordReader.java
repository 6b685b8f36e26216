package dev.serai.connector.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Splits a file into records and tracks their byte offsets. A record is a line; in CSV a quoted cell may span several lines
 * (RFC 4180, 2.6).
 *
 * <p>If a record is too long or its quotes are wrong, its first line becomes a broken record and reading continues at the
 * next line, so that one stray quote does not hide the records after it. Memory is bounded by the maximum record length.
 *
 * <p>Threads: one thread.
 */
final class RecordReader {
    private static final int BROKEN_BYTES_MAX = 65_536;

    /**
     * A record.
     *
     * @param bytes without the line end; truncated if it is too long
     * @param end the offset after it
     * @param line the number of its first line, counted from 1
     * @param lineAfter the number of its last line
     * @param broken what is wrong with it, or null
     * @param isEnded whether its line end was read, so that bytes appended later do not change it
     */
    record Raw(
            byte[] bytes,
            long end,
            long line,
            long lineAfter,
            @Nullable String broken,
            boolean isEnded) {

        private Raw unended() {
            return new Raw(bytes, end, line, lineAfter, broken, false);
        }
    }

    private enum Cell {
        BEGIN,
        PLAIN,
        QUOTED,
        AFTER_QUOTE
    }

    private final SeekableByteChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocate(65_536).limit(0);
    private final boolean csv;
    private final char delimiter;
    private final int bytesMax;
    private byte[] record = new byte[1_024];
    private long offset;
    private long lines;

    /**
     * Reads from an offset on.
     *
     * @param delimiter the delimiter of CSV cells, in ASCII; null for JSON lines
     * @param lines the number of lines before the offset
     * @param bytesMax the maximum length of a record
     */
    RecordReader(SeekableByteChannel channel, @Nullable Character delimiter, long offset, long lines, int bytesMax)
            throws IOException {
        this.channel = channel;
        this.csv = delimiter != null;
        this.delimiter = delimiter == null ? 0 : delimiter;
        this.bytesMax = bytesMax;
        this.lines = lines;
        seek(offset);
    }

    private void seek(long to) throws IOException {
        channel.position(to);
        buffer.limit(0);
        offset = to;
    }

    /** The next byte, or -1 at the end. */
    private int read() throws IOException {
        if (!buffer.hasRemaining()) {
            buffer.clear();
            int count = channel.read(buffer);
            buffer.flip();
            if (count <= 0) {
                return -1;
            }
        }
        offset++;
        return buffer.get() & 0xff;
    }

    /** The next record; null at the end of the file. */
    @Nullable Raw next() throws IOException {
        long begin = offset;
        long firstLineEnd = -1;
        int firstLineLength = 0;
        int length = 0;
        int newlines = 0;
        Cell cell = Cell.BEGIN;
        while (true) {
            int b = read();
            if (b < 0) {
                if (offset == begin) {
                    return null;
                }
                return cell == Cell.QUOTED
                        ? firstLine(firstLineEnd, firstLineLength, length, "a quote is not closed")
                                .unended()
                        : whole(length, newlines, false);
            }
            boolean newline = b == '\n';
            if (newline && cell != Cell.QUOTED) {
                return whole(length, newlines, true);
            }
            if (newline) {
                newlines++;
                if (firstLineEnd < 0) {
                    firstLineEnd = offset;
                    firstLineLength = length;
                }
            }
            if (length == bytesMax) {
                return tooLong(firstLineEnd, firstLineLength);
            }
            keep(length++, b);
            if (csv) {
                cell = after(cell, b);
                if (cell == null) {
                    return firstLine(firstLineEnd, firstLineLength, length, "text follows a closing quote");
                }
            }
        }
    }

    /** The state after a byte; null if the byte is not allowed there. */
    private @Nullable Cell after(Cell cell, int b) {
        return switch (cell) {
            case BEGIN -> b == '"' ? Cell.QUOTED : b == delimiter ? Cell.BEGIN : Cell.PLAIN;
            case PLAIN -> b == delimiter ? Cell.BEGIN : Cell.PLAIN;
            case QUOTED -> b == '"' ? Cell.AFTER_QUOTE : Cell.QUOTED;
            case AFTER_QUOTE ->
                b == '"' ? Cell.QUOTED : b == delimiter ? Cell.BEGIN : b == '\r' ? Cell.AFTER_QUOTE : null;
        };
    }

    private void keep(int at, int b) {
        if (at == record.length) {
            record = Arrays.copyOf(record, Math.min(bytesMax, record.length * 2));
        }
        record[at] = (byte) b;
    }

    private Raw whole(int length, int newlines, boolean ended) {
        long line = lines + 1;
        lines += newlines + 1;
        return new Raw(bytes(length), offset, line, lines, null, ended);
    }

    private Raw firstLine(long firstLineEnd, int firstLineLength, int length, String why) throws IOException {
        if (firstLineEnd < 0) {
            return restOfLine(length, why);
        }
        seek(firstLineEnd);
        lines++;
        return new Raw(bytes(firstLineLength), offset, lines, lines, why, true);
    }

    private Raw tooLong(long firstLineEnd, int firstLineLength) throws IOException {
        String why = "longer than the " + bytesMax + " bytes allowed";
        return firstLineEnd < 0
                ? restOfLine(Math.min(bytesMax, BROKEN_BYTES_MAX), why)
                : firstLine(firstLineEnd, firstLineLength, firstLineLength, why + ", or a quote is not closed");
    }

    /** Reads to the end of the line and keeps at most {@code BROKEN_BYTES_MAX} of it. */
    private Raw restOfLine(int kept, String why) throws IOException {
        int length = kept;
        int b = read();
        while (b >= 0 && b != '\n') {
            if (length < BROKEN_BYTES_MAX && length < bytesMax) {
                keep(length++, b);
            }
            b = read();
        }
        lines++;
        return new Raw(bytes(length), offset, lines, lines, why, b == '\n');
    }

    private byte[] bytes(int length) {
        boolean carriageReturn = length > 0 && record[length - 1] == '\r';
        return Arrays.copyOf(record, carriageReturn ? length - 1 : length);
    }
}
