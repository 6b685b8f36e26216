package dev.serai.camel.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.serai.camel.ledger.ChangeJson;
import dev.serai.camel.ledger.LedgerConstants;
import dev.serai.ledger.target.Reply;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.camel.Message;
import org.jspecify.annotations.Nullable;

/**
 * HttpAnswerWriter to a source whose change the ledger took: 202 once it is durable; in sync mode 200 with the outcome and what the
 * targets answered, or 202 with the address that tells the outcome later.
 *
 * <p>Threads: safe.
 */
public final class ReceiptWriter {
    private static final Map<String, String> JSON = Map.of("Content-Type", "application/json");
    private static final JsonFactory FACTORY = new JsonFactory();

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

    /** By hand, since every pushed change is answered so. */
    private static HttpAnswer accepted(Message message) {
        StringBuilder json = new StringBuilder(96).append("{\"flow\":");
        string(json, message.getHeader(LedgerConstants.FLOW));
        json.append(",\"id\":");
        string(json, message.getHeader(LedgerConstants.ID));
        json.append(",\"sequence\":").append(sequence(message));
        json.append(",\"duplicate\":").append(isDuplicate(message)).append('}');
        return new HttpAnswer(202, JSON, json.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** The receipt with the outcome and what the targets answered, as JSON. */
    public static byte[] withOutcome(Message message, String outcome) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = FACTORY.createGenerator(bytes)) {
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

    /** Appends the value as a JSON string, or null. */
    public static void string(StringBuilder json, @Nullable Object value) {
        if (value == null) {
            json.append("null");
            return;
        }
        json.append('"');
        JsonStringEncoder.getInstance().quoteAsString(value.toString(), json);
        json.append('"');
    }
}
