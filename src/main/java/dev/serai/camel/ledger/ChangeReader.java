package dev.serai.camel.ledger;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.Operation;
import dev.serai.text.ExactJson;
import dev.serai.text.LogText;
import dev.serai.text.SecretNames;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;
import org.apache.camel.Expression;
import org.apache.camel.InvalidPayloadException;
import org.apache.camel.Message;
import org.jspecify.annotations.Nullable;

/** Reads a change from an exchange with the expressions of an endpoint. */
final class ChangeReader {
    private static final int HEADER_CHARS_MAX = 16_384;
    /** Reads no body, so that all parts of an event get the same value. */
    private static final Pattern OF_HEADERS =
            Pattern.compile("([^$]|\\$\\{(headers?|exchangeProperty)[.:\\[][^${}]*})*");

    private final String flow;
    private final @Nullable Expression id;
    private final @Nullable Expression key;
    private final @Nullable Expression version;
    private final @Nullable Expression operation;
    private final PlainPathReader paths = new PlainPathReader();
    private final int idPath;
    private final int keyPath;
    private final int versionPath;
    private final boolean isIdOfEvent;

    ChangeReader(LedgerEndpoint endpoint) {
        LedgerProducerOptions options = endpoint.getProducerOptions();
        flow = endpoint.getFlow();
        id = endpoint.expression("id", options.getId());
        key = endpoint.expression("key", options.getKey());
        version = endpoint.expression("version", options.getVersion());
        operation = endpoint.expression("operation", options.getOperation());
        idPath = paths.add(options.getId());
        keyPath = paths.add(options.getKey());
        versionPath = paths.add(options.getVersion());
        isIdOfEvent =
                options.getId() != null && OF_HEADERS.matcher(options.getId()).matches();
    }

    /**
     * The change in the exchange's message.
     *
     * <p>Throws {@link LedgerException.Invalid} if it has no key, an unknown operation or too large headers.
     */
    Change read(Exchange exchange) throws InvalidPayloadException, JsonProcessingException {
        return read(exchange, exchange.getProperty(LedgerConstants.PART, String.class));
    }

    /**
     * The change of an item of a list that is a message of its own. What its source says of it holds where the route says
     * nothing: its id, and that a message without a body is a delete.
     */
    Change readItem(Exchange item) throws InvalidPayloadException, JsonProcessingException {
        boolean isOfSource = item.getMessage().getHeader(LedgerConstants.FLOW) == null;
        return read(item, item.getProperty(LedgerConstants.PART, String.class), isOfSource);
    }

    /** @param part the item's index in its list; an id that is that of the whole list becomes {@code ID.INDEX} */
    Change read(Exchange exchange, @Nullable String part) throws InvalidPayloadException, JsonProcessingException {
        return read(exchange, part, false);
    }

    private Change read(Exchange exchange, @Nullable String part, boolean isOfSource)
            throws InvalidPayloadException, JsonProcessingException {
        Message message = exchange.getMessage();
        if (message.getBody() instanceof BrokenRecord broken) {
            return broken.change(flow);
        }
        @Nullable String @Nullable [] plain = paths.read(message.getBody());
        String foundKey = text(key, keyPath, plain, exchange);
        if (foundKey == null) {
            throw new LedgerException.Invalid(
                    key == null
                            ? "the route has no key: set the parameter 'key' of ledger:" + flow
                            : "the change has no key: the key expression found nothing in the message");
        }
        String foundVersion = text(version, versionPath, plain, exchange);
        Object body = message.getBody();
        if (foundVersion == null && body instanceof PulledRow row) {
            foundVersion = row.version();
        }
        byte[] bytes = bytes(message, body);
        String contentType = contentType(message, body);
        boolean isTombstone = isOfSource && operation == null && body == null;
        Operation foundOperation =
                isTombstone && ChangeBatch.isDelete(message) ? Operation.DELETE : operation(exchange);
        String foundId = text(id, idPath, plain, exchange);
        if (foundId == null && isOfSource && id == null) {
            foundId = message.getHeader(LedgerConstants.ID, String.class);
        }
        if (foundId != null && isIdOfEvent && part != null) {
            foundId += "." + part;
        }
        boolean computed = foundId == null && (foundVersion != null || body instanceof PulledRow);
        if (foundId == null) {
            foundId = computed
                    ? Change.idOf(flow, foundKey, foundVersion == null ? "" : foundVersion, foundOperation, bytes)
                    : UUID.randomUUID().toString();
        }
        return new Change(
                flow, foundId, foundKey, foundVersion, foundOperation, contentType, headers(exchange), bytes, computed);
    }

