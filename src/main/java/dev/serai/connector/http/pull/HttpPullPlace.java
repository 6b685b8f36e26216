package dev.serai.connector.http.pull;

import dev.serai.signature.Digest;
import dev.serai.text.HttpText;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Where a run of {@code http-pull-source} reads.
 *
 * @param asked the value that stands for {@code {cursor}}
 * @param number of the page, from the first one on that was asked for with this value
 * @param pass how often the pages are read from the first one on, from 0
 */
record HttpPullPlace(URI at, @Nullable String asked, int number, int pass) {

    /** The place of a record. The same record has the same place in each run, on whichever page it is. */
    String ofRecord(String text) {
        byte[] hash = Digest.sha256(text.getBytes(StandardCharsets.UTF_8));
        return HttpText.withoutQuery(at) + " record " + HexFormat.of().formatHex(hash, 0, 8);
    }
}
