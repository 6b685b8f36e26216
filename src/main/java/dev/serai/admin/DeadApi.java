package dev.serai.admin;

import dev.serai.ledger.Ledger;
import dev.serai.ledger.delivery.RateLimit;
import dev.serai.ledger.model.DeadFilter;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The part of the admin API that lists, replays and discards dead letters. */
final class DeadApi {
    private static final Logger LOG = LoggerFactory.getLogger(DeadApi.class);
    private static final int LIMIT_DEFAULT = 100;
    private static final double PER_SECOND_DEFAULT = 50;
    /** A replay at a set rate may take hours; after this time it is answered as still running. */
    private static final int WAIT_SECONDS_MAX = 10;

    private final Ledger ledger;
    private final AdminReplies replies;
    private final KnownNames names;

    DeadApi(Ledger ledger, AdminReplies replies) {
        this.ledger = ledger;
        this.replies = replies;
        this.names = new KnownNames(ledger);
    }

    void mount(Router router) {
        router.get("/api/dead").handler(ctx -> replies.reading(ctx, this::list));
        router.post("/api/dead/replay").handler(ctx -> replies.later(ctx, this::replay));
        router.post("/api/dead/discard").handler(ctx -> replies.later(ctx, this::discard));
    }

    private AdminAnswer list(RoutingContext ctx) {
        RequestQuery query = new RequestQuery(
                ctx.queryParams(), "flow", "target", "key", "sequence", "error", "since", "after", "limit");
        DeadFilter filter = new DeadFilter(
                query.text("flow"),
                query.text("target"),
                query.texts("key"),
                query.numbers("sequence"),
                query.text("error"),
                query.time("since"));
        names.requireTarget(filter.flow(), filter.target());
        long after = query.number("after", 0, 0, Long.MAX_VALUE);
        int limit = (int) query.number("limit", LIMIT_DEFAULT, 1, AdminApi.LIMIT_MAX);
        return AdminAnswer.ok(
                ledger.dead(filter, after, limit).stream().map(ApiJson::dead).toList());
    }

    private CompletionStage<AdminAnswer> replay(RoutingContext ctx) {
        DeadRequest request = request(ctx);
        if (request.dryRun() || request.matched() == 0) {
            return done(new ApiJson.Replayed(request.matched(), 0, false));
        }
        return ledger.replay(request.filter(), request.perSecond())
                .whenComplete((replayed, failure) -> {
                    if (failure != null) {
                        LOG.warn("A replay of dead letters ended early: {}", failure.toString());
                    }
                })
                .thenApply(replayed -> AdminAnswer.ok(new ApiJson.Replayed(request.matched(), replayed, false)))
                .completeOnTimeout(
                        new AdminAnswer(202, new ApiJson.Replayed(request.matched(), 0, true)),
                        WAIT_SECONDS_MAX,
                        TimeUnit.SECONDS);
    }

    private CompletionStage<AdminAnswer> discard(RoutingContext ctx) {
        DeadRequest request = request(ctx);
        if (request.dryRun() || request.matched() == 0) {
            return done(new ApiJson.Discarded(request.matched(), 0, 0));
        }
        return ledger.discard(request.filter())
                .thenApply(discarded -> AdminAnswer.ok(new ApiJson.Discarded(request.matched(), 0, discarded)));
    }

    private static CompletionStage<AdminAnswer> done(Object shape) {
        return CompletableFuture.completedFuture(AdminAnswer.ok(shape));
    }

    /** A request to replay or discard dead letters, and how many match its filter. */
    private record DeadRequest(DeadFilter filter, double perSecond, boolean dryRun, long matched) {}

    private DeadRequest request(RoutingContext ctx) {
        RequestBody body = RequestBody.read(
                AdminApi.bytes(ctx), "flow", "target", "keys", "sequences", "error", "since", "all", "rate", "dryRun");
        DeadFilter filter = new DeadFilter(
                body.text("flow"),
                body.text("target"),
                body.texts("keys"),
                body.numbers("sequences"),
                body.text("error"),
                body.time("since"));
        double perSecond = body.number("rate", PER_SECOND_DEFAULT);
        try {
            RateLimit.requireValid(perSecond);
        } catch (IllegalArgumentException e) {
            throw AdminProblem.badRequest(String.valueOf(e.getMessage()));
        }
        if (filter.equals(DeadFilter.ALL) && !body.flag("all")) {
            throw new AdminProblem(
                    422,
                    "no filter is given: name flow, target, keys, sequences, error or since, or send \"all\":true");
        }
        names.requireTarget(filter.flow(), filter.target());
        return new DeadRequest(filter, perSecond, body.flag("dryRun"), ledger.countDead(filter));
    }
}
