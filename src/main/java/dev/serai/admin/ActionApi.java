package dev.serai.admin;

import dev.serai.admin.ActionAudit.Plan;
import dev.serai.admin.ActionAudit.Work;
import dev.serai.admin.FilterReader.Order;
import dev.serai.ledger.DeliveryActions;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.audit.ActionEnd;
import dev.serai.ledger.audit.AuditEntry;
import dev.serai.ledger.cluster.BegunReplay;
import dev.serai.ledger.delivery.RateLimit;
import dev.serai.ledger.model.DeliveryFilter;
import dev.serai.ledger.model.DeliveryState;
import dev.serai.ledger.model.Store.Replay;
import dev.serai.ledger.model.Store.ReplayState;
import dev.serai.text.LogText;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The part of the admin API that acts on deliveries which have not ended well: retry, skip, replay and discard; and on replays. */
final class ActionApi {
    private static final Logger LOG = LoggerFactory.getLogger(ActionApi.class);
    private static final double PER_SECOND_DEFAULT = 50;
    private static final int REASON_MAX = 300;
    /** A replay at a set rate may take hours; after this time it is answered as still running. */
    private static final Duration WAIT_MAX = Duration.ofSeconds(10);

    private final DeliveryActions actions;
    private final ActionAudit audit;
    private final FilterReader filters;
    private final long waitMillis;

    ActionApi(Ledger ledger, ActionAudit audit) {
        this(ledger, audit, WAIT_MAX);
    }

    ActionApi(Ledger ledger, ActionAudit audit, Duration waitMax) {
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
        router.post("/api/replays/:id/resume").handler(ctx -> audit.act(ctx, "replay resume", this::resume));
    }

    private Plan retry(RoutingContext ctx) {
        Order order = filters.ofBody(AdminApi.bytes(ctx), "reason");
        return plan(
                order, DeliveryState.WAITING, matched -> new DeliveryJson.Retried(matched, 0), matched -> actions.retry(
                                order.filter())
                        .thenApply(retried -> AdminAnswer.ok(new DeliveryJson.Retried(matched, retried))));
    }

    private Plan skip(RoutingContext ctx) {
        Order order = filters.ofBody(AdminApi.bytes(ctx), "reason");
        String reason = "skipped by " + AdminServer.callerOf(ctx).name() + reason(order.body());
        return plan(
                order,
                DeliveryState.WAITING,
                matched -> new DeliveryJson.Skipped(matched, 0, 0),
                matched -> actions.skip(order.filter(), reason)
                        .thenApply(skip ->
                                AdminAnswer.ok(new DeliveryJson.Skipped(matched, skip.skipped(), skip.delivering()))));
    }

    private Plan discard(RoutingContext ctx) {
        Order order = filters.ofBody(AdminApi.bytes(ctx), "rate", "reason");
        rate(order.body()); // without a meaning here, but it may be given
        return plan(
                order,
                DeliveryState.DEAD,
                matched -> new DeliveryJson.Discarded(matched, 0, 0),
                matched -> actions.discard(order.filter())
                        .thenApply(discarded -> AdminAnswer.ok(new DeliveryJson.Discarded(matched, 0, discarded))));
    }

    /** Counts first, and does no more if only that was asked for or there are none. */
    private Plan plan(
            Order order,
            DeliveryState state,
            LongFunction<Object> counted,
            LongFunction<CompletableFuture<AdminAnswer>> work) {
        long matched = actions.count(order.filter(), state);
        if (order.dryRun()) {
            return Plan.nothing(counted.apply(matched));
        }
        return Plan.of(matched, () -> matched == 0 ? done(counted.apply(0)) : work.apply(matched));
    }

    private static String reason(RequestBody body) {
        @Nullable String reason = body.text("reason");
        String line = reason == null ? "" : LogText.line(reason, REASON_MAX);
        return line.isEmpty() ? "" : ": " + line;
    }

