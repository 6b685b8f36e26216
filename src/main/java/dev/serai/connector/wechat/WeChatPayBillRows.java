package dev.serai.connector.wechat;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.serai.camel.ledger.BrokenRecord;
import dev.serai.connector.pull.PullException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.List;

/**
 * Parses the rows of a WeChat Pay bill. The first line names the columns. In the rows each cell begins with a backtick, which
 * distinguishes separators from commas and line ends within a cell. The last two lines are the totals, without and with
 * backticks.
 */
final class WeChatPayBillRows {
    private static final String BYTE_ORDER_MARK = "\ufeff";
    private static final String CELL = "`";
    private static final String TOTALS = "总";

    private WeChatPayBillRows() {}

    /** The file as text. */
    static String text(byte[] file) throws PullException {
        try {
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(file)).toString();
        } catch (CharacterCodingException e) {
            throw new PullException("the bill is not UTF-8");
        }
    }

    /**
     * The rows as JSON objects of strings, with the names of the first line.
     *
     * @param bill may be empty
     * @param place names the bill in broken rows
     */
    static List<Object> of(String bill, String place) throws PullException {
        String text = bill.startsWith(BYTE_ORDER_MARK) ? bill.substring(1) : bill;
        if (text.isBlank()) {
            return List.of();
        }
        String[] lines = text.split("\r?\n");
        String[] columns = lines[0].split(",", -1);
        if (lines[0].startsWith(CELL) || columns.length < 2) {
            throw new PullException("the bill does not begin with the names of its columns");
        }
        List<Object> rows = new ArrayList<>();
        StringBuilder row = new StringBuilder();
        for (int i = 1; i < lines.length; i++) {
            boolean totals = lines[i].startsWith(TOTALS);
            if ((totals || lines[i].startsWith(CELL)) && !row.isEmpty()) {
                rows.add(row(row.toString(), columns, place + ":" + (rows.size() + 1)));
                row.setLength(0);
            }
            if (totals) {
                return rows;
            }
            row.append(row.isEmpty() ? "" : "\n").append(lines[i]);
        }
        throw new PullException("the bill is incomplete: it ends without its totals");
    }

    private static Object row(String line, String[] columns, String place) {
        String[] cells = line.substring(1).split("," + CELL, -1);
        if (!line.startsWith(CELL) || cells.length != columns.length) {
            String reason = "it has " + cells.length + " cells, the first line names " + columns.length;
            return BrokenRecord.of(place, reason, line.getBytes(UTF_8));
        }
        ObjectNode row = JsonNodeFactory.instance.objectNode();
        for (int i = 0; i < cells.length; i++) {
            row.put(columns[i].strip(), cells[i].strip());
        }
        return row;
    }
}
