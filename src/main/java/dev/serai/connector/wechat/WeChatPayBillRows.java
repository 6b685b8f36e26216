package dev.serai.connector.wechat;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.serai.camel.ledger.BrokenRecord;
import dev.serai.connector.pull.PullException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Parses the rows of a WeChat Pay bill. The first line names the columns. In the rows each cell begins with a backtick, which
 * distinguishes separators from commas and line ends within a cell. The last two lines are the totals, without and with
 * backticks.
 *
 * <p>A row that is too long is a broken one, of which the beginning is kept.
 *
 * <p>Threads: one.
 */
final class WeChatPayBillRows {
    static final int ROW_CHARS_MAX = 1_000_000;

    private static final char BYTE_ORDER_MARK = '\ufeff';
    private static final String CELL = "`";
    private static final String TOTALS = "总";

    private final BufferedReader text;
    private final String place;
    private final String[] columns;
    /** The first line of the next row; null behind the last one. */
    private @Nullable String next;
    /** How many characters of the line that was read last were left out. */
    private long leftOut;

    private long chars;
    private int count;
    private Map<String, String> totals = Map.of();

    /**
     * Reads the names of the columns.
     *
     * @param bill may be empty
     * @param place names the bill in broken rows
     */
    WeChatPayBillRows(InputStream bill, String place) throws IOException, PullException {
        this.text = new BufferedReader(new InputStreamReader(
                bill,
                UTF_8.newDecoder()
                        .onMalformedInput(CodingErrorAction.REPORT)
                        .onUnmappableCharacter(CodingErrorAction.REPORT)));
        this.place = place;
        String first = line();
        if (first != null && !first.isEmpty() && first.charAt(0) == BYTE_ORDER_MARK) {
            first = first.substring(1);
        }
        while (first != null && first.isBlank()) {
            first = line();
        }
        columns = first == null ? new String[0] : first.split(",", -1);
        if (first == null) {
            return;
        }
        if (first.startsWith(CELL) || columns.length < 2) {
            throw new PullException("the bill does not begin with the names of its columns");
        }
        begin(line());
    }

    /** The next row, as a JSON object of strings or a {@link BrokenRecord}; null behind the last one. */
    @Nullable Object next() throws IOException, PullException {
        String first = next;
        if (first == null) {
            return null;
        }
        StringBuilder row = new StringBuilder(first);
        long missing = leftOut;
        String line = line();
        while (line != null && !line.startsWith(CELL) && !line.startsWith(TOTALS)) {
            long kept = Math.min(line.length(), ROW_CHARS_MAX - row.length());
            row.append('\n').append(line, 0, (int) Math.max(0, kept));
            missing += leftOut + line.length() - Math.max(0, kept);
            line = line();
        }
        begin(line);
        count++;
        return row(row.toString(), missing);
    }

    /** How many rows were read. */
    int count() {
        return count;
    }

    /** What the bill says of its rows, by title; empty before the last row was read, or if it says nothing. */
    Map<String, String> totals() {
        return totals;
    }

    private static Map<String, String> totals(String titles, @Nullable String values) {
        String[] names = titles.split(",", -1);
        String[] cells = values == null || !values.startsWith(CELL)
                ? new String[0]
                : values.substring(1).split("," + CELL, -1);
        Map<String, String> found = new LinkedHashMap<>();
        for (int i = 0; i < Math.min(names.length, cells.length); i++) {
            found.put(names[i].strip(), cells[i].strip());
        }
        return found;
    }

    /** How many characters were read. */
    long chars() {
        return chars;
    }

    private void begin(@Nullable String line) throws IOException, PullException {
        String first = line;
        while (first != null && first.isEmpty()) {
            first = line();
        }
        if (first == null) {
            throw new PullException("the bill is incomplete: it ends without its totals");
        }
        next = first.startsWith(TOTALS) ? null : first;
        if (next == null) {
            totals = totals(first, line());
        }
    }

    /** A line without its end, of which so much is left out that a row fits; null behind the last one. */
    private @Nullable String line() throws IOException, PullException {
        StringBuilder line = new StringBuilder();
        leftOut = 0;
        try {
            int read = text.read();
            if (read < 0) {
                return null;
            }
            while (read >= 0 && read != '\n') {
                chars++;
                if (line.length() < ROW_CHARS_MAX) {
                    line.append((char) read);
                } else {
                    leftOut++;
                }
                read = text.read();
            }
        } catch (CharacterCodingException e) {
            throw new PullException("the bill is not UTF-8");
        }
        int end = line.length() - 1;
        return leftOut == 0 && end >= 0 && line.charAt(end) == '\r' ? line.substring(0, end) : line.toString();
    }

    private Object row(String line, long missing) {
        String at = place + ":" + count;
        if (missing > 0) {
            String reason = "it has more than " + ROW_CHARS_MAX + " characters";
            return BrokenRecord.of(at, reason, line.getBytes(UTF_8));
        }
        String[] cells = line.substring(1).split("," + CELL, -1);
        if (!line.startsWith(CELL) || cells.length != columns.length) {
            String reason = "it has " + cells.length + " cells, the first line names " + columns.length;
            return BrokenRecord.of(at, reason, line.getBytes(UTF_8));
        }
        ObjectNode row = JsonNodeFactory.instance.objectNode();
        for (int i = 0; i < cells.length; i++) {
            row.put(columns[i].strip(), cells[i].strip());
        }
        return row;
    }
}
