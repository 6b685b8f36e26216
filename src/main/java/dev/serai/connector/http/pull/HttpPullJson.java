package dev.serai.connector.http.pull;

import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.serai.camel.ledger.BrokenRecord;
import dev.serai.connector.pull.JqExpression;
import dev.serai.connector.pull.PullException;
import dev.serai.text.LogText;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * The records of a JSON answer whose list has a {@link HttpPullPath}: one record is in memory at a time, and of the rest only
 * what is at some other places.
 *
 * <p>Threads: one thread.
 */
final class HttpPullJson implements HttpPullRecords {
    private static final int SHOWN_CHARS_MAX = 2_000;

    private final HttpPullAnswer answer;
    private final HttpPullSelection selection;
    private final HttpPullPath path;
    private final List<HttpPullPath> others;
    private final HttpPullPlace place;
    private final Queue<JsonNode> filtered = new ArrayDeque<>();
    private HttpPullParser parser;
    private ObjectNode rest = JsonNodeFactory.instance.objectNode();
    private long index;
    private boolean begun;
    private boolean isList;
    private boolean ended;
    private long charsBefore;

    /** @param others what else of the answer is needed */
    HttpPullJson(
            HttpPullAnswer answer,
            HttpPullSelection selection,
            HttpPullPath path,
            List<HttpPullPath> others,
            HttpPullPlace place)
            throws IOException {
        this.answer = answer;
        this.selection = selection;
        this.path = path;
        this.others = others;
        this.place = place;
        this.parser = new HttpPullParser(answer);
    }

    @Override
    public @Nullable Object next() throws IOException, PullException {
        try {
            while (filtered.isEmpty()) {
                if (!begun) {
                    begin();
                }
                if (ended) {
                    return null;
                }
                Object element = element();
                if (element instanceof BrokenRecord) {
                    return element;
                }
                if (element instanceof JsonNode json) {
                    filter(json);
                }
            }
            return filtered.remove();
        } catch (IOException e) {
            HttpPullParser.refuse(e, answer);
            throw e;
        }
    }

    private void filter(JsonNode element) throws PullException {
        JqExpression filter = selection.filter();
        for (JsonNode record : filter == null ? List.of(element) : filter.all(element)) {
            if (selection.isEach() && !selection.mayBeAny() && !record.isObject()) {
                throw selection.all().noList();
            }
            filtered.add(record);
        }
    }

    // ---- The list

    private void begin() throws IOException, PullException {
        begun = true;
        JsonToken token = parser.nextToken();
        if (token == null) {
            throw new PullException("the answer is empty");
        }
        for (int depth = 0; depth < path.names().size() && token != null; depth++) {
            token = token == JsonToken.START_OBJECT ? find(depth) : null;
        }
        isList = token == JsonToken.START_ARRAY || (token == JsonToken.START_OBJECT && selection.isEach());
        if (!isList && token != JsonToken.START_OBJECT) {
            throw selection.all().noList();
        }
    }

    /** Goes to the value of the path's name in the object at that depth; null if the object has ended. */
    private @Nullable JsonToken find(int depth) throws IOException {
        String wanted = path.names().get(depth);
        for (JsonToken token = parser.nextToken(); token == JsonToken.FIELD_NAME; token = parser.nextToken()) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            if (name.equals(wanted)) {
                return value;
            }
            if (isNeeded(depth, name)) {
                ObjectNode object = rest;
                for (String outer : path.names().subList(0, depth)) {
                    object = object.withObjectProperty(outer);
                }
                object.set(name, parser.value(RECORD_CHARS_MAX));
            } else {
                parser.skipChildren();
            }
        }
        return null;
    }

    private boolean isNeeded(int depth, String name) {
        for (HttpPullPath other : others) {
            if (other.isBelow(path, depth, name)) {
                return true;
            }
        }
        return false;
    }

    /** Reads what is behind the list. */
    private void end() throws IOException, PullException {
        ended = true;
        for (int depth = path.names().size() - 1; depth >= 0; depth--) {
            if (find(depth) != null) {
                throw new PullException(
                        "the answer has \"" + LogText.of(path.names().get(depth)) + "\" twice");
            }
        }
        parser.end();
    }

    // ---- Its elements

    /** Null at the end. */
    private @Nullable Object element() throws IOException, PullException {
        if (isList ? atEnd(parser.nextToken()) : index > 0) {
            end();
            return null;
        }
        try {
            JsonNode element = parser.value(RECORD_CHARS_MAX);
            index++;
            return element;
        } catch (StreamConstraintsException e) {
            return broken();
        }
    }

    private boolean atEnd(@Nullable JsonToken token) throws IOException {
        if (token == JsonToken.FIELD_NAME) {
            return atEnd(parser.nextToken());
        }
        return token == JsonToken.END_ARRAY || token == JsonToken.END_OBJECT;
    }

    /** The element at the index. The parser cannot go on in the middle of it, so all is read again up to its end. */
    private BrokenRecord broken() throws IOException, PullException {
        charsBefore += parser.chars();
        parser = new HttpPullParser(answer);
        rest = JsonNodeFactory.instance.objectNode();
        begin();
        for (long i = 0; isList && i <= index; i++) {
            if (i > 0) {
                parser.skipChildren();
            }
            atEnd(parser.nextToken());
        }
        long from = parser.currentTokenLocation().getCharOffset();
        parser.skipChildren();
        long to = parser.chars();
        index++;
        String text = text(from, (int) Math.min(SHOWN_CHARS_MAX, to - from));
        return BrokenRecord.of(
                place.ofRecord(text + (to - from)),
                "it has " + (to - from) + " characters, more than " + RECORD_CHARS_MAX
                        + ", or a value of it is longer than can be read",
                text.getBytes(StandardCharsets.UTF_8));
    }

    private String text(long from, int count) throws IOException {
        long position = answer.channel().position(); // of the parser, which goes on there
        Reader reader = answer.reader();
        long left = from;
        while (left > 0) {
            left -= reader.skip(left);
        }
        StringBuilder text = new StringBuilder();
        while (text.length() < count) {
            text.append((char) reader.read());
        }
        answer.channel().position(position);
        return text.toString();
    }

    @Override
    public long charsRead() {
        return charsBefore + parser.chars();
    }

    @Override
    public JsonNode rest() {
        return rest;
    }
}
