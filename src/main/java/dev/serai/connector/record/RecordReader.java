package dev.serai.connector.record;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Splits a file into records and CSV records into cells in one pass, so that nothing of a record can be left over, and tracks
 * byte offsets. A record is a line; in CSV a quoted cell may span several lines (RFC 4180, 2.6).
 *
 * <p>LF and CRLF end a line. CR alone does so in JSON lines, and in CSV if it ends the file's first line; otherwise it belongs
 * to its cell.
 *
 * <p>If a record is too long or its quotes are wrong, its first line becomes a broken record and reading continues at the
 * next line, so that one stray quote does not hide the records after it. Memory is bounded by the maximum record length.
 *
 * <p>Threads: one thread.
 */
public final class RecordReader {
    private static final int BROKEN_CHARS_MAX = 65_536;

    /**
     * A record.
     *
     * @param text without the line end; truncated if it is too long
     * @param cells of a CSV record that is not broken
     * @param begin its offset
     * @param end the offset after it
     * @param line the number of its first line, counted from 1
     * @param lineAfter the number of its last line
     * @param broken what is wrong with it, or null
     * @param isDecoded whether all its bytes are characters of the charset
     * @param isEnded whether its line end was read, so that bytes appended later do not change it
     */
    public record Raw(
            String text,
            List<String> cells,
            long begin,
            long end,
            long line,
            long lineAfter,
            @Nullable String broken,
            boolean isDecoded,
            boolean isEnded) {

        private Raw unended() {
            return new Raw(text, cells, begin, end, line, lineAfter, broken, isDecoded, false);
        }
    }

    private enum Cell {
        BEGIN,
        PLAIN,
        QUOTED,
        AFTER_QUOTE
    }

    private enum LineEnd {
        UNKNOWN,
        LF,
        CR
    }

    private final CharacterReader characters;
    private final String charset;
    private final boolean csv;
    private final int bytesMax;
    private final StringBuilder text = new StringBuilder();
    private final StringBuilder cell = new StringBuilder();
    private List<String> cells = List.of();
    private char delimiter;
    private LineEnd lineEnd = LineEnd.UNKNOWN;
    private long begin;
    private long undecodableAt;
    private long lines;

    /**
     * Reads from the start on.
     *
     * @param delimiter the delimiter of CSV cells; null for JSON lines
     * @param bytesMax the maximum length of a record
     */
    public RecordReader(SeekableByteChannel channel, Charset charset, @Nullable Character delimiter, int bytesMax) {
        this.characters = new CharacterReader(channel, charset);
        this.charset = charset.name();
        this.csv = delimiter != null;
        this.delimiter = delimiter == null ? 0 : delimiter;
        this.bytesMax = bytesMax;
    }

    /**
     * Continues at another offset; what the first line ended with stays known.
     *
     * @param linesBefore the number of lines before the offset
     */
    public void seek(long to, long linesBefore) {
        characters.seek(to);
        lines = linesBefore;
    }

    public void setDelimiter(char delimiter) {
        this.delimiter = delimiter;
    }

    /** The next record; null at the end of the file. */
    public @Nullable Raw next() throws IOException {
        begin = characters.offset();
        undecodableAt = -1;
        text.setLength(0);
        cell.setLength(0);
        cells = new ArrayList<>();
        long firstLineEnd = -1;
        int firstLineLength = 0;
        int newlines = 0;
        Cell state = Cell.BEGIN;
        while (true) {
            int c = character();
            if (c == CharacterReader.END) {
                if (characters.offset() == begin) {
                    return null;
                }
                return state == Cell.QUOTED
                        ? firstLine(firstLineEnd, firstLineLength, "a quote is not closed")
                                .unended()
                        : whole(newlines, false);
            }
            boolean pair = c == '\r' && characters.skip('\n');
            boolean newline = c == '\n' || pair || (c == '\r' && carriageReturnEndsLine());
            if (newline && state != Cell.QUOTED) {
                return whole(newlines, isEnded(c, pair));
            }
            if (newline) {
                newlines++;
                if (firstLineEnd < 0) {
                    firstLineEnd = characters.offset();
                    firstLineLength = text.length();
                }
            }
            if (characters.offset() - begin > bytesMax) {
                return tooLong(firstLineEnd, firstLineLength);
            }
            text.append((char) c);
            if (csv) {
                state = after(state, (char) c);
                if (state == null) {
                    return firstLine(firstLineEnd, firstLineLength, "text follows a closing quote");
                }
            }
            if (pair) {
                text.append('\n');
                cell.append('\n');
            }
        }
    }

