package dev.serai.connector.http.pull;

import dev.serai.signature.Digest;
import dev.serai.text.HttpText;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where a run of {@code http-pull-source} reads.
 *
 * @param body of the request; null if it has none
 * @param values of its placeholders
 * @param number of the page, from the first one on that was asked for with this value
 * @param pass how often the pages are read from the first one on, from 0
 */
record HttpPullPlace(URI at, @Nullable String body, HttpPullValues values, int number, int pass) {

    /** Whether the request is the same. */
    boolean isSameRequest(@Nullable HttpPullPlace other) {
        return other != null && at.equals(other.at) && Objects.equals(body, other.body);
    }

    /** The value that {@code {cursor}} stands for, as it is saved. */
    @Nullable String asked() {
        return values.cursor();
    }

    /** The place of a record. The same record has the same place in each run, on whichever page it is. */
    String ofRecord(String text) {
        byte[] hash = Digest.sha256(text.getBytes(StandardCharsets.UTF_8));
        return HttpText.withoutQuery(at) + " record " + HexFormat.of().formatHex(hash, 0, 8);
    }
}
