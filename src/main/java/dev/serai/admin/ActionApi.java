package dev.serai.admin;

import dev.serai.admin.FilterReader.Order;
import dev.serai.ledger.DeliveryActions;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.ReplayRun;
import dev.serai.ledger.audit.ActionEnd;
import dev.serai.ledger.audit.AuditEntry;
import dev.serai.ledger.delivery.RateLimit;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Store.Replay;
import dev.serai.text.LogText;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The part of the admin API that acts on deliveries which have not ended well: retry, skip, replay and discard. */
final class ActionApi {
    private static final Logger LOG = LoggerFactory.getLogger(ActionApi.class);
    private static final double PER_SECOND_DEFAULT = 50;
    private static final int REASON_MAX = 300;
    /** A replay at a set rate may take hours; after this time it is answered as still running. */
    private static final Duration WAIT_MAX = Duration.ofSeconds(10);

    private final DeliveryActions actions;
    private final AuditApi audit;
    private final FilterReader filters;
    private final long waitMillis;

    ActionApi(Ledger ledger, AuditApi audit) {
        this(ledger, audit, WAIT_MAX);
    }

    ActionApi(Ledger ledger, AuditApi audit, Duration waitMax) {
        this.waitMillis = waitMax.toMillis();
        this.actions = ledger.actions();
        this.audit = audit;
        this.filters = new FilterReader(ledger);
    }

    void mount(Router router) {
        router.post("/api/retry").handler(ctx -> audit.act(ctx, "retry", this::retry));
        router.post("/api/skip").handler(ctx -> audit.act(ctx, "skip", this::skip));
        router.post("/api/dead/replay").handler(ctx -> audit.act(ctx, "replay", this::replay));
        router.post("/api/dead/discard").handler(ctx -> audit.act(ctx, "discard", this::discard));
        router.delete("/api/replays/:id").handler(ctx -> audit.act(ctx, "replay stop", this::stop));
    }

    private CompletionStage<AdminAnswer> retry(RoutingContext ctx) {
        Order order = filters.ofBody(AdminApi.bytes(ctx), "reason");
        long matched = actions.count(order.filter(), DeliveryState.WAITING);
        if (order.dryRun() || matched == 0) {
            return done(new DeliveryJson.Retried(matched, 0));
        }
        return actions.retry(order.filter())
                .thenApply(retried -> AdminAnswer.ok(new DeliveryJson.Retried(matched, retried)));
    }

    private CompletionStage<AdminAnswer> skip(RoutingContext ctx) {
        Order order = filters.ofBody(AdminApi.bytes(ctx), "reason");
        long matched = actions.count(order.filter(), DeliveryState.WAITING);
        if (order.dryRun() || matched == 0) {
            return done(new DeliveryJson.Skipped(matched, 0, 0));
        }
        return actions.skip(
                        order.filter(),
                        "skipped by " + AdminServer.callerOf(ctx).name() + reason(order.body()))
                .thenApply(
                        skip -> AdminAnswer.ok(new DeliveryJson.Skipped(matched, skip.skipped(), skip.delivering())));
    }

    private static String reason(RequestBody body) {
        @Nullable String reason = body.text("reason");
        String line = reason == null ? "" : LogText.line(reason, REASON_MAX);
        return line.isEmpty() ? "" : ": " + line;
    }

    private CompletionStage<AdminAnswer> replay(RoutingContext ctx) {
        Order order = filters.ofBody(AdminApi.bytes(ctx), "rate", "reason");
        double perSecond = rate(order.body());
        long matched = actions.count(order.filter(), DeliveryState.DEAD);
        if (order.dryRun() || matched == 0) {
            return done(new DeliveryJson.Replayed(matched, 0, false, null));
        }
        if (perSecond == 0) {
            CompletableFuture<Integer> all = actions.replay(order.filter()).whenComplete(ActionApi::logFailure);
            AuditApi.goesOn(
                    ctx,
                    AuditEntry.RUNNING,
                    all.handle((replayed, failure) ->
                            failure == null ? ActionEnd.done((long) replayed) : ActionEnd.failed(failure)));
            return all.thenApply(replayed -> AdminAnswer.ok(new DeliveryJson.Replayed(matched, replayed, false, null)))
                    .completeOnTimeout(
                            new AdminAnswer(202, new DeliveryJson.Replayed(matched, 0, true, null)),
                            waitMillis,
                            TimeUnit.MILLISECONDS);
        }
        ReplayRun run = actions.replay(order.filter(), perSecond, matched);
        long id = run.state().id();
        AuditApi.goesOn(ctx, AuditEntry.runningAs(id), run.actionEnd());
        return run.allMoved()
                .thenApply(moved -> AdminAnswer.ok(new DeliveryJson.Replayed(matched, moved, false, id)))
                .completeOnTimeout(
                        new AdminAnswer(202, new DeliveryJson.Replayed(matched, 0, true, id)),
                        waitMillis,
                        TimeUnit.MILLISECONDS);
    }

    private static double rate(RequestBody body) {
        double perSecond = body.number("rate", PER_SECOND_DEFAULT);
        try {
            RateLimit.requireValid(perSecond);
            return perSecond;
        } catch (IllegalArgumentException e) {
            throw AdminProblem.badRequest(String.valueOf(e.getMessage()));
        }
    }

    private static void logFailure(Integer replayed, @Nullable Throwable failure) {
        if (failure != null) {
            LOG.warn("A replay of dead letters ended early: {}", failure.toString());
        }
    }

    private CompletionStage<AdminAnswer> stop(RoutingContext ctx) {
        long id = RequestQuery.number("the id", ctx.pathParam("id"), 0, Long.MAX_VALUE);
        RequestBody body = RequestBody.read(AdminApi.bytes(ctx), "reason");
        Replay stopped = actions.stopReplay(
                        id, "stopped by " + AdminServer.callerOf(ctx).name() + reason(body))
                .orElseThrow(() -> AdminProblem.notFound("there is no replay " + id + ": " + known()));
        return done(DeliveryJson.replay(stopped));
    }

    private String known() {
        List<String> ids = actions.replays().stream()
                .map(replay -> String.valueOf(replay.id()))
                .limit(10)
                .toList();
        return ids.isEmpty() ? "there is none yet" : "the newest are " + String.join(", ", ids);
    }

    private CompletionStage<AdminAnswer> discard(RoutingContext ctx) {
        Order order = filters.ofBody(AdminApi.bytes(ctx), "rate", "reason");
        rate(order.body()); // without a meaning here, but it may be given
        long matched = actions.count(order.filter(), DeliveryState.DEAD);
        if (order.dryRun() || matched == 0) {
            return done(new DeliveryJson.Discarded(matched, 0, 0));
        }
        return actions.discard(order.filter())
                .thenApply(discarded -> AdminAnswer.ok(new DeliveryJson.Discarded(matched, 0, discarded)));
    }

    private static CompletionStage<AdminAnswer> done(Object shape) {
        return CompletableFuture.completedFuture(AdminAnswer.ok(shape));
    }
}
