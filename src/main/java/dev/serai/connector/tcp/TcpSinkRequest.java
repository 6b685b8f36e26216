package dev.serai.connector.tcp;

import dev.serai.camel.ledger.ChangeBatch;
import dev.serai.text.JsonText;
import java.util.Arrays;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.ValidationException;

/**
 * Turns a delivery into the text that a TCP target gets: the body as it is. For lines, JSON of several lines becomes one: its
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
        TcpFraming framing = options.framing();
        Message message = exchange.getMessage();
        byte[] body = ChangeBatch.body(message);
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
            message.setBody(line(exchange, body));
        } else if (framing.lengthBytes() == 0 && holds(body, framing.end())) {
            throw new ValidationException(
                    exchange, "the body holds the delimiter: use framing=length, or another delimiter");
        } else {
            message.setBody(body);
        }
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
