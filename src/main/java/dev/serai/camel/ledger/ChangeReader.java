package dev.serai.camel.ledger;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.Operation;
import dev.serai.text.LogText;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.apache.camel.Expression;
import org.apache.camel.InvalidPayloadException;
import org.apache.camel.Message;
import org.jspecify.annotations.Nullable;

/** Makes a change of an exchange, as an endpoint's expressions say. */
final class ChangeReader {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int HEADER_CHARS_MAX = 16_384;

    private final LedgerEndpoint endpoint;

    ChangeReader(LedgerEndpoint endpoint) {
        this.endpoint = endpoint;
    }

    /**
     * The change that the exchange's message is.
     *
     * <p>Throws {@link LedgerException.Invalid} if it has no key, an unknown operation or too large headers.
     */
    Change read(Exchange exchange) throws InvalidPayloadException, JsonProcessingException {
        Message message = exchange.getMessage();
        if (message.getBody() instanceof BrokenRecord broken) {
            return broken.change(endpoint.getFlow());
        }
        String key = text(endpoint.getKey(), exchange);
        if (key == null) {
            throw new LedgerException.Invalid(
                    endpoint.getKey() == null
                            ? "the route has no key: set the parameter 'key' of ledger:" + endpoint.getFlow()
                            : "the change has no key: the key expression found nothing in what was sent");
        }
        String version = text(endpoint.getVersion(), exchange);
        Object body = message.getBody();
        if (version == null && body instanceof PulledRow row) {
            version = row.version();
        }
        byte[] bytes = bytes(message, body);
        String contentType = contentType(message, body);
        String id = text(endpoint.idExpression(), exchange);
        if (id == null && version != null) {
            id = hash(endpoint.getFlow(), key, version, bytes);
        } else if (id == null) {
            id = UUID.randomUUID().toString();
        }
        return new Change(
                endpoint.getFlow(), id, key, version, operation(exchange), contentType, headers(message), bytes);
    }

    private Operation operation(Exchange exchange) {
        String operation = text(endpoint.getOperation(), exchange);
        if (operation == null) {
            return Operation.UPSERT;
        }
        return switch (operation.toLowerCase(Locale.ROOT)) {
            case "upsert" -> Operation.UPSERT;
            case "delete" -> Operation.DELETE;
            default ->
                throw new LedgerException.Invalid(
                        "the operation is upsert or delete, not \"" + LogText.of(operation) + "\"");
        };
    }

    /** What an expression gives, or null if it gives nothing. */
    private static @Nullable String text(@Nullable Expression expression, Exchange exchange) {
        if (expression == null) {
            return null;
        }
        String text = expression.evaluate(exchange, String.class);
        return text == null || text.isEmpty() || text.equals("null") ? null : text;
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
            return JSON.writeValueAsBytes(body);
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

    /** The message's own headers; what steers Camel is the route's business and must not steer the target's (CVE-2026-49098). */
    private static Map<String, String> headers(Message message) {
        Map<String, String> headers = new LinkedHashMap<>();
        int chars = 0;
        for (Map.Entry<String, Object> header : message.getHeaders().entrySet()) {
            String name = header.getKey();
            Object value = header.getValue();
            boolean plain = value instanceof String || value instanceof Number || value instanceof Boolean;
            if (!plain || isInternal(name)) {
                continue;
            }
            headers.put(name, value.toString());
            chars += name.length() + value.toString().length();
        }
        if (chars > HEADER_CHARS_MAX) {
            throw new LedgerException.Invalid("the headers have " + chars + " characters, more than the "
                    + HEADER_CHARS_MAX + " allowed; remove those that no target needs in the route");
        }
        return headers;
    }

    private static boolean isInternal(String name) {
        return SteeringHeaders.includes(name)
                || name.equalsIgnoreCase(Exchange.CONTENT_TYPE)
                || name.equalsIgnoreCase(BrokenRecord.HEADER);
    }

    static String hash(String flow, String key, String version, byte[] body) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            for (String part : new String[] {flow, key, version}) {
                sha256.update(part.getBytes(StandardCharsets.UTF_8));
                sha256.update((byte) 0);
            }
            return HexFormat.of().formatHex(sha256.digest(body), 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
