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
    private final HttpLimits limits;
    private final HttpTls tls = new HttpTls();
    private final ClientCredentialsOptions token = new ClientCredentialsOptions();

    /** See {@link HttpLimits#HttpLimits}; fetching a token may take the time-out once more. */
    public HttpClientSetup(String timeout, long answerBytesMax) {
        this.timeout = timeout;
        this.limits = new HttpLimits(timeout, answerBytesMax);
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
        limits.configureHttpClient(builder);
        builder.setConnectionManager(tls.connections(CONNECTIONS_MAX));
        ClientCredentials credentials = token.credentials(Duration.ofMillis(TimeUtils.toMilliSeconds(timeout)), tls);
        if (credentials != null) {
            builder.addExecInterceptorBefore(
                    HttpLimits.INTERCEPTOR,
                    "serai-token",
                    (request, route, chain) -> execute(credentials, request, route, chain));
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
