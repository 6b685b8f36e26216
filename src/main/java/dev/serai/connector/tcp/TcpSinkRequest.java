package dev.serai.connector.tcp;

import dev.serai.text.JsonText;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.ValidationException;

/**
 * Makes of a delivery the text that a TCP target gets: the body as it is. For lines, JSON of several lines becomes one, by spaces in
 * place of its line ends, which stand only between its parts.
 *
 * <p>Threads: safe.
 */
public final class TcpSinkRequest implements Processor {
    private final TcpFraming framing;

    /** @param framing line or length */
    public TcpSinkRequest(String framing) {
        this.framing = TcpFraming.of(framing);
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        Message message = exchange.getMessage();
        byte[] body = message.getBody() == null ? new byte[0] : message.getMandatoryBody(byte[].class);
        if (body.length == 0) {
            throw new ValidationException(
                    exchange, "the change has no body, so there is nothing to send: set one in the route");
        }
        message.setBody(framing == TcpFraming.LINE ? line(exchange, body) : body);
    }

    private static byte[] line(Exchange exchange, byte[] body) throws ValidationException {
        if (!hasLineEnd(body)) {
            return body;
        }
        if (!JsonText.isJson(body)) {
            throw new ValidationException(
                    exchange, "the body has several lines and is no JSON: use framing=length, or make it one line");
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
