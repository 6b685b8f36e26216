package dev.serai.connector.alipay;

import dev.serai.connector.pull.PullException;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A day's bill of Alipay on disk: a zip of CSV files in GBK. One of them has the rows, the others are summaries. Lines that begin
 * with # are not rows: some stand before the names of the columns, one says where the rows end, and the totals follow.
 *
 * <p>Cells are not quoted, and end with tabs. A comma within the name of the goods is told from a separator by the two times that
 * follow the name.
 *
 * <p>Threads: one.
 */
public final class AlipayBill implements Closeable {
    /** A superset of GBK. */
    private static final Charset CHARSET = Charset.forName("GB18030");

    private static final long CHARS_MAX = 1L << 30;
    private static final int LINE_CHARS_MAX = 1_000_000;
    private static final char COMMENT = '#';
    private static final String FIRST_COLUMN = "支付宝交易号";
    private static final String END = "列表结束";
    private static final int NAME = 3;
    private static final Pattern TIME = Pattern.compile("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d");
    private static final Pattern TOTAL = Pattern.compile("#+(交易|退款)合计[：:](\\d+)笔，商家实收(?:退款)?共(-?[0-9.]+)元.*");

    private final FileChannel content;

    /**
     * Takes the rows of a bill.
     */
    @FunctionalInterface
    public interface BillRowReader {
        /**
         * A row.
         *
         * @param cells by the names of the columns
         * @param fault why it cannot be read; null if it can
         */
        void row(Map<String, String> cells, @Nullable String fault);
    }

    /**
     * What the bill says of its rows of one type.
     *
     * @param type 交易 or 退款
     * @param yuan what the merchant received, 商家实收
     */
    public record BillTotal(String type, String count, String yuan) {}

    /** Reads a file to its end. @param bytes may be anything */
    AlipayBill(InputStream bytes) throws IOException {
        Path path = Files.createTempFile("serai-bill-", null);
        this.content = FileChannel.open(
                path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
        try {
            bytes.transferTo(Channels.newOutputStream(content));
        } catch (IOException e) {
            content.close();
            throw e;
        }
    }

    /**
     * Reads all rows.
     *
     * @return the totals
     * @throws PullException if it is not a complete bill
     */
    public List<BillTotal> read(BillRowReader each) throws IOException, PullException {
        content.position(0);
        // Names of files may have any charset; none is looked at.
        try (ZipInputStream zip = new ZipInputStream(Channels.newInputStream(content), StandardCharsets.ISO_8859_1)) {
            List<BillTotal> totals = null;
            while (totals == null && zip.getNextEntry() != null) {
                totals = rows(lines(zip), each);
            }
            if (totals == null) {
                throw new PullException("the bill is not a zip with a CSV file whose first column is " + FIRST_COLUMN);
            }
            while (zip.getNextEntry() != null) {
                // up to the end, so that a truncated or altered file is found
            }
            return totals;
        } catch (CharacterCodingException e) {
            throw new PullException("the bill is not GBK");
        } catch (ZipException | EOFException | IllegalArgumentException e) {
            throw new PullException("the bill is damaged: " + e.getMessage());
        }
    }

    private static BufferedReader lines(ZipInputStream zip) {
        return new BufferedReader(new InputStreamReader(
                zip,
                CHARSET.newDecoder()
                        .onMalformedInput(CodingErrorAction.REPORT)
                        .onUnmappableCharacter(CodingErrorAction.REPORT)));
    }

    /** Null if this file has no rows but is a summary. */
    private static @Nullable List<BillTotal> rows(BufferedReader text, BillRowReader each)
            throws IOException, PullException {
        LineReader lines = new LineReader(text);
        String line = lines.next();
        while (line != null && (line.isBlank() || line.charAt(0) == COMMENT)) {
            line = lines.next();
        }
        if (line == null || !line.startsWith(FIRST_COLUMN)) {
            return null;
        }
        String[] columns = cells(line.replace('(', '（').replace(')', '）'));
        line = lines.next();
        while (line != null && !(line.startsWith("#") && line.contains(END))) {
            if (!line.isBlank() && line.charAt(0) != COMMENT) {
                row(columns, line, each);
            }
            line = lines.next();
        }
        if (line == null) {
            throw new PullException("the bill is incomplete: it ends without saying so");
        }
        List<BillTotal> totals = new ArrayList<>();
        while (line != null) {
            Matcher total = TOTAL.matcher(line);
            if (total.matches()) {
                totals.add(new BillTotal(total.group(1), total.group(2), total.group(3)));
            }
            line = lines.next();
        }
        return totals;
    }

    private static String[] cells(String line) {
        String[] cells = line.split(",", -1);
        for (int i = 0; i < cells.length; i++) {
            cells[i] = cells[i].strip();
        }
        return cells;
    }

    private static void row(String[] columns, String line, BillRowReader each) {
        Map<String, String> row = new HashMap<>();
        String[] cells = cells(line);
        int more = commasInName(cells);
        for (int i = 0; i < columns.length; i++) {
            int at = i <= NAME ? i : i + more;
            row.put(columns[i], at < cells.length ? cells[at] : "");
        }
        boolean isShort = cells.length - more < columns.length - 1; // a remark may be left out
        each.row(
                row,
                isShort || more < 0 ? "it has " + cells.length + " cells, the columns are " + columns.length : null);
    }

    /** Two times follow the name; -1 if there are none. */
    private static int commasInName(String[] cells) {
        for (int i = NAME + 1; i + 1 < cells.length; i++) {
            if (TIME.matcher(cells[i]).matches() && TIME.matcher(cells[i + 1]).matches()) {
                return i - NAME - 1;
            }
        }
        return -1;
    }

    /** Reads lines that are not longer than they may be. */
    private static final class LineReader {
        private final BufferedReader text;
        private long chars;

        LineReader(BufferedReader text) {
            this.text = text;
        }

        /** Null behind the last one. */
        @Nullable String next() throws IOException, PullException {
            StringBuilder line = new StringBuilder();
            int read = text.read();
            if (read < 0) {
                return null;
            }
            while (read >= 0 && read != '\n') {
                chars++;
                if (line.length() == LINE_CHARS_MAX || chars > CHARS_MAX) {
                    throw new PullException("the bill has a line of more than " + LINE_CHARS_MAX
                            + " characters, or more than " + CHARS_MAX + " in all");
                }
                line.append((char) read);
                read = text.read();
            }
            int end = line.length() - 1;
            return end >= 0 && line.charAt(end) == '\r' ? line.substring(0, end) : line.toString();
        }
    }

    @Override
    public void close() {
        try {
            content.close();
        } catch (IOException e) {
            throw new UncheckedIOException("the file of a bill cannot be closed", e);
        }
    }
}
