package dev.serai.camel.http;

import dev.serai.camel.ledger.LedgerConstants;
import dev.serai.http.HttpAnswer;
import dev.serai.http.Problem;
import dev.serai.signature.Acknowledgement;
import dev.serai.signature.SignatureScheme;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.jspecify.annotations.Nullable;

/**
 * Writes the answer to a request from its finished exchange. The first case that applies decides:
 *
 * <ol>
 *   <li>The exchange failed: the problem, see {@link ProblemReader}, or the platform's own answer if the scheme has one.
 *   <li>The route set {@code CamelHttpResponseCode}, and not by calling another server: that status with the message's body and {@code Content-Type}.
 *   <li>The scheme's platform expects its own answer: that answer.
 *   <li>The ledger accepted it ({@code CamelLedgerSequence}): the receipt, see {@link ReceiptWriter}.
 *   <li>Otherwise 204: the route succeeded without accepting a change, for example because of a filter.
 * </ol>
 *
 * <p>Threads: safe.
 */
public final class HttpAnswerWriter {

    /**
     * The exchange property with the {@link SignatureScheme} that verified the request, which may have its own answers.
     */
    public static final String SIGNATURE_SCHEME = "SeraiSignatureScheme";

    /** The exchange property with the {@link Acknowledgement} that is the whole answer: a platform's check of the address. */
    public static final String ANSWER = "SeraiAnswer";

    /** The exchange property with the status that another server answered a step of the route. */
    private static final String CALLED_STATUS = "SeraiCalledStatus";

    private static final HttpAnswer NOTHING = new HttpAnswer(204, Map.of(), new byte[0]);

    private final ProblemReader problems;

    public HttpAnswerWriter(ProblemReader problems) {
        this.problems = problems;
    }

    /**
     * The answer to a request.
     *
     * @param received the request's Content-Type, which the message still has if the route sets none
     * @param body of the request
     */
    public HttpAnswer of(Exchange exchange, @Nullable Object received, byte[] body) {
        Throwable failure = ProblemReader.failure(exchange);
        if (failure != null) {
            return failed(exchange, problems.of(failure, exchange, body));
        }
        try {
            Acknowledgement asked = exchange.getProperty(ANSWER, Acknowledgement.class);
            if (asked != null) {
                return answer(asked, Map.of("X-Content-Type-Options", "nosniff"));
            }
            Message message = exchange.getMessage();
            Object status = message.getHeader(Exchange.HTTP_RESPONSE_CODE);
            if (status != null && status != exchange.getProperty(CALLED_STATUS)) {
                return asTheRouteSays(message, status(status), received);
            }
            SignatureScheme scheme = scheme(exchange);
            Acknowledgement accepted = scheme == null ? null : scheme.accepted();
            if (accepted != null) {
                return answer(accepted, Map.of());
            }
            return message.getHeader(LedgerConstants.SEQUENCE) != null ? ReceiptWriter.of(message) : NOTHING;
        } catch (RuntimeException e) {
            return failed(exchange, e);
        }
    }

    /** The answer to a failure outside the route. */
    public HttpAnswer failed(Exchange exchange, Throwable failure) {
        return failed(exchange, problems.of(failure, exchange.getExchangeId()));
    }

    private static HttpAnswer failed(Exchange exchange, Problem problem) {
        SignatureScheme scheme = scheme(exchange);
        Acknowledgement failed = scheme == null ? null : scheme.failed(problem.status(), problem.detail());
        return failed == null
                ? problem.answer()
                : answer(failed, problem.answer().headers());
    }

    /**
     * Notes that the status and the body of the message are another server's answer to a step of the route: they are not the
     * answer to the request.
     */
    public static void called(Exchange exchange) {
        exchange.setProperty(CALLED_STATUS, exchange.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE));
    }

    private static @Nullable SignatureScheme scheme(Exchange exchange) {
        return exchange.getProperty(SIGNATURE_SCHEME, SignatureScheme.class);
    }

    private static HttpAnswer answer(Acknowledgement acknowledgement, Map<String, String> more) {
        Map<String, String> headers = new LinkedHashMap<>(more);
        headers.putAll(acknowledgement.headers());
        headers.remove("Content-Type");
        if (acknowledgement.contentType() != null) {
            headers.put("Content-Type", acknowledgement.contentType());
        }
        return new HttpAnswer(acknowledgement.status(), headers, acknowledgement.body());
    }

    private int status(Object header) {
        int status = header instanceof Number number
                ? number.intValue()
                : Integer.parseInt(header.toString().strip());
        if (status < 200 || status > 599) {
            throw new IllegalArgumentException(
                    "the route set the HTTP status " + status + ", which no answer can have");
        }
        return status;
    }

    private HttpAnswer asTheRouteSays(Message message, int status, @Nullable Object received) {
        byte[] body = status == 204 || status == 304 ? null : message.getBody(byte[].class);
        if (body == null || body.length == 0) {
            return new HttpAnswer(status, Map.of(), new byte[0]);
        }
        Object type = message.getHeader(Exchange.CONTENT_TYPE);
        // Compared by identity: the object from the request is not a decision of the route.
        String contentType =
                type == null || type == received ? "text/plain; charset=utf-8" : headerText(type.toString());
        return new HttpAnswer(status, Map.of("Content-Type", contentType, "X-Content-Type-Options", "nosniff"), body);
    }

    private String headerText(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isISOControl(text.charAt(i))) {
                throw new IllegalArgumentException("the route set a Content-Type with a control character");
            }
        }
        return text;
    }
}
