package dev.serai.connector.http.pull;

import dev.serai.connector.http.HttpClientSetup;
import dev.serai.connector.pull.PullException;
import dev.serai.signature.RequestAuth;
import dev.serai.signature.Verdict.Refusal;
import dev.serai.text.HttpText;
import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.component.http.HttpComponent;
import org.apache.camel.component.http.HttpEndpoint;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.apache.camel.support.service.ServiceHelper;
import org.apache.hc.client5.http.classic.HttpClient;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.routing.RoutingSupport;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpException;
import org.jspecify.annotations.Nullable;

/**
 * Sends the requests of {@code http-pull-source}, signed if the source wants that, through the client of camel-http, so that
 * the options of {@code camel.component.http} count.
 *
 * <p>Threads: one thread at a time.
 */
final class HttpPullClient implements Closeable {
    private static final int NO_CONTENT = 204;
    private static final int NOT_FOUND = 404;
    private static final int FAILED_FROM = 300;

    /** Whoever signs its answers signs their bytes, which must be in memory for that. */
    private static final int SIGNED_BYTES_MAX = 8 << 20;

    private final HttpEndpoint endpoint;
    private final HttpClient client;
    private final @Nullable String bearerToken;
    private final @Nullable RequestAuth auth;

    HttpPullClient(
            CamelContext context, HttpClientSetup setup, @Nullable String bearerToken, @Nullable RequestAuth auth)
            throws Exception {
        this.endpoint = (HttpEndpoint) context.getComponent("http", HttpComponent.class)
                .createEndpoint("http:pull", Map.of("httpClientConfigurer", setup));
        this.bearerToken = bearerToken;
        this.auth = auth;
        ServiceHelper.startService(endpoint);
        this.client = endpoint.getHttpClient();
    }

    /**
     * The answer; null if it says that there is none (204).
     *
     * @param mayBeMissing whether 404 says so too
     */
    @Nullable HttpPullAnswer get(URI address, boolean mayBeMissing)
            throws IOException, PullException, HttpOperationFailedException {
        HttpUriRequestBase request = request(address);
        try (ClassicHttpResponse response = client.executeOpen(RoutingSupport.determineHost(request), request, null)) {
            int status = response.getCode();
            if (status == NO_CONTENT || (status == NOT_FOUND && mayBeMissing)) {
                return null;
            }
            if (status >= FAILED_FROM) {
                throw failure(response, request, address);
            }
            return believed(HttpPullAnswer.of(response, request));
        } catch (HttpException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private HttpUriRequestBase request(URI address) {
        Map<String, String> headers = new HashMap<>();
        headers.put("Accept", "application/json");
        if (bearerToken != null) {
            headers.put("Authorization", "Bearer " + bearerToken);
        }
        URI signedAddress = address;
        if (auth != null) {
            RequestAuth.Signed signed = auth.sign(address, Instant.now());
            signedAddress = signed.address();
            headers.putAll(signed.headers());
        }
        HttpUriRequestBase request = new HttpUriRequestBase("GET", signedAddress);
        headers.forEach(request::setHeader);
        return request;
    }

    private HttpPullAnswer believed(HttpPullAnswer answer) throws IOException, PullException {
        if (auth == null) {
            return answer;
        }
        try {
            if (answer.size() > SIGNED_BYTES_MAX) {
                throw new PullException("a signed answer may have " + SIGNED_BYTES_MAX
                        + " bytes: ask for fewer records per page, with a parameter of the source in url");
            }
            Refusal refused = auth.refuse(answer.bytes(SIGNED_BYTES_MAX), answer::headers, Instant.now());
            if (refused != null) {
                throw new PullException("the answer is not believed: " + refused.detail());
            }
            return answer;
        } catch (IOException | PullException | RuntimeException e) {
            answer.close();
            throw e;
        }
    }

    private static HttpOperationFailedException failure(
            ClassicHttpResponse response, HttpUriRequestBase request, URI address) {
        Map<String, String> headers = new HashMap<>();
        Stream.of(response.getHeaders()).forEach((Header header) -> headers.put(header.getName(), header.getValue()));
        return new HttpOperationFailedException(
                HttpText.withoutQuery(address),
                response.getCode(),
                response.getReasonPhrase(),
                null,
                headers,
                HttpPullAnswer.start(response, request));
    }

    @Override
    public void close() {
        ServiceHelper.stopAndShutdownServices(endpoint);
    }
}