    private Operation operation(Exchange exchange) {
        String named = text(operation, exchange);
        if (named == null) {
            boolean isDeleted = exchange.getMessage().getBody() instanceof PulledRow row && row.isDeleted();
            return isDeleted ? Operation.DELETE : Operation.UPSERT;
        }
        return switch (named.toLowerCase(Locale.ROOT)) {
            case "upsert" -> Operation.UPSERT;
            case "delete" -> Operation.DELETE;
            default ->
                throw new LedgerException.Invalid(
                        "the operation is upsert or delete, not \"" + LogText.of(named) + "\"");
        };
    }

    /** Whether the exchange asks for a cursor instead of bringing a change. */
    boolean isCursorRead(Exchange exchange) {
        return "cursor".equals(text(operation, exchange));
    }

    /** The value of an expression, or null if it is empty. */
    private static @Nullable String text(@Nullable Expression expression, Exchange exchange) {
        if (expression == null) {
            return null;
        }
        return present(expression.evaluate(exchange, String.class));
    }

    /** @param plain the values of plain paths, if they could be read */
    private static @Nullable String text(
            @Nullable Expression expression, int path, @Nullable String @Nullable [] plain, Exchange exchange) {
        return plain == null || path == PlainPathReader.NONE ? text(expression, exchange) : present(plain[path]);
    }

    private static @Nullable String present(@Nullable String text) {
        return text == null || text.isEmpty() ? null : text;
    }

    private static byte[] bytes(Message message, @Nullable Object body)
            throws InvalidPayloadException, JsonProcessingException {
        if (body == null) {
            return new byte[0];
        }
        if (body instanceof byte[] bytes) {
            return bytes;
        }
        if (body instanceof String text) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        if (isJson(body)) {
            return ExactJson.MAPPER.writeValueAsBytes(body);
        }
        return message.getMandatoryBody(byte[].class);
    }

    private static @Nullable String contentType(Message message, @Nullable Object body) {
        String contentType = message.getHeader(Exchange.CONTENT_TYPE, String.class);
        return contentType == null && body != null && isJson(body) ? "application/json" : contentType;
    }

    private static boolean isJson(Object body) {
        return body instanceof JsonNode || body instanceof Map || body instanceof Collection;
    }

    /**
     * The message's own headers, without those that steer Camel: they must not steer the target's route
     * (CVE-2026-49098), and without a request's secrets. With them the address of who sent it.
     */
    private static Map<String, String> headers(Exchange exchange) {
        Map<String, String> headers = new LinkedHashMap<>();
        Map<?, ?> request =
                Objects.requireNonNullElse(exchange.getProperty(LedgerConstants.REQUEST_HEADERS, Map.class), Map.of());
        int chars = 0;
        for (Map.Entry<String, Object> header :
                exchange.getMessage().getHeaders().entrySet()) {
            String name = header.getKey();
            Object value = header.getValue();
            boolean plain = value instanceof String || value instanceof Number || value instanceof Boolean;
            boolean isSecret = SecretNames.isHeader(name) && request.get(name) == value;
            if (!plain || isInternal(name) || isSecret) {
                continue;
            }
            headers.put(name, value.toString());
            chars += name.length() + value.toString().length();
        }
        if (chars > HEADER_CHARS_MAX) {
            throw new LedgerException.Invalid("the headers have " + chars + " characters, more than the "
                    + HEADER_CHARS_MAX + " allowed; remove those that no target needs in the route");
        }
        String client = exchange.getProperty(LedgerConstants.CLIENT, String.class);
        if (client != null) {
            headers.put(Change.CLIENT, client);
        }
        return headers;
    }

    private static boolean isInternal(String name) {
        return SteeringHeaders.includes(name)
                || name.equalsIgnoreCase(Exchange.CONTENT_TYPE)
                || name.equalsIgnoreCase("Authorization")
                || name.equalsIgnoreCase(Change.CLIENT)
                || name.equalsIgnoreCase(BrokenRecord.HEADER);
    }
}
