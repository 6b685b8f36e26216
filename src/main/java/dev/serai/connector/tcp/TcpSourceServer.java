package dev.serai.connector.tcp;

import dev.serai.camel.PushStatus;
import dev.serai.camel.SourceRegistry;
import dev.serai.camel.StopDeadline;
import dev.serai.camel.http.Admission;
import dev.serai.camel.http.BodyLimit;
import dev.serai.camel.http.ByteBudget;
import dev.serai.camel.http.ProblemReader;
import dev.serai.camel.ledger.LedgerConstants;
import dev.serai.camel.ledger.OrderSignal;
import dev.serai.http.Problem;
import dev.serai.text.JsonText;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.component.netty.NettyConfiguration;
import org.apache.camel.component.netty.NettyConsumer;
import org.apache.camel.component.netty.ServerInitializerFactory;
import org.apache.camel.util.concurrent.CamelThreadFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One port of a {@code tcp-source}: the state that its connections share, and the processing of a frame up to its answer.
 *
 * <p>Threads: safe. Routes run on a few worker threads, which are not held while the ledger commits.
 */
final class TcpSourceServer extends ServerInitializerFactory {
    private static final Logger LOG = LoggerFactory.getLogger(TcpSourceServer.class);
    private static final int WORKERS = 8;
    private static final long HELD_BYTES_MAX = 64L << 20;
    private static final long WARN_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final TcpSourceOptions options;
    private final NettyConsumer consumer;
    private final ProblemReader problems = new ProblemReader();
    private final PushStatus status;
    private final TcpAnswerWriter answers;
    private final Admission admission;
    private final TcpSourceConnections connections;
    private final Executor workers;
    private final int bodyBytesMax;
    private final AtomicLong warnedAt = new AtomicLong(System.nanoTime() - WARN_NANOS);

    TcpSourceServer(TcpSourceOptions options, NettyConsumer consumer) {
        this.options = options;
        this.consumer = consumer;
        this.status = SourceRegistry.of(consumer.getContext()).newPush("tcp");
        this.answers = new TcpAnswerWriter(problems, status);
        this.admission = new Admission(options.connectionsMax(), HELD_BYTES_MAX, ByteBudget.of(consumer.getContext()));
        this.bodyBytesMax = BodyLimit.bytesMax(consumer.getContext());
        this.workers = workers();
        NettyConfiguration configuration = consumer.getConfiguration();
        this.connections = new TcpSourceConnections(
                "tcp-source " + configuration.getHost() + ":" + configuration.getPort(),
                StopDeadline.of(consumer.getContext()));
        configuration.setChannelGroup(connections);
        SourceRegistry.of(consumer.getContext()).add(consumer.getRoute(), status);
        requireFree(configuration.getHost(), configuration.getPort());
        warnIfOpen(configuration.getHost());
    }

    private static Executor workers() {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                WORKERS,
                WORKERS,
                30,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                new CamelThreadFactory("serai-tcp-#counter#", "", true));
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    /** Netty's own failure to bind names no address, and Camel's no route. */
    private static void requireFree(String host, int port) {
        try (ServerSocket trial = new ServerSocket()) {
            trial.setReuseAddress(true);
            trial.bind(new InetSocketAddress(host, port));
        } catch (IOException e) {
            throw new UncheckedIOException(new IOException("cannot listen on " + host + ":" + port, e));
        }
    }

    private void warnIfOpen(String host) {
        try {
            if (options.tls() == null && !InetAddress.getByName(host).isLoopbackAddress()) {
                LOG.warn("{} takes changes from other machines without TLS: set tls and keyStore", connections.name());
            }
        } catch (UnknownHostException e) {
            LOG.debug("The host was not found; binding will fail", e);
        }
    }

    @Override
    public ServerInitializerFactory createPipelineFactory(NettyConsumer other) {
        return new TcpSourceServer(options, other);
    }

    @Override
    protected void initChannel(Channel channel) {
        SslContext tls = options.tls();
        if (!admission.enter() && !connections.closeLongestSilent()) {
            refuse(channel, tls == null);
            return;
        }
        TcpPlace place = TcpPlace.take(channel);
        channel.closeFuture().addListener(closed -> {
            if (place.leave()) {
                admission.leave();
            }
        });
        // A peer may close its sending side and still read its answers.
        channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        connections.add(channel);
        if (tls != null) {
            channel.pipeline().addLast(tls.newHandler(channel.alloc()));
        }
        channel.pipeline().addLast(new TcpSourceConnection(this, channel));
    }

    private void refuse(Channel channel, boolean plain) {
        long now = System.nanoTime();
        long before = warnedAt.get();
        if (now - before >= WARN_NANOS && warnedAt.compareAndSet(before, now)) {
            LOG.warn(
                    "{} has {} open connections and refuses more: close some, or raise connections",
                    connections.name(),
                    options.connectionsMax());
        }
        if (!plain) {
            channel.close();
            return;
        }
        byte[] answer = answers.of(TcpProblem.full(options.connectionsMax()));
        channel.writeAndFlush(frame(answer)).addListener(ChannelFutureListener.CLOSE);
    }

    /**
     * Runs the route for a frame. Runs on one of {@link #workers}.
     *
     * @param client the peer's address
     * @param entered called once, after the ledger has queued the change or the answer is known
     * @param answered called once, on any thread
     */
    void run(byte[] body, String client, Runnable entered, Consumer<byte[]> answered) {
        String wrong = JsonText.whyNoObject(body);
        if (wrong != null) {
            answered.accept(answers.of(TcpProblem.noObject(wrong)));
            entered.run();
            return;
        }
        Exchange exchange = consumer.createExchange(false);
        exchange.setPattern(ExchangePattern.InOut);
        exchange.getIn().setBody(body);
        exchange.setProperty(LedgerConstants.CLIENT, client);
        exchange.getIn().setHeader(Exchange.CONTENT_TYPE, "application/json");
        OrderSignal.listen(exchange, entered);
        try {
            consumer.createUoW(exchange);
        } catch (Exception e) {
            finish(exchange, answers.failed(exchange, e), answered);
            entered.run();
            return;
        }
        consumer.getAsyncProcessor().process(exchange, doneSync -> {
            finish(exchange, answers.of(exchange, body), answered);
            entered.run();
        });
    }

    private void finish(Exchange exchange, byte[] answer, Consumer<byte[]> answered) {
        try {
            consumer.doneUoW(exchange);
            consumer.releaseExchange(exchange, false);
        } finally {
            answered.accept(answer);
        }
    }

    /** The answer to a failure that no route has seen. */
    byte[] failed(Throwable failure) {
        return answers.of(
                problems.of(failure, consumer.getContext().getUuidGenerator().generateUuid()));
    }

    byte[] answer(Problem problem) {
        return answers.of(problem);
    }

    /** The answer as a frame. */
    ByteBuf frame(byte[] answer) {
        TcpFraming framing = options.framing();
        boolean fits = answer.length <= framing.textBytesMax();
        return framing.frame(fits ? answer : answers.of(TcpProblem.answerTooLong(framing)));
    }

    TcpSourceOptions options() {
        return options;
    }

    Admission admission() {
        return admission;
    }

    int bodyBytesMax() {
        return bodyBytesMax;
    }

    Executor executor() {
        return workers;
    }

    /** What HTTP's first line would begin with, and JSON never does. */
    static boolean isForeign(byte[] frame) {
        return frame.length > 0 && frame[0] >= 'A' && frame[0] <= 'Z';
    }
}
