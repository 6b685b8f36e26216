package dev.serai.http;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Limits the connections of one event loop of a server: how many wait for a request, how long a peer may take to send one,
 * and how much memory a connection uses (see {@link ReadAheadLimit}).
 *
 * <p>An idle timeout does not close a slow peer: one byte now and then restarts it (slowloris). Beyond the number of waiting
 * connections the one that has waited longest is closed, so that peers that send nothing cannot keep others out. Connections
 * whose request is in progress are bounded by who answers them. Of an HTTP/2 connection each stream counts like a connection, also
 * one whose answer is not read (see {@link StreamLimits}).
 *
 * <p>Threads: one, the event loop.
 */
public final class ConnectionLimits {
    /** A head of tiny headers takes more than 30 times its bytes once it is parsed. */
    public static final int HEAD_BYTES_MAX = 8 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(ConnectionLimits.class);
    private static final int CONNECTIONS_MIN = 64;
    private static final long BYTES_PER_CONNECTION = 512 << 10;
    private static final long WARN_NANOS = TimeUnit.MINUTES.toNanos(1);

    private static final class Peer {
        private final @Nullable StreamLimits streams;
        private long sinceNanos = System.nanoTime();
        /** Of HTTP/1 the one in progress, of HTTP/2 the latest. */
        private @Nullable HttpServerRequest request;

        private Peer(@Nullable StreamLimits streams) {
            this.streams = streams;
        }

        /** How many requests it is waited for: none if the next step is the server's. */
        private int awaited() {
            if (streams != null) {
                return streams.isIdle() ? 1 : streams.awaited();
            }
            return request != null && request.isEnded() ? 0 : 1;
        }

        private long awaitedSinceNanos() {
            Long oldest = streams == null ? null : streams.longestAwaitedNanos();
            return oldest == null ? sinceNanos : oldest;
        }
    }

    private final Map<HttpConnection, Peer> peers = new HashMap<>();
    private final int connectionsMax;
    private final Duration body;
    private final long headNanos;
    private final long bodyNanos;
    private @Nullable ConnectionDrain drain;
    private long warnedNanos = System.nanoTime() - WARN_NANOS;

    /**
     * The limits of one event loop.
     *
     * @param loops how many event loops serve the port: each has its share of the connections
     * @param head from the connection's opening or the last answer to the end of the next request's headers
     * @param body from there to the end of its body; also how long the peer may take nothing of an answer
     */
    public ConnectionLimits(int loops, Duration head, Duration body) {
        this.connectionsMax = Math.max(1, connectionsMax() / loops);
        this.body = body;
        headNanos = head.toNanos();
        bodyNanos = body.toNanos();
    }

    /** How many connections of a server may wait for a request: one for each 512 KiB of the heap. */
    static int connectionsMax() {
        long fitting = Runtime.getRuntime().maxMemory() / BYTES_PER_CONNECTION;
        return (int) Math.max(CONNECTIONS_MIN, Math.min(fitting, Integer.MAX_VALUE));
    }

    /** Begins to watch for slow peers. */
    public void watch(Vertx vertx) {
        long periodMillis = Math.max(10, Math.min(1_000, Math.min(headNanos, bodyNanos) / 4_000_000));
        vertx.setPeriodic(periodMillis, tick -> closeSlow());
    }

    public void opened(HttpConnection connection) {
        if (peers.size() >= connectionsMax && awaited() >= connectionsMax) {
            endLongestWait(connection);
        }
        StreamLimits streams = StreamLimits.of(connection);
        ReadAheadLimit.install(connection, body, streams == null);
        peers.put(connection, new Peer(streams));
        connection.closeHandler(closed -> peers.remove(connection));
    }

    public void requested(HttpServerRequest request) {
        Peer peer = peers.get(request.connection());
        if (peer != null) {
            peer.request = request;
            peer.sinceNanos = System.nanoTime();
            if (peer.streams != null) {
                if (awaited() >= connectionsMax) {
                    endLongestWait(request.connection());
                }
                peer.streams.requested(request);
            }
        }
        if (drain != null) {
            drain.announce(request);
        }
    }

    /** From now on every connection is closed behind the answer that is in progress or comes next. */
    public void drain(Vertx vertx) {
        if (drain == null) {
            drain = new ConnectionDrain(vertx, this::open);
            drain.begin();
        }
    }

    public boolean isDraining() {
        return drain != null;
    }

    /** Completes when everything in progress is answered and all connections are closed. */
    public Future<Void> drained(Vertx vertx) {
        drain(vertx);
        return Objects.requireNonNull(drain).finish();
    }

    private Collection<ConnectionDrain.OpenConnection> open() {
        return peers.entrySet().stream()
                .map(entry -> new ConnectionDrain.OpenConnection(
                        entry.getKey(), entry.getValue().request, entry.getValue().streams))
                .toList();
    }

    private int awaited() {
        int awaited = 0;
        for (Peer peer : peers.values()) {
            awaited += peer.awaited();
        }
        return awaited;
    }

    /** Of the requests that do not arrive, ends the one that has been awaited for longest, with its connection or its stream. */
    private void endLongestWait(HttpConnection opened) {
        warn(opened);
        HttpConnection longest = null;
        long waitedNanos = -1;
        long now = System.nanoTime();
        for (Map.Entry<HttpConnection, Peer> entry : peers.entrySet()) {
            long waited = now - entry.getValue().awaitedSinceNanos();
            if (entry.getValue().awaited() > 0 && waited > waitedNanos) {
                longest = entry.getKey();
                waitedNanos = waited;
            }
        }
        Peer peer = longest == null ? null : peers.get(longest);
        if (longest == null || peer == null) {
            return;
        }
        if (peer.streams != null && !peer.streams.isIdle()) {
            peer.streams.resetLongestAwaited();
        } else {
            peers.remove(longest);
            longest.close();
        }
    }

    private void warn(HttpConnection opened) {
        long now = System.nanoTime();
        if (now - warnedNanos >= WARN_NANOS) {
            warnedNanos = now;
            LOG.warn(
                    "{} has more than {} connections without a request on one of its threads, so it closes those that wait longest."
                            + " Give Java more memory (-Xmx), or let a proxy in front keep slow peers away",
                    opened.localAddress(),
                    connectionsMax);
        }
    }

    private void closeSlow() {
        long now = System.nanoTime();
        for (Map.Entry<HttpConnection, Peer> entry : new ArrayList<>(peers.entrySet())) {
            Peer peer = entry.getValue();
            if (peer.streams != null && !peer.streams.isIdle()) {
                peer.streams.resetSlow(now, bodyNanos);
                peer.sinceNanos = now;
            } else if (peer.streams != null ? now - peer.sinceNanos > headNanos : isSlow(peer, now)) {
                entry.getKey().close();
            }
        }
    }

    private boolean isSlow(Peer peer, long now) {
        HttpServerRequest request = peer.request;
        if (drain == null
                && request != null
                && request.isEnded()
                && request.response().ended()) {
            peer.request = null;
            peer.sinceNanos = now;
            return false;
        }
        long nanosMax = request == null ? headNanos : bodyNanos;
        return peer.awaited() > 0 && now - peer.sinceNanos > nanosMax;
    }
}
