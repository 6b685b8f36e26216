package dev.serai.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * A value of a YAML file with its line.
 *
 * @param line counted from 1
 * @param fields of a map, in order; null if it is none
 * @param items of a list; null if it is none
 * @param scalar null if it is a map or a list
 */
public record YamlValue(
        int line,
        @Nullable Map<String, YamlValue> fields,
        @Nullable List<YamlValue> items,
        @Nullable JsonNode scalar) {
    private static final int DEPTH_MAX = 100;

    /** What is wrong, beyond the grammar of YAML. */
    public static final class BadYamlException extends Exception {
        private static final long serialVersionUID = 1L;
        private final int line;

        BadYamlException(int line, String reason) {
            super(reason);
            this.line = line;
        }

        public int line() {
            return line;
        }
    }

    /**
     * The document; null if it is empty.
     *
     * @throws MarkedYamlEngineException if it is no YAML
     */
    public static @Nullable YamlValue read(String text) throws BadYamlException {
        Optional<Node> root = new Compose(LoadSettings.builder().build()).composeString(text);
        return root.isEmpty() ? null : of(root.get(), 0);
    }

    private static YamlValue of(Node node, int depth) throws BadYamlException {
        int line = node.getStartMark().map(Mark::getLine).orElse(-1) + 1;
        if (depth > DEPTH_MAX) {
            throw new BadYamlException(line, "it is nested too deeply, or holds itself");
        }
        if (node instanceof MappingNode map) {
            Map<String, YamlValue> fields = new LinkedHashMap<>();
            for (NodeTuple field : map.getValue()) {
                int at = field.getKeyNode().getStartMark().map(Mark::getLine).orElse(-1) + 1;
                String name = field.getKeyNode() instanceof ScalarNode key ? key.getValue() : "";
                YamlValue value = of(field.getValueNode(), depth + 1);
                if (fields.put(name, new YamlValue(at, value.fields, value.items, value.scalar)) != null) {
                    throw new BadYamlException(at, "the name " + name + " is there twice");
                }
            }
            return new YamlValue(line, fields, null, null);
        }
        if (node instanceof SequenceNode list) {
            List<YamlValue> items = new ArrayList<>();
            for (Node item : list.getValue()) {
                items.add(of(item, depth + 1));
            }
            return new YamlValue(line, null, items, null);
        }
        return new YamlValue(line, null, null, scalar((ScalarNode) node));
    }

    /** Numbers keep their digits. */
    private static JsonNode scalar(ScalarNode node) {
        JsonNodeFactory json = JsonNodeFactory.withExactBigDecimals(true);
        String text = node.getValue();
        Tag tag = node.getTag();
        try {
            if (tag.equals(Tag.NULL)) {
                return json.nullNode();
            } else if (tag.equals(Tag.BOOL)) {
                return json.booleanNode(Boolean.parseBoolean(text));
            } else if (tag.equals(Tag.INT)) {
                return json.numberNode(new BigInteger(text));
            } else if (tag.equals(Tag.FLOAT)) {
                return json.numberNode(new BigDecimal(text));
            }
        } catch (NumberFormatException e) {
            return json.textNode(text); // .inf and the like, which JSON does not have
        }
        return json.textNode(text);
    }

    public JsonNode json() {
        if (fields != null) {
            ObjectNode object = JsonNodeFactory.instance.objectNode();
            fields.forEach((name, value) -> object.set(name, value.json()));
            return object;
        }
        if (items != null) {
            ArrayNode array = JsonNodeFactory.instance.arrayNode();
            items.forEach(item -> array.add(item.json()));
            return array;
        }
        return scalar == null ? JsonNodeFactory.instance.nullNode() : scalar;
    }

    public boolean isNull() {
        return scalar != null && scalar.isNull();
    }

    /** A text, a number or a boolean as text; null if it is none of these. */
    public @Nullable String text() {
        return scalar == null || scalar.isNull() ? null : scalar.asText();
    }
}
