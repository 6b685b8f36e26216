package dev.serai.text;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Checks JSON texts without building a tree, and makes them safe to show. */
public final class JsonText {
    private JsonText() {}

    /** Why the text is not exactly one JSON object, or null if it is one. */
    public static @Nullable String whyNoObject(byte[] text) {
        try (JsonParser parser = ExactJson.MAPPER.createParser(text)) {
            JsonToken first = parser.nextToken();
            if (first == null) {
                return "it is empty";
            }
            if (first != JsonToken.START_OBJECT) {
                return "it is JSON, but not an object";
            }
            parser.skipChildren();
            if (!parser.currentToken().isStructEnd()) {
                return "the object has no end";
            }
            return parser.nextToken() == null ? null : "something comes after the object";
        } catch (JsonProcessingException e) {
            String place =
                    e.getLocation() == null ? "" : " at byte " + e.getLocation().getByteOffset();
            return e.getOriginalMessage() + place;
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }

    /** Whether the text is one JSON value of any kind, which {@link ExactJson} can read. */
    public static boolean isJson(byte[] text) {
        try (JsonParser parser = ExactJson.MAPPER.createParser(text)) {
            int values = 0;
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.VALUE_NUMBER_FLOAT) {
                    parser.getDecimalValue();
                }
                values += parser.getParsingContext().inRoot() ? 1 : 0;
            }
            return values == 1;
        } catch (IOException | NumberFormatException e) {
            return false;
        }
    }

    /** JSON text with the same meaning, in which control, formatting and unpaired characters are escaped. */
    public static String escaped(String json) {
        if (json.chars().allMatch(JsonText::isPlain)) {
            return json;
        }
        StringBuilder clean = new StringBuilder(json.length());
        json.codePoints().forEach(c -> {
            if (isLayout(c) || !LogText.isUnsafe(c)) {
                clean.appendCodePoint(c);
            } else {
                for (char half : Character.toChars(c)) {
                    clean.append(String.format("\\u%04x", (int) half));
                }
            }
        });
        return clean.toString();
    }

    private static boolean isPlain(int c) {
        return (c >= ' ' && c < 0x7f) || isLayout(c);
    }

    private static boolean isLayout(int c) {
        return c == '\n' || c == '\r' || c == '\t';
    }
}
