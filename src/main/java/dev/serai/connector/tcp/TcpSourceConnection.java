package dev.serai.connector.tcp;

import dev.serai.camel.http.RequestRefusal;
import dev.serai.http.Problem;
import dev.serai.text.LogText;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One peer of a {@code tcp-source}: its frames go through the route in the order they came, many at once, and are answered in that order.
 *
 * <p>Bounds: {@value #OWED_MAX} frames and about {@value #OWED_BYTES_MAX} bytes are under way at once; then the socket is not read until
 * some are answered. A peer that is slow to send a frame or to read its answers, or silent for long, loses its connection.
 *
 * <p>Threads: all runs on the connection's event loop but {@link #drain} and what says otherwise.
 */
final class TcpSourceConnection extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(TcpSourceConnection.class);

    private static final int OWED_MAX = 256;
    private static final int OWED_BYTES_MAX = 1 << 20;
    private static final long CHECKS_PER_TIMEOUT = 4;
    private static final long CHECK_MILLIS_MAX = 1_000;

    private enum State {
        /** Frames are taken. */
        OPEN,
        /** No more frames are taken; those that were get their answers. */
        ENDING,
        /** All is answered; what still comes is thrown away. */
        LINGERING,
        CLOSED
    }

    /** An answer that a frame waits for. */
    private static final class Owed {
        final byte[] frame;
        volatile byte @Nullable [] answer;

        Owed(byte[] frame) {
            this.frame = frame;
        }
    }

    private final TcpSourceServer port;
    private final Channel channel;
    private final TcpFrameReader reader;
    private final TaskSequence<Owed> turns;
    private final Queue<ByteBuf> unread = new ArrayDeque<>();
    private final Deque<Owed> owed = new ArrayDeque<>();
    private final AtomicBoolean wakened = new AtomicBoolean();
    private State state = State.OPEN;
    private boolean inputEnded;
    private long owedBytes;
    private long frameSince;
    private long activeAt = System.nanoTime();
    private long stuckSince;
    private @Nullable Future<?> checks;

    TcpSourceConnection(TcpSourceServer port, Channel channel) {
        this.port = port;
        this.channel = channel;
        this.reader = new TcpFrameReader(port.framing(), port.bodyBytesMax(), port.admission());
        this.turns = new TaskSequence<>(port.executor(), this::run, frame -> answer(frame, port.stopping()));
    }

    /** Takes nothing more, answers what was taken, and closes. From any thread. */
    void drain() {
        onLoop(() -> {
            if (state == State.OPEN && owed.isEmpty() && unread.isEmpty() && !reader.isMidFrame()) {
                channel.close();
            } else if (state == State.OPEN) {
                end();
            }
        });
    }

    // ---- What comes in

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        long timeout =
                Math.min(port.frameTimeout().toMillis(), port.idleTimeout().toMillis());
        long every = Math.max(1, Math.min(CHECK_MILLIS_MAX, timeout / CHECKS_PER_TIMEOUT));
        checks = channel.eventLoop().scheduleWithFixedDelay(this::check, every, every, TimeUnit.MILLISECONDS);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf part = (ByteBuf) message;
        if (state != State.OPEN) {
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
            if (state == State.LINGERING) {
                channel.close();
            } else {
                takeFrames();
            }
        }
    }

    private void takeFrames() {
        ByteBuf part;
        while (state == State.OPEN && hasRoom() && (part = unread.peek()) != null) {
            try {
                boolean before = reader.isMidFrame();
                TcpFrameReader.Frame frame = reader.read(part);
                if (frame != null) {
                    take(frame);
                } else if (!before) {
                    frameSince = System.nanoTime();
                }
            } catch (TcpFrameException e) {
                refuse(e.problem());
                return;
            }
            if (state == State.OPEN && !part.isReadable()) {
                unread.remove();
                part.release();
            }
        }
        if (state == State.OPEN && inputEnded && unread.isEmpty()) {
            inputEnded();
        }
        readOrNot();
    }

    private void take(TcpFrameReader.Frame frame) {
        Owed taken = new Owed(frame.body());
        if (TcpSourceServer.isForeign(frame.body())) {
            port.admission().back(frame.body().length);
            refuse(Problem.of(
                    400, "This port takes JSON objects, one a frame, and no HTTP or other protocol: check the port."));
            return;
        }
        owed.add(taken);
        owedBytes += frame.body().length;
        if (frame.dropped()) {
            answer(taken, port.busy());
        } else {
            turns.add(taken);
        }
    }

    private void inputEnded() {
        if (reader.isMidFrame()) {
            refuse(Problem.of(
                    400, "The connection ended within a frame, which was not taken. Send it again as a whole."));
        } else {
            end();
        }
    }

    private boolean hasRoom() {
        return owed.size() < OWED_MAX && owedBytes < OWED_BYTES_MAX && channel.isWritable();
    }

    private void readOrNot() {
        boolean read = state == State.LINGERING || (state == State.OPEN && unread.isEmpty() && hasRoom());
        if (read != channel.config().isAutoRead()) {
            frameSince = System.nanoTime(); // while it was not read, it was not the peer that was slow
            channel.config().setAutoRead(read);
        }
    }

    // ---- What goes out

    /** Runs on a worker. */
    private void run(Owed frame, Runnable passOn) {
        try {
            port.run(frame.frame, passOn, answer -> answer(frame, answer));
        } catch (RuntimeException | Error e) {
            answer(frame, port.failed(e));
            passOn.run();
        }
    }

    /** From any thread. */
    private void answer(Owed frame, byte[] answer) {
        frame.answer = answer;
        if (wakened.compareAndSet(false, true)) {
            onLoop(this::sendAnswers);
        }
    }

    private void sendAnswers() {
        wakened.set(false);
        boolean sent = false;
        Owed first;
        while ((first = owed.peek()) != null && first.answer != null) {
            owed.remove();
            owedBytes -= first.frame.length;
            port.admission().back(first.frame.length);
            if (state != State.CLOSED) {
                channel.write(port.framing().frame(Objects.requireNonNull(first.answer)));
                sent = true;
            }
        }
        if (sent) {
            activeAt = System.nanoTime();
            channel.flush();
        }
        if (state == State.ENDING && owed.isEmpty()) {
            linger();
        } else {
            takeFrames();
        }
    }

    /** Sends an error after all answers that are due, and reads no more. */
    private void refuse(Problem problem) {
        Owed last = new Owed(new byte[0]);
        owed.add(last);
        end();
        answer(last, port.answer(problem));
    }

    private void end() {
        state = State.ENDING;
        forgetInput();
        readOrNot();
        if (owed.isEmpty()) {
            linger();
        }
    }

    private void linger() {
        state = State.LINGERING;
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

    // ---- What goes wrong

    private void check() {
        long now = System.nanoTime();
        long frameNanos = port.frameTimeout().toNanos();
        boolean reading = channel.config().isAutoRead();
        if (!channel.isWritable() && now - stuckSince > frameNanos) {
            LOG.debug("{} does not read its answers", channel.remoteAddress());
            channel.close();
        } else if (state == State.OPEN && reading && reader.isMidFrame() && now - frameSince > frameNanos) {
            refuse(Problem.of(
                    408,
                    "A frame was not here as a whole within "
                            + port.frameTimeout().toMillis()
                            + " ms. Check that the sender ends it as framing=" + port.framing()
                            + " wants, and send it again on a new connection."));
        } else if (owed.isEmpty() && now - activeAt > port.idleTimeout().toNanos()) {
            channel.close(); // without a word, which would be taken for the answer to the next frame
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        for (Throwable known = cause; known != null; known = known.getCause()) {
            if (known instanceof SSLException) {
                // Netty would show what came instead of TLS, and that may be anything.
                String why = known instanceof NotSslRecordException ? "it sends no TLS" : known.getMessage();
                LOG.warn("TLS with {} failed: {}", channel.remoteAddress(), LogText.of(why));
                break;
            }
        }
        LOG.debug("The connection of {} is closed", channel.remoteAddress(), cause);
        channel.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        state = State.CLOSED;
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
