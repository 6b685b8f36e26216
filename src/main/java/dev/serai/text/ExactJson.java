package dev.serai.text;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;

/** JSON whose numbers keep their digits: {@code 12.50} stays that, and no amount is rounded to a {@code double}. */
public final class ExactJson {

    /** Reads and writes JSON for all of Serai. Do not configure it. */
    public static final ObjectMapper MAPPER = mapper();

    /** Reads one value, and refuses text after it. */
    public static final ObjectReader ONE_VALUE =
            MAPPER.readerFor(JsonNode.class).with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    /** Reads one value, and refuses text after it and objects with a name twice. */
    public static final ObjectReader STRICT = ONE_VALUE.with(StreamReadFeature.STRICT_DUPLICATE_DETECTION);

    private ExactJson() {}

    /**
     * A new mapper. Bound in Camel's registry, as the only one of its type, it is what routes read JSON with, so the same record is
     * the same bytes whether it was pushed or pulled. It refuses text after the value: a second value would be lost.
     */
    public static ObjectMapper routeMapper() {
        return mapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    }

    private static ObjectMapper mapper() {
        return JsonMapper.builder()
                .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                .nodeFactory(JsonNodeFactory.withExactBigDecimals(true))
                .addModule(new SimpleModule().addDeserializer(JsonNode.class, new ExactNodes()))
                .build();
    }
}
