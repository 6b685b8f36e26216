package dev.serai.connector.http;

import dev.serai.camel.ledger.FailureText;
import dev.serai.camel.ledger.NotSentException;
import dev.serai.camel.ledger.OutcomeReader;
import dev.serai.camel.ledger.RestoreHeaders;
import dev.serai.ledger.delivery.Outcome;
import dev.serai.text.LogText;
import java.io.IOException;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.support.DefaultExchange;
import org.jspecify.annotations.Nullable;

/**
 * The parameter {@code confirm} with a route, {@code direct:NAME}: it is called with the change's headers and without a body, and
 * ends with the body {@code true} if the target has the change, {@code false} if it has not; by anything else nobody knows.
 *
 * <p>Threads: safe.
 *
 * @param uri of the route's endpoint
 */
record HttpSinkConfirmRoute(String uri) {
    private static final OutcomeReader OUTCOMES = new OutcomeReader(InstantSource.system());
    private static final Pattern URI = Pattern.compile("direct:(//)?[^?\\s]+(\\?\\S*)?");

    /** Null if the parameter names no route. */
    static @Nullable HttpSinkConfirmRoute of(@Nullable String confirm) {
        if (confirm == null || !confirm.strip().startsWith("direct:")) {
            return null;
        }
        String uri = confirm.strip();
        if (!URI.matcher(uri).matches()) {
            throw new IllegalArgumentException(
                    "confirm names no route: direct:NAME leads to the one that begins with from: direct:NAME, not "
                            + LogText.of(uri));
        }
        return new HttpSinkConfirmRoute(uri);
    }

    /**
     * Asks, and waits for the answer.
     *
     * @param delivery with the request that {@link HttpSinkRequest} made of the change
     * @throws NotSentException if this node stops meanwhile
     * @throws IOException if nobody knows
     */
    boolean hasArrived(Exchange delivery) throws IOException {
        CamelContext context = delivery.getContext();
        Exchange question = new DefaultExchange(context);
        question.getMessage().setHeaders(new HashMap<>(RestoreHeaders.kept(delivery)));
        try (ProducerTemplate template = context.createProducerTemplate()) {
            template.send(uri, question);
        }
        Exception failure = question.getException();
        if (failure != null && OUTCOMES.of(failure) instanceof Outcome.Interrupted) {
            throw new NotSentException("stopped while " + uri + " was asked");
        }
        if (failure != null) {
            throw unknown("failed: " + FailureText.of(failure));
        }
        String answer = text(question.getMessage());
        if (answer.equalsIgnoreCase("true") || answer.equalsIgnoreCase("false")) {
            return Boolean.parseBoolean(answer);
        }
        throw unknown("answered neither true nor false");
    }

    private IOException unknown(String why) {
        return new IOException("nobody knows whether it arrived before: " + uri + " " + why);
    }

    private static String text(Message answer) {
        String text = answer.getBody(String.class);
        return text == null ? "" : text.strip();
    }
}
