package dev.serai.camel.expression;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.text.JsonValueText;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.Expression;
import org.jspecify.annotations.Nullable;

/**
 * The texts of several expressions, one after the other. What jq finds keeps its meaning: a text is that text, a number is
 * written without an exponent, and only null is nothing.
 *
 * <p>Threads: safe.
 */
public final class JqTemplate implements Expression {
    private final List<Expression> parts;

    /** @param parts at least one */
    public JqTemplate(List<Expression> parts) {
        this.parts = List.copyOf(parts);
    }

    @Override
    public <T> @Nullable T evaluate(Exchange exchange, Class<T> type) {
        String text = parts.size() == 1 ? text(parts.get(0), exchange) : joined(exchange);
        return text == null ? null : exchange.getContext().getTypeConverter().convertTo(type, exchange, text);
    }

    private @Nullable String joined(Exchange exchange) {
        StringBuilder joined = new StringBuilder();
        for (Expression part : parts) {
            String text = text(part, exchange);
            joined.append(text == null ? "" : text);
        }
        return joined.isEmpty() ? null : joined.toString();
    }

    private static @Nullable String text(Expression part, Exchange exchange) {
        Object found = part.evaluate(exchange, Object.class);
        if (found instanceof JsonNode node) {
            return node.isNull() || node.isMissingNode() ? null : JsonValueText.of(node);
        }
        return found == null ? null : exchange.getContext().getTypeConverter().convertTo(String.class, exchange, found);
    }
}
