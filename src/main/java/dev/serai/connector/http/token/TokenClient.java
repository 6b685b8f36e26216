package dev.serai.connector.http.token;

import dev.serai.connector.http.answer.TokenExpiry;
import dev.serai.ledger.time.TimeSource;
import java.time.Duration;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.apache.hc.client5.http.io.HttpClientConnectionManager;
import org.jspecify.annotations.Nullable;

/**
 * The access tokens of one HTTP Kamelet, which it shares with all others of the same app.
 *
 * <p>Threads: safe.
 */
public final class TokenClient {
    private final TokenOwner owner;
    private final TokenRequest request;
    private final TokenPlace place;
    private final TokenExpiry expiry;

    private TokenClient(TokenOwner owner, TokenRequest request, TokenPlace place, TokenExpiry expiry) {
        this.owner = owner;
        this.request = request;
        this.place = place;
        this.expiry = expiry;
    }

    /**
     * The client that the options ask for; null if requests need no token.
     *
     * @param target the address that gets the token
     * @param timeout how long fetching a token may take
     * @param connections to the token endpoint
     * @throws IllegalArgumentException if the options do not go together
     */
    public static @Nullable TokenClient of(
            CamelContext context,
            TokenOptions options,
            String target,
            Duration timeout,
            Supplier<HttpClientConnectionManager> connections)
            throws Exception {
        options.check();
        return options.isSet()
                ? new TokenClient(
                        TokenRegistry.of(context).owner(options),
                        new TokenRequest(options, timeout, connections),
                        options.place(target),
                        options.expiry())
                : null;
    }

    /**
     * The same for a trial without a ledger, with a token that is not kept; null also if a refresh token would be used up.
     *
     * @param target as in {@link #of}
     */
    public static @Nullable TokenClient forTrial(
            TokenOptions options, String target, Duration timeout, Supplier<HttpClientConnectionManager> connections) {
        return options.isSet() && options.refreshToken() == null
                ? new TokenClient(
                        new TokenOwner(TimeSource.system(), null, null),
                        new TokenRequest(options, timeout, connections),
                        options.place(target),
                        options.expiry())
                : null;
    }

    /**
     * A token that can be used; waits while one is fetched.
     *
     * @throws AccessTokenException if none can be had
     */
    public AccessToken token() throws AccessTokenException {
        return owner.token(request);
    }

    /**
     * The server did not take this token.
     *
     * @return whether there is another one now, or can be
     */
    public boolean refused(AccessToken token) {
        return owner.refused(token);
    }

    /** See {@link TokenExpiry#isSaidBy}. */
    public boolean isOver(int status, byte @Nullable [] body) {
        return expiry.isSaidBy(status, body);
    }

    /** Where requests have the token. */
    public TokenPlace place() {
        return place;
    }
}
