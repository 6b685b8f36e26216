package dev.serai.connector.http.pull;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.connector.pull.JqExpression;
import dev.serai.connector.pull.PullException;
import java.io.IOException;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * The records of a JSON answer that jq must see as a whole. In memory it takes several times its length, so it may be less
 * long.
 *
 * <p>Threads: one thread.
 */
final class HttpPullWhole implements HttpPullRecords {
    private static final long BYTES_MAX =
            Math.min(16L << 20, Runtime.getRuntime().maxMemory() / 32);

    private final JsonNode answer;
    private final Iterator<JsonNode> records;
    private final long chars;

    HttpPullWhole(HttpPullAnswer answer, JqExpression records) throws IOException, PullException {
        if (answer.size() > BYTES_MAX) {
            throw new PullException(
                    "the answer is longer than " + BYTES_MAX + " bytes: ask for fewer records per page, or make"
                            + " records and next places in the answer, like .items and .next, since only then is it read in parts");
        }
        try {
            HttpPullParser parser = new HttpPullParser(answer);
            if (parser.nextToken() == null) {
                throw new PullException("the answer is empty");
            }
            this.answer = parser.value(BYTES_MAX);
            parser.end();
            this.chars = parser.chars();
        } catch (IOException e) {
            HttpPullParser.refuse(e, answer);
            throw e;
        }
        this.records = records.list(this.answer).iterator();
    }

    @Override
    public @Nullable Object next() {
        return records.hasNext() ? records.next() : null;
    }

    @Override
    public long charsRead() {
        return chars;
    }

    @Override
    public JsonNode rest() {
        return answer;
    }
}
