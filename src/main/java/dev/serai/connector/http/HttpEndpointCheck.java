package dev.serai.connector.http;

import dev.serai.camel.EndpointCheck;
import dev.serai.camel.LiveCheck;
import dev.serai.camel.ServerTrial;
import java.io.IOException;
import java.net.URI;
import javax.net.ssl.SSLSocketFactory;
import org.apache.camel.Endpoint;
import org.apache.camel.component.http.HttpEndpoint;
import org.jspecify.annotations.Nullable;

/** Tries whether the server of an {@code http:} or {@code https:} step takes connections; it sends no request. */
public final class HttpEndpointCheck implements EndpointCheck {
    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;

    @Override
    public @Nullable LiveCheck of(Endpoint endpoint, boolean isSource) {
        return endpoint instanceof HttpEndpoint http && !isSource ? () -> tryOut(http) : null;
    }

    private static String tryOut(HttpEndpoint endpoint) throws IOException {
        URI uri = endpoint.getHttpUri();
        boolean tls = "https".equals(uri.getScheme());
        int port = uri.getPort() > 0 ? uri.getPort() : (tls ? HTTPS_PORT : HTTP_PORT);
        boolean isTried =
                tls && endpoint.getSslContextParameters() == null; // whose certificates Camel would have to read
        return ServerTrial.of(uri.getHost(), port, isTried ? (SSLSocketFactory) SSLSocketFactory.getDefault() : null);
    }
}
