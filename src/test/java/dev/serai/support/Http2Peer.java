package dev.serai.support;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2FrameReader;
import io.netty.handler.codec.http2.DefaultHttp2FrameWriter;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2FrameReader;
import io.netty.handler.codec.http2.Http2FrameWriter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * A peer that speaks HTTP/2 over TLS frame by frame, and as wrong as a test wants it to. What the server sends is in {@link
 * #read}: {@code HEADERS 1 200}, {@code DATA 1}, {@code RST 1 8}, {@code GOAWAY 11}, {@code SETTINGS}, and {@code END} when the
 * connection has ended.
 */
public final class Http2Peer implements AutoCloseable {
    public static final int CONTINUATION = 9;
    private static final int FRAMES_KEPT_MAX = 10_000;

    public final List<String> read = new CopyOnWriteArrayList<>();
    public final AtomicLong bytesRead = new AtomicLong();
    private final SSLSocket socket;
    private final EmbeddedChannel channel = new EmbeddedChannel(new ChannelInboundHandlerAdapter());
    private final ChannelHandlerContext context = channel.pipeline().firstContext();
    private final Http2FrameWriter writer = new DefaultHttp2FrameWriter();

    /** Writes frames. */
    @FunctionalInterface
    public interface Frames {
        void write(Http2FrameWriter writer, ChannelHandlerContext context);
    }

    private Http2Peer(SSLSocket socket) {
        this.socket = socket;
    }

    /** A connection with these settings, whose answers are read. */
    public static Http2Peer connect(SSLContext trust, int port, Http2Settings settings) throws IOException {
        Http2Peer peer = silent(trust, port, settings);
        Thread reader = new Thread(peer::readAll, "http2-peer");
        reader.setDaemon(true);
        reader.start();
        return peer;
    }

    /** A connection that is never read. */
    public static Http2Peer silent(SSLContext trust, int port, Http2Settings settings) throws IOException {
        SSLSocket socket = (SSLSocket) trust.getSocketFactory().createSocket("127.0.0.1", port);
        socket.setSoTimeout(Patience.MAX_MILLIS);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2"});
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        if (!"h2".equals(socket.getApplicationProtocol())) {
            throw new IOException("the server speaks no HTTP/2");
        }
        Http2Peer peer = new Http2Peer(socket);
        ByteBuf preface = Http2CodecUtil.connectionPrefaceBuf();
        byte[] bytes = new byte[preface.readableBytes()];
        preface.readBytes(bytes);
        peer.sendBytes(bytes);
        peer.send((writer, context) -> writer.writeSettings(context, settings, context.newPromise()));
        return peer;
    }

    public static Http2Headers post(String path) {
        return new DefaultHttp2Headers(false)
                .method("POST")
                .scheme("https")
                .authority("h")
                .path(path)
                .add("content-type", "application/json");
    }

    /** The bytes of frames. */
    public byte[] bytes(Frames frames) throws IOException {
        frames.write(writer, context);
        channel.flushOutbound();
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuf part;
        while ((part = channel.readOutbound()) != null) {
            part.readBytes(all, part.readableBytes());
            part.release();
        }
        return all.toByteArray();
    }

    /** Throws {@link IOException} if the server has closed the connection. */
    public void send(Frames frames) throws IOException {
        sendBytes(bytes(frames));
    }

    public void sendBytes(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    /** A complete request. */
    public void request(int stream, Http2Headers headers, String body) throws IOException {
        send((writer, context) -> {
            writer.writeHeaders(context, stream, headers, 0, false, context.newPromise());
            writer.writeData(context, stream, Unpooled.copiedBuffer(body, US_ASCII), 0, true, context.newPromise());
        });
    }

    /** A frame of any type. */
    public static byte[] frame(int type, int flags, int stream, byte[] payload) {
        return ByteBuffer.allocate(9 + payload.length)
                .putInt(payload.length << 8 | type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array();
    }

    public void awaitRead(String frame) {
        await().until(() -> read.contains(frame) || read.contains("END"));
        if (!read.contains(frame)) {
            throw new AssertionError("ended without " + frame + ": " + read);
        }
    }

    private void readAll() {
        ByteBuf bytes = Unpooled.buffer();
        try (Http2FrameReader reader = new DefaultHttp2FrameReader()) {
            InputStream in = socket.getInputStream();
            byte[] part = new byte[16_384];
            int count;
            while ((count = in.read(part)) >= 0) {
                bytesRead.addAndGet(count);
                bytes.discardReadBytes().writeBytes(part, 0, count);
                reader.readFrame(context, bytes, new Noted());
            }
        } catch (IOException | Http2Exception e) {
            // The end, in one way or another.
        } finally {
            read.add("END");
        }
    }

    private final class Noted extends Http2FrameAdapter {
        private void note(String frame) {
            if (read.size() < FRAMES_KEPT_MAX) {
                read.add(frame);
            }
        }

        @Override
        public void onHeadersRead(
                ChannelHandlerContext ctx, int stream, Http2Headers headers, int padding, boolean isEnd) {
            note("HEADERS " + stream + " " + headers.status());
        }

        @Override
        public void onHeadersRead(
                ChannelHandlerContext ctx,
                int stream,
                Http2Headers headers,
                int dependency,
                short weight,
                boolean exclusive,
                int padding,
                boolean isEnd) {
            onHeadersRead(ctx, stream, headers, padding, isEnd);
        }

        @Override
        public int onDataRead(ChannelHandlerContext ctx, int stream, ByteBuf data, int padding, boolean isEnd) {
            note("DATA " + stream);
            return data.readableBytes() + padding;
        }

        @Override
        public void onRstStreamRead(ChannelHandlerContext ctx, int stream, long code) {
            note("RST " + stream + " " + code);
        }

        @Override
        public void onGoAwayRead(ChannelHandlerContext ctx, int last, long code, ByteBuf debug) {
            note("GOAWAY " + code);
        }

        @Override
        public void onSettingsRead(ChannelHandlerContext ctx, Http2Settings settings) {
            note("SETTINGS");
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
