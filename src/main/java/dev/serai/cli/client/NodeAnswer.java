package dev.serai.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.serai.cli.text.TerminalText;
import org.jspecify.annotations.Nullable;

/**
 * What a node answered.
 *
 * @param text safe to print
 * @param next the path where a list continues, or null
 */
public record NodeAnswer(
        String text, JsonNode node, @Nullable String next) {

    /** A list with what follows of it. */
    public NodeAnswer plus(NodeAnswer rest) {
        ArrayNode all = node.deepCopy();
        rest.node.forEach(all::add);
        return new NodeAnswer(TerminalText.json(all.toString()), all, rest.next);
    }
}