    private Plan replay(RoutingContext ctx) {
        Order order = filters.ofBody(AdminApi.bytes(ctx), "rate", "reason");
        double perSecond = rate(order.body());
        long matched = actions.count(order.filter(), DeliveryState.DEAD);
        DeliveryJson.Replayed none = new DeliveryJson.Replayed(matched, 0, false, null);
        if (order.dryRun()) {
            return Plan.nothing(none);
        }
        if (matched == 0) {
            return Plan.of(matched, () -> done(none));
        }
        if (perSecond == 0) {
            return new Plan(null, matched, AuditEntry.RUNNING, () -> replayAtOnce(order.filter(), matched));
        }
        long id = actions.newReplay();
        return new Plan(null, matched, AuditEntry.runningAs(id), () -> {
            BegunReplay run = actions.replay(id, order.filter(), perSecond, matched);
            return new Work(
                    inTime(
                            run.allMoved()
                                    .thenApply(moved ->
                                            AdminAnswer.ok(new DeliveryJson.Replayed(matched, moved, false, id))),
                            new DeliveryJson.Replayed(matched, 0, true, id)),
                    run.actionEnd());
        });
    }

    private Work replayAtOnce(DeliveryFilter filter, long matched) {
        CompletableFuture<Integer> all = actions.replay(filter).whenComplete(ActionApi::logFailure);
        CompletableFuture<ActionEnd> end = all.handle(
                (replayed, failure) -> failure == null ? ActionEnd.done((long) replayed) : ActionAudit.failed(failure));
        return new Work(
                inTime(
                        end.thenCompose(ended -> all)
                                .thenApply(replayed ->
                                        AdminAnswer.ok(new DeliveryJson.Replayed(matched, replayed, false, null))),
                        new DeliveryJson.Replayed(matched, 0, true, null)),
                end);
    }

    private CompletableFuture<AdminAnswer> inTime(
            CompletableFuture<AdminAnswer> answer, DeliveryJson.Replayed running) {
        return answer.completeOnTimeout(new AdminAnswer(202, running), waitMillis, TimeUnit.MILLISECONDS);
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

    private Plan stop(RoutingContext ctx) {
        RequestBody body = RequestBody.read(AdminApi.bytes(ctx), "reason");
        long id = known(ctx).id();
        String reason = "stopped by " + AdminServer.callerOf(ctx).name() + reason(body);
        return Plan.of(() ->
                done(actions.stopReplay(id, reason).map(DeliveryJson::replay).orElseThrow(() -> unknown(id))));
    }

    private Plan resume(RoutingContext ctx) {
        RequestBody.read(AdminApi.bytes(ctx), "reason").text("reason");
        Replay replay = known(ctx);
        if (replay.state() != ReplayState.STOPPED) {
            throw new AdminProblem(
                    409,
                    "replay " + replay.id() + " is " + ApiJson.lower(replay.state())
                            + ": only a stopped one can be resumed");
        }
        return new Plan(null, replay.matched() - replay.moved(), AuditEntry.runningAs(replay.id()), () -> {
            BegunReplay run = actions.resumeReplay(replay.id());
            return new Work(done(DeliveryJson.replay(run.state())), run.actionEnd());
        });
    }

    private Replay known(RoutingContext ctx) {
        long id = RequestQuery.number("the id", ctx.pathParam("id"), 0, Long.MAX_VALUE);
        return actions.replays().stream()
                .filter(replay -> replay.id() == id)
                .findFirst()
                .orElseThrow(() -> unknown(id));
    }

    private AdminProblem unknown(long id) {
        return AdminProblem.notFound("there is no replay " + id + ": " + known());
    }

    private String known() {
        List<String> ids = actions.replays().stream()
                .map(replay -> String.valueOf(replay.id()))
                .limit(10)
                .toList();
        return ids.isEmpty() ? "there is none yet" : "the newest are " + String.join(", ", ids);
    }

    private static CompletableFuture<AdminAnswer> done(Object shape) {
        return CompletableFuture.completedFuture(AdminAnswer.ok(shape));
    }
}
