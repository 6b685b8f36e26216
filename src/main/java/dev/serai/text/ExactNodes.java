package dev.serai.text;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.deser.std.JsonNodeDeserializer;
import java.io.IOException;

/**
 * Reads trees. A number that no {@link java.math.BigDecimal} can hold is refused like text that is not JSON: Jackson itself throws
 * an unchecked exception, which nobody expects of a text that somebody sent.
 */
final class ExactNodes extends JsonNodeDeserializer {
    private static final long serialVersionUID = 1L;

    @Override
    public JsonNode deserialize(JsonParser parser, DeserializationContext context) throws IOException {
        try {
            return super.deserialize(parser, context);
        } catch (NumberFormatException e) {
            throw new JsonParseException(parser, "a number's exponent is too large", e);
        }
    }
}
