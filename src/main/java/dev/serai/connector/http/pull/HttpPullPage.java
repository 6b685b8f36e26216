package dev.serai.connector.http.pull;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.camel.ledger.BrokenRecord;
import dev.serai.connector.pull.Batch;
import dev.serai.connector.pull.JqExpression;
import dev.serai.connector.pull.PullCursor;
import dev.serai.connector.pull.PullException;
import dev.serai.signature.Digest;
import dev.serai.text.HttpText;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A page that was read. It is handed over whole, or in parts if it is too long or has a record that the route refuses.
 *
 * @param cursor with the page's records
 * @param mayReadOn whether the cursor may be saved before the run is complete
 * @param next null if it is the last
 * @param circle why the pages behind this one are not read although there are some; null if they are
 */
record HttpPullPage(
        HttpPullPlace place,
        List<JsonNode> records,
        PullCursor cursor,
        boolean mayReadOn,
        @Nullable HttpPullPlace next,
        @Nullable String circle) {

    /** Adds the records' values to the cursor. */
    static void see(List<JsonNode> records, JqExpression cursor, PullCursor seen) throws PullException {
        List<String> values = new ArrayList<>();
        for (JsonNode one : records) {
            JsonNode value = cursor.value(one);
            if (value != null) {
                values.add(value.asText());
            }
        }
        seen.see(values);
        if (!records.isEmpty() && !seen.hasSeen()) {
            throw new PullException("no record of the page has a cursor: check the expression");
        }
    }

    /**
     * Some of its records, the last ones with the cursor.
     *
     * @param start the value of the cursor before one is saved
     */
    Batch batch(int from, int count, @Nullable String start) {
        int to = Math.min(records.size(), from + count);
        List<Object> part = new ArrayList<>();
        records.subList(from, to).forEach(record -> part.add(handedOver(record)));
        String firstPlace = part.size() == 1 ? place(records.get(from)) : HttpText.withoutQuery(place.at());
        if (to < records.size()) {
            return new Batch(part, firstPlace, place.at().toString(), null, false);
        }
        // At the end of a run the route has accepted all records, so their order does not matter.
        boolean complete = next == null && circle == null;
        String value = mayReadOn || complete ? cursor.toSave() : null;
        boolean unchanged = records.isEmpty() && Objects.equals(value, start);
        String position = next == null ? "" : next.at().toString();
        return new Batch(part, firstPlace, position, unchanged ? null : value, next == null);
    }

    private Object handedOver(JsonNode record) {
        return hasNoNumber(record)
                ? BrokenRecord.of(
                        place(record),
                        "it has NaN or Infinity, which are no numbers of JSON",
                        record.toString().getBytes(StandardCharsets.UTF_8))
                : record;
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

    /** The same record has the same place in each run, on whichever page it is. */
    private String place(JsonNode record) {
        byte[] hash = Digest.sha256(record.toString().getBytes(StandardCharsets.UTF_8));
        return HttpText.withoutQuery(place.at()) + " record " + HexFormat.of().formatHex(hash, 0, 8);
    }
}
