package dev.serai.connector.record;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.serai.connector.pull.PullException;
import dev.serai.text.ExactJson;
import dev.serai.text.LogText;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The format of a file's records: JSON lines (a JSON object each), or CSV whose first line names the columns unless they are
 * given.
 *
 * @param delimiter between CSV cells; null for JSON lines
 * @param charset of files without a byte order mark
 * @param columns of files whose first line is a record; null if it names them
 */
public record RecordFormat(
        @Nullable Character delimiter,
        Charset charset,
        @Nullable RecordColumns columns) {

    /**
     * A format in UTF-8, in whose files the first line names the columns.
     *
     * @param format jsonl or csv
     * @param delimiter one character, tab or \t, for csv
     */
    public static RecordFormat of(String format, String delimiter) {
        if (format.equals("jsonl")) {
            return new RecordFormat(null, StandardCharsets.UTF_8, null);
        }
        if (!format.equals("csv")) {
            throw new IllegalArgumentException("format must be jsonl or csv, not " + LogText.of(format));
        }
        String named = delimiter.toLowerCase(Locale.ROOT);
        String one = named.equals("tab") || named.equals("\\t") ? "\t" : delimiter;
        if (one.length() != 1 || !isDelimiter(one.charAt(0))) {
            throw new IllegalArgumentException(
                    "delimiter must be one character other than a quote or a line end, or tab, not "
                            + LogText.of(delimiter));
        }
        return new RecordFormat(one.charAt(0), StandardCharsets.UTF_8, null);
    }

    public static boolean isDelimiter(char c) {
        return "\"\r\n\0\ufffd".indexOf(c) < 0 && !Character.isSurrogate(c);
    }

    public boolean isCsv() {
        return delimiter != null;
    }

    /**
     * The same with the names of the columns, of files that do not name them.
     *
     * @param header whether the first line names the columns
     * @param names separated by commas; blank if the first line names them
     */
    public RecordFormat with(boolean header, String names) {
        if (!header && isCsv() && !names.isBlank()) {
            try {
                return with(RecordColumns.of(
                        Stream.of(names.split(",", -1)).map(String::strip).toList()));
            } catch (PullException e) {
                throw new IllegalArgumentException("columns is not usable: " + e.getMessage(), e);
            }
        }
        if (!header || !names.isBlank()) {
            throw new IllegalArgumentException(
                    "header: false and columns need each other, and format: csv: set both or none");
        }
        return this;
    }

    public RecordFormat with(Charset ofFiles) {
        return new RecordFormat(delimiter, ofFiles, columns);
    }

    public RecordFormat with(RecordColumns given) {
        return new RecordFormat(delimiter, charset, given);
    }

    /** A record as JSON; CSV cells become strings. */
    public JsonNode record(RecordReader.Raw record, RecordColumns names) throws PullException {
        if (record.broken() != null) {
            throw new PullException(record.broken());
        }
        if (isCsv()) {
            return row(record.cells(), names);
        }
        try {
            JsonNode json = ExactJson.ONE_VALUE.readTree(record.text());
            if (json != null && json.isObject()) {
                return json;
            }
        } catch (JsonProcessingException e) {
            throw new PullException("not JSON: " + LogText.of(e.getOriginalMessage()));
        }
        throw new PullException("not a JSON object");
    }

    private static ObjectNode row(List<String> cells, RecordColumns columns) throws PullException {
        List<String> names = columns.names();
        if (cells.size() < names.size() || cells.size() > columns.width()) {
            throw new PullException("it has " + cells.size() + " cells, but there are " + columns.width() + " columns");
        }
        ObjectNode row = JsonNodeFactory.instance.objectNode();
        for (int i = 0; i < cells.size(); i++) {
            if (i < names.size()) {
                row.put(names.get(i), cells.get(i));
            } else if (!cells.get(i).isEmpty()) {
                throw new PullException("its cell " + (i + 1) + " has no column name");
            }
        }
        return row;
    }
}
