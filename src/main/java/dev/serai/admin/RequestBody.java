package dev.serai.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The JSON object in a request's body, read strictly: unknown fields, wrong types and repeated names are refused. */
final class RequestBody {
    private static final ObjectReader JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build()
            .readerFor(JsonNode.class);

    private final JsonNode object;

    private RequestBody(JsonNode object) {
        this.object = object;
    }

    /** An empty body counts as an empty object. */
    static RequestBody read(byte[] body, String... known) {
        JsonNode node = body.length == 0 ? parse(new byte[] {'{', '}'}) : parse(body);
        if (!node.isObject()) {
            throw AdminProblem.badRequest("the body must be a JSON object with " + String.join(", ", known));
        }
        TreeSet<String> unknown = new TreeSet<>();
        node.fieldNames().forEachRemaining(unknown::add);
        unknown.removeAll(List.of(known));
        if (!unknown.isEmpty()) {
            throw AdminProblem.badRequest("unknown field " + unknown.first() + ": use " + String.join(", ", known));
        }
        return new RequestBody(node);
    }

    private static JsonNode parse(byte[] body) {
        try {
            return JSON.readTree(body);
        } catch (JsonProcessingException e) {
            throw AdminProblem.badRequest("the body is not valid JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw AdminProblem.badRequest("the body cannot be read");
        }
    }

    @Nullable String text(String field) {
        return one(field, "text", JsonNode::isTextual, JsonNode::textValue);
    }

    boolean flag(String field) {
        return Boolean.TRUE.equals(one(field, "true or false", JsonNode::isBoolean, JsonNode::booleanValue));
    }

    double number(String field, double fallback) {
        Double number = one(field, "a number", JsonNode::isNumber, JsonNode::doubleValue);
        return number == null ? fallback : number;
    }

    @Nullable Instant time(String field) {
        String value = text(field);
        return value == null ? null : RequestQuery.time(field, value);
    }

    List<String> texts(String field) {
        return many(field, "a list of texts", JsonNode::isTextual, JsonNode::textValue);
    }

    List<Long> numbers(String field) {
        return many(
                field,
                "a list of whole numbers",
                n -> n.isIntegralNumber() && n.canConvertToLong(),
                JsonNode::longValue);
    }

    private <T> @Nullable T one(String field, String what, Predicate<JsonNode> fits, Function<JsonNode, T> read) {
        JsonNode node = object.path(field);
        if (node.isMissingNode() || node.isNull()) {
            return null;
        }
        if (!fits.test(node)) {
            throw AdminProblem.badRequest(field + " must be " + what);
        }
        return read.apply(node);
    }

    private <T> List<T> many(String field, String what, Predicate<JsonNode> fits, Function<JsonNode, T> read) {
        JsonNode nodes = object.path(field);
        if (nodes.isMissingNode() || nodes.isNull()) {
            return List.of();
        }
        List<T> values = new ArrayList<>();
        for (JsonNode node : nodes.isArray() ? nodes : List.of(nodes)) {
            if (!nodes.isArray() || !fits.test(node)) {
                throw AdminProblem.badRequest(field + " must be " + what);
            }
            values.add(read.apply(node));
        }
        return values;
    }
}
