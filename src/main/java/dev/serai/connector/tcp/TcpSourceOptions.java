package dev.serai.connector.tcp;

import dev.serai.text.LogText;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslContext;
import java.time.Duration;
import org.apache.camel.component.netty.NettyConsumer;
import org.apache.camel.component.netty.ServerInitializerFactory;
import org.apache.camel.util.TimeUtils;
import org.jspecify.annotations.Nullable;

/**
 * What camel-netty makes the pipelines of a {@code tcp-source} from: in place of its own handler, which answers in any order,
 * reads without bounds, and drops what is under way when it stops, each connection gets a {@link TcpSourceConnection}.
 *
 * <p>Threads: safe.
 */
public final class TcpSourceOptions extends ServerInitializerFactory {

    private final TcpTls certificates = new TcpTls();
    private TcpFraming framing = TcpFraming.LINE;
    private int connections = 1024;
    private Duration frameTimeout = Duration.ofSeconds(30);
    private Duration idleTimeout = Duration.ofMinutes(10);
    private @Nullable SslContext tls;

    /** line or length. */
    public void setFraming(String framing) {
        this.framing = TcpFraming.of(framing);
    }

    /** Whether and how to speak TLS. */
    public TcpTls getCertificates() {
        return certificates;
    }

    /** How many connections may be open at once. */
    public void setConnections(int connections) {
        if (connections < 1) {
            throw new IllegalArgumentException("connections must be a number above 0, not " + connections);
        }
        this.connections = connections;
    }

    /** How long a frame may take to arrive, and an answer to be read. */
    public void setFrameTimeout(String frameTimeout) {
        this.frameTimeout = duration("frameTimeout", frameTimeout);
    }

    /** The silence after which a connection is closed. */
    public void setIdleTimeout(String idleTimeout) {
        this.idleTimeout = duration("idleTimeout", idleTimeout);
    }

    /** Reads the certificates, to be called when all is set. */
    public void open() {
        tls = certificates.server();
    }

    static Duration duration(String option, String text) {
        try {
            Duration duration = Duration.ofMillis(TimeUtils.toMilliSeconds(text.strip()));
            if (duration.toMillis() > 0) {
                return duration;
            }
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            // Camel's reader throws either; said below
        }
        throw new IllegalArgumentException(
                option + " must be a duration above 0, such as 30s, not \"" + LogText.of(text) + "\"");
    }

    @Override
    public ServerInitializerFactory createPipelineFactory(NettyConsumer consumer) {
        return new TcpSourceServer(this, consumer);
    }

    /** Never called: the factory that it makes for a consumer is what pipelines come from. */
    @Override
    protected void initChannel(Channel channel) {
        throw new IllegalStateException("this factory belongs to no consumer");
    }

    TcpFraming framing() {
        return framing;
    }

    @Nullable SslContext tls() {
        return tls;
    }

    int connectionsMax() {
        return connections;
    }

    Duration frameTimeout() {
        return frameTimeout;
    }

    Duration idleTimeout() {
        return idleTimeout;
    }
}
