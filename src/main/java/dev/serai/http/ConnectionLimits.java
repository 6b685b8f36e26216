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
 * whose request is in progress are bounded by who answers them.
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
        private long sinceNanos = System.nanoTime();
        private @Nullable HttpServerRequest request;

        /** Whether its request is complete, so that the next step is the server's. */
        private boolean isServed() {
            return request != null && request.isEnded();
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
        if (peers.size() >= connectionsMax
                && peers.values().stream().filter(peer -> !peer.isServed()).count() >= connectionsMax) {
            warn(connection);
            HttpConnection longest = longestWaiting();
            peers.remove(longest);
            longest.close();
        }
        ReadAheadLimit.install(connection, body);
        peers.put(connection, new Peer());
        connection.closeHandler(closed -> peers.remove(connection));
    }

    public void requested(HttpServerRequest request) {
        Peer peer = peers.get(request.connection());
        if (peer != null) {
            peer.request = request;
            peer.sinceNanos = System.nanoTime();
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
                .map(entry -> new ConnectionDrain.OpenConnection(entry.getKey(), entry.getValue().request))
                .toList();
    }

    private HttpConnection longestWaiting() {
        HttpConnection longest = null;
        long waitedNanos = -1;
        long now = System.nanoTime();
        for (Map.Entry<HttpConnection, Peer> entry : peers.entrySet()) {
            long waited = now - entry.getValue().sinceNanos;
            if (!entry.getValue().isServed() && waited > waitedNanos) {
                longest = entry.getKey();
                waitedNanos = waited;
            }
        }
        return Objects.requireNonNull(longest, "some connection waits");
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
            if (isSlow(entry.getValue(), now)) {
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
        return !peer.isServed() && now - peer.sinceNanos > nanosMax;
    }
}
