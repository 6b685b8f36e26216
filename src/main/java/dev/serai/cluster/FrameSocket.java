package dev.serai.cluster;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection between nodes that carries frames, each after its length in four bytes. The frames that are written in one turn
 * of its event loop leave in one system call.
 *
 * <p>Threads: one, the connection's event loop.
 */
final class FrameSocket {
    private static final Logger LOG = LoggerFactory.getLogger(FrameSocket.class);
    private static final int LENGTH_BYTES = 4;
    /** More than any change has; a length beyond it is not a length. */
    private static final int FRAME_BYTES_MAX = 1 << 30;
    /** A buffer that has so many bytes is not filled further. */
    private static final int GATHERED_BYTES = 64 << 10;

    private static final int BUFFER_BYTES = 4 << 10;

    private final Consumer<ByteBuf> reader;
    private final Runnable whenClosed;
    private final Channel channel;
    private final ChannelHandlerContext context;
    private @Nullable ByteBuf gathered;
    private boolean flushIsDue;

    /**
     * Takes a connection over from HTTP, which has had its last answer: what arrives no longer gets to the handlers that are there.
     *
     * @param reader gets each frame without its length, for the time of the call; when it throws, the connection is closed
     */
    FrameSocket(Channel upgraded, Consumer<ByteBuf> reader, Runnable whenClosed) {
        this.channel = upgraded;
        this.reader = reader;
        this.whenClosed = whenClosed;
        ChannelPipeline pipeline = channel.pipeline();
        pipeline.addFirst(
                new LengthFieldBasedFrameDecoder(FRAME_BYTES_MAX, 0, LENGTH_BYTES, 0, LENGTH_BYTES), new Frames());
        this.context = pipeline.context(Frames.class);
    }

    private final class Frames extends SimpleChannelInboundHandler<ByteBuf> {

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, ByteBuf frame) {
            reader.accept(frame);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable failure) {
            if (!(failure instanceof IOException)) {
                LOG.error("The connection to the node at {} is closed", channel.remoteAddress(), failure);
            }
            channel.close();
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            if (gathered != null) {
                gathered.release();
                gathered = null;
            }
            whenClosed.run();
            ctx.fireChannelInactive();
        }
    }

    EventLoop loop() {
        return channel.eventLoop();
    }

    /** Writes a frame; it leaves at the end of this turn of the event loop. */
    void write(Consumer<ByteBuf> frame) {
        if (!channel.isActive()) {
            return;
        }
        if (gathered == null) {
            gathered = channel.alloc().directBuffer(BUFFER_BYTES);
        }
        ByteBuf into = gathered;
        int start = into.writerIndex();
        try {
            into.writeInt(0);
            frame.accept(into);
            into.setInt(start, into.writerIndex() - start - LENGTH_BYTES);
        } catch (RuntimeException | Error e) {
            into.writerIndex(start);
            throw e;
        }
        if (into.readableBytes() >= GATHERED_BYTES) {
            context.write(into);
            gathered = null;
        }
        if (!flushIsDue) {
            flushIsDue = true;
            loop().execute(this::flush);
        }
    }

    private void flush() {
        flushIsDue = false;
        if (gathered != null) {
            context.write(gathered);
            gathered = null;
        }
        context.flush();
    }

    void close() {
        channel.close();
    }
}
