package dev.serai.connector.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a file into records and knows the byte at which each begins. A record is a line; in CSV a quoted cell may go over
 * several (RFC 4180, 2.6).
 *
 * <p>A record whose quotes are wrong, or that is too long, is broken, and only its first line: reading goes on at the next
 * one, since a quote too many must not swallow what follows. Memory is bounded by the longest record allowed.
 *
 * <p>Threads: for one.
 */
final class RecordReader {
    private static final int BROKEN_BYTES_MAX = 65_536;

    /**
     * A record.
     *
     * @param bytes without the line's end; cut if it is too long
     * @param end the byte after it
     * @param line the number of its first line, counted from 1
     * @param lineAfter the number of its last line
     * @param broken what is wrong with it, or null
     * @param isEnded whether its end was found before the end of the file, so that more bytes would change nothing
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
     * Goes on at an offset.
     *
     * @param delimiter between the cells of CSV, in ASCII; null if there are none
     * @param lines how many lines lie before the offset
     * @param bytesMax the longest record allowed
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
                    return firstLine(firstLineEnd, firstLineLength, length, "text stands behind a closing quote");
                }
            }
        }
    }

    /** The state behind a byte; null if it cannot stand there. */
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

    /** Goes on to the line's end, of which no more than the bound is kept. */
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
