package dev.serai.connector.tcp;

import dev.serai.camel.EndpointCheck;
import dev.serai.camel.LiveCheck;
import dev.serai.camel.ServerTrial;
import java.io.IOException;
import javax.net.ssl.SSLSocketFactory;
import org.apache.camel.Endpoint;
import org.apache.camel.component.netty.NettyConfiguration;
import org.apache.camel.component.netty.NettyEndpoint;
import org.jspecify.annotations.Nullable;

/** Tries whether a TCP target takes connections, and its certificate with {@code tls}. */
public final class TcpEndpointCheck implements EndpointCheck {
    @Override
    public @Nullable LiveCheck of(Endpoint endpoint, boolean isSource) {
        return endpoint instanceof NettyEndpoint netty
                        && !isSource
                        && netty.getConfiguration().isTcp()
                ? () -> tryOut(netty.getConfiguration())
                : null;
    }

    private static String tryOut(NettyConfiguration to) throws IOException {
        SSLSocketFactory tls =
                to.getClientInitializerFactory() instanceof TcpSinkOptions options ? options.socketFactory() : null;
        return ServerTrial.of(to.getHost(), to.getPort(), tls);
    }
}
