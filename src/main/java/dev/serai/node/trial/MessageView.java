package dev.serai.node.trial;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BinaryNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.serai.camel.ledger.ChangeBatch;
import dev.serai.camel.ledger.LedgerConstants;
import dev.serai.text.ExactJson;
import dev.serai.text.SecretNames;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.StreamCache;
import org.jspecify.annotations.Nullable;

/**
 * A message as it was at some moment.
 *
 * @param headers by name, with *** in place of secrets
 * @param body as {@link #json} has it
 */
public record MessageView(Map<String, String> headers, JsonNode body) {
    private static final int HEADER_CHARS_MAX = 500;

    /** Reads the message without changing it. */
    static MessageView of(Message message) {
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        message.getHeaders().forEach((name, value) -> {
            if (value != null) {
                headers.put(name, header(name, value));
            }
        });
        return new MessageView(headers, body(message));
    }

    private static String header(String name, Object value) {
        if (SecretNames.isHeader(name)) {
            return "***";
        }
        String text = value instanceof byte[] bytes ? new String(bytes, StandardCharsets.UTF_8) : String.valueOf(value);
        return text.length() > HEADER_CHARS_MAX ? text.substring(0, HEADER_CHARS_MAX) + "…" : text;
    }

    private static JsonNode body(Message message) {
        Object body = message.getBody();
        if (body instanceof JsonNode json) {
            return json.deepCopy();
        }
        if (ChangeBatch.isBatch(message)) {
            return batch(message);
        }
        if (body instanceof Map || body instanceof Collection) {
            try {
                return ExactJson.MAPPER.valueToTree(body);
            } catch (IllegalArgumentException e) {
                return text(body.getClass().getSimpleName());
            }
        }
        if (body instanceof StreamCache stream) {
            return json(bytes(stream));
        }
        if (body instanceof InputStream) { // reading it would take it from the next step
            return text("(a stream)");
        }
        byte[] bytes = body instanceof byte[] raw
                ? raw
                : body == null ? new byte[0] : body.toString().getBytes(StandardCharsets.UTF_8);
        return json(bytes);
    }

    /** Its changes are exchanges. */
    private static JsonNode batch(Message batch) {
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        for (Exchange change : ChangeBatch.of(Objects.requireNonNull(batch.getExchange()))) {
            Message message = change.getMessage();
            list.addObject()
                    .put("key", message.getHeader(LedgerConstants.KEY, String.class))
                    .set("body", body(message));
        }
        return list;
    }

    private static byte[] bytes(StreamCache stream) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            stream.reset();
            stream.writeTo(bytes);
            stream.reset();
        } catch (IOException e) {
            return "(a stream that cannot be read)".getBytes(StandardCharsets.UTF_8);
        }
        return bytes.toByteArray();
    }

    /** JSON as it is, other text as a string, other bytes as a binary node, and no bytes as null. */
    public static JsonNode json(byte[] body) {
        if (body.length == 0) {
            return JsonNodeFactory.instance.nullNode();
        }
        try {
            return ExactJson.ONE_VALUE.readTree(body);
        } catch (IOException e) {
            String text = decoded(body);
            return text == null ? BinaryNode.valueOf(body) : text(text);
        }
    }

    private static @Nullable String decoded(byte[] body) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(body))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    private static JsonNode text(String text) {
        return JsonNodeFactory.instance.textNode(text);
    }
}
