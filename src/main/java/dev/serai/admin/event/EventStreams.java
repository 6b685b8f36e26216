package dev.serai.admin.event;

import dev.serai.camel.http.ByteBudget;
import dev.serai.http.Problem;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells all listeners of {@code GET /api/events} (Server-Sent Events) what changes in the node: its status, its replays and new
 * entries of the audit.
 *
 * <p>It looks once for all of them, at most once a second, and not at all while nobody listens. The status, which takes time with
 * very many flows, it looks at so seldom that this takes less than a thirtieth of a core.
 *
 * <p>Threads: one, the event loop.
 */
public final class EventStreams {
    static final int STREAMS_MAX = 64;

    private static final Logger LOG = LoggerFactory.getLogger(EventStreams.class);
    private static final long LOOK_MILLIS = 1_000;
    private static final int HEARTBEAT_LOOKS = 15;
    /** The pause after a look at the status, in times that the look took. */
    private static final int PAUSE_LOOKS = 30;

    private static final Duration RETRY = Duration.ofSeconds(10);
    private static final String STOP = "the node stops";

    private final Vertx vertx;
    private final EventContent content;
    private final ByteBudget budget;
    private final Set<EventStream> streams = new LinkedHashSet<>();
    private @Nullable EventLook last;
    private long nextNanos = System.nanoTime();
    private long timer = -1;
    private long looks;
    private boolean looking;
    /** Whoever listens from now on is told nothing of what was before. */
    private boolean fresh;

    private boolean failing;
    private boolean stopped;

    /** @param budget for events that are not read yet */
    public EventStreams(Vertx vertx, EventContent content, ByteBudget budget) {
        this.vertx = vertx;
        this.content = content;
        this.budget = budget;
    }

    /** Answers a request with a stream. */
    public void open(HttpServerRequest request, StreamEnd end) {
        if (stopped || streams.size() >= STREAMS_MAX) {
            Problem.of(503, stopped ? STOP : STREAMS_MAX + " listeners are open already: close one", RETRY)
                    .answer()
                    .send(request.response());
            return;
        }
        if (streams.isEmpty()) {
            fresh = true;
            timer = vertx.setPeriodic(LOOK_MILLIS, tick -> tick());
        }
        EventStream stream = new EventStream(vertx, request, end, budget);
        streams.add(stream);
        stream.begin(() -> remove(stream));
        EventLook known = last;
        if (known != null && isTooSoon()) {
            stream.status(known.status());
        }
        look();
    }

    private void remove(EventStream stream) {
        if (streams.remove(stream) && streams.isEmpty()) {
            vertx.cancelTimer(timer);
        }
    }

    private boolean isTooSoon() {
        return System.nanoTime() - nextNanos < 0;
    }

    private void tick() {
        looks++;
        for (EventStream stream : new ArrayList<>(streams)) {
            @Nullable String reason = stream.endReason();
            if (reason != null) {
                remove(stream);
                stream.end(reason);
            } else {
                stream.next();
                if (looks % HEARTBEAT_LOOKS == 0) {
                    stream.heartbeat();
                }
            }
        }
        look();
    }

    private void look() {
        if (looking || stopped || streams.isEmpty()) {
            return;
        }
        looking = true;
        EventLook before = fresh ? null : last;
        fresh = false;
        EventLook known = last;
        byte @Nullable [] status = known != null && isTooSoon() ? known.status() : null;
        vertx.executeBlocking(() -> EventLook.now(content, before, status), false)
                .onComplete(found -> {
                    looking = false;
                    if (status == null) {
                        nextNanos = System.nanoTime()
                                + pauseNanos(found.succeeded() ? found.result().statusNanos() : 0);
                    }
                    if (found.succeeded()) {
                        failing = false;
                        last = found.result();
                        tell(found.result());
                    } else if (!failing && !stopped) {
                        failing = true;
                        LOG.warn(
                                "Open pages of the console are not told what happens: {}",
                                String.valueOf(found.cause()));
                    }
                });
    }

    /** How long not to look at the status after a look that took so long; a little less than the timer's period, which is not exact. */
    static long pauseNanos(long tookNanos) {
        return Math.max(TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS) * 9 / 10, tookNanos * PAUSE_LOOKS);
    }

    private void tell(EventLook look) {
        for (EventStream stream : new ArrayList<>(streams)) {
            stream.status(look.status());
            byte[] replays = look.replays();
            if (replays != null) {
                stream.replays(replays);
            }
            if (!look.entries().stream().allMatch(stream::entry)) {
                remove(stream);
                stream.abort();
            }
        }
    }

    /** Ends all streams, and lets none begin; the node stops. */
    public void stop() {
        stopped = true;
        for (EventStream stream : new ArrayList<>(streams)) {
            remove(stream);
            stream.stop(STOP);
        }
    }
}
