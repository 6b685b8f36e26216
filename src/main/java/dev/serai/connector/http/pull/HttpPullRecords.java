package dev.serai.connector.http.pull;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.connector.pull.PullException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The records of an answer, one after the other.
 *
 * <p>Threads: one thread.
 */
interface HttpPullRecords {
    /** A longer one becomes a dead letter: in memory a record takes several times its text. */
    int RECORD_CHARS_MAX = 4 << 20;

    /** JSON, or a {@link dev.serai.camel.ledger.BrokenRecord}; null at the end. */
    @Nullable Object next() throws IOException, PullException;

    /** How many characters have been read until now. */
    long charsRead();

    /** The answer for {@code next} and {@code total}, once all records are read; they may be missing in it. */
    JsonNode rest();
}
