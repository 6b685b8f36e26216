package dev.serai.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2HeadersEncoder;
import io.netty.handler.codec.http2.Http2RemoteFlowController;
import io.netty.handler.codec.http2.Http2Stream;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.impl.HttpServerConnection;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The streams of one HTTP/2 connection: ends those whose request takes too long to arrive, and those whose peer reads nothing
 * of its answer. The other streams of the connection go on. What the connection keeps of headers is bounded, too.
 *
 * <p>Threads: one, the connection's event loop.
 */
final class StreamLimits extends Http2ConnectionAdapter {
    /** How many requests of a connection may be in progress at once. */
    static final int STREAMS_MAX = 64;

    private final Http2ConnectionHandler http2;
    private final ChannelHandlerContext context;
    private final Http2Connection connection;
    private final Map<Integer, OpenStream> open = new LinkedHashMap<>();

    private static final class OpenStream {
        private final long openedNanos = System.nanoTime();
        private long movedNanos = openedNanos;
        private int streamWindow;
        private int connectionWindow;
    }

    private StreamLimits(Http2ConnectionHandler http2, ChannelHandlerContext context) {
        this.http2 = http2;
        this.context = context;
        this.connection = http2.connection();
    }

    /** Those of a connection that was just opened; null if it is HTTP/1. */
    static @Nullable StreamLimits of(HttpConnection connection) {
        ChannelPipeline pipeline = ((HttpServerConnection) connection).channel().pipeline();
        Http2ConnectionHandler http2 = pipeline.get(Http2ConnectionHandler.class);
        if (http2 == null) {
            return null;
        }
        StreamLimits limits = new StreamLimits(http2, pipeline.context(http2));
        http2.connection().addListener(limits);
        limits.boundHeaderTable();
        connection.remoteSettingsHandler(settings -> limits.boundHeaderTable());
        return limits;
    }

    /** A peer may ask for a table of gigabytes (RFC 7541, section 4.2), which this side would fill with headers of its answers. */
    private void boundHeaderTable() {
        Http2HeadersEncoder.Configuration headers =
                http2.encoder().configuration().headersConfiguration();
        try {
            headers.maxHeaderTableSize(
                    Math.min(headers.maxHeaderTableSize(), Http2CodecUtil.DEFAULT_HEADER_TABLE_SIZE));
        } catch (Http2Exception e) {
            throw new IllegalStateException("a size that is allowed is refused", e);
        }
    }

    void requested(HttpServerRequest request) {
        open.put(request.streamId(), new OpenStream());
    }

    @Override
    public void onStreamClosed(Http2Stream stream) {
        open.remove(stream.id());
    }

    boolean isIdle() {
        return open.isEmpty();
    }

    /** How many streams wait for their peer: for the rest of a request, or until more of an answer is read. */
    int awaited() {
        int count = 0;
        for (Map.Entry<Integer, OpenStream> one : open.entrySet()) {
            count += awaitedSinceNanos(one) == null ? 0 : 1;
        }
        return count;
    }

    /** Null if the next step is the server's. */
    private @Nullable Long awaitedSinceNanos(Map.Entry<Integer, OpenStream> one) {
        Http2Stream stream = connection.stream(one.getKey());
        if (stream == null) {
            return null;
        }
        if (stream.state().remoteSideOpen()) {
            return one.getValue().openedNanos;
        }
        return connection.remote().flowController().hasFlowControlled(stream) ? one.getValue().movedNanos : null;
    }

    private Map.@Nullable Entry<Integer, OpenStream> longestAwaited() {
        Map.Entry<Integer, OpenStream> longest = null;
        long longestNanos = 0;
        for (Map.Entry<Integer, OpenStream> one : open.entrySet()) {
            Long since = awaitedSinceNanos(one);
            if (since != null && (longest == null || since - longestNanos < 0)) {
                longest = one;
                longestNanos = since;
            }
        }
        return longest;
    }

    /** Since when the peer is awaited on the stream on which it has been for longest; null if it is on none. */
    @Nullable Long longestAwaitedNanos() {
        Map.Entry<Integer, OpenStream> longest = longestAwaited();
        return longest == null ? null : awaitedSinceNanos(longest);
    }

    /** Ends the stream on which the peer has been awaited for longest. */
    void resetLongestAwaited() {
        Map.Entry<Integer, OpenStream> longest = longestAwaited();
        if (longest != null) {
            reset(longest.getKey());
        }
    }

    /** @param nanosMax for a request to arrive, and without any progress of an answer */
    void resetSlow(long now, long nanosMax) {
        for (Map.Entry<Integer, OpenStream> one : new ArrayList<>(open.entrySet())) {
            Http2Stream stream = connection.stream(one.getKey());
            if (stream == null) {
                continue;
            }
            OpenStream known = one.getValue();
            boolean isLate = stream.state().remoteSideOpen() && now - known.openedNanos > nanosMax;
            if (isLate || isStalled(stream, known, now, nanosMax)) {
                reset(one.getKey());
            }
        }
    }

    /** As long as bytes are sent or the peer allows more of them, one of the windows changes. */
    private boolean isStalled(Http2Stream stream, OpenStream known, long now, long nanosMax) {
        Http2RemoteFlowController flow = connection.remote().flowController();
        int streamWindow = flow.windowSize(stream);
        int connectionWindow = flow.windowSize(connection.connectionStream());
        boolean isStill = flow.hasFlowControlled(stream)
                && streamWindow == known.streamWindow
                && connectionWindow == known.connectionWindow;
        if (!isStill) {
            known.streamWindow = streamWindow;
            known.connectionWindow = connectionWindow;
            known.movedNanos = now;
        }
        return isStill && now - known.movedNanos > nanosMax;
    }

    /** Not by Vert.x, which resets no stream whose answer it has handed over. */
    private void reset(int id) {
        http2.resetStream(context, id, Http2Error.CANCEL.code(), context.newPromise());
        context.flush();
    }
}
