package dev.serai.admin.event;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.serai.camel.http.ByteBudget;
import dev.serai.http.RequestRefusal;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One listener. Of status and replays it gets the newest once it has read what was sent before; every entry of the audit is
 * sent, and a listener that does not read them is disconnected.
 *
 * <p>Threads: one, the event loop.
 */
final class EventStream {
    /** Of entries of the audit that are sent and not read. */
    private static final int UNREAD_BYTES_MAX = 1024 * 1024;
    /** So long a reader may take to read the last event. */
    private static final long BYE_MILLIS_MAX = 2_000;

    private static final byte[] BEGIN = "retry: 3000\n\n".getBytes(StandardCharsets.UTF_8);
    private static final byte[] HEARTBEAT = ":\n\n".getBytes(StandardCharsets.UTF_8);

    private final Vertx vertx;
    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final StreamEnd end;
    private final ByteBudget budget;
    private byte[] status = new byte[0];
    private byte @Nullable [] statusDue;
    private byte @Nullable [] replaysDue;
    private long unread;
    private boolean ended;
    /** Once the connection is closed, writes that were not done may never be said to have failed. */
    private boolean isGone;

    EventStream(Vertx vertx, HttpServerRequest request, StreamEnd end, ByteBudget budget) {
        this.vertx = vertx;
        this.request = request;
        this.response = request.response();
        this.end = end;
        this.budget = budget;
    }

    /** Begins the answer. */
    void begin(Runnable gone) {
        response.setChunked(true).putHeader("Content-Type", "text/event-stream").putHeader("X-Accel-Buffering", "no");
        response.closeHandler(closed -> {
            ended = true;
            budget.back(unread);
            unread = 0;
            isGone = true;
            gone.run();
        });
        response.exceptionHandler(failure -> {});
        write(BEGIN);
    }

    @Nullable String endReason() {
        return end.reason();
    }

    /** Tells the newest status, unless it is the one that was told last. */
    void status(byte[] event) {
        statusDue = Arrays.equals(event, status) ? null : event;
        next();
    }

    void replays(byte[] event) {
        replaysDue = event;
        next();
    }

    /** Returns false if the reader reads too little to be told. */
    boolean entry(byte[] event) {
        return unread + event.length <= UNREAD_BYTES_MAX && write(event);
    }

    /** Sent only to who reads, so that the connection of who does not counts as stalled. */
    void heartbeat() {
        if (unread == 0) {
            write(HEARTBEAT);
        }
    }

    /** Without room in the budget what is due waits for the next look. */
    void next() {
        byte[] newest = statusDue;
        if (unread == 0 && newest != null) {
            byte[] told = status;
            statusDue = null;
            status = newest;
            if (!write(newest)) {
                statusDue = newest;
                status = told;
            }
        }
        byte[] replays = replaysDue;
        if (unread == 0 && replays != null) {
            replaysDue = null;
            if (!write(replays)) {
                replaysDue = replays;
            }
        }
    }

    private boolean write(byte[] event) {
        if (ended || !budget.take(event.length)) {
            return false;
        }
        unread += event.length;
        response.write(Buffer.buffer(event)).onComplete(sent -> {
            if (!isGone) {
                unread -= event.length;
                budget.back(event.length);
            }
            if (sent.succeeded()) {
                next();
            } else {
                ended = true; // its connection is closed
            }
        });
        return true;
    }

    /** Says why, and ends. */
    void end(String reason) {
        if (ended) {
            return;
        }
        byte[] json = JsonNodeFactory.instance
                .objectNode()
                .put("reason", reason)
                .toString()
                .getBytes(StandardCharsets.UTF_8);
        ended = true;
        response.end(Buffer.buffer(EventLook.event("bye", json)));
        vertx.setTimer(BYE_MILLIS_MAX, late -> {
            if (unread > 0) {
                RequestRefusal.abort(request);
            }
        });
    }

    /** Ends at once; who has not read all so far is not waited for. */
    void stop(String reason) {
        if (unread > 0) {
            abort();
        } else {
            end(reason);
        }
    }

    /** Disconnects a reader that does not read. */
    void abort() {
        ended = true;
        RequestRefusal.abort(request);
    }
}
