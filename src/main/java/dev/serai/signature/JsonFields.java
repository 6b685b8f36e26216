package dev.serai.signature;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads a few texts of a JSON object in one pass, without keeping anything else.
 *
 * <p>They are named by JSON Pointer (RFC 6901), at most two levels deep, as in {@code /id} and {@code /header/token}.
 */
public final class JsonFields {

    // The names come from outside, so they must not stay in memory.
    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .build();

    private final Set<String> wanted;

    public JsonFields(String... wanted) {
        this.wanted = Set.of(wanted);
    }

    /**
     * The wanted fields that are text; null if this is not exactly one JSON object, or has one of them twice: two
     * readers could take different values.
     */
    public @Nullable Map<String, String> of(byte[] json) {
        try (JsonParser parser = JSON.createParser(json)) {
            Map<String, String> found = new HashMap<>();
            boolean once = parser.nextToken() == JsonToken.START_OBJECT && read(parser, "/", found);
            return once && parser.nextToken() == null ? found : null;
        } catch (IOException e) {
            return null; // without the exception's message, which quotes the input
        }
    }

    private boolean read(JsonParser parser, String prefix, Map<String, String> found) throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            String path = prefix + name;
            JsonToken value = parser.nextToken();
            if (value == JsonToken.START_OBJECT && prefix.length() == 1) {
                if (!read(parser, path + "/", found)) {
                    return false;
                }
            } else if (value == JsonToken.VALUE_STRING && wanted.contains(path) && name.indexOf('/') < 0) {
                if (found.put(path, parser.getText()) != null) {
                    return false;
                }
            } else {
                parser.skipChildren();
            }
        }
        return true;
    }
}
