package dev.serai.connector.tcp;

import dev.serai.http.Problem;
import dev.serai.http.RequestRefusal;
import dev.serai.task.RepeatedTask;
import dev.serai.text.LogText;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One peer of a {@code tcp-source}: its frames enter the route in their order, many at once, and are answered in that order.
 *
 * <p>Limits: while {@link TcpAnswerQueue} has no room, the socket is not read. A peer that is slow or silent is cut off.
 *
 * <p>Threads: the connection's event loop, unless a method says otherwise; {@link #drain} is safe.
 */
final class TcpSourceConnection extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(TcpSourceConnection.class);

    private final TcpSourceServer port;
    private final Channel channel;
    private final String client;
    private final TcpFrameReader reader;
    private final TaskSequence<OwedAnswer> turns;
    private final Queue<ByteBuf> unread = new ArrayDeque<>();
    private final TcpAnswerQueue owed = new TcpAnswerQueue();
    private final AtomicBoolean wakened = new AtomicBoolean();
    private TcpState state = TcpState.OPEN;
    private boolean inputEnded;
    private long frameSince;
    private long activeAt = System.nanoTime();
    private long stuckSince;
    private @Nullable Future<?> checks;

    TcpSourceConnection(TcpSourceServer port, Channel channel) {
        this.port = port;
        this.channel = channel;
        this.client = TcpPlace.client(channel);
        this.reader = new TcpFrameReader(port.options().framing(), port.bodyBytesMax(), port.admission());
        this.turns = new TaskSequence<>(
                port.executor(), this::run, frame -> answer(frame, port.answer(TcpProblem.STOPPING)));
    }

    /** Stops reading, answers the frames that were read, and closes. From any thread. */
    void drain() {
        onLoop(() -> {
            if (state == TcpState.OPEN && owed.isEmpty() && unread.isEmpty() && !reader.isMidFrame()) {
                channel.close();
            } else if (state == TcpState.OPEN) {
                end();
            }
        });
    }

    // ---- What comes in

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        long every = port.options().checkMillis();
        checks = new RepeatedTask("The look at a connection's time limits", this::check)
                .start(channel.eventLoop(), every, every);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf part = (ByteBuf) message;
        if (state != TcpState.OPEN) {
            part.release();
            return;
        }
        activeAt = System.nanoTime();
        unread.add(part);
        takeFrames();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent || event instanceof SslCloseCompletionEvent) {
            inputEnded = true;
            if (state == TcpState.LINGERING) {
                channel.close();
            } else {
                takeFrames();
            }
        }
    }

    private void takeFrames() {
        ByteBuf part;
        while (state == TcpState.OPEN && hasRoom() && (part = unread.peek()) != null) {
            try {
                boolean before = reader.isMidFrame();
                TcpFrameReader.Frame frame = reader.read(part);
                if (frame != null && !frame.isHeartbeat()) {
                    take(frame);
                } else if (!before) {
                    frameSince = System.nanoTime();
                }
            } catch (TcpFrameException e) {
                refuse(e.problem());
                return;
            }
            if (state == TcpState.OPEN && !part.isReadable()) {
                unread.remove();
                part.release();
            }
        }
        if (state == TcpState.OPEN && inputEnded && unread.isEmpty()) {
            inputEnded();
        }
        readOrNot();
    }

    private void take(TcpFrameReader.Frame frame) {
        TcpPlace.of(channel).framed();
        if (TcpSourceServer.isForeign(frame.body())) {
            port.admission().back(frame.body().length);
            refuse(TcpProblem.FOREIGN);
            return;
        }
        OwedAnswer taken = new OwedAnswer(frame.body());
        owed.add(taken);
        if (frame.dropped()) {
            answer(taken, port.answer(TcpProblem.OVERLOADED));
        } else {
            turns.add(taken);
        }
    }

    private void inputEnded() {
        if (reader.isMidFrame()) {
            refuse(TcpProblem.CUT_OFF);
        } else {
            end();
        }
    }

    private boolean hasRoom() {
        return owed.hasRoom() && channel.isWritable();
    }

    private void readOrNot() {
        boolean read = state == TcpState.LINGERING || (state == TcpState.OPEN && unread.isEmpty() && hasRoom());
        if (read != channel.config().isAutoRead()) {
            frameSince = System.nanoTime(); // while it was not read, it was not the peer that was slow
            channel.config().setAutoRead(read);
        }
    }

    // ---- What goes out

    /** Runs on a worker. */
    private void run(OwedAnswer frame, Runnable passOn) {
        try {
            port.run(frame.frame, client, passOn, answer -> answer(frame, answer));
        } catch (RuntimeException | Error e) {
            answer(frame, port.failed(e));
            passOn.run();
        }
    }

    /** From any thread. */
    private void answer(OwedAnswer frame, byte[] answer) {
        frame.answer = answer;
        if (wakened.compareAndSet(false, true)) {
            onLoop(this::sendAnswers);
        }
    }

    private void sendAnswers() {
        wakened.set(false);
        boolean sent = false;
        OwedAnswer first;
        while ((first = owed.pollAnswered()) != null) {
            port.admission().back(first.frame.length);
            if (state != TcpState.CLOSED) {
                channel.write(port.frame(Objects.requireNonNull(first.answer)));
                sent = true;
            }
        }
        if (sent) {
            activeAt = System.nanoTime();
            channel.flush();
        }
        if (state == TcpState.ENDING && owed.isEmpty()) {
            linger();
        } else {
            takeFrames();
        }
    }

    /** Stops reading and sends an error after all pending answers. */
    private void refuse(Problem problem) {
        OwedAnswer last = new OwedAnswer(new byte[0]);
        owed.add(last);
        end();
        answer(last, port.answer(problem));
    }

    private void end() {
        state = TcpState.ENDING;
        forgetInput();
        readOrNot();
        if (owed.isEmpty()) {
            linger();
        }
    }

    private void linger() {
        state = TcpState.LINGERING;
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener((ChannelFutureListener) written -> {
            if (inputEnded || !written.isSuccess()) {
                channel.close();
                return;
            }
            SslHandler tls = channel.pipeline().get(SslHandler.class);
            if (tls != null) {
                tls.closeOutbound();
            } else {
                ((DuplexChannel) channel).shutdownOutput();
            }
            channel.eventLoop().schedule(() -> channel.close(), RequestRefusal.LINGER_MILLIS, TimeUnit.MILLISECONDS);
            readOrNot();
        });
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        stuckSince = System.nanoTime();
        takeFrames();
    }

    private void check() {
        long now = System.nanoTime();
        TcpSourceOptions options = port.options();
        long frameNanos = options.frameTimeout().toNanos();
        boolean reading = channel.config().isAutoRead();
        boolean silent = !reader.isMidFrame() && TcpPlace.of(channel).isSilentFor(frameNanos);
        if (!channel.isWritable() && now - stuckSince > frameNanos) {
            LOG.debug("{} does not read its answers", channel.remoteAddress());
            channel.close();
        } else if (state == TcpState.OPEN && reading && reader.isMidFrame() && now - frameSince > frameNanos) {
            refuse(TcpProblem.tooSlow(options.frameTimeout(), options.framing()));
        } else if (silent
                || (owed.isEmpty() && now - activeAt > options.idleTimeout().toNanos())) {
            channel.close(); // a message would be taken for the answer to the next frame
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        String why = TcpTls.reason(cause);
        if (why != null) {
            LOG.warn("TLS with {} failed: {}", channel.remoteAddress(), LogText.of(why));
        }
        LOG.debug("The connection of {} is closed", channel.remoteAddress(), cause);
        channel.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        state = TcpState.CLOSED;
        forgetInput();
        if (checks != null) {
            checks.cancel(false);
        }
    }

    private void forgetInput() {
        reader.release();
        unread.forEach(ByteBuf::release);
        unread.clear();
    }

    private void onLoop(Runnable task) {
        try {
            channel.eventLoop().execute(task);
        } catch (RejectedExecutionException e) {
            LOG.debug("The connection of {} ended before its answer", channel.remoteAddress(), e);
        }
    }
}
