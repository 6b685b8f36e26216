package dev.serai.connector.http;

import dev.serai.ledger.time.TimeSource;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Where an HTTP Kamelet gets access tokens, as its options say.
 *
 * <p>Threads: set up by one thread.
 */
public final class ClientCredentialsOptions {
    private @Nullable String tokenUrl;
    private @Nullable String clientId;
    private @Nullable String clientSecret;
    private @Nullable String scope;

    public void setTokenUrl(@Nullable String tokenUrl) {
        this.tokenUrl = blankToNull(tokenUrl);
    }

    public void setClientId(@Nullable String clientId) {
        this.clientId = blankToNull(clientId);
    }

    public void setClientSecret(@Nullable String clientSecret) {
        this.clientSecret = blankToNull(clientSecret);
    }

    public void setScope(@Nullable String scope) {
        this.scope = scope;
    }

    private static @Nullable String blankToNull(@Nullable String text) {
        return text == null || text.isBlank() ? null : text;
    }

    /**
     * The credentials, or null if requests need no token.
     *
     * @param timeout how long fetching a token may take
     * @throws IllegalArgumentException if only some of the options are set
     */
    @Nullable ClientCredentials credentials(Duration timeout, HttpTls tls) {
        if (tokenUrl == null) {
            if (clientId != null || clientSecret != null) {
                throw new IllegalArgumentException("clientId and clientSecret need tokenUrl: set it");
            }
            return null;
        }
        return new ClientCredentials(tokenUrl, clientId, clientSecret, scope, timeout, tls, TimeSource.system());
    }
}
