package dev.serai.connector.tcp;

import dev.serai.camel.http.Admission;
import dev.serai.camel.http.ByteBudget;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.util.concurrent.Future;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to a TCP target, between the bytes and camel-netty's own handler: one text goes out, one comes back in time, or the
 * connection is closed and the call fails. The texts of a batch go out together, and their answers come back in the same order, each in
 * time after the one before. What comes before the first text is a greeting; what comes unasked later closes the
 * connection, since it would be taken for the next answer.
 *
 * <p>Threads: all runs on the connection's event loop.
 */
final class TcpSinkConnection extends ChannelDuplexHandler {
    private static final Logger LOG = LoggerFactory.getLogger(TcpSinkConnection.class);
    private static final int ANSWER_BYTES_MAX = 1 << 20;

    private final TcpFraming framing;
    private final Duration timeout;
    private final TcpFrameReader reader;
    private final TcpGreeting greeting;
    private @Nullable Future<?> deadline;
    /** The first text, while the connection is listened to for a greeting. */
    private @Nullable Runnable first;

    /** Those that are awaited, and those that came. */
    private int awaited;

    private boolean isBatch;
    private List<byte[]> answers = new ArrayList<>();
    private @Nullable Future<?> listening;
    private boolean isGreeted;
    private boolean isOpen;
    /** Until then camel-netty knows at most a delivery that waits to be sent; afterwards it also knows those that are done. */
    private boolean asked;

    TcpSinkConnection(TcpFraming framing, Duration timeout, TcpGreeting greeting) {
        this.framing = framing;
        this.greeting = greeting;
        this.isOpen = greeting.isExcluded();
        this.timeout = timeout;
        this.reader = new TcpFrameReader(
                framing, ANSWER_BYTES_MAX, new Admission(0, Long.MAX_VALUE, new ByteBudget(Long.MAX_VALUE)));
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        asked = true;
        isBatch = message instanceof TcpSinkBatch;
        List<byte[]> texts = message instanceof TcpSinkBatch batch ? batch.texts() : List.of((byte[]) message);
        awaited = texts.size();
        answers = new ArrayList<>(awaited);
        setDeadline(ctx);
        if (isOpen) {
            ctx.write(frames(texts), promise);
            return;
        }
        first = () -> ctx.writeAndFlush(frames(texts), promise);
        if (isGreeted || !greeting.isAwaited()) {
            listen(ctx);
        }
    }

    private ByteBuf frames(List<byte[]> texts) {
        return texts.size() == 1
                ? framing.frame(texts.get(0))
                : Unpooled.wrappedBuffer(texts.stream().map(framing::frame).toArray(ByteBuf[]::new));
    }

    private void setDeadline(ChannelHandlerContext ctx) {
        if (deadline != null) {
            deadline.cancel(false);
        }
        deadline = ctx.executor().schedule(() -> fail(ctx, late()), timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Sends the first text unless something comes before. */
    private void listen(ChannelHandlerContext ctx) {
        if (listening != null) {
            listening.cancel(false);
        }
        listening = ctx.executor().schedule(this::open, TcpGreeting.LISTEN.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void open() {
        isOpen = true;
        reader.release(); // a greeting without an end
        Runnable send = first;
        first = null;
        if (send != null) {
            send.run();
        }
    }

    private void greeted(ChannelHandlerContext ctx, ByteBuf part) throws TcpFrameException {
        while (part.isReadable()) {
            if (reader.read(part) != null) {
                reader.release();
            }
        }
        greeting.came();
        isGreeted = true;
        if (first != null) {
            listen(ctx);
        }
    }

    private SocketTimeoutException late() {
        String missing = isOpen ? "complete answer" : "greeting";
        String place = answers.isEmpty() ? "" : " to text " + (answers.size() + 1) + " of " + awaited + " of the batch";
        return new SocketTimeoutException("no " + missing + place + " within " + timeout.toMillis() + " ms");
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf part = (ByteBuf) message;
        try {
            if (!isOpen) {
                greeted(ctx, part);
                return;
            }
            if (deadline == null) {
                LOG.warn(
                        "{} sent more than one answer, so the connection is closed",
                        ctx.channel().remoteAddress());
                ctx.close();
                return;
            }
            read(ctx, part);
        } catch (TcpFrameException e) {
            fail(ctx, new IOException("the answer cannot be read: " + e.getMessage(), e));
        } finally {
            part.release();
        }
    }

    private void read(ChannelHandlerContext ctx, ByteBuf part) throws TcpFrameException {
        while (part.isReadable()) {
            TcpFrameReader.Frame answer = reader.read(part);
            if (answer == null) {
                return;
            }
            reader.release();
            answers.add(answer.body());
            if (answers.size() == awaited) {
                if (part.isReadable()) {
                    ctx.close();
                }
                complete(ctx);
                return;
            }
            setDeadline(ctx);
        }
    }

    private void complete(ChannelHandlerContext ctx) {
        answered();
        ctx.fireChannelRead(isBatch ? new TcpSinkBatch(answers) : answers.get(0));
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (!asked) {
            ctx.fireExceptionCaught(new EOFException("the target closed the connection before it was asked"));
        }
        byte[] whole = deadline == null || !isOpen ? null : reader.wholeJson();
        if (whole == null || answers.size() + 1 < awaited) {
            fail(ctx, new EOFException("the target closed the connection before it answered"));
        } else { // as good as a line end
            answers.add(whole);
            complete(ctx);
        }
        ctx.fireChannelInactive();
    }

    /** Ignores a failure between two calls; the pool opens another connection. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (deadline == null) {
            LOG.debug("The idle connection to {} is closed", ctx.channel().remoteAddress(), cause);
            ctx.close();
        } else {
            fail(ctx, cause);
        }
    }

    private void fail(ChannelHandlerContext ctx, Throwable failure) {
        if (deadline != null) {
            answered();
            ctx.fireExceptionCaught(failure);
            ctx.close();
        }
    }

    private void answered() {
        if (deadline != null) {
            deadline.cancel(false);
            deadline = null;
        }
        first = null;
        reader.release();
    }
}
