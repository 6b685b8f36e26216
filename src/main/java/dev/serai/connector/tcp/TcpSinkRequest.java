package dev.serai.connector.tcp;

import dev.serai.camel.AttemptTranscript;
import dev.serai.camel.ledger.ChangeBatch;
import dev.serai.text.JsonText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.ValidationException;

/**
 * Turns a delivery into the text that a TCP target gets, or a batch into a text for each change: the body as it is. For lines, JSON of several lines becomes one: its
 * line ends, which occur only between its parts, become spaces.
 *
 * <p>Threads: safe.
 */
public final class TcpSinkRequest implements Processor {
    private final TcpSinkOptions options;

    /** @param options with the framing */
    public TcpSinkRequest(TcpSinkOptions options) {
        this.options = options;
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        Message message = exchange.getMessage();
        if (!ChangeBatch.isBatch(message)) {
            byte[] text = text(exchange);
            note(exchange, text);
            message.setBody(text);
            return;
        }
        List<byte[]> texts = new ArrayList<>();
        for (Exchange change : ChangeBatch.of(exchange)) {
            texts.add(text(change));
        }
        if (texts.size() == 1) { // a larger batch that fails is sent again in smaller ones
            note(exchange, texts.get(0));
        }
        message.setBody(new TcpSinkBatch(texts));
    }

    /** For those who look at a failure. */
    private void note(Exchange exchange, byte[] text) {
        AttemptTranscript.sent(exchange, ("TCP " + options.address()).strip(), null, text, List.of());
    }

    private byte[] text(Exchange exchange) throws Exception {
        TcpFraming framing = options.framing();
        byte[] body = ChangeBatch.body(exchange.getMessage());
        if (body.length == 0) {
            throw new ValidationException(
                    exchange, "the change has no body, so there is nothing to send: set one in the route");
        }
        if (body.length > framing.textBytesMax()) {
            throw new ValidationException(
                    exchange,
                    "the body has " + body.length + " bytes, more than lengthBytes=" + framing.lengthBytes()
                            + " can tell: set it to 4");
        }
        if (framing.isLine()) {
            return line(exchange, body);
        }
        if (framing.lengthBytes() == 0 && holds(body, framing.end())) {
            throw new ValidationException(
                    exchange, "the body holds the delimiter: use framing=length, or another delimiter");
        }
        return body;
    }

    private static boolean holds(byte[] body, byte[] part) {
        for (int i = 0; i + part.length <= body.length; i++) {
            if (Arrays.equals(body, i, i + part.length, part, 0, part.length)) {
                return true;
            }
        }
        return false;
    }

    private static byte[] line(Exchange exchange, byte[] body) throws ValidationException {
        if (!hasLineEnd(body)) {
            return body;
        }
        if (!JsonText.isJson(body)) {
            throw new ValidationException(
                    exchange, "the body has several lines and is not JSON: use framing=length, or make it one line");
        }
        byte[] line = body.clone();
        for (int i = 0; i < line.length; i++) {
            if (line[i] == '\n' || line[i] == '\r') {
                line[i] = ' ';
            }
        }
        return line;
    }

    private static boolean hasLineEnd(byte[] body) {
        for (byte b : body) {
            if (b == '\n' || b == '\r') {
                return true;
            }
        }
        return false;
    }
}
