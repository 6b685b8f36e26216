package dev.serai.connector.http.pull;

import dev.serai.camel.http.MessageHeaders;
import dev.serai.connector.http.HttpClientSetup;
import dev.serai.connector.pull.PullException;
import dev.serai.signature.RequestAuth;
import dev.serai.signature.Verdict.Refusal;
import java.io.Closeable;
import java.net.URI;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Producer;
import org.apache.camel.component.http.HttpComponent;
import org.apache.camel.component.http.HttpMethods;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.apache.camel.support.service.ServiceHelper;
import org.jspecify.annotations.Nullable;

/**
 * Sends the requests of {@code http-pull-source} through camel-http, signed if the source wants that.
 *
 * <p>Threads: one thread at a time.
 */
final class HttpPullClient implements Closeable {
    private static final int NO_CONTENT = 204;
    private static final int NOT_FOUND = 404;

    private final Endpoint endpoint;
    private final Producer producer;
    private final @Nullable String bearerToken;
    private final @Nullable RequestAuth auth;

    HttpPullClient(
            CamelContext context, HttpClientSetup setup, @Nullable String bearerToken, @Nullable RequestAuth auth)
            throws Exception {
        Map<String, Object> options = new HashMap<>();
        options.put("copyHeaders", false); // an answer has no header but its own
        options.put("httpClientConfigurer", setup);
        this.endpoint = context.getComponent("http", HttpComponent.class).createEndpoint("http:pull", options);
        this.producer = endpoint.createProducer();
        this.bearerToken = bearerToken;
        this.auth = auth;
        ServiceHelper.startService(endpoint, producer);
    }

    /**
     * The body of the answer; null if it says that there is none (204).
     *
     * @param mayBeMissing whether 404 says so too
     */
    byte @Nullable [] get(URI address, boolean mayBeMissing) throws Exception {
        try {
            return get(address);
        } catch (HttpOperationFailedException e) {
            if (mayBeMissing && e.getStatusCode() == NOT_FOUND) {
                return null;
            }
            throw e;
        }
    }

    private byte @Nullable [] get(URI address) throws Exception {
        Exchange exchange = endpoint.createExchange();
        Message request = exchange.getMessage();
        request.setHeader(Exchange.HTTP_METHOD, HttpMethods.GET);
        request.setHeader("Accept", "application/json");
        if (bearerToken != null) {
            request.setHeader("Authorization", "Bearer " + bearerToken);
        }
        URI signedAddress = address;
        if (auth != null) {
            RequestAuth.Signed signed = auth.sign(address, Instant.now());
            signedAddress = signed.address();
            signed.headers().forEach(request::setHeader);
        }
        request.setHeader(Exchange.HTTP_URI, signedAddress.toString());
        producer.process(exchange);

        Message answer = exchange.getMessage();
        if (Integer.valueOf(NO_CONTENT).equals(answer.getHeader(Exchange.HTTP_RESPONSE_CODE, Integer.class))) {
            return null;
        }
        byte[] body = answer.getMandatoryBody(byte[].class);
        if (auth != null) {
            Refusal refused = auth.refuse(body, new MessageHeaders(answer), Instant.now());
            if (refused != null) {
                throw new PullException("the answer is not believed: " + refused.detail());
            }
        }
        return body;
    }

    @Override
    public void close() {
        ServiceHelper.stopAndShutdownServices(producer, endpoint);
    }
}
