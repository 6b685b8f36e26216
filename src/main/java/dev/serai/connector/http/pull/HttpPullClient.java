package dev.serai.connector.http.pull;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.serai.camel.egress.Egress;
import dev.serai.camel.egress.EgressException;
import dev.serai.connector.http.HttpClientSetup;
import dev.serai.connector.http.answer.TokenExpiry;
import dev.serai.connector.http.token.AccessToken;
import dev.serai.connector.http.token.TokenClient;
import dev.serai.connector.pull.PullException;
import dev.serai.signature.RequestAuth;
import dev.serai.signature.Verdict.Refusal;
import dev.serai.text.HttpText;
import dev.serai.text.SecretNames;
import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
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
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.io.entity.StringEntity;
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
    private static final int NOT_MODIFIED = 304;
    private static final int FAILED_FROM = 300;

    /** Whoever signs its answers signs their bytes, which must be in memory for that. */
    private static final int SIGNED_BYTES_MAX = 8 << 20;

    private final HttpEndpoint endpoint;
    /** For servers that get no credentials. */
    private final HttpEndpoint plain;

    private final HttpPullTemplate template;
    private final HttpPullRequestOptions options;
    private final String accept;
    private final @Nullable RequestAuth auth;
    private final @Nullable TokenClient tokens;

    /**
     * @param template knows the own server
     * @param accept what the answers are to be
     * @param auth signs the requests and verifies the answers
     * @param tokens null if requests have no access token
     */
    HttpPullClient(
            CamelContext context,
            HttpClientSetup setup,
            HttpPullTemplate template,
            HttpPullRequestOptions options,
            String accept,
            @Nullable RequestAuth auth,
            @Nullable TokenClient tokens)
            throws Exception {
        HttpClientSetup checked = setup.checkedBy(Egress.of(context).resolver(template.writtenServers()));
        this.endpoint = endpoint(context, checked);
        this.plain = endpoint(context, checked.withoutCredentials());
        this.template = template;
        this.options = options;
        this.accept = accept;
        this.auth = auth;
        this.tokens = tokens;
        ServiceHelper.startService(endpoint, plain);
    }

    private static HttpEndpoint endpoint(CamelContext context, HttpClientSetup setup) throws Exception {
        return (HttpEndpoint) context.getComponent("http", HttpComponent.class)
                .createEndpoint("http:pull", Map.of("httpClientConfigurer", setup));
    }

    /**
     * The answer; null if it says that there is none (204), or nothing new (304).
     *
     * @param mayBeMissing whether 404 says so too
     * @param condition the headers that ask whether there is anything new; none to ask for all
     */
    @Nullable HttpPullAnswer ask(HttpPullPlace place, boolean mayBeMissing, Map<String, String> condition)
            throws IOException, PullException, HttpOperationFailedException {
        boolean hasCredentials = template.isOwn(place.at()) || options.hasCredentialsFor(place.at());
        TokenClient asked = hasCredentials ? tokens : null;
        if (asked == null) {
            return ask(place, mayBeMissing, condition, hasCredentials, null);
        }
        AccessToken token = asked.token();
        try {
            return ask(place, mayBeMissing, condition, true, token);
        } catch (TokenRefusedException e) {
            if (!asked.refused(token)) { // it is too early for another one
                throw e;
            }
        }
        token = asked.token();
        try {
            return ask(place, mayBeMissing, condition, true, token);
        } catch (TokenRefusedException e) {
            asked.refused(token);
            throw e;
        }
    }

    private @Nullable HttpPullAnswer ask(
            HttpPullPlace place,
            boolean mayBeMissing,
            Map<String, String> condition,
            boolean hasCredentials,
            @Nullable AccessToken token)
            throws IOException, PullException, HttpOperationFailedException {
        HttpUriRequestBase request = request(place, hasCredentials, token);
        boolean isConditional = auth == null && options.method().equals("GET") && !condition.isEmpty();
        if (isConditional) { // one that is signed must be answered with a signature over its content
            condition.forEach(request::setHeader);
        }
        HttpClient client = (hasCredentials ? endpoint : plain).getHttpClient();
        try (ClassicHttpResponse response = client.executeOpen(RoutingSupport.determineHost(request), request, null)) {
            int status = response.getCode();
            boolean isMissing = status == NOT_FOUND && mayBeMissing;
            if (status == NO_CONTENT || isMissing || (status == NOT_MODIFIED && isConditional)) {
                return null;
            }
            if (status >= FAILED_FROM) {
                throw failure(response, request, place.at(), token);
            }
            HttpPullAnswer answer = believed(HttpPullAnswer.of(response, request));
            refuseExpired(answer, status, place.at(), token);
            return answer;
        } catch (EgressException e) { // waiting would not help
            throw new PullException(String.valueOf(e.getMessage()));
        } catch (HttpException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** An answer that says that the access token is over. */
    private static final class TokenRefusedException extends HttpOperationFailedException {
        private static final long serialVersionUID = 1L;

        TokenRefusedException(
                URI address, int status, @Nullable String reason, Map<String, String> headers, String start) {
            super(HttpText.withoutQuery(address), status, reason, null, headers, start);
        }
    }

    /** As the platforms say it in a 200. */
    private void refuseExpired(HttpPullAnswer answer, int status, URI address, @Nullable AccessToken token)
            throws IOException, HttpOperationFailedException {
        if (tokens == null || token == null || answer.size() > TokenExpiry.bodyBytesMax()) {
            return;
        }
        byte[] body = answer.bytes(TokenExpiry.bodyBytesMax());
        if (tokens.isOver(status, body)) {
            answer.close();
            String start = token.masked(masked(new String(body, UTF_8), address));
            throw new TokenRefusedException(address, status, "the access token is over", Map.of(), start);
        }
    }

    private HttpUriRequestBase request(HttpPullPlace place, boolean hasCredentials, @Nullable AccessToken token) {
        Map<String, String> headers = new LinkedHashMap<>();
        URI address = place.at();
        if (hasCredentials) {
            headers.putAll(options.credentials());
            address = options.withQuery(address);
            if (tokens != null && token != null) {
                tokens.place().headers(token).forEach((name, value) -> {
                    headers.keySet().removeIf(name::equalsIgnoreCase);
                    headers.put(name, value);
                });
                address = URI.create(tokens.place().target(address.toString(), token));
            }
            if (auth != null) {
                RequestAuth.Signed signed = auth.sign(address, Instant.now());
                address = signed.address();
                headers.putAll(signed.headers());
            }
        }
        HttpUriRequestBase request = new HttpUriRequestBase(options.method(), address);
        request.setHeader("Accept", accept);
        headers.forEach(request::setHeader);
        String body = place.body();
        if (body != null) {
            ContentType type = ContentType.parse(options.contentType());
            request.setEntity(new StringEntity(body, type.getCharset() == null ? type.withCharset(UTF_8) : type));
            request.setHeader("Content-Type", options.contentType());
        }
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

    /** Without the credentials, and without the secrets in the address itself. */
    private String masked(String text, URI address) {
        return SecretNames.masked(options.masked(text), SecretNames.inQuery(address.toString()));
    }

    private HttpOperationFailedException failure(
            ClassicHttpResponse response, HttpUriRequestBase request, URI address, @Nullable AccessToken token) {
        Map<String, String> headers = new HashMap<>();
        Stream.of(response.getHeaders()).forEach((Header header) -> headers.put(header.getName(), header.getValue()));
        int status = response.getCode();
        String reason = response.getReasonPhrase();
        String start = masked(HttpPullAnswer.start(response, request), address);
        if (tokens == null || token == null) {
            return new HttpOperationFailedException(
                    HttpText.withoutQuery(address), status, reason, null, headers, start);
        }
        headers.replaceAll((name, value) -> token.masked(value));
        String masked = token.masked(start);
        return tokens.isOver(status, start.getBytes(UTF_8))
                ? new TokenRefusedException(address, status, reason, headers, masked)
                : new HttpOperationFailedException(
                        HttpText.withoutQuery(address), status, reason, null, headers, masked);
    }

    @Override
    public void close() {
        ServiceHelper.stopAndShutdownServices(endpoint, plain);
    }
}
