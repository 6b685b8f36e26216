package dev.serai.camel.http;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Closes the connections of peers that take too long to send a request. An idle timeout is not enough: a byte now and
 * then resets it (slowloris).
 *
 * <p>Threads: everything runs on one event loop.
 */
final class SlowPeerTimeout {

    private static final class Peer {
        private long sinceNanos = System.nanoTime();
        private @Nullable HttpServerRequest request;
    }

    private final Map<HttpConnection, Peer> peers = new HashMap<>();
    private final long headNanos;
    private final long bodyNanos;

    /**
     * @param head from the connection's opening or the last answer to the end of the next request's headers
     * @param body from there to the end of its body
     */
    SlowPeerTimeout(Duration head, Duration body) {
        headNanos = head.toNanos();
        bodyNanos = body.toNanos();
    }

    void watch(Vertx vertx) {
        long periodMillis = Math.max(10, Math.min(1_000, Math.min(headNanos, bodyNanos) / 4_000_000));
        vertx.setPeriodic(periodMillis, tick -> closeSlow());
    }

    void opened(HttpConnection connection) {
        peers.put(connection, new Peer());
        connection.closeHandler(closed -> peers.remove(connection));
    }

    void requested(HttpServerRequest request) {
        Peer peer = peers.get(request.connection());
        if (peer != null) {
            peer.request = request;
            peer.sinceNanos = System.nanoTime();
        }
    }

    private void closeSlow() {
        long now = System.nanoTime();
        for (Map.Entry<HttpConnection, Peer> entry : new ArrayList<>(peers.entrySet())) {
            if (slow(entry.getValue(), now)) {
                entry.getKey().close();
            }
        }
    }

    private boolean slow(Peer peer, long now) {
        HttpServerRequest request = peer.request;
        if (request != null && request.isEnded() && request.response().ended()) {
            peer.request = null;
            peer.sinceNanos = now;
            return false;
        }
        long nanosMax = request == null ? headNanos : bodyNanos;
        boolean ours = request != null && request.isEnded();
        return !ours && now - peer.sinceNanos > nanosMax;
    }
}
