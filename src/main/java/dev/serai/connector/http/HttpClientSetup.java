package dev.serai.connector.http;

import dev.serai.camel.http.HttpLimits;
import dev.serai.connector.http.token.TokenClient;
import dev.serai.connector.http.token.TokenOptions;
import dev.serai.text.DurationText;
import java.time.Duration;
import org.apache.camel.CamelContext;
import org.apache.camel.component.http.HttpClientConfigurer;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.jspecify.annotations.Nullable;

/**
 * How an HTTP Kamelet makes its requests: within {@link HttpLimits}, and with certificates if there are any.
 *
 * <p>Threads: set up by one thread, then safe.
 */
public final class HttpClientSetup implements HttpClientConfigurer {
    /** As many as Camel's own manager has by the Kamelet's options. */
    private static final int CONNECTIONS_MAX = 512;

    private final String timeout;
    private final long answerBytesMax;
    private final HttpTls tls;
    private final @Nullable DnsResolver resolver;

    /** See {@link HttpLimits#HttpLimits}. */
    public HttpClientSetup(String timeout, long answerBytesMax) {
        this(timeout, answerBytesMax, new HttpTls(), null);
    }

    private HttpClientSetup(String timeout, long answerBytesMax, HttpTls tls, @Nullable DnsResolver resolver) {
        this.timeout = timeout;
        this.answerBytesMax = answerBytesMax;
        this.tls = tls;
        this.resolver = resolver;
        new HttpLimits(timeout, answerBytesMax); // refuses a time-out of zero at the start
    }

    /** The same without the client certificate, for servers that must not get them. */
    public HttpClientSetup withoutCredentials() {
        return new HttpClientSetup(timeout, answerBytesMax, tls.withoutKeys(), resolver);
    }

    /** The same with a resolver that checks what it finds. */
    public HttpClientSetup checkedBy(DnsResolver checking) {
        return new HttpClientSetup(timeout, answerBytesMax, tls, checking);
    }

    /**
     * Reads the files.
     *
     * @throws IllegalArgumentException with what to do
     */
    public void check() {
        tls.check();
    }

    /**
     * Gets access tokens over connections of the same kind; null if requests need none.
     *
     * @param target the address that gets the token
     * @throws IllegalArgumentException if the options do not go together
     */
    public @Nullable TokenClient tokens(CamelContext context, TokenOptions token, String target) throws Exception {
        return TokenClient.of(context, token, target, timeout(), () -> tls.connections(1, null));
    }

    /** See {@link TokenClient#forTrial}. */
    public @Nullable TokenClient tokensForTrial(TokenOptions token, String target) {
        return TokenClient.forTrial(token, target, timeout(), () -> tls.connections(1, null));
    }

    private Duration timeout() {
        return Duration.ofMillis(DurationText.millis(timeout));
    }

    /** See {@link HttpTls}. */
    public void setKeyStore(@Nullable String keyStore) {
        tls.setKeyStore(keyStore);
    }

    public void setKeyPassword(@Nullable String keyPassword) {
        tls.setKeyPassword(keyPassword);
    }

    public void setTrustedCertificates(@Nullable String trustedCertificates) {
        tls.setTrustedCertificates(trustedCertificates);
    }

    @Override
    public void configureHttpClient(HttpClientBuilder builder) {
        new HttpLimits(timeout, answerBytesMax).configureHttpClient(builder);
        builder.setConnectionManager(tls.connections(CONNECTIONS_MAX, resolver));
    }
}
