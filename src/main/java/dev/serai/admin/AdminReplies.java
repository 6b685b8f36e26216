package dev.serai.admin;

import dev.serai.camel.http.ByteBudget;
import dev.serai.http.HttpAnswer;
import dev.serai.http.Problem;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.cluster.UnreadShards;
import dev.serai.ledger.model.LedgerException;
import dev.serai.ledger.model.StoreException;
import dev.serai.text.BodyMask;
import dev.serai.text.MaskedJson;
import io.netty.handler.codec.DecoderException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.HttpException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the work of requests off the event loop and sends the answers: JSON, or a problem. Answers that may be large are made
 * two at a time, those that take long to compute one at a time, and are held within the process's byte budget until the peer has read them.
 * An answer that may be without some shards, since their database is away, says so in the header {@link #INCOMPLETE}.
 *
 * <p>Threads: safe.
 */
final class AdminReplies {
    private static final Logger LOG = LoggerFactory.getLogger(AdminReplies.class);
    private static final Map<String, String> JSON = Map.of("Content-Type", "application/json");
    private static final Map<String, String> METRICS =
            Map.of("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    private static final String UNAVAILABLE = "the ledger cannot answer now: ";

    /** Names the shards that were not read for the answer, and since when they cannot be. */
    static final String INCOMPLETE = "Serai-Incomplete";

    private static final int READS_AT_ONCE = 2;
    private static final Duration BUSY = Duration.ofSeconds(1);

    private final Vertx vertx;
    private final ByteBudget budget;
    private final Ledger ledger;
    private final MaskedJson json;
    private final WorkerExecutor reads;
    private final WorkerExecutor computes;

    /** @param budget for answers that are not read yet */
    AdminReplies(Vertx vertx, ByteBudget budget, CamelContext camel, Ledger ledger) {
        this.vertx = vertx;
        this.budget = budget;
        this.ledger = ledger;
        BodyMask mask = camel.getRegistry().findSingleByType(BodyMask.class);
        this.json = new MaskedJson(mask == null ? BodyMask.NONE : mask);
        this.reads = vertx.createSharedWorkerExecutor("serai-admin-read", READS_AT_ONCE);
        this.computes = vertx.createSharedWorkerExecutor("serai-admin-compute", 1);
    }

    /** The shape as all answers are written. */
    byte[] write(Object shape) {
        return json.write(shape);
    }

    /** What is hidden in answers. */
    BodyMask mask() {
        return json.mask();
    }

    /** Answers with what {@code work} returns; it may block and throw {@link AdminProblem}. */
    void blocking(RoutingContext ctx, Function<RoutingContext, AdminAnswer> work) {
        vertx.executeBlocking(() -> answer(ctx, work), false)
                .onSuccess(written -> written.send(ctx.response()))
                .onFailure(ctx::fail);
    }

    /** Like {@link #blocking}, for answers that may be large: 503 if too much is held already. */
    void reading(RoutingContext ctx, Function<RoutingContext, AdminAnswer> work) {
        within(reads, ctx, work);
    }

    /** Like {@link #reading}, for answers that take long to compute: one at a time, and no other answer waits for them. */
    void computing(RoutingContext ctx, Function<RoutingContext, AdminAnswer> work) {
        within(computes, ctx, work);
    }

    /** As {@link #computing}, for another node: what {@code work} makes, as JSON. */
    CompletableFuture<String> written(Supplier<@Nullable Object> work) {
        return computes.executeBlocking(() -> written(work.get()), false)
                .toCompletionStage()
                .toCompletableFuture();
    }

    private String written(@Nullable Object shape) {
        return shape == null ? "null" : new String(json.write(shape), StandardCharsets.UTF_8);
    }

    private void within(WorkerExecutor executor, RoutingContext ctx, Function<RoutingContext, AdminAnswer> work) {
        executor.executeBlocking(() -> within(answer(ctx, work)), false)
                .onSuccess(written -> sendAndGiveBack(ctx.response(), written))
                .onFailure(ctx::fail);
    }

    private HttpAnswer within(HttpAnswer answer) {
        if (!budget.take(answer.body().length)) {
            throw new AdminProblem(Problem.of(
                    503, "too much memory is held for answers that are not read yet: ask again later", BUSY));
        }
        return answer;
    }

    private void sendAndGiveBack(HttpServerResponse response, HttpAnswer answer) {
        answer.send(response).onComplete(sent -> budget.back(answer.body().length));
    }

    /** Answers with what {@code work} promises; it may block and throw {@link AdminProblem}. */
    void later(RoutingContext ctx, Function<RoutingContext, CompletionStage<AdminAnswer>> work) {
        Context context = vertx.getOrCreateContext();
        long mark = ledger.mark();
        vertx.executeBlocking(() -> work.apply(ctx), false)
                .compose(stage -> Future.fromCompletionStage(stage, context))
                .onSuccess(answer -> written(answer, mark).send(ctx.response()))
                .onFailure(ctx::fail);
    }

    /** Answers with JSON that is written already; {@code work} may block. */
    void json(RoutingContext ctx, Supplier<byte[]> work) {
        new RequestQuery(ctx.queryParams());
        vertx.executeBlocking(work::get, false)
                .onSuccess(json -> new HttpAnswer(200, JSON, json).send(ctx.response()))
                .onFailure(ctx::fail);
    }

    /** Answers with metrics; {@code work} may block. */
    void text(RoutingContext ctx, Supplier<String> work) {
        vertx.executeBlocking(() -> work.get().getBytes(StandardCharsets.UTF_8), false)
                .onSuccess(text -> new HttpAnswer(200, METRICS, text).send(ctx.response()))
                .onFailure(ctx::fail);
    }

    /** Answers a request that failed, or that no route serves. */
    void failed(RoutingContext ctx) {
        Problem problem = problem(ctx);
        if (!ctx.response().ended() && !ctx.response().closed()) {
            problem.answer().send(ctx.response());
        }
    }

    private static Problem problem(RoutingContext ctx) {
        Throwable failure = ctx.failure();
        if (failure == null) {
            int status = ctx.statusCode() < 400 ? 500 : ctx.statusCode();
            return Problem.of(status, explain(status));
        }
        return problem(
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure);
    }

    private static Problem problem(Throwable cause) {
        if (cause instanceof AdminProblem known) {
            return known.problem();
        }
        if (cause instanceof LedgerException.Invalid) {
            return Problem.of(400, line(cause));
        }
        if (cause instanceof LedgerException.InUse) {
            return Problem.of(409, line(cause));
        }
        if (cause instanceof LedgerException.Overloaded overloaded) {
            return Problem.of(503, UNAVAILABLE + line(cause), overloaded.retryAfter());
        }
        if (cause instanceof LedgerException || cause instanceof StoreException) {
            return Problem.of(503, UNAVAILABLE + line(cause));
        }
        if (cause instanceof HttpException refused && refused.getStatusCode() < 500) {
            return Problem.of(refused.getStatusCode(), explain(refused.getStatusCode()));
        }
        if (cause instanceof DecoderException || cause instanceof HttpClosedException) {
            return Problem.of(400, explain(400));
        }
        LOG.error("an admin request failed", cause);
        return Problem.of(500, "an error in Serai itself: the log has the details");
    }

    private static String line(Throwable cause) {
        @Nullable String message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message;
    }

    private static String explain(int status) {
        return switch (status) {
            case 400 -> "the request cannot be read";
            case 404 -> "there is nothing at this path: see /api/flows";
            case 405 -> "this path does not take this method";
            case 413 -> "the body is larger than " + AdminServer.BODY_BYTES_MAX + " bytes";
            default -> "the request was refused";
        };
    }

    private HttpAnswer answer(RoutingContext ctx, Function<RoutingContext, AdminAnswer> work) {
        long mark = ledger.mark();
        return written(work.apply(ctx), mark);
    }

    /** @param mark before the work began */
    private HttpAnswer written(AdminAnswer answer, long mark) {
        HttpAnswer written = new HttpAnswer(answer.status(), JSON, json.write(answer.shape()));
        String next = answer.next();
        if (next != null) {
            written = written.with("Link", "<" + next + ">; rel=\"next\"");
        }
        List<UnreadShards> missing = ledger.leftOutSince(mark);
        return missing.isEmpty()
                ? written
                : written.with(
                        INCOMPLETE,
                        missing.stream()
                                .map(one -> one.range() + " cannot be read since " + ApiJson.time(one.since()))
                                .collect(Collectors.joining("; ")));
    }

    /** Adds the headers that each answer has. */
    static void protect(HttpServerResponse response) {
        response.putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("Cache-Control", "no-store")
                .putHeader("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
                .putHeader("Cross-Origin-Resource-Policy", "same-origin")
                .putHeader("X-Frame-Options", "DENY")
                .putHeader("Referrer-Policy", "no-referrer");
    }
}
