package dev.serai.connector.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.connector.pull.Batch;
import dev.serai.connector.pull.JqExpression;
import dev.serai.connector.pull.PullCursor;
import dev.serai.connector.pull.PullException;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A page that was read.
 *
 * @param cursor with the page's records
 * @param next null if it is the last
 */
record HttpPullPage(
        List<JsonNode> records, PullCursor cursor, @Nullable URI next) {

    /** Adds the records' values to the cursor. */
    static void see(List<JsonNode> records, JqExpression cursor, PullCursor seen) throws PullException {
        for (JsonNode one : records) {
            JsonNode value = cursor.value(one);
            if (value != null) {
                seen.see(value.asText());
            }
        }
        if (!records.isEmpty() && !seen.hasSeen()) {
            throw new PullException("no record of the page has a cursor: check the expression");
        }
    }

    /** @param start the value of the cursor before one is saved */
    Batch batch(String place, @Nullable String start) {
        String to = next == null ? "" : next.toString();
        // At the end of a run the route has accepted all records, so their order does not matter.
        String value = cursor.isSorted() || next == null ? cursor.toSave() : null;
        boolean unchanged = records.isEmpty() && Objects.equals(value, start);
        return new Batch(List.copyOf(records), place, to, unchanged ? null : value, next == null);
    }
}
