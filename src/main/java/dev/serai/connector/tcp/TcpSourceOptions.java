package dev.serai.connector.tcp;

import dev.serai.text.DurationText;
import dev.serai.text.LogText;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslContext;
import java.time.Duration;
import org.apache.camel.component.netty.NettyConsumer;
import org.apache.camel.component.netty.ServerInitializerFactory;
import org.jspecify.annotations.Nullable;

/**
 * The initializer of camel-netty's pipelines for {@code tcp-source}. It gives each connection a {@link TcpSourceConnection}
 * instead of camel-netty's handler, which answers in any order, reads without limits, and drops pending frames when it stops.
 *
 * <p>Threads: safe.
 */
public final class TcpSourceOptions extends ServerInitializerFactory {

    /** A receipt in which the id is a hash takes about half of it. */
    private static final int ANSWER_BYTES_MIN = 512;

    private static final long CHECKS_PER_TIMEOUT = 4;
    private static final long CHECK_MILLIS_MAX = 1_000;

    private final TcpTls certificates = new TcpTls();
    private String framing = "line";
    private @Nullable String delimiter;
    private int lengthBytes = TcpFraming.LENGTH_BYTES;
    private TcpFraming made = TcpFraming.LINE;
    private int connections = 1024;
    private Duration frameTimeout = Duration.ofSeconds(30);
    private Duration idleTimeout = Duration.ofMinutes(10);
    private @Nullable SslContext tls;

    /** line, length or delimiter. */
    public void setFraming(String framing) {
        this.framing = framing;
    }

    /** For framing=delimiter: the bytes after each text. */
    public void setDelimiter(@Nullable String delimiter) {
        this.delimiter = delimiter;
    }

    /** For framing=length: how many bytes the length has. */
    public void setLengthBytes(int lengthBytes) {
        this.lengthBytes = lengthBytes;
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

    /** Checks the framing and reads the certificates, to be called when all is set. */
    public void open() {
        made = TcpFraming.of(framing, delimiter, lengthBytes);
        if (made.textBytesMax() < ANSWER_BYTES_MIN) {
            throw new IllegalArgumentException(
                    "lengthBytes=" + lengthBytes + " is too short for the answers: set it to 2, 4 or 8");
        }
        if (!made.isLine() && made.lengthBytes() == 0 && !made.hasControl()) {
            throw new IllegalArgumentException("delimiter needs a control character, such as \\r\\n or \\x03, since"
                    + " other characters may be part of an object or an answer");
        }
        tls = certificates.server();
    }

    static Duration duration(String option, String text) {
        try {
            Duration duration = Duration.ofMillis(DurationText.millis(text.strip()));
            if (duration.toMillis() > 0) {
                return duration;
            }
        } catch (IllegalArgumentException e) {
            // said below
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
        return made;
    }

    @Nullable SslContext tls() {
        return tls;
    }

    int connectionsMax() {
        return connections;
    }

    /** How often a connection looks whether its peer is late. */
    long checkMillis() {
        long timeout = Math.min(frameTimeout.toMillis(), idleTimeout.toMillis());
        return Math.max(1, Math.min(CHECK_MILLIS_MAX, timeout / CHECKS_PER_TIMEOUT));
    }

    Duration frameTimeout() {
        return frameTimeout;
    }

    Duration idleTimeout() {
        return idleTimeout;
    }
}
