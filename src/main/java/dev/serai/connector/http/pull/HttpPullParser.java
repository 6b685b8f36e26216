package dev.serai.connector.http.pull;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.util.JsonParserDelegate;
import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.connector.pull.PullException;
import dev.serai.text.ExactJson;
import dev.serai.text.LogText;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;

/**
 * Reads the JSON of an answer. Values may be bounded in length. A record with NaN does not make the answer unreadable.
 *
 * <p>Threads: one thread.
 */
final class HttpPullParser extends JsonParserDelegate {
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(HttpPullRecords.RECORD_CHARS_MAX)
                    .build())
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    private long end = Long.MAX_VALUE;

    HttpPullParser(HttpPullAnswer answer) throws IOException {
        super(FACTORY.createParser(answer.reader()));
    }

    @Override
    public JsonToken nextToken() throws IOException {
        JsonToken token = super.nextToken();
        if (chars() > end) {
            throw new StreamConstraintsException("it is too long");
        }
        return token;
    }

    /** How many characters have been read. */
    long chars() {
        return currentLocation().getCharOffset();
    }

    /**
     * The value at the current token.
     *
     * @throws StreamConstraintsException if it is longer; then this parser cannot go on
     */
    JsonNode value(long charsMax) throws IOException {
        end = chars() + charsMax;
        JsonNode value = ExactJson.MAPPER.readTree(this);
        end = Long.MAX_VALUE;
        return value;
    }

    /** Makes sure that nothing is left. */
    void end() throws IOException, PullException {
        if (nextToken() != null) {
            throw new PullException("the answer is not JSON: there is something behind its end, "
                    + LogText.of(currentToken()) + "; is it ndjson? Then set format");
        }
    }

    /** Ends the run if the failure is one of the answer's content. */
    static void refuse(IOException failure, HttpPullAnswer answer) throws PullException {
        if (failure instanceof CharacterCodingException) {
            throw new PullException("the answer is not " + answer.charset()
                    + ": the source must name its charset in the header Content-Type");
        }
        if (failure instanceof JsonProcessingException json) {
            throw new PullException("the answer is not JSON: " + LogText.of(json.getOriginalMessage()));
        }
    }
}
