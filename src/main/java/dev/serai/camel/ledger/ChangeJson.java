package dev.serai.camel.ledger;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.util.TokenBuffer;
import dev.serai.text.BodyText;
import java.io.IOException;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.jspecify.annotations.Nullable;

/**
 * One change as a JSON object: {@code flow, sequence, id, key, version, operation, acceptedAt, attempt, contentType}
 * and {@code body}.
 *
 * <p>A JSON body is embedded unchanged, with all digits of numbers; text is a string; no body is null. A body that is
 * neither, by its content type or its bytes, is {@code bodyBase64} instead.
 */
public final class ChangeJson {
    /** Deeper bodies are strings, so that a feed's JSON is not deeper than readers accept. */
    private static final int DEPTH_MAX = 500;

    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(DEPTH_MAX).build())
            .build();

    private ChangeJson() {}

    /** Writes the change that the message of a target's route is. */
    public static void write(JsonGenerator json, Message message) throws Exception {
        json.writeStartObject();
        text(json, "flow", message.getHeader(LedgerConstants.FLOW));
        number(json, "sequence", message.getHeader(LedgerConstants.SEQUENCE, Long.class));
        text(json, "id", message.getHeader(LedgerConstants.ID));
        text(json, "key", message.getHeader(LedgerConstants.KEY));
        text(json, "version", message.getHeader(LedgerConstants.VERSION));
        text(json, "operation", message.getHeader(LedgerConstants.OPERATION));
        text(json, "acceptedAt", message.getHeader(LedgerConstants.ACCEPTED_AT));
        number(json, "attempt", message.getHeader(LedgerConstants.ATTEMPT, Long.class));
        String contentType = message.getHeader(Exchange.CONTENT_TYPE, String.class);
        text(json, "contentType", contentType);
        body(json, "body", contentType, ChangeBatch.body(message));
        json.writeEndObject();
    }

    private static void text(JsonGenerator json, String name, @Nullable Object value) throws IOException {
        json.writeStringField(name, value == null ? null : value.toString());
    }

    private static void number(JsonGenerator json, String name, @Nullable Long value) throws IOException {
        json.writeFieldName(name);
        if (value == null) {
            json.writeNull();
        } else {
            json.writeNumber(value);
        }
    }

    /** Writes a body under a name, or under that name and {@code Base64}. */
    public static void body(JsonGenerator json, String name, @Nullable String type, byte[] body) throws IOException {
        if (body.length == 0) {
            json.writeNullField(name);
            return;
        }
        TokenBuffer value = BodyText.isJson(type) ? value(body) : null;
        if (value != null) {
            json.writeFieldName(name);
            value.serialize(json);
            return;
        }
        String text = BodyText.of(type, body);
        if (text != null) {
            json.writeStringField(name, text);
        } else {
            json.writeBinaryField(name + "Base64", body);
        }
    }

    /** The JSON value that the bytes are, or null if they are none. */
    private static @Nullable TokenBuffer value(byte[] body) throws IOException {
        try (JsonParser parser = JSON.createParser(body)) {
            if (parser.nextToken() == null) {
                return null;
            }
            TokenBuffer value = new TokenBuffer(parser);
            value.copyCurrentStructure(parser);
            return parser.nextToken() == null ? value : null;
        } catch (JsonProcessingException e) {
            return null;
        }
    }
}
