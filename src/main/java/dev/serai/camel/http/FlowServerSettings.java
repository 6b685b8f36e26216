package dev.serai.camel.http;

import dev.serai.http.CertificateFiles;
import dev.serai.http.ConnectionLimits;
import dev.serai.http.TrustedProxies;
import io.vertx.core.http.HttpServerOptions;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a {@link FlowServer}.
 *
 * @param host the address to bind
 * @param port 0 takes a free one, see {@link FlowServer#port()}
 * @param bodyBytesMax of a request to a {@code platform-http:} route; {@code ingress:} has its own limit
 * @param headTimeout from a connection's opening or its last answer to the end of the next request's headers
 * @param idleTimeout the longest time for a body, and for a peer to read nothing of an answer
 * @param tls the certificate; null for no TLS
 * @param proxies who is believed about whose request it passes on
 */
public record FlowServerSettings(
        String host,
        int port,
        long bodyBytesMax,
        Duration headTimeout,
        Duration idleTimeout,
        @Nullable CertificateFiles tls,
        TrustedProxies proxies) {

    private static final int REQUEST_LINE_BYTES_MAX = 8 * 1024;

    /** The default limits: 1 MiB, 30 s, 60 s; no TLS. */
    public static FlowServerSettings of(String host, int port) {
        return new FlowServerSettings(
                host,
                port,
                BodyLimit.BYTES_MAX_DEFAULT,
                Duration.ofSeconds(30),
                Duration.ofSeconds(60),
                null,
                TrustedProxies.NONE);
    }

    HttpServerOptions serverOptions() {
        return new HttpServerOptions()
                .setHost(host)
                // A negative port is a free one that all listeners share.
                .setPort(port == 0 ? -1 : port)
                .setMaxInitialLineLength(REQUEST_LINE_BYTES_MAX)
                .setMaxHeaderSize(ConnectionLimits.HEAD_BYTES_MAX)
                // ConnectionLimits closes idle connections; this one would also cut those that wait for their answer.
                .setIdleTimeout(0)
                .setHttp2ClearTextEnabled(false)
                .setUseAlpn(false)
                .setDecompressionSupported(false)
                .setCompressionSupported(false)
                .setTcpNoDelay(true);
    }
}
