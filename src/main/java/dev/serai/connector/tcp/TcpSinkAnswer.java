package dev.serai.connector.tcp;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.serai.camel.AttemptTranscript;
import dev.serai.connector.pull.JqExpression;
import dev.serai.connector.pull.PullException;
import dev.serai.ledger.delivery.RetryAfter;
import dev.serai.text.ExactJson;
import dev.serai.text.LogText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.jspecify.annotations.Nullable;

/**
 * Reads from a TCP target's answer whether it has the change. It has not if the answer is a JSON object with {@code "error"} that is
 * not null; then {@code "permanent":true} says that trying again cannot help, and {@code "retryAfter"}, in seconds, when it can. Any other
 * answer means that it has, unless {@code deliveredWhen} says otherwise. A batch fails with the first of its changes that does; the ledger
 * sends it again in smaller ones until that change is alone.
 *
 * <p>Threads: safe.
 */
public final class TcpSinkAnswer implements Processor {
    private static final int ERROR_CHARS_MAX = 200;

    private @Nullable JqExpression delivered;

    /** A jq expression on the answer, which is text if it is not JSON; an answer for which it gives nothing or false is tried again. */
    public void setDeliveredWhen(@Nullable String deliveredWhen) {
        delivered = deliveredWhen == null || deliveredWhen.isBlank()
                ? null
                : new JqExpression("deliveredWhen", deliveredWhen);
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        if (exchange.getMessage().getBody() instanceof TcpSinkBatch batch) {
            for (byte[] answer : batch.texts()) {
                judge(exchange, answer);
            }
            exchange.getMessage().setBody(null);
        } else {
            judge(exchange, exchange.getMessage().getMandatoryBody(byte[].class));
        }
        AttemptTranscript.forget(exchange);
    }

    private void judge(Exchange exchange, byte[] answer) throws Exception {
        AttemptTranscript.answered(exchange, "", null, answer);
        judge(answer);
    }

    private void judge(byte[] answer) throws Exception {
        failIfError(answer);
        if (delivered != null && delivered.value(value(answer)) == null) {
            throw new TcpSinkException(
                    "the target answered, and deliveredWhen is not so: "
                            + LogText.line(new String(answer, StandardCharsets.UTF_8), ERROR_CHARS_MAX),
                    false,
                    null);
        }
    }

    private static JsonNode value(byte[] answer) throws IOException {
        try {
            return JqExpression.json(answer);
        } catch (PullException e) {
            return TextNode.valueOf(new String(answer, StandardCharsets.UTF_8));
        }
    }

    private static void failIfError(byte[] answer) throws IOException, TcpSinkException {
        if (!isObject(answer)) {
            return;
        }
        JsonNode json;
        try {
            json = ExactJson.MAPPER.readTree(answer);
        } catch (JsonProcessingException e) {
            // Half an object may be half an error.
            throw new IOException("the answer begins like a JSON object and is not one: " + e.getOriginalMessage());
        }
        JsonNode error = json.get("error");
        if (error != null && !error.isNull()) {
            String text = error.isTextual() ? error.textValue() : error.toString();
            JsonNode seconds = json.path("retryAfter");
            RetryAfter asked = RetryAfter.ofSeconds(seconds.isNumber() ? seconds.doubleValue() : Double.NaN);
            throw new TcpSinkException(
                    "the target answered: " + LogText.line(text, ERROR_CHARS_MAX) + asked.note(),
                    json.path("permanent").asBoolean(false),
                    asked.delay());
        }
    }

    private static boolean isObject(byte[] answer) {
        for (byte b : answer) {
            if (b != ' ' && b != '\t') {
                return b == '{';
            }
        }
        return false;
    }
}
