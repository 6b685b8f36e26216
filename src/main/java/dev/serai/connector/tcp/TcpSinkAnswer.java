package dev.serai.connector.tcp;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.ledger.delivery.RetryAfter;
import dev.serai.text.ExactJson;
import dev.serai.text.LogText;
import java.io.IOException;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Reads from a TCP target's answer whether it has the change. It has not if the answer is a JSON object with {@code "error"} that is
 * not null; then {@code "permanent":true} says that trying again cannot help, and {@code "retryAfter"}, in seconds, when it can. Any other
 * answer means that it has.
 *
 * <p>Threads: safe.
 */
public final class TcpSinkAnswer implements Processor {
    private static final int ERROR_CHARS_MAX = 200;

    @Override
    public void process(Exchange exchange) throws Exception {
        byte[] answer = exchange.getMessage().getMandatoryBody(byte[].class);
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
