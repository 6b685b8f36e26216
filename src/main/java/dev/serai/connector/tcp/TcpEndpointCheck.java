package dev.serai.connector.tcp;

import dev.serai.camel.EndpointCheck;
import dev.serai.camel.LiveCheck;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import org.apache.camel.Endpoint;
import org.apache.camel.component.netty.NettyConfiguration;
import org.apache.camel.component.netty.NettyEndpoint;
import org.jspecify.annotations.Nullable;

/** Tries whether a TCP target takes connections, and its certificate with {@code tls}. */
public final class TcpEndpointCheck implements EndpointCheck {
    private static final int MILLIS_MAX = 5_000;

    @Override
    public @Nullable LiveCheck of(Endpoint endpoint, boolean isSource) {
        return endpoint instanceof NettyEndpoint netty
                        && !isSource
                        && netty.getConfiguration().isTcp()
                ? () -> tryOut(netty.getConfiguration())
                : null;
    }

    private static String tryOut(NettyConfiguration to) throws IOException {
        InetAddress host = InetAddress.getByName(to.getHost());
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, to.getPort()), MILLIS_MAX);
            socket.setSoTimeout(MILLIS_MAX);
            if (to.getClientInitializerFactory() instanceof TcpSinkOptions options && options.hasTls()) {
                options.shakeHands(socket, to.getHost(), to.getPort());
                return "takes connections, and its certificate is trusted";
            }
            return "takes connections";
        } catch (ConnectException e) {
            throw connectException(to, e);
        }
    }

    private static ConnectException connectException(NettyConfiguration to, ConnectException cause) {
        ConnectException named = new ConnectException(
                "cannot connect to " + to.getHost() + ":" + to.getPort() + ": " + cause.getMessage());
        named.initCause(cause);
        return named;
    }
}
