package dev.serai.camel.http;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.serai.camel.ledger.ChangeJson;
import dev.serai.camel.ledger.LedgerConstants;
import dev.serai.http.HttpAnswer;
import dev.serai.ledger.delivery.Reply;
import dev.serai.text.ExactJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.camel.Message;
import org.jspecify.annotations.Nullable;

/**
 * Writes the answer to a source whose change the ledger accepted: 202 once it is durable; in sync mode 200 with the outcome and the
 * targets' answers, or 202 with the status link after a timeout.
 *
 * <p>Threads: safe.
 */
public final class ReceiptWriter {
    private static final Map<String, String> JSON = Map.of("Content-Type", "application/json");

    private ReceiptWriter() {}

    /** The answer that follows from the headers the ledger set. */
    static HttpAnswer of(Message message) {
        Object outcome = message.getHeader(LedgerConstants.OUTCOME);
        if (outcome == null) {
            return accepted(message);
        }
        byte[] body = withOutcome(message, outcome.toString());
        if (!outcome.equals("pending")) {
            return new HttpAnswer(200, JSON, body);
        }
        Map<String, String> headers = new LinkedHashMap<>(JSON);
        Object status = message.getHeader(LedgerConstants.STATUS);
        if (status != null) {
            headers.put("Location", status.toString());
        }
        return new HttpAnswer(202, headers, body);
    }

    private static HttpAnswer accepted(Message message) {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("flow", message.getHeader(LedgerConstants.FLOW, String.class))
                .put("id", message.getHeader(LedgerConstants.ID, String.class))
                .put("sequence", sequence(message))
                .put("duplicate", isDuplicate(message));
        return new HttpAnswer(202, JSON, json.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** The receipt with the outcome and the targets' answers, as JSON. */
    public static byte[] withOutcome(Message message, String outcome) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = ExactJson.MAPPER.createGenerator(bytes)) {
            json.writeStartObject();
            json.writeStringField("flow", String.valueOf(message.getHeader(LedgerConstants.FLOW)));
            json.writeStringField("id", String.valueOf(message.getHeader(LedgerConstants.ID)));
            json.writeNumberField("sequence", sequence(message));
            json.writeBooleanField("duplicate", isDuplicate(message));
            json.writeStringField("outcome", outcome);
            writeReplies(json, message.getHeader(LedgerConstants.REPLIES));
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** One answer as {@code answer}, several as {@code answers} by target. */
    private static void writeReplies(JsonGenerator json, @Nullable Object header) throws IOException {
        if (!(header instanceof Map<?, ?> replies) || replies.isEmpty()) {
            return;
        }
        boolean several = replies.size() > 1;
        if (several) {
            json.writeObjectFieldStart("answers");
        }
        for (Map.Entry<?, ?> one : replies.entrySet()) {
            if (one.getValue() instanceof Reply reply) {
                String name = several ? String.valueOf(one.getKey()) : "answer";
                ChangeJson.body(json, name, reply.contentType(), reply.body());
            }
        }
        if (several) {
            json.writeEndObject();
        }
    }

    private static long sequence(Message message) {
        Long sequence = message.getHeader(LedgerConstants.SEQUENCE, Long.class);
        return sequence == null ? 0 : sequence;
    }

    private static boolean isDuplicate(Message message) {
        return Boolean.TRUE.equals(message.getHeader(LedgerConstants.DUPLICATE));
    }
}
