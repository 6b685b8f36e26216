package dev.serai.connector.http.token;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.serai.camel.http.HttpLimits;
import dev.serai.text.ExactJson;
import dev.serai.text.HttpText;
import dev.serai.text.LogText;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.io.HttpClientConnectionManager;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.jspecify.annotations.Nullable;

/**
 * Asks a token endpoint for a token, as OAuth 2 (RFC 6749 sections 4.4 and 6) or a platform wants it.
 *
 * <p>Threads: safe.
 */
final class TokenRequest {
    private static final int ANSWER_BYTES_MAX = 65_536;

    private final TokenOptions options;
    private final HttpLimits limits;
    private final Supplier<HttpClientConnectionManager> connections;

    /**
     * @param timeout how long it may take
     * @param connections to the endpoint; asked for each time, since a token is asked for once in hours
     */
    TokenRequest(TokenOptions options, Duration timeout, Supplier<HttpClientConnectionManager> connections) {
        this.options = options;
        this.limits = new HttpLimits(timeout.toMillis() + "ms", ANSWER_BYTES_MAX);
        this.connections = connections;
    }

    /**
     * Asks for one.
     *
     * @param refreshToken the one to use, if the app has one
     */
    TokenAnswer send(@Nullable String refreshToken) throws AccessTokenException {
        HttpClientBuilder builder = HttpClientBuilder.create().setConnectionManager(connections.get());
        limits.configureHttpClient(builder);
        try (CloseableHttpClient client = builder.build()) {
            return client.execute(request(refreshToken), this::answer);
        } catch (AccessTokenException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw failed(LogText.of(e), e);
        }
    }

    private TokenAnswer answer(ClassicHttpResponse answer) throws IOException {
        byte[] body = answer.getEntity() == null ? new byte[0] : EntityUtils.toByteArray(answer.getEntity());
        try {
            return TokenAnswer.of(answer.getCode(), body);
        } catch (TokenAnswer.NoTokenException e) {
            throw failed(String.valueOf(e.getMessage()), null);
        }
    }

    private AccessTokenException failed(String reason, @Nullable Exception cause) {
        String masked = reason;
        for (String secret : options.secrets()) {
            masked = masked.replace(secret, "***");
        }
        return new AccessTokenException(
                "no access token from " + HttpText.withoutQuery(options.address()) + ": " + masked, cause);
    }

    private HttpUriRequestBase request(@Nullable String refreshToken) throws IOException {
        URI address = options.address();
        TokenPlatform platform = options.platform();
        HttpUriRequestBase request;
        if (platform == TokenPlatform.OAUTH) {
            request = form(address, refreshToken);
        } else {
            Map<String, String> parameters =
                    platform.parameters(address.getPath(), options.clientId(), options.clientSecret());
            request = platform.isGet(address.getPath()) ? get(address, parameters) : json(address, parameters);
        }
        request.setHeader("Accept", "application/json");
        return request;
    }

    private static HttpUriRequestBase get(URI address, Map<String, String> parameters) {
        String query = encoded(parameters);
        String mark =
                address.getRawQuery() == null ? "?" : address.getRawQuery().isEmpty() ? "" : "&";
        return new HttpGet(URI.create(address.toString().replaceFirst("#.*", "") + mark + query));
    }

    private static HttpUriRequestBase json(URI address, Map<String, String> parameters) throws IOException {
        HttpPost request = new HttpPost(address);
        request.setEntity(
                new StringEntity(ExactJson.MAPPER.writeValueAsString(parameters), ContentType.APPLICATION_JSON));
        return request;
    }

    private HttpUriRequestBase form(URI address, @Nullable String refreshToken) {
        Map<String, String> form = new LinkedHashMap<>();
        form.put("grant_type", refreshToken == null ? "client_credentials" : "refresh_token");
        put(form, "refresh_token", refreshToken);
        put(form, "scope", options.scope());
        put(form, "audience", options.audience());
        HttpPost request = new HttpPost(address);
        if (options.secretInBody()) {
            form.put("client_id", options.clientId());
            put(form, "client_secret", options.clientSecret());
        } else {
            String pair = URLEncoder.encode(options.clientId(), UTF_8) + ":"
                    + URLEncoder.encode(options.clientSecret(), UTF_8);
            request.setHeader("Authorization", "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8)));
        }
        request.setEntity(new StringEntity(encoded(form), ContentType.APPLICATION_FORM_URLENCODED));
        return request;
    }

    private static void put(Map<String, String> form, String name, @Nullable String value) {
        if (value != null && !value.isEmpty()) {
            form.put(name, value);
        }
    }

    private static String encoded(Map<String, String> parameters) {
        return parameters.entrySet().stream()
                .map(one -> one.getKey() + "=" + URLEncoder.encode(one.getValue(), UTF_8))
                .collect(Collectors.joining("&"));
    }
}
