package dev.serai.text;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;

/**
 * JSON whose numbers keep their digits: {@code 12.50} stays that, and no amount is rounded to a {@code double}.
 *
 * <p>Bound in Camel's registry, as the only one of its type, it is what routes read JSON with. So the same record is the same bytes
 * whether it was pushed or pulled.
 */
public final class ExactJson {
    private ExactJson() {}

    /** A new mapper, which is safe to share. */
    public static ObjectMapper mapper() {
        return JsonMapper.builder()
                .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                .nodeFactory(JsonNodeFactory.withExactBigDecimals(true))
                .build();
    }
}
