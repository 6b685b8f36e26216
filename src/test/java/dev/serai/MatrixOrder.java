package dev.serai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** An order of a shop, as in all examples of the matrix. */
record MatrixOrder(String id, String state, long amount, long updatedAt) {
    private static final ObjectMapper JSON = new ObjectMapper();

    String json() {
        return "{\"id\":\"%s\",\"state\":\"%s\",\"amount\":%d,\"updated_at\":%d}"
                .formatted(id, state, amount, updatedAt);
    }

    byte[] bytes() {
        return json().getBytes(UTF_8);
    }

    /** An order that arrived; its numbers may be text, because CSV has no types. */
    static MatrixOrder of(JsonNode order) {
        assertThat(order.fieldNames()).toIterable().containsExactly("id", "state", "amount", "updated_at");
        return new MatrixOrder(
                order.get("id").asText(),
                order.get("state").asText(),
                order.get("amount").asLong(),
                order.get("updated_at").asLong());
    }

    static MatrixOrder of(String json) {
        return of(parse(json));
    }

    static JsonNode parse(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new AssertionError("not JSON: " + json, e);
        }
    }
}
