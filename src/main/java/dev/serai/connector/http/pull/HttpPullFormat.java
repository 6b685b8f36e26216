package dev.serai.connector.http.pull;

import dev.serai.connector.pull.JqExpression;
import dev.serai.connector.pull.PullException;
import dev.serai.connector.record.RecordFormat;
import dev.serai.text.LogText;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How the answers of a source are read: JSON, lines of JSON, or CSV.
 *
 * <p>Threads: set up by one thread, then safe.
 */
public final class HttpPullFormat {
    private String format = "json";
    private String delimiter = ",";
    private @Nullable HttpPullSelection json;
    private @Nullable JqExpression records;
    private @Nullable RecordFormat lines;

    /** @param records jq: the records of an answer in JSON, or of a line */
    public void setRecords(@Nullable String records) {
        boolean isSet = records != null && !records.isBlank();
        this.json = isSet ? HttpPullSelection.of(String.valueOf(records)) : null;
        this.records = json == null ? null : json.all();
    }

    /** @param format json, ndjson or csv */
    public void setFormat(String format) {
        this.format = format.strip();
    }

    /** @param delimiter between the cells of CSV */
    public void setDelimiter(String delimiter) {
        this.delimiter = delimiter;
    }

    /**
     * Refuses options that do not go together.
     *
     * @param bodyOption an option that looks for something beside the records in the body of an answer; null if none does
     */
    void check(@Nullable String bodyOption) {
        switch (format) {
            case "json" -> {
                if (records == null) {
                    throw new IllegalArgumentException("records is missing: the jq expression of the list of records");
                }
            }
            case "ndjson" -> lines = RecordFormat.of("jsonl", ",");
            case "csv" -> lines = RecordFormat.of("csv", delimiter);
            default ->
                throw new IllegalArgumentException("format must be json, ndjson or csv, not " + LogText.of(format));
        }
        if (lines != null && bodyOption != null) {
            String instead = bodyOption.equals("next") ? ", or use nextHeader" : "";
            throw new IllegalArgumentException(bodyOption + " looks into an answer of JSON, but format is " + format
                    + ": take " + bodyOption + " out" + instead);
        }
    }

    /** What requests ask for. */
    String accept() {
        return switch (format) {
            case "ndjson" -> "application/x-ndjson, application/jsonl, */*;q=0.1";
            case "csv" -> "text/csv, */*;q=0.1";
            default -> "application/json";
        };
    }

    /** The records of an answer. */
    HttpPullRecords records(HttpPullAnswer answer, HttpPullPagingOptions paging, HttpPullPlace place)
            throws IOException, PullException {
        if (lines != null) {
            return new HttpPullLines(answer, lines, records, place);
        }
        HttpPullSelection selection = Objects.requireNonNull(json, "not checked");
        HttpPullPath path = selection.place();
        List<HttpPullPath> others = paging.bodyPaths();
        return path != null && others != null && selection.isStreamed(others)
                ? new HttpPullJson(answer, selection, path, others, place)
                : new HttpPullWhole(answer, selection.all());
    }
}
