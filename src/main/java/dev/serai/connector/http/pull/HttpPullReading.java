package dev.serai.connector.http.pull;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.camel.ledger.BrokenRecord;
import dev.serai.connector.pull.JqExpression;
import dev.serai.connector.pull.PullCursor;
import dev.serai.connector.pull.PullException;
import dev.serai.signature.Digest;
import dev.serai.text.LogText;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page that is being read. It is handed over in parts: what was read and is not accepted yet is held, the rest is in a file.
 *
 * <p>Threads: one thread.
 */
final class HttpPullReading implements Closeable {
    /** What the records of a part may have together, but for the last of them. */
    static final long PART_CHARS_MAX = 4 << 20;

    private final HttpPullPlace place;
    private final @Nullable HttpPullAnswer answer;
    private final @Nullable HttpPullRecords source;
    private final @Nullable JqExpression cursorOfRecord;
    private final PullCursor cursor;
    private final Deque<Object> held = new ArrayDeque<>();
    private boolean isRead;
    private int offered;
    private long charsAccepted;
    private long accepted;
    private long count;
    private long digest;
    private @Nullable JsonNode first;
    private @Nullable JsonNode last;

    /**
     * A page whose records are not read yet.
     *
     * @param answer null if the source has no such page
     * @param source the answer's records; null as the answer
     * @param cursorOfRecord where a record has its cursor
     * @param before the cursor with the records of the pages before
     */
    HttpPullReading(
            HttpPullPlace place,
            @Nullable HttpPullAnswer answer,
            @Nullable HttpPullRecords source,
            @Nullable JqExpression cursorOfRecord,
            PullCursor before) {
        this.place = place;
        this.answer = answer;
        this.source = source;
        this.cursorOfRecord = cursorOfRecord;
        this.cursor = new PullCursor(before);
        if (place.number() == 1) {
            cursor.beginRequest();
        }
        this.isRead = source == null;
    }

    /** The next records: at most so many, and fewer if they are long. */
    List<Object> part(int recordsMax) throws IOException, PullException {
        List<String> values = new ArrayList<>();
        while (source != null
                && !isRead
                && held.size() <= recordsMax
                && (held.isEmpty() || source.charsRead() - charsAccepted < PART_CHARS_MAX)) {
            Object record = source.next();
            if (record == null) {
                isRead = true;
            } else {
                read(record, values);
            }
        }
        cursor.see(values);
        if (first != null && cursorOfRecord != null && !cursor.hasSeen()) {
            throw new PullException("no record of the page has a cursor: check the expression");
        }
        List<Object> part = held.stream().limit(recordsMax).toList();
        offered = part.size();
        return part;
    }

    private void read(Object record, List<String> values) throws PullException {
        count++;
        digest += digest(record);
        if (record instanceof JsonNode json) {
            first = first == null ? json : first;
            last = json;
            JsonNode value = cursorOfRecord == null ? null : cursorOfRecord.value(json);
            if (value != null && value.isContainerNode()) {
                throw new PullException("the cursor of a record is no single value but " + LogText.of(value.toString())
                        + ": let the expression name the value in it");
            }
            if (value != null) {
                values.add(value.asText());
            }
            held.add(hasNoNumber(json) ? broken(json) : json);
        } else {
            held.add(record);
        }
    }

    /** Half of it would do; a sum of weaker ones could be the same when two records have changed places. */
    private static long digest(Object record) {
        return ByteBuffer.wrap(Digest.sha256(record.toString().getBytes(StandardCharsets.UTF_8)))
                .getLong();
    }

    private BrokenRecord broken(JsonNode record) {
        return BrokenRecord.of(
                place.ofRecord(record.toString()),
                "it has NaN or Infinity, which are no numbers of JSON",
                record.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static boolean hasNoNumber(JsonNode node) {
        if (node.isDouble() || node.isFloat()) {
            return !Double.isFinite(node.doubleValue());
        }
        for (JsonNode inner : node) {
            if (hasNoNumber(inner)) {
                return true;
            }
        }
        return false;
    }

    /** The first records of the held ones are accepted. */
    void accepted(int records) {
        for (int i = 0; i < records; i++) {
            held.remove();
        }
        accepted += records;
        charsAccepted = source == null ? 0 : source.charsRead();
    }

    /** Whether the page can be asked for again, since none of its records is accepted. */
    boolean isUntouched() {
        return accepted == 0;
    }

    /** How many records the last part had. */
    int offered() {
        return offered;
    }

    /** Whether nothing is left behind the last part. */
    boolean isLastPart() {
        return isRead && offered == held.size();
    }

    /** Whether the whole page is accepted. */
    boolean isDone() {
        return isRead && held.isEmpty();
    }

    // ---- What it has, once its last part is read

    HttpPullPlace place() {
        return place;
    }

    /** The cursor with the records that were read. */
    PullCursor cursor() {
        return cursor;
    }

    long count() {
        return count;
    }

    /** See {@link HttpPullPage}. */
    long digest() {
        return digest;
    }

    List<JsonNode> ends() {
        return first == null || last == null ? List.of() : List.of(first, last);
    }

    @Nullable HttpPullAnswer answer() {
        return answer;
    }

    @Nullable HttpPullRecords source() {
        return source;
    }

    @Override
    public void close() throws IOException {
        if (answer != null) {
            answer.close();
        }
    }
}
