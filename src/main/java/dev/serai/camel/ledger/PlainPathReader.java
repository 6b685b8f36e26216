package dev.serai.camel.ledger;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.serai.ledger.model.LedgerException;
import dev.serai.text.ExactJson;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds the values of several plain paths, as in {@code ${jq(.order.id)}}, in one pass over a JSON body. Evaluated one by one,
 * each expression would read the whole body again.
 *
 * <p>Promise: what it finds is what the expressions would give. Where that is not sure (no object, a value that is neither text
 * nor an integer, a broken body, something behind the object) it finds nothing, and the expressions decide. A name that is there
 * twice is refused.
 *
 * <p>Threads: safe once all paths are added.
 */
final class PlainPathReader {
    /** Not among the paths. */
    static final int NONE = -1;

    private static final Pattern PATH = Pattern.compile("\\s*\\$\\{jq\\(((?:\\.[A-Za-z_][A-Za-z0-9_]*)+)\\)}\\s*");

    private final Field root = new Field();
    private int size;

    /** One name on a path; {@code index} is that of the path that ends here. */
    private static final class Field {
        private final Map<String, Field> inner = new HashMap<>();
        private int index = NONE;
    }

    /** Adds an expression if it is a plain path; returns its index in what {@link #read} returns, or {@link #NONE}. */
    int add(@Nullable String expression) {
        Matcher path = PATH.matcher(expression == null ? "" : expression);
        if (!path.matches()) {
            return NONE;
        }
        Field field = root;
        for (String name : path.group(1).substring(1).split("\\.")) {
            field = field.inner.computeIfAbsent(name, none -> new Field());
        }
        if (field.index == NONE) {
            field.index = size++;
        }
        return field.index;
    }

    /** The values by index, null for those that are missing; or null if the expressions have to be evaluated. */
    @Nullable String @Nullable [] read(@Nullable Object body) {
        if (size == 0 || !(body instanceof byte[] bytes)) {
            return null;
        }
        @Nullable String[] values = new String[size];
        try (JsonParser json = ExactJson.MAPPER.createParser(bytes)) {
            boolean isRead = json.nextToken() == JsonToken.START_OBJECT && readObject(json, root, values);
            return isRead && json.nextToken() == null ? values : null;
        } catch (IOException e) {
            return null; // the expression fails as well, with a message for the sender
        }
    }

    private static boolean readObject(JsonParser json, Field of, @Nullable String[] values) throws IOException {
        Map<Field, Boolean> seen = new HashMap<>();
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
            JsonToken value = json.nextToken();
            Field field = of.inner.get(name);
            if (field == null) {
                json.skipChildren();
            } else if (seen.put(field, true) != null) {
                throw new LedgerException.Invalid("an object of the body has the name \"" + name
                        + "\" twice, of which other readers could take the other: send it once");
            } else if (!readValue(json, value, field, values)) {
                return false;
            }
        }
        return json.currentToken() == JsonToken.END_OBJECT;
    }

    private static boolean readValue(JsonParser json, JsonToken value, Field field, @Nullable String[] values)
            throws IOException {
        if (value == JsonToken.VALUE_NULL) {
            return true;
        }
        if (field.index == NONE) {
            return value == JsonToken.START_OBJECT && readObject(json, field, values);
        }
        String text = value == JsonToken.VALUE_STRING || value == JsonToken.VALUE_NUMBER_INT ? json.getText() : null;
        values[field.index] = text;
        return text != null && !text.equals("-0") && field.inner.isEmpty();
    }
}
