package dev.serai.connector.http;

import dev.serai.camel.EndpointCheck;
import dev.serai.camel.LiveCheck;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.apache.camel.Endpoint;
import org.apache.camel.component.http.HttpEndpoint;
import org.jspecify.annotations.Nullable;

/** Tries whether the server of an {@code http:} or {@code https:} step takes connections; it sends no request. */
public final class HttpEndpointCheck implements EndpointCheck {
    private static final int MILLIS_MAX = 5_000;
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
        InetAddress host = InetAddress.getByName(uri.getHost());
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), MILLIS_MAX);
            if (!tls || endpoint.getSslContextParameters() != null) {
                return "takes connections";
            }
            socket.setSoTimeout(MILLIS_MAX);
            shakeHands(socket, uri.getHost(), port);
            return "takes connections, and its certificate is trusted";
        } catch (ConnectException e) {
            ConnectException named =
                    new ConnectException("cannot connect to " + uri.getHost() + ":" + port + ": " + e.getMessage());
            named.initCause(e);
            throw named;
        }
    }

    private static void shakeHands(Socket open, String host, int port) throws IOException {
        SSLSocketFactory factory = (SSLSocketFactory) SSLSocketFactory.getDefault();
        try (SSLSocket secured = (SSLSocket) factory.createSocket(open, host, port, false)) {
            SSLParameters checked = secured.getSSLParameters();
            checked.setEndpointIdentificationAlgorithm("HTTPS");
            secured.setSSLParameters(checked);
            secured.startHandshake();
        }
    }
}
