package dev.serai.connector.file;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import dev.serai.connector.pull.PullException;
import dev.serai.text.ExactJson;
import dev.serai.text.LogText;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The format of a file's records, in UTF-8: JSON lines (a JSON object each), or CSV whose first line names the columns.
 *
 * <p>Threads: safe.
 */
final class FileFormat {

    private final @Nullable Character delimiter;
    private final ObjectReader cells;

    private FileFormat(@Nullable Character delimiter) {
        this.delimiter = delimiter;
        CsvSchema schema = CsvSchema.emptySchema().withColumnSeparator(delimiter == null ? ',' : delimiter);
        this.cells = new CsvMapper().readerFor(String[].class).with(schema);
    }

    /**
     * @param format jsonl or csv
     * @param delimiter one ASCII character, for csv
     */
    static FileFormat of(String format, String delimiter) {
        if (format.equals("jsonl")) {
            return new FileFormat(null);
        }
        if (!format.equals("csv")) {
            throw new IllegalArgumentException("format must be jsonl or csv, not " + LogText.of(format));
        }
        boolean usable = delimiter.length() == 1 && delimiter.charAt(0) < 0x7f && "\"\r\n".indexOf(delimiter) < 0;
        if (!usable) {
            throw new IllegalArgumentException(
                    "delimiter must be one ASCII character other than a quote or a line end, not "
                            + LogText.of(delimiter));
        }
        return new FileFormat(delimiter.charAt(0));
    }

    boolean isCsv() {
        return delimiter != null;
    }

    /** The delimiter of CSV cells; null for JSON lines. */
    @Nullable Character delimiter() {
        return delimiter;
    }

    /** The columns that the first line of a CSV file names. */
    List<String> columns(byte[] line) throws PullException {
        List<String> columns = List.of(cells(line));
        Set<String> seen = new HashSet<>();
        for (String column : columns) {
            if (column.isBlank() || !seen.add(column)) {
                throw new PullException("the first line must give each column a unique name: column "
                        + (seen.size() + 1) + " is \"" + LogText.of(column) + "\"");
            }
        }
        return columns;
    }

    /** A record as JSON; CSV cells become strings. */
    JsonNode record(byte[] record, List<String> columns) throws PullException {
        if (isCsv()) {
            return row(record, columns);
        }
        try {
            JsonNode json = ExactJson.ONE_VALUE.readTree(record);
            if (json != null && json.isObject()) {
                return json;
            }
        } catch (JsonProcessingException e) {
            throw new PullException("not JSON: " + LogText.of(e.getOriginalMessage()));
        } catch (IOException e) {
            throw new PullException("not JSON: " + LogText.of(e.getMessage()));
        }
        throw new PullException("not a JSON object");
    }

    private ObjectNode row(byte[] record, List<String> columns) throws PullException {
        String[] cells = cells(record);
        if (cells.length != columns.size()) {
            throw new PullException("it has " + cells.length + " columns, the first line has " + columns.size());
        }
        ObjectNode row = JsonNodeFactory.instance.objectNode();
        for (int i = 0; i < cells.length; i++) {
            row.put(columns.get(i), cells[i]);
        }
        return row;
    }

    private String[] cells(byte[] record) throws PullException {
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(record))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new PullException("it is not UTF-8");
        }
        try {
            String[] row = cells.readValue(text);
            return row == null ? new String[] {""} : row;
        } catch (IOException e) {
            throw new PullException("it is not CSV: " + LogText.of(e.getMessage()));
        }
    }
}
