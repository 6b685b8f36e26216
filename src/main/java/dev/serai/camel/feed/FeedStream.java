package dev.serai.camel.feed;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.util.HashSet;
import java.util.Set;

/**
 * One reader of a feed as Server-Sent Events (WHATWG HTML, section 9.2): an event for each change, whose id is the
 * cursor that acknowledges it.
 *
 * <p>At most the limit is sent before an acknowledgement, and nothing while the reader is too slow. When the connection
 * ends, changes that were not acknowledged go to other readers.
 *
 * <p>Threads: its event loop's, but for {@link #give}, {@link #leaseEnded} and {@link #end}.
 */
final class FeedStream implements FeedReader {
    private static final long HEARTBEAT_MILLIS = 10_000;

    private final SharedFeed feed;
    private final HttpServerResponse response;
    private final int limit;
    private final Context loop = Vertx.currentContext();
    private final Set<String> open = new HashSet<>();
    private long heartbeat = -1;
    private boolean asked;
    private boolean ended;

    FeedStream(SharedFeed feed, HttpServerResponse response, int limit) {
        this.feed = feed;
        this.response = response;
        this.limit = limit;
    }

    void start() {
        response.setChunked(true)
                .putHeader("Content-Type", "text/event-stream")
                .putHeader("Cache-Control", "no-store")
                .putHeader("X-Accel-Buffering", "no");
        response.closeHandler(gone -> stop());
        response.drainHandler(drained -> next());
        feed.opened(this);
        response.write(": feed\n\n");
        heartbeat = loop.owner().setPeriodic(HEARTBEAT_MILLIS, beat -> heartbeat());
        next();
    }

    /** Writes nothing while the reader does not read, so that its connection counts as stalled. */
    private void heartbeat() {
        if (!response.writeQueueFull()) {
            response.write(":\n\n");
        }
    }

    /** Asks for one more change if there is room for it. It is called again whenever there may be. */
    private void next() {
        if (ended || asked) {
            return;
        }
        if (open.size() >= limit) {
            open.removeIf(cursor -> !feed.isOpen(cursor)); // it may have ended before it was noted here
        }
        if (!response.writeQueueFull() && open.size() < limit) {
            asked = true;
            feed.read(this, false);
        }
    }

    @Override
    public void leaseEnded(String cursor) {
        loop.runOnContext(back -> {
            open.remove(cursor);
            next();
        });
    }

    /** Each event is one change, so that each can be acknowledged for itself. */
    @Override
    public int limit() {
        return 1;
    }

    @Override
    public void give(FeedLease lease) {
        loop.runOnContext(back -> {
            asked = false;
            if (ended) {
                feed.giveBack(lease.cursor());
                lease.written().run();
                return;
            }
            open.add(lease.cursor());
            Buffer event = Buffer.buffer("id: " + lease.cursor() + "\ndata: ");
            lease.changes().forEach(event::appendBytes);
            response.write(event.appendString("\n\n"))
                    .onComplete(sent -> lease.written().run());
            next();
        });
    }

    @Override
    public void end() {
        loop.runOnContext(back -> {
            if (!ended) {
                stop();
                response.end();
            }
        });
    }

    private void stop() {
        ended = true;
        feed.closed(this);
        loop.owner().cancelTimer(heartbeat);
        feed.cancel(this);
        open.forEach(feed::giveBack);
    }
}
