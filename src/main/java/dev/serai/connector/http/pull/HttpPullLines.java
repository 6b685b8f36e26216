package dev.serai.connector.http.pull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import dev.serai.camel.ledger.BrokenRecord;
import dev.serai.connector.pull.JqExpression;
import dev.serai.connector.pull.PullException;
import dev.serai.connector.record.RecordCharset;
import dev.serai.connector.record.RecordColumns;
import dev.serai.connector.record.RecordFormat;
import dev.serai.connector.record.RecordReader;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Locale;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * The records of an answer in lines or in CSV. A line that cannot be read becomes a dead letter.
 *
 * <p>Threads: one thread.
 */
final class HttpPullLines implements HttpPullRecords {
    private final RecordFormat format;
    private final Charset charset;
    private final RecordReader reader;
    private final @Nullable JqExpression records;
    private final HttpPullPlace place;
    private final Queue<JsonNode> found = new ArrayDeque<>();
    private @Nullable RecordColumns columns;
    private long read;

    /** @param records what makes records of a line; null for the line itself */
    HttpPullLines(HttpPullAnswer answer, RecordFormat format, @Nullable JqExpression records, HttpPullPlace place)
            throws PullException {
        String type = String.valueOf(answer.header("Content-Type")).toLowerCase(Locale.ROOT);
        if (type.startsWith("text/html")) { // a page for people: each of its lines would become a dead letter
            throw new PullException("the answer is text/html, and not in the format that is set");
        }
        try {
            RecordCharset.of(answer.charset().name());
        } catch (IllegalArgumentException e) {
            throw new PullException("the answer's " + e.getMessage());
        }
        this.format = format;
        this.charset = answer.charset();
        this.reader = new RecordReader(answer.channel(), answer.charset(), format.delimiter(), RECORD_CHARS_MAX);
        this.records = records;
        this.place = place;
        reader.seek(answer.markLength(), 0);
    }

    @Override
    public @Nullable Object next() throws IOException, PullException {
        while (found.isEmpty()) {
            RecordColumns names = columns();
            RecordReader.Raw raw = reader.next();
            if (raw == null) {
                return null;
            }
            read = raw.end();
            if (raw.text().isEmpty()) {
                continue;
            }
            JsonNode record;
            try {
                record = format.record(raw, names);
            } catch (PullException e) {
                String reason =
                        raw.isDecoded() ? String.valueOf(e.getMessage()) : "it has bytes that are not " + charset;
                return BrokenRecord.of(
                        place.ofRecord(raw.text()), reason, raw.text().getBytes(StandardCharsets.UTF_8));
            }
            if (records == null) {
                found.add(record);
            } else {
                found.addAll(records.list(record));
            }
        }
        return found.remove();
    }

    /** Those that the first line names. */
    private RecordColumns columns() throws IOException, PullException {
        RecordColumns known = columns;
        if (known == null) {
            RecordReader.Raw first = format.isCsv() ? reader.next() : null;
            known = first == null ? RecordColumns.NONE : RecordColumns.of(first);
            columns = known;
        }
        return known;
    }

    @Override
    public long charsRead() {
        return read;
    }

    @Override
    public JsonNode rest() {
        return NullNode.getInstance();
    }
}
