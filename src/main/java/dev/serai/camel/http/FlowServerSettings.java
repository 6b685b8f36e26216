package dev.serai.camel.http;

import dev.serai.http.ConnectionLimits;
import io.vertx.core.http.HttpServerOptions;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.component.vertx.common.VertxHelper;
import org.apache.camel.support.jsse.SSLContextParameters;

/**
 * The settings of a {@link FlowServer}.
 *
 * @param host the address to bind
 * @param port 0 takes a free one, see {@link FlowServer#port()}
 * @param tls whether to use TLS with the context's global SSL parameters ({@code camel.ssl.*})
 * @param bodyBytesMax of a request to a {@code platform-http:} route; {@code ingress:} has its own limit
 * @param headTimeout from a connection's opening or its last answer to the end of the next request's headers
 * @param idleTimeout silence after which a connection is closed; also the longest time for a body, and for a peer to read nothing of
 *     an answer
 */
public record FlowServerSettings(
        String host, int port, boolean tls, long bodyBytesMax, Duration headTimeout, Duration idleTimeout) {

    private static final int REQUEST_LINE_BYTES_MAX = 8 * 1024;

    /** Plain HTTP with the default limits: 1 MiB, 30 s, 60 s. */
    public static FlowServerSettings of(String host, int port) {
        return new FlowServerSettings(
                host, port, false, BodyLimit.BYTES_MAX_DEFAULT, Duration.ofSeconds(30), Duration.ofSeconds(60));
    }

    HttpServerOptions serverOptions(CamelContext context) throws Exception {
        HttpServerOptions options = new HttpServerOptions()
                .setHost(host)
                // A negative port is a free one that all listeners share.
                .setPort(port == 0 ? -1 : port)
                .setMaxInitialLineLength(REQUEST_LINE_BYTES_MAX)
                .setMaxHeaderSize(ConnectionLimits.HEAD_BYTES_MAX)
                .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
                .setIdleTimeout(Math.toIntExact(idleTimeout.toMillis()))
                .setHttp2ClearTextEnabled(false)
                .setUseAlpn(false)
                .setDecompressionSupported(false)
                .setCompressionSupported(false)
                .setTcpNoDelay(true);
        if (tls) {
            SSLContextParameters parameters = context.getSSLContextParameters();
            if (parameters == null) {
                throw new IllegalArgumentException("TLS is switched on, but no certificate is set: set camel.ssl.*");
            }
            VertxHelper.setupSSLOptions(context, parameters, options);
        }
        return options;
    }
}