    private int character() throws IOException {
        long at = characters.offset();
        int c = characters.read();
        if (c != CharacterReader.UNDECODABLE) {
            return c;
        }
        if (undecodableAt < 0) {
            undecodableAt = at;
        }
        return '\ufffd';
    }

    private boolean carriageReturnEndsLine() {
        return !csv || lineEnd != LineEnd.LF;
    }

    /** A CR at the end of the file may be half of a CRLF. */
    private boolean isEnded(int c, boolean pair) throws IOException {
        boolean alone = c == '\r' && !pair;
        if (lineEnd == LineEnd.UNKNOWN) {
            lineEnd = alone ? LineEnd.CR : LineEnd.LF;
        }
        return !alone || !characters.isAtEnd();
    }

    /** The state after a character; null if it is not allowed there. */
    private @Nullable Cell after(Cell state, char c) {
        boolean quoted = state == Cell.QUOTED;
        if (c == delimiter && !quoted) {
            endCell();
            return Cell.BEGIN;
        }
        boolean quote = c == '"';
        switch (state) {
            case BEGIN:
                if (quote) {
                    return Cell.QUOTED;
                }
                break;
            case PLAIN:
                break;
            case QUOTED:
                if (quote) {
                    return Cell.AFTER_QUOTE;
                }
                break;
            case AFTER_QUOTE:
                if (!quote) {
                    return null;
                }
                quoted = true;
                break;
        }
        cell.append(c);
        return quoted ? Cell.QUOTED : Cell.PLAIN;
    }

    private void endCell() {
        cells.add(cell.toString());
        cell.setLength(0);
    }

    private Raw whole(int newlines, boolean ended) {
        if (csv) {
            endCell();
        }
        long line = lines + 1;
        lines += newlines + 1;
        return raw(line, undecodable(), ended);
    }

    private @Nullable String undecodable() {
        return undecodableAt < 0
                ? null
                : "it is not " + charset + " at byte " + undecodableAt + " of the file: set charset";
    }

    private Raw raw(long line, @Nullable String broken, boolean ended) {
        return new Raw(
                text.toString(), cells, begin, characters.offset(), line, lines, broken, undecodableAt < 0, ended);
    }

    private Raw firstLine(long firstLineEnd, int firstLineLength, String why) throws IOException {
        if (firstLineEnd < 0) {
            return restOfLine(why);
        }
        characters.seek(firstLineEnd);
        lines++;
        text.setLength(firstLineLength);
        return raw(lines, why, true);
    }

    private Raw tooLong(long firstLineEnd, int firstLineLength) throws IOException {
        String why = "longer than the " + bytesMax + " bytes allowed";
        return firstLineEnd < 0
                ? restOfLine(why)
                : firstLine(firstLineEnd, firstLineLength, why + ", or a quote is not closed");
    }

    /** Reads to the end of the line and keeps at most {@code BROKEN_CHARS_MAX} of it. */
    private Raw restOfLine(String why) throws IOException {
        text.setLength(Math.min(text.length(), BROKEN_CHARS_MAX));
        boolean ended = false;
        int c = character();
        while (c != CharacterReader.END && !ended) {
            boolean pair = c == '\r' && characters.skip('\n');
            if (c == '\n' || pair || (c == '\r' && carriageReturnEndsLine())) {
                ended = isEnded(c, pair);
                break;
            }
            if (text.length() < Math.min(BROKEN_CHARS_MAX, bytesMax)) {
                text.append((char) c);
            }
            c = character();
        }
        lines++;
        return raw(lines, why, ended);
    }
}
