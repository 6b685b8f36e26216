package dev.serai.connector.sql;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.serai.text.ExactJson;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A position in a table.
 *
 * @param at the value of the cursor column
 * @param ids the values of the id columns; empty for the position before all rows with that cursor value
 */
record SqlMark(JsonNode at, List<JsonNode> ids) {

    static SqlMark of(JsonNode json) {
        return new SqlMark(json.path("at"), ids(json.path("id")));
    }

    /** Reads a saved cursor; one that an operator set may be the bare value to start from. */
    static SqlMark parse(String cursor) {
        try {
            JsonNode json = ExactJson.MAPPER.readTree(cursor);
            if (json.isObject() && json.has("at")) {
                return of(json);
            }
            return new SqlMark(json.isNumber() ? json : TextNode.valueOf(cursor), List.of());
        } catch (JsonProcessingException e) {
            return new SqlMark(TextNode.valueOf(cursor), List.of());
        }
    }

    /** Reads what {@link #id} wrote. */
    static List<JsonNode> ids(JsonNode id) {
        if (id.isNull() || id.isMissingNode()) {
            return List.of();
        }
        List<JsonNode> ids = new ArrayList<>();
        if (id.isArray()) {
            id.forEach(ids::add);
        } else {
            ids.add(id);
        }
        return ids;
    }

    /** The ids as JSON; an array if there are several. */
    JsonNode id() {
        if (ids.size() <= 1) {
            return ids.isEmpty() ? JsonNodeFactory.instance.nullNode() : ids.get(0);
        }
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        ids.forEach(array::add);
        return array;
    }

    ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.set("at", at);
        if (!ids.isEmpty()) {
            json.set("id", id());
        }
        return json;
    }

    /** The ids for people. */
    String idText() {
        return ids.stream().map(JsonNode::asText).collect(Collectors.joining("/"));
    }
}
