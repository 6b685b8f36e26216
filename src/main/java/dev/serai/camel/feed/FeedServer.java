package dev.serai.camel.feed;

import dev.serai.camel.http.PathTable;
import dev.serai.http.BearerToken;
import dev.serai.http.HttpAnswer;
import dev.serai.http.Problem;
import dev.serai.http.RequestRefusal;
import dev.serai.text.DurationText;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves one feed on the flows' port.
 *
 * <p>{@code GET /feeds/FLOW/TARGET?limit=&wait=} answers {@code {"changes":[…],"cursor":"…"}}, at once or when a change
 * arrives within the wait, or as Server-Sent Events; {@code POST /feeds/FLOW/TARGET/ack {"cursor":"…"}} acknowledges.
 *
 * <p>Threads: its handlers run on the event loops.
 */
final class FeedServer {
    private static final Logger LOG = LoggerFactory.getLogger(FeedServer.class);
    private static final int LIMIT_DEFAULT = 100;
    private static final int LIMIT_MAX = 1_000;
    /** Less than the idle timeout of most proxies. */
    private static final Duration WAIT_MAX = Duration.ofSeconds(50);

    private static final int ACK_BYTES_MAX = 16 * 1024;

    private final String path;
    private final BearerToken token;
    private final SharedFeed feed;
    private final Handler<HttpServerRequest> reading = this::read;
    private final Handler<HttpServerRequest> acknowledging = this::acknowledge;
    private @Nullable PathTable mounts;

    FeedServer(String name, String token, SharedFeed feed) {
        this.path = "/feeds/" + name;
        this.token = new BearerToken(token);
        this.feed = feed;
    }

    void mount(PathTable on) {
        on.add(path, Set.of(HttpMethod.GET), reading);
        on.add(path + "/ack", Set.of(HttpMethod.POST), acknowledging);
        mounts = on;
    }

    void unmount() {
        if (mounts != null) {
            mounts.remove(path, reading);
            mounts.remove(path + "/ack", acknowledging);
            mounts = null;
        }
    }

    private boolean isRefused(HttpServerRequest request) {
        if (token.allows(request.headers().getAll("Authorization"))) {
            return false;
        }
        Problem problem = Problem.of(401, "This feed has its own token: send Authorization: Bearer TOKEN.");
        RequestRefusal.close(request, problem.answer().with("WWW-Authenticate", "Bearer"));
        return true;
    }

    private void read(HttpServerRequest request) {
        if (isRefused(request)) {
            return;
        }
        int limit;
        Duration wait;
        try {
            limit = limit(request.params());
            wait = wait(request.params());
        } catch (IllegalArgumentException e) {
            RequestRefusal.close(request, Problem.of(400, String.valueOf(e.getMessage())));
            return;
        }
        String accept = request.getHeader("Accept");
        if (accept != null && accept.contains("text/event-stream")) {
            new FeedStream(feed, request.response(), limit).start();
        } else {
            new Poll(request, limit).start(wait);
        }
    }

    private static int limit(MultiMap parameters) {
        String limit = parameters.get("limit");
        if (limit == null) {
            return LIMIT_DEFAULT;
        }
        if (!limit.matches("[1-9][0-9]{0,3}") || Integer.parseInt(limit) > LIMIT_MAX) {
            throw new IllegalArgumentException("limit must be a number from 1 to " + LIMIT_MAX);
        }
        return Integer.parseInt(limit);
    }

    private static Duration wait(MultiMap parameters) {
        String wait = parameters.get("wait");
        if (wait == null) {
            return Duration.ZERO;
        }
        String wrong = "wait must be a time from 0 to " + WAIT_MAX.toSeconds() + " s, such as 30s or 500ms";
        Duration duration = wait.matches("[0-9]{1,6}(ms|s)?") ? Duration.ofMillis(DurationText.millis(wait)) : null;
        if (duration == null || duration.compareTo(WAIT_MAX) > 0) {
            throw new IllegalArgumentException(wrong);
        }
        return duration;
    }

