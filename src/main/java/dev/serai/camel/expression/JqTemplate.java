package dev.serai.camel.expression;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
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
    /** More digits than any number that identifies something; {@code 1e999999999} written out would fill the memory. */
    private static final int DIGITS_MAX = 1_000;

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
            return node.isNull() || node.isMissingNode() ? null : text(node);
        }
        return found == null ? null : exchange.getContext().getTypeConverter().convertTo(String.class, exchange, found);
    }

    private static String text(JsonNode node) {
        if (node.isBigDecimal()) {
            BigDecimal number = node.decimalValue();
            boolean isShort = Math.abs((long) number.scale()) <= DIGITS_MAX;
            return isShort ? number.toPlainString() : number.toString();
        }
        return node.isValueNode() ? node.asText() : node.toString();
    }
}
