package dev.serai.camel.signature;

import dev.serai.camel.http.HttpAnswerWriter;
import dev.serai.camel.http.MessageHeaders;
import dev.serai.camel.http.ProblemReader;
import dev.serai.signature.Acknowledgement;
import dev.serai.signature.Envelope;
import dev.serai.signature.SignatureScheme;
import dev.serai.signature.SignedRequest;
import dev.serai.signature.Verdict;
import dev.serai.signature.Verdict.Asked;
import dev.serai.signature.Verdict.Content;
import dev.serai.signature.Verdict.Refusal;
import dev.serai.signature.Verdict.Verified;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Map;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.apache.camel.InvalidPayloadException;
import org.apache.camel.Message;
import org.apache.camel.support.DefaultProducer;

/** Verifies or signs each message that passes. Threads: safe. */
class SignatureProducer extends DefaultProducer {

    private static final String ID = "CamelLedgerId";

    private final SignatureEndpoint endpoint;
    private final SignatureScheme scheme;
    private final SignatureRefusals refusals;
    private final SignatureLog signatureLog;
    private final FormField payload;
    private final InstantSource clock;

    SignatureProducer(
            SignatureEndpoint endpoint,
            SignatureScheme scheme,
            SignatureRefusals refusals,
            SignatureLog signatureLog,
            InstantSource clock) {
        super(endpoint);
        this.signatureLog = signatureLog;
        this.payload = new FormField(endpoint.getOptions().get("payloadField"));
        this.endpoint = endpoint;
        this.scheme = scheme;
        this.refusals = refusals;
        this.clock = clock;
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        byte[] body = rawBody(exchange);
        switch (endpoint.getAction()) {
            case VERIFY -> verify(exchange, body);
            case SIGN -> sign(exchange.getMessage(), body);
        }
    }

    private void verify(Exchange exchange, byte[] body) throws SignatureException {
        exchange.setProperty(HttpAnswerWriter.SIGNATURE_SCHEME, scheme);
        Message message = exchange.getMessage();
        endpoint.cameAt(message.getHeader(Exchange.HTTP_PATH, String.class));
        Instant now = clock.instant();
        SignedRequest request = request(message, body);
        Verdict verdict = scheme.verify(request, now);
        if (verdict instanceof Refusal && exchange.getProperty(MessageHeaders.PACKED_BODY) instanceof byte[] packed) {
            Verdict ofPacked =
                    scheme.verify(request(message, packed), now); // some sign what they send, others what it holds
            verdict = ofPacked instanceof Verified plain && plain.content() == null ? ofPacked : verdict;
        }
        if (verdict instanceof Refusal refused) {
            refusals.count(endpoint.getScheme(), refused.reason());
            signatureLog.tell(endpoint, scheme, refused, request, message, now);
            throw new SignatureException(refused);
        }
        scheme.signatureHeaders().forEach(message::removeHeader);
        if (verdict instanceof Asked asked) {
            answer(exchange, asked.answer());
        } else if (verdict instanceof Verified verified) {
            goOn(exchange, verified, body);
        }
    }

    private static SignedRequest request(Message message, byte[] body) {
        String method = message.getHeader(Exchange.HTTP_METHOD, String.class);
        return new SignedRequest(
                method == null ? "POST" : method,
                message.getHeader(Exchange.HTTP_QUERY, String.class),
                new MessageHeaders(message),
                body);
    }

    private void goOn(Exchange exchange, Verified verified, byte[] body) throws SignatureException {
        Message message = exchange.getMessage();
        if (verified.id() != null) {
            message.setHeader(ID, verified.id());
        }
        Content content = verified.content();
        if (content == null) {
            payload.open(message, body); // the verified bytes; a stream has been read by now
        } else {
            message.setBody(content.body());
            ProblemReader.opened(exchange, content.body());
            message.setHeader(Exchange.CONTENT_TYPE, content.contentType());
            content.headers().forEach(message::setHeader);
        }
    }

    /** Answers the request and ends the route, since there is no change. */
    private static void answer(Exchange exchange, Acknowledgement answer) {
        Message message = exchange.getMessage();
        exchange.setProperty(HttpAnswerWriter.ANSWER, answer);
        message.setHeader(Exchange.HTTP_RESPONSE_CODE, answer.status());
        message.removeHeader(Exchange.CONTENT_TYPE);
        if (answer.contentType() != null) {
            message.setHeader(Exchange.CONTENT_TYPE, answer.contentType());
        }
        message.setBody(answer.body());
        exchange.setRouteStop(true);
    }

    private void sign(Message message, byte[] body) {
        String id = message.getHeader(ID, String.class);
        if (id == null || id.isBlank()) {
            id = "msg_" + UUID.randomUUID().toString().replace("-", "");
        }
        Envelope envelope = scheme.seal(body, id, clock.instant());
        envelope.headers().forEach(message::setHeader);
        if (envelope.query() != null) {
            message.setHeader(Exchange.HTTP_QUERY, envelope.query());
            message.setHeader(Exchange.HTTP_METHOD, "POST"); // camel-http would make it a GET, since it has a query
        }
        if (envelope.contentType() != null) {
            message.setHeader(Exchange.CONTENT_TYPE, envelope.contentType());
        }
        message.setBody(envelope.body()); // the signed bytes
    }

    /** The body's bytes. Parsed bodies are refused: their raw bytes are gone. */
    private static byte[] rawBody(Exchange exchange) throws InvalidPayloadException {
        Message message = exchange.getMessage();
        Object body = message.getBody();
        if (body == null) {
            return new byte[0];
        }
        if (body instanceof Map || body instanceof Collection) {
            throw new InvalidPayloadException(exchange, byte[].class, message);
        }
        return message.getMandatoryBody(byte[].class);
    }
}