    private void acknowledge(HttpServerRequest request) {
        if (isRefused(request)) {
            return;
        }
        String length = request.getHeader("Content-Length");
        if (length == null || length.length() > 9 || Integer.parseInt(length) > ACK_BYTES_MAX) {
            RequestRefusal.close(
                    request,
                    Problem.of(
                            413, "An acknowledgement must be short and have a Content-Length: {\"cursor\": \"…\"}."));
            return;
        }
        request.body()
                .onSuccess(body -> answer(request, cursor(body.toString())))
                .onFailure(failure -> {});
    }

    private static @Nullable String cursor(String body) {
        try {
            return new JsonObject(body).getString("cursor");
        } catch (DecodeException | ClassCastException e) {
            return null;
        }
    }

    private void answer(HttpServerRequest request, @Nullable String cursor) {
        Context loop = Vertx.currentContext();
        feed.acknowledge(cursor)
                .whenComplete((ack, failure) ->
                        loop.runOnContext(back -> answer(ack, failure).send(request.response())));
    }

    private static HttpAnswer answer(Feed.@Nullable Ack ack, @Nullable Throwable failure) {
        if (ack == null) {
            LOG.debug("An acknowledgement has no answer", failure);
            return Problem.of(
                            503,
                            "The node that has these changes does not answer, so whether they count as delivered is"
                                    + " unknown: send it again.")
                    .answer()
                    .with("Retry-After", "1");
        }
        return switch (ack) {
            case DONE -> new HttpAnswer(204, Map.of(), new byte[0]);
            case FOREIGN ->
                Problem.of(
                                400,
                                "This is not a cursor of this feed. Send {\"cursor\": \"…\"} with the cursor of one of its answers.")
                        .answer();
            case OVER ->
                Problem.of(
                                409,
                                "This cursor came too late: its changes will be read again. Read again, and"
                                        + " acknowledge sooner or read less at once.")
                        .answer();
        };
    }

    private static byte[] json(@Nullable FeedLease lease) {
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        json.writeBytes(bytes("{\"changes\":["));
        if (lease != null) {
            boolean first = true;
            for (byte[] change : lease.changes()) {
                if (!first) {
                    json.write(',');
                }
                first = false;
                json.writeBytes(change);
            }
        }
        json.writeBytes(bytes("],\"cursor\":" + (lease == null ? "null" : "\"" + lease.cursor() + "\"") + "}"));
        return json.toByteArray();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** One GET that is answered once. */
    private final class Poll implements FeedReader {
        private final HttpServerRequest request;
        private final int limit;
        private final Context loop = Vertx.currentContext();
        private long timer = -1;

        Poll(HttpServerRequest request, int limit) {
            this.request = request;
            this.limit = limit;
        }

        void start(Duration wait) {
            request.response().closeHandler(gone -> feed.cancel(this));
            feed.read(this, wait.isZero());
            if (!wait.isZero()) {
                timer = loop.owner().setTimer(wait.toMillis(), late -> nothing());
            }
        }

        private void nothing() {
            if (feed.cancel(this)) {
                answer(null);
            }
        }

        @Override
        public int limit() {
            return limit;
        }

        @Override
        public void end() {
            loop.runOnContext(back -> {
                loop.owner().cancelTimer(timer);
                if (!request.response().closed()) {
                    answer(null);
                }
            });
        }

        @Override
        public void give(FeedLease lease) {
            loop.runOnContext(back -> {
                loop.owner().cancelTimer(timer);
                if (request.response().closed()) {
                    feed.giveBack(lease.cursor());
                    lease.written().run();
                } else {
                    answer(lease);
                }
            });
        }

        private void answer(@Nullable FeedLease lease) {
            Map<String, String> headers = Map.of("Content-Type", "application/json", "Cache-Control", "no-store");
            Future<Void> sent = new HttpAnswer(200, headers, json(lease)).send(request.response());
            if (lease != null) {
                sent.onComplete(end -> lease.written().run());
            }
        }
    }
}
