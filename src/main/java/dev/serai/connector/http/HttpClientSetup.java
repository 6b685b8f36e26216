package dev.serai.connector.http;

import dev.serai.camel.http.HttpLimits;
import java.io.IOException;
import java.time.Duration;
import org.apache.camel.component.http.HttpClientConfigurer;
import org.apache.camel.util.TimeUtils;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.io.entity.BufferedHttpEntity;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.support.ClassicRequestBuilder;
import org.jspecify.annotations.Nullable;

/**
 * How an HTTP Kamelet makes its requests: within {@link HttpLimits}, with certificates if there are any, and with an access
 * token if {@code tokenUrl} is set. A token that the server answers with 401 is replaced at once, and the request made again.
 *
 * <p>Threads: set up by one thread, then safe.
 */
public final class HttpClientSetup implements HttpClientConfigurer {
    /** As many as Camel's own manager has by the Kamelet's options. */
    private static final int CONNECTIONS_MAX = 512;

    private final String timeout;
    private final long answerBytesMax;
    private final HttpTls tls;
    private final ClientCredentialsOptions token = new ClientCredentialsOptions();
    private @Nullable ClientCredentials credentials;

    /** See {@link HttpLimits#HttpLimits}; fetching a token may take the time-out once more. */
    public HttpClientSetup(String timeout, long answerBytesMax) {
        this(timeout, answerBytesMax, new HttpTls());
    }

    private HttpClientSetup(String timeout, long answerBytesMax, HttpTls tls) {
        this.timeout = timeout;
        this.answerBytesMax = answerBytesMax;
        this.tls = tls;
        new HttpLimits(timeout, answerBytesMax); // refuses a time-out of zero at the start
    }

    /** The same, without an access token and without the client certificate, for servers that must not get them. */
    public HttpClientSetup withoutCredentials() {
        return new HttpClientSetup(timeout, answerBytesMax, tls.withoutKeys());
    }

    /**
     * Reads the files, and checks the options of the token.
     *
     * @return whether an access token is fetched
     * @throws IllegalArgumentException with what to do
     */
    public boolean check() {
        tls.check();
        if (credentials == null) {
            credentials = token.credentials(Duration.ofMillis(TimeUtils.toMilliSeconds(timeout)), tls);
        }
        return credentials != null;
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

    public void setTokenUrl(@Nullable String tokenUrl) {
        token.setTokenUrl(tokenUrl);
    }

    public void setClientId(@Nullable String clientId) {
        token.setClientId(clientId);
    }

    public void setClientSecret(@Nullable String clientSecret) {
        token.setClientSecret(clientSecret);
    }

    public void setScope(@Nullable String scope) {
        token.setScope(scope);
    }

    @Override
    public void configureHttpClient(HttpClientBuilder builder) {
        new HttpLimits(timeout, answerBytesMax).configureHttpClient(builder);
        builder.setConnectionManager(tls.connections(CONNECTIONS_MAX));
        check();
        ClientCredentials used = credentials;
        if (used != null) {
            builder.addExecInterceptorBefore(
                    HttpLimits.INTERCEPTOR,
                    "serai-token",
                    (request, route, chain) -> execute(used, request, route, chain));
        }
    }

    private static ClassicHttpResponse execute(
            ClientCredentials credentials, ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
            throws IOException, HttpException {
        HttpEntity entity = request.getEntity();
        if (entity != null && !entity.isRepeatable()) {
            request.setEntity(new BufferedHttpEntity(entity));
        }
        String authorization = credentials.authorization();
        ClassicHttpResponse answer = chain.proceed(authorized(request, authorization), scope);
        if (answer.getCode() != 401) {
            return answer;
        }
        credentials.refused(authorization);
        EntityUtils.consumeQuietly(answer.getEntity());
        answer.close();
        return chain.proceed(authorized(request, credentials.authorization()), scope);
    }

    /** A copy, since what passes through the chain is marked by it. */
    private static ClassicHttpRequest authorized(ClassicHttpRequest request, String authorization) {
        ClassicHttpRequest copy = ClassicRequestBuilder.copy(request).build();
        copy.setHeader("Authorization", authorization);
        return copy;
    }
}
