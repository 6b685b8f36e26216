package dev.serai.connector.tcp;

import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A connection's place among those that may be open at once.
 *
 * <p>Threads: safe.
 */
final class TcpPlace {
    private static final AttributeKey<TcpPlace> KEY = AttributeKey.valueOf(TcpPlace.class, "place");

    private final Channel channel;
    private final AtomicBoolean taken = new AtomicBoolean(true);
    private final long openedAt = System.nanoTime();
    private volatile boolean framed;

    private TcpPlace(Channel channel) {
        this.channel = channel;
    }

    static TcpPlace take(Channel channel) {
        TcpPlace place = new TcpPlace(channel);
        channel.attr(KEY).set(place);
        return place;
    }

    static TcpPlace of(Channel channel) {
        return channel.attr(KEY).get();
    }

    /** Null if the channel has none, as the listening one. */
    static @Nullable TcpPlace find(Channel channel) {
        return channel.attr(KEY).get();
    }

    /** The address of the connection's peer. */
    static String client(Channel channel) {
        return channel.remoteAddress() instanceof InetSocketAddress peer
                ? peer.getAddress().getHostAddress()
                : "unknown";
    }

    /** A frame has come. */
    void framed() {
        framed = true;
    }

    boolean isSilent() {
        return !framed;
    }

    /** Whether it has been open for so long without a frame. */
    boolean isSilentFor(long nanos) {
        return !framed && System.nanoTime() - openedAt > nanos;
    }

    long openedAt() {
        return openedAt;
    }

    /** Gives it up, once; returns false if it was given up before. */
    boolean leave() {
        return taken.compareAndSet(true, false);
    }

    void close() {
        channel.close();
    }
}
