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
 * The few texts of a JSON object that a scheme looks at, read in one pass that keeps nothing else.
 *
 * <p>They are named by JSON Pointer (RFC 6901), at most two levels deep, as in {@code /id} and {@code /header/token}.
 */
public final class JsonFields {

    // Names come from strangers, so they must not stay in the process.
    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .build();

    private final Set<String> wanted;

    public JsonFields(String... wanted) {
        this.wanted = Set.of(wanted);
    }

    /**
     * Those that are there and are text; null if this is not one JSON object and nothing else, or has one of them twice,
     * since two readers may disagree on which one counts.
     */
    public @Nullable Map<String, String> of(byte[] json) {
        try (JsonParser parser = JSON.createParser(json)) {
            Map<String, String> found = new HashMap<>();
            boolean once = parser.nextToken() == JsonToken.START_OBJECT && read(parser, "/", found);
            return once && parser.nextToken() == null ? found : null;
        } catch (IOException e) {
            return null; // the message would quote what was read
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
