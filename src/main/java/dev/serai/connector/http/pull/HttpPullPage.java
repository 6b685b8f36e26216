package dev.serai.connector.http.pull;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.connector.pull.PullCursor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page that was read to its end.
 *
 * @param count how many records it has
 * @param digest of its records, whatever their order; those of pages are added up
 * @param ends its first and its last record; none if it is empty
 * @param cursor with the page's records
 * @param toSave the value to save with its last records; null to keep the saved one
 * @param next null if it is the last
 * @param circle why the pages behind this one are not read although there are some; null if they are
 */
record HttpPullPage(
        HttpPullPlace place,
        long count,
        long digest,
        List<JsonNode> ends,
        PullCursor cursor,
        @Nullable String toSave,
        @Nullable HttpPullPlace next,
        @Nullable String circle) {}
