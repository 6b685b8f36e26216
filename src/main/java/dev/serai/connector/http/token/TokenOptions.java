package dev.serai.connector.http.token;

import dev.serai.connector.http.answer.TokenExpiry;
import dev.serai.text.HttpText;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where an HTTP Kamelet gets access tokens, as its options say.
 *
 * <p>Threads: set up by one thread, then safe.
 */
public final class TokenOptions {
    private TokenPlatform platform = TokenPlatform.OAUTH;
    private @Nullable String tokenUrl;
    private @Nullable String clientId;
    private @Nullable String clientSecret;
    private boolean secretInBody;
    private @Nullable String scope;
    private @Nullable String audience;
    private @Nullable String refreshToken;
    private @Nullable String tokenHeader;
    private @Nullable String tokenQuery;
    private TokenExpiry expiry = new TokenExpiry(null);

    /** Whether requests need a token. */
    public boolean isSet() {
        return tokenUrl != null || platform.url() != null;
    }

    /**
     * Refuses options that do not go together.
     *
     * @throws IllegalArgumentException with what to do
     */
    public void check() {
        if (!isSet()) {
            refuseWithoutEndpoint();
            return;
        }
        address();
        boolean isPublic = secretInBody && refreshToken != null; // RFC 6749 section 2.1
        if (clientId == null || (clientSecret == null && !isPublic)) {
            throw new IllegalArgumentException(
                    (tokenUrl == null ? "tokens" : "tokenUrl") + " needs clientId and clientSecret too");
        }
        boolean isOwnRule = secretInBody || scope != null || audience != null || refreshToken != null;
        if (platform != TokenPlatform.OAUTH && isOwnRule) {
            throw new IllegalArgumentException(
                    "clientAuth=body, scope, audience and refreshToken are of OAuth 2: take them"
                            + " out, or leave tokens out");
        }
        if (tokenHeader != null && tokenQuery != null) {
            throw new IllegalArgumentException("a token is sent in one place: set tokenHeader or tokenQuery");
        }
        if (tokenHeader != null) {
            TokenPlace.inHeader(tokenHeader);
        }
    }

    private void refuseWithoutEndpoint() {
        if (clientId != null || clientSecret != null) {
            throw new IllegalArgumentException("clientId and clientSecret need tokenUrl or tokens: set one");
        }
        if (Stream.of(scope, audience, refreshToken, tokenHeader, tokenQuery).anyMatch(Objects::nonNull)) {
            throw new IllegalArgumentException(
                    "scope, audience, refreshToken, tokenHeader and tokenQuery need tokenUrl or tokens: set one");
        }
    }

    // ---- What they say

    TokenPlatform platform() {
        return platform;
    }

    URI address() {
        try {
            URI uri = URI.create(String.valueOf(tokenUrl == null ? platform.url() : tokenUrl.strip()));
            if (uri.getHost() != null && ("https".equals(uri.getScheme()) || "http".equals(uri.getScheme()))) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            // said below, without the address, which may hold a secret
        }
        throw new IllegalArgumentException("tokenUrl is not an http or https address");
    }

    String clientId() {
        return Objects.requireNonNull(clientId, "not checked");
    }

    String clientSecret() {
        return clientSecret == null ? "" : clientSecret;
    }

    boolean secretInBody() {
        return secretInBody;
    }

    @Nullable String scope() {
        return scope;
    }

    @Nullable String audience() {
        return audience;
    }

    /** The first one. */
    @Nullable String refreshToken() {
        return refreshToken;
    }

    /** @param target the address that gets the token */
    TokenPlace place(String target) {
        if (tokenHeader != null) {
            return TokenPlace.inHeader(tokenHeader);
        }
        if (tokenQuery != null) {
            return TokenPlace.inQuery(tokenQuery);
        }
        String host = target.replaceFirst("(?i)^https?://", "");
        return platform.place(address().getPath(), host);
    }

    TokenExpiry expiry() {
        return expiry;
    }

    /** Equal for the same app: what tells its tokens from others, without the secret. */
    String app() {
        return Stream.of(platform.name(), address().toString(), clientId(), scope, audience, refreshToken)
                .map(part -> part == null ? "" : HttpText.urlValue(part))
                .collect(Collectors.joining("&"));
    }

    /** The texts that must not be shown. */
    List<String> secrets() {
        return Stream.of(clientSecret, refreshToken)
                .filter(Objects::nonNull)
                .flatMap(secret -> Stream.of(secret, HttpText.urlValue(secret)))
                .toList();
    }

    // ---- Set up

    /** @param tokens oauth, or the platform whose tokens they are */
    public void setTokens(@Nullable String tokens) {
        platform = tokens == null || tokens.isBlank() ? TokenPlatform.OAUTH : TokenPlatform.of(tokens);
    }

    public void setTokenUrl(@Nullable String tokenUrl) {
        this.tokenUrl = blankToNull(tokenUrl);
    }

    public void setClientId(@Nullable String clientId) {
        this.clientId = blankToNull(clientId);
    }

    public void setClientSecret(@Nullable String clientSecret) {
        this.clientSecret = blankToNull(clientSecret);
    }

    /** @param clientAuth basic or body: where a request for a token has the secret */
    public void setClientAuth(@Nullable String clientAuth) {
        String where = clientAuth == null || clientAuth.isBlank() ? "basic" : clientAuth.strip();
        secretInBody = where.toLowerCase(Locale.ROOT).equals("body");
        if (!secretInBody && !where.equalsIgnoreCase("basic")) {
            throw new IllegalArgumentException("clientAuth must be basic or body, not " + where);
        }
    }

    public void setScope(@Nullable String scope) {
        this.scope = blankToNull(scope);
    }

    public void setAudience(@Nullable String audience) {
        this.audience = blankToNull(audience);
    }

    public void setRefreshToken(@Nullable String refreshToken) {
        this.refreshToken = blankToNull(refreshToken);
    }

    public void setTokenHeader(@Nullable String tokenHeader) {
        this.tokenHeader = blankToNull(tokenHeader);
    }

    public void setTokenQuery(@Nullable String tokenQuery) {
        this.tokenQuery = blankToNull(tokenQuery);
    }

    /** @param condition which answers say that the token is over, besides those that are known */
    public void setTokenExpiredWhen(@Nullable String condition) {
        this.expiry = new TokenExpiry(condition);
    }

    private static @Nullable String blankToNull(@Nullable String text) {
        return text == null || text.isBlank() ? null : text.strip();
    }
}
