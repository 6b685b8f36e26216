package dev.serai.camel;

import dev.serai.signature.HeaderLookup;
import dev.serai.signature.SignatureScheme;
import dev.serai.signature.Verdict;
import dev.serai.signature.Verdict.Refused;
import dev.serai.signature.Verdict.Verified;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.apache.camel.InvalidPayloadException;
import org.apache.camel.Message;
import org.apache.camel.support.DefaultProducer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Verifies or signs each message that passes. Threads: safe. */
class SignatureProducer extends DefaultProducer {

    private static final Logger LOG = LoggerFactory.getLogger(SignatureProducer.class);

    private static final String ID = "CamelLedgerId";

    private final SignatureEndpoint endpoint;
    private final SignatureScheme scheme;
    private final InstantSource clock;

    SignatureProducer(SignatureEndpoint endpoint, SignatureScheme scheme, InstantSource clock) {
        super(endpoint);
        this.endpoint = endpoint;
        this.scheme = scheme;
        this.clock = clock;
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        Message message = exchange.getMessage();
        byte[] body = rawBody(message);
        switch (endpoint.getAction()) {
            case VERIFY -> verify(message, body);
            case SIGN -> sign(message, body);
        }
        message.setBody(body); // what was checked or signed is what goes on, and a stream is read by now
    }

    private void verify(Message message, byte[] body) throws SignatureException {
        HeaderLookup headers = name -> values(message.getHeader(name));
        Verdict verdict = scheme.verify(body, headers, clock.instant());
        if (verdict instanceof Refused refused) {
            log(refused, message);
            throw new SignatureException(refused);
        }
        if (verdict instanceof Verified verified && verified.id() != null) {
            message.setHeader(ID, verified.id());
        }
        scheme.signatureHeaders().forEach(message::removeHeader);
    }

    private void sign(Message message, byte[] body) {
        String id = message.getHeader(ID, String.class);
        if (id == null || id.isBlank()) {
            id = "msg_" + UUID.randomUUID().toString().replace("-", "");
        }
        for (Map.Entry<String, String> header :
                scheme.sign(body, id, clock.instant()).entrySet()) {
            message.setHeader(header.getKey(), header.getValue());
        }
    }

    /** The body's bytes. Parsed bodies are refused: their bytes are gone, and others would be signed. */
    private static byte[] rawBody(Message message) throws InvalidPayloadException {
        Object body = message.getBody();
        if (body == null) {
            return new byte[0];
        }
        if (body instanceof Map || body instanceof Collection) {
            throw new InvalidPayloadException(message.getExchange(), byte[].class, message);
        }
        return message.getMandatoryBody(byte[].class);
    }

    private static List<String> values(@Nullable Object header) {
        if (header == null) {
            return List.of();
        }
        if (header instanceof Collection<?> several) {
            return several.stream().map(String::valueOf).toList();
        }
        return List.of(header.toString());
    }

    private void log(Refused refused, Message message) {
        String idHeader = scheme.idHeader();
        LOG.warn(
                "Signature refused: scheme={} path={} id={} reason={} ({})",
                endpoint.getScheme(),
                LogText.of(message.getHeader(Exchange.HTTP_PATH)),
                LogText.of(idHeader == null ? null : message.getHeader(idHeader)),
                refused.reason(),
                refused.detail());
    }
}
