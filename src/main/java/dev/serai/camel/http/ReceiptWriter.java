package dev.serai.camel.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.serai.camel.ledger.ChangeJson;
import dev.serai.camel.ledger.LedgerConstants;
import dev.serai.http.HttpAnswer;
import dev.serai.ledger.delivery.Reply;
import dev.serai.text.ExactJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
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
        boolean isDone = outcome != null && !outcome.equals("pending");
        HttpAnswer answer = new HttpAnswer(isDone ? 200 : 202, JSON, json(message, outcome));
        Object status = outcome == null || isDone ? null : message.getHeader(LedgerConstants.STATUS);
        return status == null ? answer : answer.with("Location", status.toString());
    }

    /** The receipt as JSON; with an outcome, it and the targets' answers follow. */
    public static byte[] json(Message message, @Nullable Object outcome) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = ExactJson.MAPPER.createGenerator(bytes)) {
            json.writeStartObject();
            json.writeStringField("flow", message.getHeader(LedgerConstants.FLOW, String.class));
            json.writeStringField("id", message.getHeader(LedgerConstants.ID, String.class));
            Long sequence = message.getHeader(LedgerConstants.SEQUENCE, Long.class);
            json.writeNumberField("sequence", sequence == null ? 0 : sequence);
            json.writeBooleanField("duplicate", Boolean.TRUE.equals(message.getHeader(LedgerConstants.DUPLICATE)));
            if (outcome != null) {
                json.writeStringField("outcome", outcome.toString());
                writeReplies(json, message.getHeader(LedgerConstants.REPLIES));
            }
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
}
