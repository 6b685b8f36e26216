package dev.serai.http;

import io.netty.handler.codec.http2.Http2Error;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Ends the connections of one event loop in order: what is in progress is answered first, and each connection is closed
 * behind its answer, never in the middle of one.
 *
 * <p>Threads: one, the event loop.
 */
final class ConnectionDrain {
    private static final long LOOK_MILLIS = 10;

    private final Vertx vertx;
    private final Supplier<Collection<OpenConnection>> connections;
    private final Promise<Void> drained = Promise.promise();
    /** Requests whose answers are the last ones of their connections. */
    private final Set<HttpServerRequest> lastRequests = Collections.newSetFromMap(new IdentityHashMap<>());

    private boolean last;

    /**
     * A connection with its request in progress, or the one that was answered last.
     *
     * @param streams null if it is HTTP/1
     */
    record OpenConnection(
            HttpConnection connection,
            @Nullable HttpServerRequest request,
            @Nullable StreamLimits streams) {
        /** A request that was refused before its end is still read for a moment: closing would reset the connection. */
        private boolean isOver() {
            return streams != null
                    ? streams.isIdle()
                    : request == null
                            || (request.isEnded() && request.response().ended());
        }
    }

    ConnectionDrain(Vertx vertx, Supplier<Collection<OpenConnection>> connections) {
        this.vertx = vertx;
        this.connections = connections;
    }

    /** From now on each answer says that it is the last one of its connection. */
    void begin() {
        for (OpenConnection open : connections.get()) {
            HttpServerRequest request = open.request();
            if (open.streams() != null) {
                open.connection().goAway(Http2Error.NO_ERROR.code(), Integer.MAX_VALUE);
            }
            if (request != null && !request.response().ended()) {
                announce(request);
            }
        }
        vertx.setPeriodic(LOOK_MILLIS, this::look);
    }

    /** The answer to this request is the last one of its connection, and says so if it still can. */
    void announce(HttpServerRequest request) {
        lastRequests.add(request);
        if (request.version() != HttpVersion.HTTP_2 && !request.response().headWritten()) {
            request.response().putHeader("Connection", "close");
        }
    }

    /** Idle connections stay open until then, so that a request on its way gets its answer. */
    Future<Void> finish() {
        last = true;
        return drained.future();
    }

    private void look(long timer) {
        List<OpenConnection> all = new ArrayList<>(connections.get());
        boolean busy = all.stream().anyMatch(open -> !open.isOver());
        for (OpenConnection open : all) {
            boolean isLastAnswer = open.isOver() && lastRequests.remove(open.request());
            if (isLastAnswer || (last && !busy)) {
                open.connection().close();
            }
        }
        if (last && !busy) {
            vertx.cancelTimer(timer);
            drained.tryComplete();
        }
    }
}
