package dev.serai.admin;

import dev.serai.admin.ActionAudit.Plan;
import dev.serai.admin.ActionAudit.Work;
import dev.serai.ledger.Ledger;
import dev.serai.ledger.audit.AuditEntry;
import dev.serai.ledger.model.Cursor;
import dev.serai.ledger.model.Entry;
import dev.serai.ledger.model.TargetName;
import dev.serai.ledger.time.ClockStep;
import dev.serai.text.LogText;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Clock;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The part of the admin API that shows flows, changes and cursors, moves cursors, pauses and removes targets. */
final class AdminApi {
    static final int LIMIT_MAX = 1000;
    private static final int REASON_MAX = 500;
    private static final int CURSOR_NAME_MAX = 200;

    private final Ledger ledger;
    private final Clock clock;
    private final AdminReplies replies;
    private final ActionAudit audit;
    private final KnownNames names;

    AdminApi(Ledger ledger, Clock clock, AdminReplies replies, ActionAudit audit) {
        this.ledger = ledger;
        this.clock = clock;
        this.replies = replies;
        this.audit = audit;
        this.names = new KnownNames(ledger);
    }

    void mount(Router router) {
        router.get("/api/flows").handler(ctx -> replies.blocking(ctx, this::flows));
        router.get("/api/clock").handler(ctx -> replies.blocking(ctx, this::clock));
        router.get("/api/damage").handler(ctx -> replies.blocking(ctx, this::damage));
        router.get("/api/changes/:flow/:sequence").handler(ctx -> replies.reading(ctx, this::change));
        router.get("/api/cursors").handler(ctx -> replies.reading(ctx, this::cursors));
        router.put("/api/cursors/:name").handler(ctx -> audit.act(ctx, "cursor set", this::saveCursor));
        router.post("/api/targets/:flow/:target/pause").handler(ctx -> audit.act(ctx, "pause", this::pause));
        router.delete("/api/targets/:flow/:target").handler(ctx -> audit.act(ctx, "target remove", this::remove));
        router.post("/api/targets/:flow/:target/resume").handler(ctx -> audit.act(ctx, "resume", this::resume));
    }

    private AdminAnswer flows(RoutingContext ctx) {
        new RequestQuery(ctx.queryParams());
        Instant now = clock.instant();
        return AdminAnswer.ok(
                ledger.flows().stream().map(flow -> ApiJson.flow(flow, now)).toList());
    }

    private AdminAnswer clock(RoutingContext ctx) {
        new RequestQuery(ctx.queryParams());
        @Nullable ClockStep step = ledger.clockWatch().recentStep().orElse(null);
        return AdminAnswer.ok(
                ApiJson.clock(clock.instant(), step, ledger.clockWatch().steps()));
    }

    private AdminAnswer damage(RoutingContext ctx) {
        new RequestQuery(ctx.queryParams());
        return AdminAnswer.ok(ApiJson.damage(ledger.damage()));
    }

    private AdminAnswer change(RoutingContext ctx) {
        new RequestQuery(ctx.queryParams());
        String flow = ctx.pathParam("flow");
        long sequence = RequestQuery.number("the sequence", ctx.pathParam("sequence"), 0, Long.MAX_VALUE);
        names.requireFlow(flow);
        Entry entry = ledger.change(flow, sequence)
                .orElseThrow(() -> AdminProblem.notFound(
                        "flow " + flow + " has no change " + sequence + ": it never had, or it is past its retention"));
        return AdminAnswer.ok(
                ApiJson.wholeChange(entry, ledger.deliveries(entry), ledger.attempts(sequence), replies.mask()));
    }

    private AdminAnswer cursors(RoutingContext ctx) {
        new RequestQuery(ctx.queryParams());
        return AdminAnswer.ok(ledger.cursors().stream().map(ApiJson::cursor).toList());
    }

    private Plan saveCursor(RoutingContext ctx) {
        String name = ctx.pathParam("name");
        if (name.length() > CURSOR_NAME_MAX || name.chars().anyMatch(Character::isISOControl)) {
            throw AdminProblem.badRequest("a cursor's name has at most " + CURSOR_NAME_MAX + " visible characters");
        }
        if (Cursor.isHidden(name)) {
            throw AdminProblem.badRequest("names that begin with " + Cursor.HIDDEN + " are the node's own");
        }
        RequestBody body = RequestBody.read(bytes(ctx), "value", "new", "reason");
        body.text("reason");
        @Nullable String value = body.text("value");
        if (value == null) {
            throw AdminProblem.badRequest("value is missing: send {\"value\":\"…\"}");
        }
        Cursor before = ledger.cursor(name).orElse(null);
        if (before == null && !body.flag("new")) {
            throw names.unknownCursor(name);
        }
        Cursor cursor = new Cursor(name, value, clock.instant());
        String done = "set to " + value + "; before, it " + (before == null ? "was not set" : "was " + before.value());
        return new Plan(
                null,
                null,
                AuditEntry.RUNNING,
                () -> Work.of(
                        ledger.saveCursor(cursor)
                                .thenApply(
                                        saved -> new AdminAnswer(before == null ? 201 : 200, ApiJson.cursor(cursor))),
                        done));
    }

    private Plan pause(RoutingContext ctx) {
        TargetName target = target(ctx);
        String reason = RequestBody.read(bytes(ctx), "reason").text("reason");
        String by = AdminServer.callerOf(ctx).name();
        String why = reason == null ? null : LogText.line(reason, REASON_MAX);
        return Plan.of(() -> ledger.pause(target, by, why)
                .thenApply(done -> AdminAnswer.ok(new ApiJson.Paused(target.flow(), target.target(), true))));
    }

    private Plan resume(RoutingContext ctx) {
        TargetName target = target(ctx);
        RequestBody.read(bytes(ctx), "reason").text("reason");
        return Plan.of(() -> ledger.resume(target)
                .thenApply(done -> AdminAnswer.ok(new ApiJson.Paused(target.flow(), target.target(), false))));
    }

    private TargetName target(RoutingContext ctx) {
        TargetName target = new TargetName(ctx.pathParam("flow"), ctx.pathParam("target"));
        names.requireTarget(target.flow(), target.target());
        return target;
    }

    private Plan remove(RoutingContext ctx) {
        TargetName target = target(ctx);
        RequestBody.read(bytes(ctx), "reason").text("reason");
        return Plan.of(() -> ledger.removeTarget(target)
                .thenApply(done -> AdminAnswer.ok(new ApiJson.Removed(target.flow(), target.target(), true))));
    }

    static byte[] bytes(RoutingContext ctx) {
        return ctx.body().buffer() == null ? new byte[0] : ctx.body().buffer().getBytes();
    }
}
