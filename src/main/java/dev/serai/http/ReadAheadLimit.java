package dev.serai.http;

import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.impl.HttpServerConnection;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Limits, for one HTTP/1.1 connection, the requests that were sent ahead (pipelined) and the answers that are not read.
 *
 * <p>Vert.x queues requests and buffers answers without a limit. Behind this handler it gets one request at a time: the
 * next one follows when the answer before it is written and the peer has read enough of the buffer. Until then the
 * socket is not read, and this handler holds the requests already parsed: at most {@value #READ_BYTES_MAX} bytes (with
 * TLS one record).
 *
 * <p>Threads: one, the connection's event loop.
 */
public final class ReadAheadLimit extends ChannelDuplexHandler {
    private static final Logger LOG = LoggerFactory.getLogger(ReadAheadLimit.class);

    /** One read may hold hundreds of requests, each of which takes 20 times its bytes once it is parsed. */
    private static final int READ_BYTES_MAX = 4 * 1024;

    private static final int READ_BYTES_MIN = 64;
    private static final int READ_BYTES_FIRST = 2 * 1024;

    private final Queue<Object> held = new ArrayDeque<>();
    private boolean answerOwed;
    private boolean stopped;
    private boolean scheduled;

    private ReadAheadLimit() {}

    /**
     * Puts the limit on a connection that was just opened.
     *
     * @param stalledMax after this time without reading its answer a peer is disconnected
     * @param isHttp1 HTTP/2 has windows instead, so only a peer that reads nothing at all is disconnected
     */
    public static void install(HttpConnection connection, Duration stalledMax, boolean isHttp1) {
        HttpServerConnection server = (HttpServerConnection) connection;
        ChannelPipeline pipeline = server.channel().pipeline();
        String vertx = server.channelHandlerContext().name();
        pipeline.addBefore(vertx, "stalledPeer", new StalledPeer(stalledMax));
        if (!isHttp1) {
            return;
        }
        server.channel()
                .config()
                .setRecvByteBufAllocator(
                        new AdaptiveRecvByteBufAllocator(READ_BYTES_MIN, READ_BYTES_FIRST, READ_BYTES_MAX));
        pipeline.addBefore(vertx, "readAheadLimit", new ReadAheadLimit());
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (held.isEmpty() && mayPass(ctx, message)) {
            pass(ctx, message);
        } else {
            held.add(message);
            stopReading(ctx);
        }
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (message instanceof LastHttpContent && !isInterim(message)) {
            answerOwed = false;
            passHeldLater(ctx);
        }
        ctx.write(message, promise);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        passHeldLater(ctx);
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        forgetHeld();
        ctx.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        forgetHeld();
    }

    /** An interim answer such as 100 Continue, which the final answer follows. */
    private static boolean isInterim(Object message) {
        return message instanceof HttpResponse response
                && response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
    }

    private boolean mayPass(ChannelHandlerContext ctx, Object message) {
        boolean begins = message instanceof HttpRequest;
        return !begins || (!answerOwed && ctx.channel().isWritable());
    }

    private void pass(ChannelHandlerContext ctx, Object message) {
        if (message instanceof HttpRequest) {
            answerOwed = true;
        }
        ctx.fireChannelRead(message);
    }

    /** Not at once: Vert.x still works on the answer, and the next one would recurse. */
    private void passHeldLater(ChannelHandlerContext ctx) {
        if (!held.isEmpty() && !scheduled) {
            scheduled = true;
            ctx.executor().execute(() -> passHeld(ctx));
        }
    }

    private void passHeld(ChannelHandlerContext ctx) {
        scheduled = false;
        Object first = held.peek();
        if (first == null || !mayPass(ctx, first)) {
            return;
        }
        // Before anything is passed on: if Vert.x pauses a body, that must be the last word.
        if (stopped) {
            stopped = false;
            ctx.channel().config().setAutoRead(true);
        }
        while (first != null && mayPass(ctx, first)) {
            held.remove();
            pass(ctx, first);
            first = held.peek();
        }
        ctx.fireChannelReadComplete();
        if (first != null) {
            stopReading(ctx);
        }
    }

    private void stopReading(ChannelHandlerContext ctx) {
        // If Vert.x stopped reading, Vert.x starts it again.
        if (ctx.channel().config().isAutoRead()) {
            stopped = true;
            ctx.channel().config().setAutoRead(false);
        }
    }

    private void forgetHeld() {
        held.forEach(ReferenceCountUtil::release);
        held.clear();
    }

    /**
     * Closes the connection of a peer that does not read its answers. Vert.x's own closing waits until all is written,
     * and its idle timeout starts again with every part of a body that the peer sends.
     */
    private static final class StalledPeer extends IdleStateHandler {

        StalledPeer(Duration stalledMax) {
            super(true, 0, Math.max(1, stalledMax.toMillis() / 2), 0, TimeUnit.MILLISECONDS);
        }

        @Override
        protected void channelIdle(ChannelHandlerContext ctx, IdleStateEvent event) {
            // The first event also comes if a part of a long answer was read.
            if (!event.isFirst() && owesOutput(ctx.channel())) {
                LOG.debug("{} does not read its answers", ctx.channel().remoteAddress());
                ctx.close();
            }
        }

        private static boolean owesOutput(Channel channel) {
            ChannelOutboundBuffer output = channel.unsafe().outboundBuffer();
            return output != null && !output.isEmpty();
        }
    }
}
