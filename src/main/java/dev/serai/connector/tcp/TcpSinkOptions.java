package dev.serai.connector.tcp;

import io.netty.channel.Channel;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContext;
import java.time.Duration;
import javax.net.ssl.SSLSocketFactory;
import org.apache.camel.component.netty.ClientInitializerFactory;
import org.apache.camel.component.netty.NettyConfiguration;
import org.apache.camel.component.netty.NettyProducer;
import org.apache.camel.component.netty.handlers.ClientChannelHandler;
import org.jspecify.annotations.Nullable;

/**
 * What camel-netty makes the connections of a {@code tcp-sink} from; pooling them, and joining answers to their exchanges, is left to it.
 *
 * <p>Threads: safe.
 */
public final class TcpSinkOptions extends ClientInitializerFactory {

    private final TcpTls certificates = new TcpTls();
    private final TcpGreeting greeting;
    private final @Nullable NettyProducer producer;
    private String address = "";
    private String framing = "line";
    private @Nullable String delimiter;
    private int lengthBytes = TcpFraming.LENGTH_BYTES;
    private TcpFraming made = TcpFraming.LINE;
    private Duration timeout = Duration.ofSeconds(15);
    private @Nullable SslContext tls;

    /** With the usual options, which the setters change. */
    public TcpSinkOptions() {
        this.producer = null;
        this.greeting = new TcpGreeting();
    }

    private TcpSinkOptions(TcpSinkOptions options, NettyProducer producer) {
        this.made = options.made;
        this.timeout = options.timeout;
        this.tls = options.tls;
        this.greeting = options.greeting;
        this.producer = producer;
    }

    /** Host and port, for those who look at a failure. */
    public void setAddress(String address) {
        this.address = address;
    }

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

    /** How long an answer may take, from when the text is sent. */
    public void setTimeout(String timeout) {
        this.timeout = TcpSourceOptions.duration("timeout", timeout);
    }

    /** true if the target greets each new connection, false if it never does, auto to listen for a moment. */
    public void setGreeting(String greeting) {
        this.greeting.set(greeting);
    }

    /** Whether and how to speak TLS. */
    public TcpTls getCertificates() {
        return certificates;
    }

    /** Checks the framing and reads the certificates, to be called when all is set. */
    public void open() {
        made = TcpFraming.of(framing, delimiter, lengthBytes);
        tls = certificates.client();
    }

    String address() {
        return address;
    }

    TcpFraming framing() {
        return made;
    }

    /** With these certificates; null without TLS. */
    @Nullable SSLSocketFactory socketFactory() {
        return tls instanceof JdkSslContext context ? context.context().getSocketFactory() : null;
    }

    @Override
    public ClientInitializerFactory createPipelineFactory(NettyProducer producer) {
        return new TcpSinkOptions(this, producer);
    }

    @Override
    protected void initChannel(Channel channel) {
        NettyProducer owner = producer;
        if (owner == null) {
            throw new IllegalStateException("this factory belongs to no producer");
        }
        if (tls != null) {
            NettyConfiguration to = owner.getConfiguration();
            channel.pipeline().addLast(tls.newHandler(channel.alloc(), to.getHost(), to.getPort()));
        }
        channel.pipeline()
                .addLast(new TcpSinkConnection(made, timeout, greeting))
                .addLast("handler", new ClientChannelHandler(owner));
    }
}
