package dev.serai.connector.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.camel.http.HttpLimits;
import dev.serai.ledger.time.TimeSource;
import dev.serai.text.ExactJson;
import dev.serai.text.HttpText;
import dev.serai.text.LogText;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.jspecify.annotations.Nullable;

/**
 * An access token by OAuth 2 client credentials (RFC 6749 section 4.4): fetched when it is first needed, shared by all
 * requests, and renewed before it expires. The client proves itself with HTTP Basic (section 2.3.1).
 *
 * <p>camel-http's own support cannot be used: it keeps a token per address, and so per key of a flow, fetches one for each of
 * many concurrent requests, and keeps using a token that the server refuses.
 *
 * <p>Threads: safe; those who come while a token is being fetched wait for it.
 */
final class ClientCredentials {
    private static final int ANSWER_BYTES_MAX = 65_536;
    private static final Duration MARGIN_MAX = Duration.ofSeconds(30);

    /** RFC 6750 section 2.1. */
    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9._~+/-]+=*");

    /** RFC 6749 section 5.2, where it is short enough for a message. */
    private static final Pattern ERROR_CODE = Pattern.compile("[\\x20-\\x21\\x23-\\x5b\\x5d-\\x7e]{1,60}");

    /** @param usableUntilMillis by the monotonic clock */
    private record Token(String authorization, long usableUntilMillis) {}

    private final URI url;
    private final String basic;
    private final String form;
    private final CloseableHttpClient client;
    private final TimeSource time;
    private @Nullable CompletableFuture<Token> latest;

    /**
     * The credentials at one token endpoint.
     *
     * @param scope what to ask for, separated by spaces, or null
     * @param timeout how long fetching a token may take
     * @param tls the certificates for an https endpoint
     * @throws IllegalArgumentException if one of the first three is missing, or the URL is not one
     */
    ClientCredentials(
            String tokenUrl,
            @Nullable String clientId,
            @Nullable String clientSecret,
            @Nullable String scope,
            Duration timeout,
            HttpTls tls,
            TimeSource time) {
        if (clientId == null || clientId.isBlank() || clientSecret == null || clientSecret.isBlank()) {
            throw new IllegalArgumentException("tokenUrl needs clientId and clientSecret too");
        }
        this.url = address(tokenUrl);
        this.basic = "Basic "
                + Base64.getEncoder().encodeToString((encoded(clientId) + ":" + encoded(clientSecret)).getBytes(UTF_8));
        this.form = "grant_type=client_credentials"
                + (scope == null || scope.isBlank() ? "" : "&scope=" + encoded(scope.strip()));
        this.client = client(timeout, tls);
        this.time = time;
    }

    private static URI address(String tokenUrl) {
        try {
            URI uri = URI.create(tokenUrl.strip());
            if (uri.getHost() != null && ("https".equals(uri.getScheme()) || "http".equals(uri.getScheme()))) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            // said below, without the address, which may hold a secret
        }
        throw new IllegalArgumentException("tokenUrl is not an http or https address");
    }

    private static CloseableHttpClient client(Duration timeout, HttpTls tls) {
        HttpClientBuilder builder = HttpClientBuilder.create().setConnectionManager(tls.connections(1));
        new HttpLimits(timeout.toMillis() + "ms", ANSWER_BYTES_MAX).configureHttpClient(builder);
        return builder.build();
    }

    /**
     * The value of the header {@code Authorization}.
     *
     * @throws AccessTokenException if no token can be had
     */
    String authorization() throws AccessTokenException {
        CompletableFuture<Token> own = null;
        CompletableFuture<Token> awaited;
        synchronized (this) {
            if (latest == null || isSpent(latest)) {
                own = new CompletableFuture<>();
                latest = own;
            }
            awaited = latest;
        }
        if (own != null) {
            fetchInto(own);
        }
        try {
            return awaited.get().authorization();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AccessTokenException("interrupted while an access token was fetched", e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            throw new AccessTokenException(cause == null ? "unknown" : String.valueOf(cause.getMessage()), cause);
        }
    }

    /** A server refused this token: it is not used again. */
    synchronized void refused(String authorization) {
        if (latest != null
                && latest.isDone()
                && !isSpent(latest)
                && latest.join().authorization().equals(authorization)) {
            latest = null;
        }
    }

    private boolean isSpent(CompletableFuture<Token> token) {
        return token.isCompletedExceptionally()
                || (token.isDone() && time.monotonicMillis() >= token.join().usableUntilMillis());
    }

    private void fetchInto(CompletableFuture<Token> token) {
        try {
            token.complete(fetch());
        } catch (AccessTokenException e) {
            token.completeExceptionally(e);
        } catch (IOException | RuntimeException e) {
            token.completeExceptionally(new AccessTokenException(
                    "no access token from " + HttpText.withoutQuery(url) + ": " + LogText.of(e), e));
        }
    }

    private Token fetch() throws IOException {
        HttpPost request = new HttpPost(url);
        request.setHeader("Authorization", basic);
        request.setHeader("Accept", "application/json");
        request.setEntity(new StringEntity(form, ContentType.APPLICATION_FORM_URLENCODED));
        long askedMillis = time.monotonicMillis();
        return client.execute(request, answer -> token(answer, askedMillis));
    }

    private Token token(ClassicHttpResponse answer, long askedMillis) throws IOException {
        byte[] body = answer.getEntity() == null ? new byte[0] : EntityUtils.toByteArray(answer.getEntity());
        JsonNode json = json(body);
        if (answer.getCode() != 200) {
            throw failed("HTTP " + answer.getCode() + errorCode(json));
        }
        String value = json.path("access_token").asText("");
        if (!TOKEN.matcher(value).matches()
                || !json.path("token_type").asText("").equalsIgnoreCase("bearer")) {
            throw failed("its answer holds no bearer token");
        }
        return new Token(
                "Bearer " + value,
                usableUntil(askedMillis, json.path("expires_in").asLong(0)));
    }

    /** A little before it expires; without a time, until it is refused. */
    private static long usableUntil(long askedMillis, long expiresInSeconds) {
        if (expiresInSeconds <= 0) {
            return Long.MAX_VALUE;
        }
        Duration valid = Duration.ofSeconds(
                Math.min(expiresInSeconds, Duration.ofDays(365).toSeconds()));
        Duration tenth = valid.dividedBy(10);
        return askedMillis
                + valid.minus(tenth.compareTo(MARGIN_MAX) < 0 ? tenth : MARGIN_MAX)
                        .toMillis();
    }

    private static JsonNode json(byte[] body) {
        try {
            return ExactJson.MAPPER.readTree(new String(body, UTF_8));
        } catch (JsonProcessingException e) {
            return ExactJson.MAPPER.createObjectNode(); // the message would quote it
        }
    }

    private static String errorCode(JsonNode json) {
        String code = json.path("error").asText("");
        return ERROR_CODE.matcher(code).matches() ? " " + code + ": check clientId, clientSecret and scope" : "";
    }

    private AccessTokenException failed(String reason) {
        return new AccessTokenException("no access token from " + HttpText.withoutQuery(url) + ": " + reason, null);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, UTF_8);
    }
}
